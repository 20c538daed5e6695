/// Reads a message head line by line out of a growing run of octets, without copying any of them.
///
/// The caller hands over everything received since the head's first octet each time; lines already read are not read
/// again, so that a head that trickles in costs no more than one that comes whole. The verdict does not depend on how
/// the octets were split. Strict by RFC 9112: what is ambiguous there is refused here.
package struct HeadParser: Sendable {
    /// Whose heads are read.
    package enum Role: Sendable {
        case request
        case response
    }

    /// What a head may cost.
    package struct Limits: Sendable {
        /// Octets of the whole head, empty lines in front included.
        package var head: Int
        /// Field lines.
        package private(set) var fields: Int

        /// Limits in octets and lines; more lines than a ``FieldSet`` has places for, 256, are not to be had.
        package init(head: Int = 65_536, fields: Int = 256) {
            self.head = head
            self.fields = min(fields, 256)
        }
    }

    /// How far the head has come.
    package enum Progress: Equatable, Sendable {
        /// More octets are needed.
        case incomplete
        /// The head ends before the octet at `length`.
        case complete(length: Int)
        /// The head must not be passed on.
        case fault(HeadFault)
    }

    private enum Stage {
        case startLine
        case fields
    }

    /// The field lines read so far.
    package private(set) var fields: [Field]
    /// The request line, once read, for ``Role/request``.
    package private(set) var requestLine: RequestLine
    /// The status line, once read, for ``Role/response``.
    package private(set) var statusLine: StatusLine

    private let role: Role
    private let limits: Limits
    private var stage = Stage.startLine
    /// Start of the line that is being read.
    private var lineStart = 0
    /// No line feed stands between `lineStart` and here.
    private var scanned = 0
    private var emptyLines = 0

    private static let emptyLinesAllowed = 8
    /// The longest registered method has 17 octets; the bound keeps a method that trickles in from being read over again.
    private static let methodLimit = 64

    /// A parser at the start of a head.
    package init(role: Role, limits: Limits = Limits()) {
        self.role = role
        self.limits = limits
        fields = []
        requestLine = RequestLine(method: 0..<0, target: 0..<0, version: .http11, line: 0..<0)
        statusLine = StatusLine(status: 0, version: .http11, statusAndReason: 0..<0, line: 0..<0)
    }

    /// Goes back to the start of a head and keeps the field array's memory.
    package mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        stage = .startLine
        lineStart = 0
        scanned = 0
        emptyLines = 0
    }

    /// Whether nothing of a head has come yet, empty lines in front set aside.
    package func isAtStart(of received: RawSpan) -> Bool {
        stage == .startLine && lineStart == received.byteCount
    }

    /// Reads on in `received`, which starts at the head's first octet and holds all that has come since.
    package mutating func parse(_ received: RawSpan) -> Progress {
        while true {
            guard let lineFeed = received.firstLineFeed(from: scanned) else {
                scanned = received.byteCount
                return verdictOnPartialLine(received)
            }
            let lineEnd = lineFeed &+ 1
            if stage == .startLine {
                if role == .request, let fault = faultInMethod(received, upTo: lineFeed) { return .fault(fault) }
                if lineEnd > limits.head { return .fault(role == .request ? .targetTooLong : .headTooLarge) }
            } else if lineEnd > limits.head {
                return .fault(.headTooLarge)
            }
            let contentEnd = lineFeed &- 1
            guard contentEnd >= lineStart, received.octet(at: contentEnd) == Octet.carriageReturn else {
                return .fault(.bareLineFeed)
            }
            if let fault = readLine(received, lineStart..<contentEnd, lineEnd: lineEnd) { return .fault(fault) }
            let isLast = stage == .fields && contentEnd == lineStart
            lineStart = lineEnd
            scanned = lineEnd
            if isLast { return .complete(length: lineEnd) }
        }
    }

    /// Reads one whole line; the empty line that ends the head is no fault and has no field.
    private mutating func readLine(_ received: RawSpan, _ line: Range<Int>, lineEnd: Int) -> HeadFault? {
        switch stage {
        case .fields:
            return line.isEmpty ? nil : readField(received, line, lineEnd: lineEnd)
        case .startLine:
            if line.isEmpty, role == .request {
                emptyLines += 1
                return emptyLines > Self.emptyLinesAllowed ? .leadingEmptyLines : nil
            }
            stage = .fields
            return role == .request
                ? readRequestLine(received, line, lineEnd: lineEnd) : readStatusLine(received, line, lineEnd: lineEnd)
        }
    }

    /// Refuses early what no further octet can mend, so that another protocol's bytes need not run into a time limit.
    private func verdictOnPartialLine(_ received: RawSpan) -> Progress {
        if stage == .startLine, role == .request, let fault = faultInMethod(received, upTo: received.byteCount) {
            return .fault(fault)
        }
        // The line's end is still to come, so a full head's worth without it is already too much.
        guard received.byteCount >= limits.head else { return .incomplete }
        return .fault(stage == .startLine && role == .request ? .targetTooLong : .headTooLarge)
    }

    private func faultInMethod(_ received: RawSpan, upTo bound: Int) -> HeadFault? {
        var index = lineStart
        // What lies past the limit may not have come yet when the limit is reached.
        let end = min(bound, limits.head)
        guard index < end else { return nil }
        if received.octet(at: index) == Octet.carriageReturn {
            return index &+ 1 < end ? .badMethod : nil
        }
        while index < end {
            let octet = received.octet(at: index)
            if !Octet.isTokenCharacter(octet) {
                return octet == Octet.space && index > lineStart ? nil : .badMethod
            }
            index &+= 1
            if index &- lineStart > Self.methodLimit { return .badMethod }
        }
        return nil
    }

    private mutating func readRequestLine(_ received: RawSpan, _ line: Range<Int>, lineEnd: Int) -> HeadFault? {
        guard let methodEnd = received.firstSpace(in: line) else { return .badRequestLine }
        let targetStart = methodEnd &+ 1
        guard let targetEnd = received.firstSpace(in: targetStart..<line.upperBound), targetEnd > targetStart else {
            return .badRequestLine
        }
        for index in targetStart..<targetEnd where !Octet.isTargetCharacter(received.octet(at: index)) {
            return .badTarget
        }
        let version: HTTPVersion
        switch Self.readVersion(received, (targetEnd &+ 1)..<line.upperBound) {
        case .success(let known): version = known
        case .failure(let fault): return fault
        }
        requestLine = RequestLine(
            method: line.lowerBound..<methodEnd, target: targetStart..<targetEnd, version: version,
            line: line.lowerBound..<lineEnd)
        return nil
    }

    private mutating func readStatusLine(_ received: RawSpan, _ line: Range<Int>, lineEnd: Int) -> HeadFault? {
        let start = line.lowerBound
        guard line.count >= 12, received.octet(at: start &+ 8) == Octet.space else { return .badStatusLine }
        let version: HTTPVersion
        switch Self.readVersion(received, start..<(start &+ 8)) {
        case .success(let known): version = known
        case .failure(let fault): return fault
        }
        var status = 0
        for index in (start &+ 9)..<(start &+ 12) {
            let digit = received.octet(at: index) &- 0x30
            guard digit < 10 else { return .badStatusLine }
            status = status * 10 + Int(digit)
        }
        guard status >= 100 else { return .badStatusLine }
        if line.count > 12 {
            guard received.octet(at: start &+ 12) == Octet.space else { return .badStatusLine }
            for index in (start &+ 13)..<line.upperBound where !Octet.isFieldValueCharacter(received.octet(at: index)) {
                return .badStatusLine
            }
        }
        statusLine = StatusLine(
            status: status, version: version, statusAndReason: (start &+ 9)..<line.upperBound, line: start..<lineEnd)
        return nil
    }

    private static func readVersion(_ received: RawSpan, _ range: Range<Int>) -> Result<HTTPVersion, HeadFault> {
        if received.equals(range, "HTTP/1.1") { return .success(.http11) }
        if received.equals(range, "HTTP/1.0") { return .success(.http10) }
        guard range.count == 8, received.equals(range.lowerBound..<(range.lowerBound &+ 5), "HTTP/"),
            received.octet(at: range.lowerBound &+ 5) &- 0x30 < 10,
            received.octet(at: range.lowerBound &+ 6) == 0x2E,
            received.octet(at: range.lowerBound &+ 7) &- 0x30 < 10
        else { return .failure(.badVersion) }
        return .failure(.versionNotSupported)
    }

    private mutating func readField(_ received: RawSpan, _ line: Range<Int>, lineEnd: Int) -> HeadFault? {
        switch FieldLine.read(received, line, lineEnd: lineEnd) {
        case .failure(let fault): return fault
        case .success(let field):
            guard fields.count < limits.fields else { return .tooManyFields }
            fields.append(field)
            return nil
        }
    }
}

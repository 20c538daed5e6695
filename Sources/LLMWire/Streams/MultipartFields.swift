/// Reads a `multipart/form-data` body (RFC 7578), however it is cut into pieces: its small texts, and what files there
/// are. The files' octets are counted and let go.
///
/// It is tolerant: lines may end in LF alone, what stands in front of the first boundary is passed over, and a body that
/// ends in the middle has what came of its last part.
package struct MultipartFields: Sendable, Equatable {
    /// A part that has no file name.
    package struct Field: Sendable, Equatable {
        /// Its name.
        package var name: String
        /// Its text, as far as it is kept.
        package var value: String
        /// Whether the text was longer than is kept.
        package var isCut: Bool
    }

    /// A part that has a file name.
    package struct File: Sendable, Equatable {
        /// The field's name.
        package var name: String
        /// The file's own name; may be empty.
        package var fileName: String
        /// Its media type, where it is said.
        package var type: String?
        /// How many octets it has.
        package var size: Int
    }

    /// The most of a text that is kept, in octets.
    package static let longestValue = 16_384
    /// The most of a part's head that is read, in octets.
    private static let longestHead = 8192
    /// The most parts of a kind that are kept.
    package static let mostParts = 256

    /// The texts, in order.
    package private(set) var fields: [Field] = []
    /// The files, in order.
    package private(set) var files: [File] = []
    /// Parts that were not kept because there were too many.
    package private(set) var dropped = 0
    /// Whether the closing boundary has come.
    package private(set) var isComplete = false

    private enum State: Sendable {
        case preamble
        /// Behind a delimiter: what comes next tells whether it is one.
        case delimiter
        case delimiterLine
        case firstDash
        case head
        case body
        case ended
    }

    private let delimiter: [UInt8]
    private var state = State.preamble
    /// How much of the delimiter the last octets are.
    private var matched = 1
    /// Whether the line end in what matched is none of the part's: where a body begins, a line does.
    private var isLineEndOutside = true
    /// What the delimiter that is being looked at stands in.
    private var before = State.preamble
    private var head: [UInt8] = []
    private var value: [UInt8] = []
    private var size = 0
    private var isBehindCarriageReturn = false

    /// A reader for a body whose parts are separated by `boundary`, as the `Content-Type` has it.
    package init(boundary: String) {
        // The delimiter's LF is at its start and nowhere else, so that a match that fails can only begin anew there.
        delimiter = [0x0A, 0x2D, 0x2D] + Array(boundary.utf8.filter { $0 != 0x0A && $0 != 0x0D })
    }

    /// The boundary in a `Content-Type` that is `multipart/form-data`; nil in another (RFC 2046 §5.1.1).
    package static func boundary(contentType: String) -> String? {
        var parameters = HeaderParameters(contentType)
        guard parameters.value.lowercased() == "multipart/form-data" else { return nil }
        while let (name, value) = parameters.next() {
            if name == "boundary" { return value.isEmpty ? nil : value }
        }
        return nil
    }

    /// Reads on.
    package mutating func read(_ octets: RawSpan) {
        var index = 0
        while index < octets.byteCount, state != .ended {
            let start = index
            if matched == 0, state == .body || state == .preamble {
                while index < octets.byteCount, octets.octet(at: index) != 0x0A { index &+= 1 }
                keep(octets.extracting(start..<index))
            }
            guard index < octets.byteCount else { return }
            take(octets.octet(at: index))
            index &+= 1
        }
    }

    /// Says that nothing more comes: a part that is not closed counts as far as it came.
    package mutating func finish() {
        switch state {
        case .body: endPart()
        case .delimiter, .firstDash: endPart(at: .ended)
        case .preamble, .delimiterLine, .head, .ended: break
        }
        state = .ended
    }

    // MARK: Octets

    private mutating func take(_ octet: UInt8) {
        switch state {
        case .preamble, .body: takeData(octet)
        case .delimiter:
            switch octet {
            case 0x2D: state = .firstDash
            case 0x20, 0x09, 0x0D: endPart(at: .delimiterLine)
            case 0x0A: endPart(at: .head)
            default:
                giveBack()
                takeData(octet)
            }
        case .firstDash:
            if octet == 0x2D {
                endPart(at: .ended)
                isComplete = true
            } else {
                giveBack()
                takeData(0x2D)
                takeData(octet)
            }
        case .delimiterLine: if octet == 0x0A { state = .head }
        case .head: takeHead(octet)
        case .ended: break
        }
    }

    private mutating func takeHead(_ octet: UInt8) {
        guard octet == 0x0A else {
            if head.count < Self.longestHead { head.append(octet) }
            return
        }
        if head.last == 0x0D { head.removeLast() }
        if head.isEmpty || head.last == 0x0A {
            state = .body
            matched = 1
            isLineEndOutside = true
        } else {
            head.append(octet)
        }
    }

    private mutating func takeData(_ octet: UInt8) {
        if octet == delimiter[matched] {
            if matched == 0 { isLineEndOutside = false }
            matched += 1
            if matched == delimiter.count {
                before = state
                state = .delimiter
            }
            return
        }
        before = state
        giveBack()
        if octet == 0x0A { matched = 1 } else { keep([octet]) }
    }

    /// What looked like a delimiter is data.
    private mutating func giveBack() {
        state = before
        let data = delimiter[..<matched].dropFirst(matched > 0 && isLineEndOutside ? 1 : 0)
        matched = 0
        isLineEndOutside = false
        keep(Array(data))
    }

    private mutating func keep(_ octets: [UInt8]) {
        // Octets have no padding that could be read as data.
        unsafe keep(octets.span.bytes)
    }

    private mutating func keep(_ octets: RawSpan) {
        guard state == .body, octets.byteCount > 0 else { return }
        size += octets.byteCount
        isBehindCarriageReturn = octets.octet(at: octets.byteCount - 1) == 0x0D
        let room = min(Self.longestValue - value.count, octets.byteCount)
        if room > 0 { value.append(octets.extracting(0..<room)) }
    }

    // MARK: Parts

    /// Ends what stands in front of a delimiter.
    private mutating func endPart(at next: State) {
        if before == .body {
            // The delimiter's line end may be CRLF.
            if isBehindCarriageReturn {
                if value.count == size { value.removeLast() }
                size -= 1
            }
            endPart()
        }
        matched = 0
        isLineEndOutside = false
        state = next
    }

    private mutating func endPart() {
        defer {
            head.removeAll(keepingCapacity: true)
            value.removeAll(keepingCapacity: true)
            size = 0
            isBehindCarriageReturn = false
        }
        var name: String?
        var fileName: String?
        var type: String?
        for line in String(decoding: head, as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            var parameters = HeaderParameters(line[line.index(after: colon)...])
            switch line[..<colon].lowercased() {
            case "content-disposition":
                while let (key, value) = parameters.next() {
                    switch key {
                    case "name": name = value
                    case "filename": fileName = fileName ?? value
                    case "filename*": fileName = HeaderParameters.extended(value) ?? fileName
                    default: break
                    }
                }
            case "content-type": type = parameters.value.isEmpty ? nil : parameters.value
            default: break
            }
        }
        guard let name else { return }
        if let fileName {
            guard files.count < Self.mostParts else { return dropped += 1 }
            files.append(File(name: name, fileName: fileName, type: type, size: size))
        } else {
            guard fields.count < Self.mostParts else { return dropped += 1 }
            let text = String(decoding: value, as: UTF8.self)
            fields.append(Field(name: name, value: text, isCut: size > value.count))
        }
    }
}

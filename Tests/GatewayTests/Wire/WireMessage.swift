/// One HTTP/1.1 message as it stood on the wire, read by rules of the tests' own: the strictest there are.
struct WireMessage: Sendable {
    enum Role: Sendable {
        case request
        case answer(toHEAD: Bool)
    }

    /// Why octets are no message.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// The head with its empty line.
    var head: [UInt8]
    /// The head's lines without CRLF, the start line first.
    var lines: [[UInt8]]
    /// The body in its framing.
    var rawBody: [UInt8] = []
    /// The body without its framing.
    var payload: [UInt8] = []
    /// The trailers' lines without CRLF.
    var trailers: [[UInt8]] = []
    /// Whether all of the body is there.
    var isComplete = false

    var startLine: String { lines[0].text }
    var fieldLines: [String] { lines.dropFirst().map(\.text) }
    var target: String { startLine.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    var status: Int { Int(startLine.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var octets: [UInt8] { head + rawBody }

    /// The values of all fields called `name`, without white space around them.
    subscript(_ name: String) -> [String] {
        fieldLines.compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name else { return nil }
            return line[line.index(after: colon)...].trimmingSpaces
        }
    }

    /// Reads the message at the front of `octets`.
    ///
    /// - Returns: nil where the head is not all there; a message that is not complete where its body is not.
    static func read(_ octets: ArraySlice<UInt8>, as role: Role, atEnd: Bool = false) throws -> WireMessage? {
        guard let headEnd = octets.firstRange(of: [13, 10, 13, 10])?.upperBound else { return nil }
        let head = Array(octets[octets.startIndex..<headEnd])
        let lines = head.dropLast(4).lines
        for line in lines where line.contains(10) || line.contains(13) || line.contains(0) {
            throw Malformed(description: "a control in a line of a head: \(line.text)")
        }
        var message = WireMessage(head: head, lines: lines)
        try message.readBody(octets[headEnd...], as: role, atEnd: atEnd)
        return message
    }

    private mutating func readBody(_ octets: ArraySlice<UInt8>, as role: Role, atEnd: Bool) throws {
        let (lengths, codings) = (self["content-length"], self["transfer-encoding"])
        guard lengths.count + codings.count <= 1 else { throw Malformed(description: "two framings: \(head.text)") }
        if case .answer(let toHEAD) = role, toHEAD || status < 200 || status == 204 || status == 304 {
            isComplete = true
        } else if let length = lengths.first {
            guard let count = Int(length), String(count) == length else {
                throw Malformed(description: "content-length: \(length)")
            }
            payload = Array(octets.prefix(count))
            rawBody = payload
            isComplete = payload.count == count
        } else if let coding = codings.first {
            guard coding == "chunked" else { throw Malformed(description: "transfer-encoding: \(coding)") }
            try readChunks(octets)
        } else if case .answer = role {
            payload = Array(octets)
            rawBody = payload
            isComplete = atEnd
        } else {
            isComplete = true
        }
    }

    private mutating func readChunks(_ octets: ArraySlice<UInt8>) throws {
        var at = octets.startIndex
        defer { rawBody = Array(octets[octets.startIndex..<at]) }
        while let line = Self.line(octets, from: at) {
            guard let size = Int(line.text, radix: 16), line.first != UInt8(ascii: "+"), size == 0 || line.first != 0x30
            else { throw Malformed(description: "chunk size: \(line.text)") }
            if size == 0 { return try readTrailers(octets, from: line.endIndex + 2, end: &at) }
            let end = line.endIndex + 2 + size
            payload += octets[(line.endIndex + 2)..<min(end, octets.endIndex)]
            guard end + 2 <= octets.endIndex else {
                at = octets.endIndex
                return
            }
            guard octets[end..<(end + 2)].elementsEqual([13, 10]) else { throw Malformed(description: "chunk's end") }
            at = end + 2
        }
    }

    private mutating func readTrailers(_ octets: ArraySlice<UInt8>, from start: Int, end: inout Int) throws {
        var at = start
        while let line = Self.line(octets, from: at) {
            at = line.endIndex + 2
            if line.isEmpty {
                end = at
                isComplete = true
                return
            }
            trailers.append(Array(line))
        }
    }

    private static func line(_ octets: ArraySlice<UInt8>, from start: Int) -> ArraySlice<UInt8>? {
        guard start <= octets.endIndex, let end = octets[start...].firstRange(of: [13, 10]) else { return nil }
        return octets[start..<end.lowerBound]
    }
}

extension Sequence<UInt8> {
    /// The octets as Latin-1, so that none is lost.
    var text: String {
        var out = ""
        for octet in self { out.unicodeScalars.append(Unicode.Scalar(octet)) }
        return out
    }
}

extension Collection<UInt8> {
    /// The lines between CRLFs.
    var lines: [[UInt8]] {
        var rest = Array(self)[...]
        var found: [[UInt8]] = []
        while let end = rest.firstRange(of: [13, 10]) {
            found.append(Array(rest[..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found + [Array(rest)]
    }
}

extension String {
    /// The text's Latin-1 octets: the inverse of `text`.
    var latin1: [UInt8] { unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
}

extension Substring {
    var trimmingSpaces: String {
        var rest = unicodeScalars[...]
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return String(rest)
    }
}

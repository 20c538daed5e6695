/// Reads the trailer section of a chunked body (RFC 9112 §7.1.2), octet by octet, and keeps what may be passed on.
struct TrailerSection: Sendable {
    /// The field lines that are passed on, each with its CRLF.
    private(set) var kept: [UInt8] = []
    /// Whether no field line has come at all.
    private(set) var isEmpty = true

    private var line: [UInt8] = []
    private var total = 0

    private static let limit = 16_384

    /// Takes one octet in; true once the section has ended, nil where it is malformed or too large.
    mutating func read(_ octet: UInt8) -> Bool? {
        total += 1
        guard total <= Self.limit else { return nil }
        line.append(octet)
        guard octet == Octet.lineFeed else { return false }
        guard line.count >= 2, line[line.count - 2] == Octet.carriageReturn else { return nil }
        if line.count == 2 { return true }
        isEmpty = false
        guard let field = Self.field(in: line) else { return nil }
        if !field.name.isForbiddenInTrailers { kept.append(contentsOf: line) }
        line.removeAll(keepingCapacity: true)
        return false
    }

    private static func field(in line: [UInt8]) -> Field? {
        // The span does not outlive `line`, which nothing changes meanwhile.
        let octets = unsafe line.span.bytes
        return try? FieldLine.read(octets, 0..<(line.count - 2), lineEnd: line.count).get()
    }
}

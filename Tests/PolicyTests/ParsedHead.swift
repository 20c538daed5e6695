import HTTP1
import Policy
import Testing

/// A request head and what was read of it.
struct ParsedHead {
    let octets: [UInt8]
    let parser: HeadParser
    let request: RequestHead

    /// Reads `METHOD target` with some fields; the head must be well formed.
    init(_ method: String, _ target: String, fields: [String] = []) throws {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: gw.test"]
        lines += fields
        octets = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = HeadParser(role: .request)
        try #require(parser.parse(octets.span.bytes) == .complete(length: octets.count))
        request = try RequestHead(octets.span.bytes, parser: parser)
        self.parser = parser
    }

    var dialect: Dialect {
        Dialect(octets.span.bytes, target: request.requestLine.target, fields: parser.fields)
    }
}

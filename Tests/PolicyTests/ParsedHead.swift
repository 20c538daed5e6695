import HTTP1
import LLMWire
import Policy
import Testing
import WeirConfiguration

/// A request head and what was read of it.
struct ParsedHead {
    let octets: [UInt8]
    let parser: HeadParser
    let request: RequestHead

    /// Reads `METHOD target` with some fields behind `Host`; the head must be well formed.
    init(_ method: String, _ target: String, fields: [String] = [], host: String = "Host: gw.test") throws {
        var lines = ["\(method) \(target) HTTP/1.1", host]
        lines += fields
        let octets = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        var parser = HeadParser(role: .request)
        let progress = parser.parse(octets.span.bytes)
        self.parser = parser
        request = try RequestHead(octets.span.bytes, parser: parser)
        self.octets = octets
        try #require(progress == .complete(length: octets.count))
    }

    var dialect: Dialect {
        Dialect(octets.span.bytes, target: request.requestLine.target, fields: parser.fields)
    }
}

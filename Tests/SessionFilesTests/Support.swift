import CZlib
import Foundation
import Testing

@testable import Recording

/// A directory that goes when it is no longer held.
final class TemporaryDirectory {
    let path: String

    init() {
        path = "/tmp/weir-session-" + UUID().uuidString
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    func text(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path + "/" + name) ?? Data(), as: UTF8.self)
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    /// The values of one key in the lines of all files, in the order of the files' names.
    func values(_ key: String) throws -> [String] {
        try names.filter { !$0.hasSuffix(".md") }.flatMap { name in
            try text(name).split(separator: "\n").map { try object(String($0))[key] as? String ?? "" }
        }
    }
}

func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
}

/// An everyday exchange.
func exchange(_ low: UInt64 = 1) -> RecordedExchange {
    let head = """
        POST /v1/chat/completions?a=1&key=…wxyz HTTP/1.1\r
        Host: 127.0.0.1:8080\r
        Authorization: Bearer …wxyz\r
        Content-Type: application/json\r
        Content-Length: 14\r
        \r\n
        """
    var exchange = RecordedExchange(
        id: ExchangeID(high: 1, low: low), startedAt: 1_780_000_000_123_456_789, client: "127.0.0.1:50000",
        route: "default", requestHead: Array(head.utf8))
    var attempt = RecordedAttempt(
        number: 1, at: 250_000, upstream: "https://api.example.com:443", reusedConnection: true)
    attempt.requestHead = Array(head.replacingOccurrences(of: "127.0.0.1:8080", with: "api.example.com").utf8)
    exchange.attempts = [attempt]
    exchange.requestBody = body("{ \"n\": 1.50 ,\n \"a\":[]}")
    exchange.responseHead = Array("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: x\r\n\r\n".utf8)
    exchange.deliveredHead = exchange.responseHead
    exchange.responseBody = body("{\"ok\":true}\n")
    exchange.outcome = .completed
    exchange.firstByte = 2_500_000
    exchange.duration = 3_000_001
    exchange.deliveredBytes = 12
    return exchange
}

func body(_ text: String) -> RecordedBody { body(Array(text.utf8)) }

func body(_ octets: [UInt8]) -> RecordedBody {
    var body = RecordedBody()
    body.bytes = octets
    body.total = UInt64(octets.count)
    body.pieces = [RecordedBody.Piece(end: octets.count, at: 2_500_000)]
    return body
}

func gzip(_ text: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    #expect(deflateInit2_(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK)
    defer { deflateEnd(&stream) }
    var input = text
    var output = [UInt8](repeating: 0, count: text.count + 1024)
    let count = input.withUnsafeMutableBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            return target.count - Int(stream.avail_out)
        }
    }
    return Array(output[0..<count])
}

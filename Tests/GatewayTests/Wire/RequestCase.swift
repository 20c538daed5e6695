import Foundation

/// One of the malformed and odd requests of `Tests/Fixtures/h1-cases.json`, with what must happen.
struct RequestCase: Decodable, Sendable {
    enum Expected: String, Decodable {
        case reject = "reject-4xx"
        case forward = "forward-normalised"
        case either
    }

    enum Connection: String, Decodable {
        case close
        case keep
        case any
    }

    let name: String
    let raw: String
    let expected: Expected
    let allowedStatus: [Int]
    let upstreamCompleteMax: Int
    let neverUpstream: [String]
    let neverUpstreamCaseSensitive: Bool
    let clientConnectionAfter: Connection

    /// The request's octets: `raw` is Latin-1.
    var octets: [UInt8] {
        raw.replacing("{{KEY}}", with: "client-key").replacing("{{ADMIN_PORT}}", with: "8081").latin1
    }

    static func all() throws -> [RequestCase] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            [RequestCase].self, from: Data(contentsOf: tests.appending(path: "Fixtures/h1-cases.json")))
    }
}

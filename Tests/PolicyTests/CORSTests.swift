import HTTP1
import Policy
import Testing
import WeirConfiguration

/// What browsers are told where `server.cors` names origins.
@Suite struct CORSTests {
    private func run(_ origins: [String]) -> PolicyRun {
        PolicyRun(
            .test("r") {
                $0.server.allowedOrigins = origins
                $0.defaultRoute = "r"
                $0.keys = [KeySettings(key: Secret("k"))]
            })
    }

    @Test(arguments: [
        // Method, fields, what is decided where origins are named and where none is; no request brings a key.
        ("OPTIONS", ["Origin: https://a.test", "Access-Control-Request-Method: POST"], "preflight", "key_required"),
        ("OPTIONS", ["origin: null", "ACCESS-CONTROL-REQUEST-METHOD: PUT"], "preflight", "key_required"),
        ("OPTIONS", ["Origin: https://a.test"], "key_required", "key_required"),
        ("OPTIONS", ["Access-Control-Request-Method: POST"], "key_required", "key_required"),
        ("POST", ["Origin: https://a.test", "Access-Control-Request-Method: POST"], "key_required", "key_required"),
        (
            "OPTIONS", ["Origin: https://a.test", "Access-Control-Request-Method: POST", "x-api-key: k"], "preflight",
            "forward r"
        ),
    ])
    func aPreflightIsAnsweredWithoutAKey(
        _ method: String, _ fields: [String], _ word: String, _ without: String
    ) throws {
        let head = try ParsedHead(method, "/r/x", fields: fields)
        #expect(run(["https://b.test"]).word(head) == word)
        #expect(run([]).word(head) == without)
        #expect(run([]).snapshot.cors == nil)
    }

    private func lines(_ octets: [UInt8]) -> [String] {
        String(decoding: octets, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    private static let exposed =
        "Access-Control-Expose-Headers: x-weir-request-id, x-weir-error, x-should-retry, retry-after, retry-after-ms"

    @Test(
        arguments: [
            (
                ["https://a.test"], "https://a.test",
                ["Access-Control-Allow-Origin: https://a.test", "Vary: Origin", exposed]
            ),
            (
                ["https://A.test"], "https://a.TEST",
                ["Access-Control-Allow-Origin: https://a.TEST", "Vary: Origin", exposed]
            ),
            (
                ["https://a.test", "http://b.test:81"], "http://b.test:81",
                ["Access-Control-Allow-Origin: http://b.test:81", "Vary: Origin", exposed]
            ),
            (["https://a.test"], "https://a.test.evil", ["Vary: Origin"]),
            (["https://a.test"], "http://a.test", ["Vary: Origin"]),
            (["https://a.test"], "https://a.test:444", ["Vary: Origin"]),
            (["https://a.test"], "null", ["Vary: Origin"]),
            (["https://a.test"], nil, ["Vary: Origin"]),
            (["*"], "https://x.test", ["Access-Control-Allow-Origin: *", exposed]),
            (["*"], "null", ["Access-Control-Allow-Origin: *", exposed]), (["*"], nil, []),
        ] as [([String], String?, [String])])
    func anAnswerNamesTheOriginThatMayReadIt(_ origins: [String], _ origin: String?, _ expected: [String]) throws {
        let head = try ParsedHead("POST", "/r", fields: origin.map { ["Origin: \($0)"] } ?? [])
        let cors = try #require(run(origins).snapshot.cors)
        #expect(lines(cors.answerLines(head.octets.span.bytes, fields: head.parser.fields)) == expected)
    }

    private func preflight(_ origins: [String], _ fields: [String]) throws -> [String] {
        let head = try ParsedHead("OPTIONS", "/r", fields: fields)
        let cors = try #require(run(origins).snapshot.cors)
        return lines(cors.preflightLines(head.octets.span.bytes, fields: head.parser.fields))
    }

    @Test func aPreflightIsGrantedWhatItAsksFor() throws {
        #expect(
            try preflight(
                ["https://a.test"],
                [
                    "Origin: https://a.test", "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Headers: authorization,content-type, x-stainless-lang",
                    "Access-Control-Request-Private-Network: true",
                ]) == [
                    "Access-Control-Allow-Origin: https://a.test", "Vary: Origin", "Access-Control-Allow-Methods: POST",
                    "Access-Control-Allow-Headers: authorization,content-type, x-stainless-lang",
                    "Access-Control-Allow-Private-Network: true", "Access-Control-Max-Age: 7200",
                ])
        #expect(
            try preflight(["*"], ["Origin: null", "Access-Control-Request-Method: DELETE"]) == [
                "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: DELETE",
                "Access-Control-Max-Age: 7200",
            ])
    }

    @Test func anotherOriginIsGrantedNothing() throws {
        let asked = ["Origin: https://b.test", "Access-Control-Request-Method: POST"]
        #expect(try preflight(["https://a.test"], asked) == ["Vary: Origin"])
    }

    @Test(arguments: ["a b", "a,,b", "a;b", "", "a,", "\u{e9}"])
    func whatIsNoListOfNamesIsNotEchoed(_ names: String) throws {
        let fields = [
            "Origin: https://a.test", "Access-Control-Request-Method: P T",
            "Access-Control-Request-Headers: \(names)", "Access-Control-Request-Private-Network: false",
        ]
        #expect(
            try preflight(["*"], fields) == ["Access-Control-Allow-Origin: *", "Access-Control-Max-Age: 7200"])
    }

    @Test(arguments: [
        ("Access-Control-Allow-Origin: *", true), ("access-control-max-age: 1", true), ("Access-Control-: 1", false),
        ("Access-Contro: 1", false), ("X-Access-Control-Allow-Origin: 1", false), ("Vary: Origin", false),
    ])
    func theUpstreamsOwnLinesAreTold(_ line: String, _ isOurs: Bool) throws {
        let head = try ParsedHead("GET", "/", fields: [line])
        let name = try #require(head.parser.fields.last).nameRange
        #expect(CORS.isAccessControl(head.octets.span.bytes, name) == isOurs)
    }
}

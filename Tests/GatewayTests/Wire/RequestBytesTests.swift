import TestSupport
import Testing

/// A request that nothing has to be rewritten in arrives as it was written, octet for octet.
@Suite("Requests as octets", .blocking)
struct RequestBytesTests {
    /// Request lines and fields that are odd but allowed; `Host` and the body are the table's runner's.
    static let lines: [(start: String, fields: [String])] = [
        ("GET /v1/models", []),
        ("POST /v1/chat/completions", ["content-type:application/json", "ACCEPT:*/*", "aCcEpT-eNcOdInG: gzip, br"]),
        ("GET /v1/a", ["X:none", "X: one", "X:  two", "X:\ttab", "X: \t mixed", "X: trailing  ", "X: trailing\t"]),
        ("GET /v1/a", ["Empty:", "Empty: ", "Empty:\t", "Empty:  "]),
        ("GET /v1/a", ["Accept: a", "accept: b", "Accept: a", "ACCEPT: c"]),
        ("GET /v1/a", ["X-Latin: d\u{fc}sseldorf", "X-Any: \u{80}\u{81}\u{fe}\u{ff}", "X-Cut: \u{e4}\u{bd}"]),
        ("GET /v1/a", ["X-UTF8: \u{e4}\u{bd}\u{a0}\u{e5}\u{a5}\u{bd}"]),
        ("GET /v1/a", ["!#$%&'*+-.^_`|~09azAZ: token", "0: digit", "a: b: c: d", "X-Quoted: \"a\\\"b\", (c)"]),
        ("GET /v1/a", ["X-Tab: a\tb\t\tc", "X-Spaces: a   b"]),
        ("GET /v1/a", ["X-Long: " + String(repeating: "l", count: 30_000)]),
        ("GET /v1/a", (0..<200).map { "X-\($0): \($0)" }),
        (
            "GET /v1/a",
            ["Authorization: Bearer sk-test", "x-api-key: k", "Cookie: a=b", "Cookie: c=d", "Referer: http://x/"]
        ),
        (
            "GET /v1/a",
            ["X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4", "Via: 1.1 other", "X-Weir-Custom: stays"]
        ),
        ("GET /v1/a", ["x-weir-request-id: mine", "x-weir-error: mine"]),
        ("GET /v1/a", ["Trailer: X", "Accept-Language: zh-CN,zh;q=0.9", "Max-Forwards: 0"]),
        ("GET /v1/a", ["Keep-Alive: timeout=1", "TE: trailers", "Proxy-Connection: close", "X-Stays: 1"]),
        ("GET /v1/a", ["X-Gone: 1", "Connection: X-Gone", "x-gone: 2", "X-Stays: 1"]),
        ("GET /v1/a", ["Connection: ,, X-Gone ,keep-alive", "x-GONE:", "Connection: other", "Other: gone"]),
        ("GET /v1/a", ["Proxy-Authorization: Basic eA==", "Upgrade: h2c", "HTTP2-Settings: AAAA", "X-Stays: 1"]),
        // Targets.
        ("GET /v1/a%2fb%2F%41%7e%7E", []), ("GET /v1//a//b//", []), ("GET /v1/../a/./b", []), ("GET /v1/a;b=c;d", []),
        ("GET /v1/a?", []), ("GET /v1/a??b?c", []), ("GET /v1/a?b=c&b=c&=&&", []), ("GET /v1/a?b=%20+%2B", []),
        ("GET /v1/\u{80}\u{ff}?\u{e4}\u{bd}\u{a0}", []), ("GET /v1/%zz%", []), ("GET /v1/{a}|\\^`\"<>", []),
        ("GET /v1/a:b@c!$&'()*+,;=~", []), ("GET /v1/http://h/x", []), ("GET /v1/v1x", []), ("GET /v1?x=/v1/v1", []),
        ("GET /v1/" + String(repeating: "p", count: 20_000), []),
        ("GET /v1/a?" + String(repeating: "%41", count: 10_000), []),
        ("OPTIONS *", []), ("OPTIONS /v1/a", ["Origin: http://x", "Access-Control-Request-Method: POST"]),
        // Methods: RFC 9110's registry but CONNECT, and others.
        ("PUT /v1/a", []), ("DELETE /v1/a", []), ("PATCH /v1/a", []), ("TRACE /v1/a", []), ("PROPFIND /v1/a", []),
        ("ACL /v1/a", []), ("BASELINE-CONTROL /v1/a", []), ("MKCOL /v1/a", []), ("SEARCH /v1/a", []),
        ("VERSION-CONTROL /v1/a", []), ("get /v1/a", []), ("QUERY /v1/a", []), ("M-SEARCH /v1/a", []),
        ("!#$%&'*+-.^_`|~0 /v1/a", []),
    ]

    @Test func theTableArrives() async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for version in ["HTTP/1.1", "HTTP/1.0"] {
                for (start, fields) in Self.lines {
                    for body in [nil, "", "body\u{0}\u{ff}\r\n\r\n"] {
                        var lines = ["\(start) \(version)", "hOsT:gw.test"] + fields
                        if let body { lines.insert("content-length:\(body.latin1.count)", at: 2) }
                        try check(lines.map(\.latin1), body: (body ?? "").latin1, upstream, gateway)
                    }
                }
            }
        }
        #expect(upstream.malformed == [])
    }

    @Test(arguments: 0..<4)
    func whateverIsGeneratedArrives(seed: Int) async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        var generator = HeadGenerator(seed: UInt64(seed))
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for _ in 0..<150 {
                let made = generator.request(version: generator.oneIn(5) ? "HTTP/1.0" : "HTTP/1.1")
                try check(made.lines, body: made.body, upstream, gateway)
            }
        }
        #expect(upstream.malformed == [])
    }

    @Test(arguments: [
        ("Content-Length: 5", "Content-Length: 5"), ("content-length:5", "content-length:5"),
        ("CONTENT-LENGTH:  5", "CONTENT-LENGTH: 5"), ("Content-Length: 5 ", "Content-Length: 5"),
        ("Content-Length:\t5", "Content-Length: 5"), ("Content-Length: 005", "Content-Length: 5"),
    ])
    func aLengthIsWrittenAnewWhereItMust(_ sent: String, _ arrives: String) async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let lines = ["POST /v1/a HTTP/1.1", "A: 1", sent, "Host: gw.test", "B: 2"]
            try check(lines.map(\.latin1), body: "hello".latin1, upstream, gateway)
        }
        let host = "Host: 127.0.0.1:\(upstream.upstream.port)"
        #expect(upstream.requests.map(\.fieldLines) == [["A: 1", arrives, host, "B: 2"]])
    }

    @Test func anHTTP10RequestWithoutHostGetsOne() async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            try check(["GET /v1/a HTTP/1.0".latin1, "A:1".latin1], body: [], upstream, gateway)
        }
        #expect(
            upstream.requests.map(\.head.text)
                == ["GET /v1/a HTTP/1.1\r\nHost: 127.0.0.1:\(upstream.upstream.port)\r\nA:1\r\n\r\n"])
    }

    @Test func theVersionRuleTouchesTheTargetAlone() async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url + "/base/v1/", { $0.threads = 1 }) { gateway in
            for target in ["/x?\u{ff}", "/v1/x?\u{ff}", "/v1/v1/x?\u{ff}"] {
                let client = try Conversation(gateway)
                try client.send("GET \(target) HTTP/1.1\r\nA:\u{ff} \r\nHost: gw.test\r\n\r\n")
                #expect(try client.answer()?.status == 200)
            }
        }
        let host = "127.0.0.1:\(upstream.upstream.port)"
        let expected = "GET /base/v1/x?\u{ff} HTTP/1.1\r\nA:\u{ff} \r\nHost: \(host)\r\n\r\n"
        #expect(upstream.requests.map(\.head.text) == [expected, expected, expected])
    }

    private func check(
        _ lines: [[UInt8]], body: [UInt8], _ upstream: EchoUpstream, _ gateway: TestGateway
    ) throws {
        upstream.forgetAll()
        let head = Array(lines.joined(separator: [13, 10])) + [13, 10, 13, 10]
        let client = try Conversation(gateway)
        defer { client.socket.close() }
        client.send(head + body)
        let isHEAD = lines[0].text.hasPrefix("HEAD ")
        let answer = try client.answer(toHEAD: isHEAD)
        #expect(answer?.status == 200, "\(head.text.prefix(300))")
        let expected = ExpectedHead.request(lines, host: "127.0.0.1:\(upstream.upstream.port)")
        let request = try #require(upstream.requests.last)
        guard request.lines != expected || request.rawBody != body else { return }
        let difference = zip(request.lines, expected).first { $0 != $1 }
        Issue.record(
            """
            \(head.text.prefix(300).debugDescription): \(request.lines.count) lines for \(expected.count), \
            body equal: \(request.rawBody == body); first difference: \
            \(difference.map { "\($0.0.text.prefix(300).debugDescription) for \($0.1.text.prefix(300).debugDescription)" } ?? "none")
            """)
    }
}

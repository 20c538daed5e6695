import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Bodies that a route rewrites", .blocking)
struct RewritingTests {
    private func withRewriting(
        _ change: @escaping @Sendable (inout RouteSettings) -> Void,
        _ body: (TestGateway, ScriptedUpstream) throws -> Void
    ) async throws {
        let upstream = try ScriptedUpstream { connection in
            while try connection.readRequest() != nil { try connection.answer() }
        }
        defer { upstream.stop() }
        let settings: (inout TestGateway.Settings) -> Void = {
            $0.isRecording = true
            $0.configure = { change(&$0.routes[0]) }
        }
        try await withGateway(upstream: upstream.url, settings) { try body($0, upstream) }
    }

    private static let aliases: @Sendable (inout RouteSettings) -> Void = {
        $0.fieldAliases = [Alias(from: "model", to: "model_id")]
        $0.modelAliases = [Alias(from: "gpt-4", to: "anthropic/claude-sonnet-4")]
        $0.setBody = [BodyField(name: "temperature", json: "1.0")]
    }

    @Test("keys, the model's name and fields are changed, and nothing else", arguments: [false, true])
    func everyRule(_ isChunked: Bool) async throws {
        let sent = #"{ "model" : "gpt-4","n":1e5, "messages":[{"model":"x"}],"big":12345678901234567890123 }"#
        let due =
            #"{ "model_id" : "anthropic/claude-sonnet-4","n":1e5, "messages":[{"model_id":"x"}],"#
            + #""big":12345678901234567890123,"temperature":1.0 }"#
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            if isChunked {
                let half = sent.index(sent.startIndex, offsetBy: 30)
                try client.socket.write(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for part in [sent[..<half], sent[half...]] {
                    try client.socket.write("\(String(part.utf8.count, radix: 16))\r\n\(part)\r\n")
                }
                try client.socket.write("0\r\n\r\n")
            } else {
                try client.send("POST", "/v1/chat/completions", body: sent)
            }
            #expect(try client.readResponse().status == 200)
            let received = upstream.received()
            #expect(received.hasSuffix("\r\n\r\n" + due))
            #expect(received.contains("Content-Length: \(due.utf8.count)\r\n"))
            #expect(!received.contains("Transfer-Encoding"))
            let record = try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
            #expect(record.requestBody.bytes == Array(sent.utf8))
            #expect(
                record.requestEdits.map(\.text) == [
                    #""model_id""#, #""anthropic/claude-sonnet-4""#, #""model_id""#, #","temperature":1.0"#,
                ])
            #expect(Self.apply(record.requestEdits, to: sent) == due)
        }
    }

    /// The upstream's body as the record tells it.
    private static func apply(_ edits: [RecordedBodyEdit], to body: String) -> String {
        var octets = Array(body.utf8)
        for edit in edits.reversed() {
            let start = Int(edit.offset)
            octets.replaceSubrange(start..<(start + edit.removed), with: Array(edit.text.utf8))
        }
        return String(decoding: octets, as: UTF8.self)
    }

    @Test(
        "what is no JSON goes out as it came",
        arguments: ["model=gpt-4", #"{"model":"gpt-4""#, #"["#, "", #"{"a":1}garbage"#, "   "])
    func notJSON(_ body: String) async throws {
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: body)
            #expect(try client.readResponse().status == 200)
            #expect(upstream.received().hasSuffix("Content-Length: \(body.utf8.count)\r\n\r\n" + body))
            #expect(try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1).requestEdits.isEmpty)
        }
    }

    @Test("a chunked body that is no JSON keeps its chunks")
    func chunksStay() async throws {
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            let body = "3\r\n{\"a\r\n2\r\n\":\r\n0\r\n\r\n"
            try client.socket.write(
                "POST /v1/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
            #expect(try client.readResponse().status == 200)
            #expect(upstream.received().hasSuffix("Transfer-Encoding: chunked\r\n\r\n" + body))
        }
    }

    @Test("a body that waits to be asked for is asked for")
    func expectation() async throws {
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            let body = #"{"model":"gpt-4"}"#
            try client.socket.write(
                "POST /v1/x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
            #expect(try client.readResponse().status == 100)
            try client.socket.write(body)
            #expect(try client.readResponse().status == 200)
            #expect(upstream.received().contains("anthropic/claude-sonnet-4"))
        }
    }

    @Test("a multipart body is not looked at")
    func multipart() async throws {
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            let body = #"{"model":"gpt-4"}"#
            try client.send("POST", "/v1/x", fields: ["Content-Type: multipart/form-data; boundary=x"], body: body)
            #expect(try client.readResponse().status == 200)
            #expect(upstream.received().hasSuffix(body))
        }
    }

    @Test("pipelined requests behind a rewritten one keep their bounds")
    func pipelined() async throws {
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            let one = RawClient.request("POST", "/v1/a", body: #"{"model":"gpt-4"}"#)
            try client.socket.write(one + one + RawClient.request("GET", "/v1/b"))
            for _ in 0..<3 { #expect(try client.readResponse().status == 200) }
            #expect(upstream.received().components("anthropic/claude-sonnet-4") == 2)
        }
    }

    @Test("bodies that are held at a time have a bound together, and what is let go of makes room")
    func bound() async throws {
        let upstream = try ScriptedUpstream { connection in
            while try connection.readRequest() != nil { try connection.answer() }
        }
        defer { upstream.stop() }
        let settings: (inout TestGateway.Settings) -> Void = {
            $0.threads = 1
            $0.server.maxHeldBodies = 300_000
            $0.configure = { Self.aliases(&$0.routes[0]) }
        }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let body = #"{"model":"gpt-4","x":""# + String(repeating: "a", count: 200_000) + #""}"#
            let waiting = try gateway.client()
            try waiting.socket.write(String(RawClient.request("POST", "/v1/x", body: body).dropLast(10)))
            WireSocket.sleep(.milliseconds(200))
            let refused = try gateway.client()
            try refused.send("POST", "/v1/x", body: body)
            let response = try refused.readResponse()
            expectOwnError(response, 503, "overloaded")
            #expect(response["x-should-retry"] == nil)

            try waiting.socket.write(String(body.suffix(10)))
            #expect(try waiting.readResponse().status == 200)
            for _ in 0..<3 {
                let next = try gateway.client()
                try next.send("POST", "/v1/x", body: body)
                #expect(try next.readResponse().status == 200)
            }
        }
    }

    @Test("a JSON body that says it is too large to be held is refused before it comes")
    func tooLarge() async throws {
        try await withRewriting(Self.aliases) { gateway, _ in
            let client = try gateway.client()
            try client.socket.write("POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n{")
            expectOwnError(try client.readResponse(), 413, "body_too_large")
        }
    }

    @Test("Content-Encoding: identity is none", arguments: ["identity", "Identity", ""])
    func identity(_ coding: String) async throws {
        try await withRewriting(Self.aliases) { gateway, upstream in
            let client = try gateway.client()
            let body = #"{"model":"gpt-4"}"#
            try client.send("POST", "/v1/x", fields: ["Content-Encoding: \(coding)"], body: body)
            #expect(try client.readResponse().status == 200)
            #expect(upstream.received().contains("anthropic/claude-sonnet-4"))
        }
    }
}

extension String {
    /// How often `text` stands in it.
    func components(_ text: String) -> Int { ranges(of: text).count }
}

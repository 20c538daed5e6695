import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Requests that are tried again by status", .blocking)
struct RetryTests {
    private func retries(_ statuses: [Int], attempts: Int = 2) -> (inout TestGateway.Settings) -> Void {
        {
            $0.isRecording = true
            $0.retries.attempts = attempts
            $0.retries.statuses = statuses
        }
    }

    /// Answers with each status in turn, the last one again and again.
    private func upstream(_ statuses: [Int], fields: [String] = []) throws -> ScriptedUpstream {
        let asked = Counter()
        return try ScriptedUpstream { connection in
            while try connection.readRequest() != nil {
                let status = statuses[min(asked.value, statuses.count - 1)]
                asked.add(1)
                try connection.answer(status, fields: status == 200 ? [] : fields, body: "{\"status\":\(status)}")
            }
        }
    }

    @Test("a listed status is tried again, and every attempt is in the record")
    func again() async throws {
        let upstream = try upstream([429, 503, 200], fields: ["Retry-After-Ms: 20"])
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, retries([429, 503])) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response.text == #"{"status":200}"#)
            let record = try expectRecord(gateway, outcome: .completed, code: nil, attempts: 3)
            #expect(record.attempts.map(\.failureCode) == ["status_429", "status_503", nil])
            #expect((0..<upstream.connectionCount).allSatisfy { upstream.received(on: $0).hasSuffix(chatBody) })
        }
    }

    @Test("with no attempt left the answer is the client's as it is")
    func exhausted() async throws {
        let upstream = try upstream([429], fields: ["Retry-After: 0", "X-Own: 1"])
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, retries([429], attempts: 1)) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            #expect(response.status == 429 && response["x-own"] == "1" && response["x-weir-error"] == nil)
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 2)
        }
    }

    @Test(
        "an answer that asks for too long a wait, or has no listed status, is not tried again",
        arguments: [(429, "31"), (429, "Fri, 31 Dec 9999 23:59:59 GMT"), (500, "0")])
    func notAgain(_ status: Int, _ wait: String) async throws {
        let upstream = try upstream([status], fields: ["Retry-After: \(wait)"])
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, retries([429])) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            #expect(try client.readResponse().status == status)
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
        }
    }

    @Test("a body that is no longer at hand is not sent again")
    func largeBody() async throws {
        let upstream = try upstream([429, 200], fields: ["Retry-After: 0"])
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, retries([429])) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: String(repeating: "a", count: 1 << 20))
            #expect(try client.readResponse().status == 429)
        }
    }

    @Test("a client that leaves while it is put off ends it")
    func goneMeanwhile() async throws {
        let upstream = try upstream([429, 200], fields: ["Retry-After: 25"])
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, retries([429])) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            #expect(eventually { upstream.endedCount == 1 })
            client.socket.close()
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
        }
    }

    @Test("an error behind an attempt that was answered says that the upstream may have acted on the request")
    func mayHaveActed() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.answer(502, fields: ["Retry-After-Ms: 300"])
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, retries([502])) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            #expect(eventually { upstream.endedCount == 1 })
            upstream.stop()
            let response = try client.readResponse()
            expectOwnError(response, 502, "connect_refused")
            #expect(response["x-should-retry"] == "false")
        }
    }

    @Test("a wait that the route's total time does not allow is not begun")
    func noTimeLeft() async throws {
        let upstream = try upstream([429], fields: ["Retry-After: 20"])
        defer { upstream.stop() }
        let settings = retries([429])
        try await withGateway(
            upstream: upstream.url,
            {
                settings(&$0)
                $0.timeouts.total = .seconds(10)
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            #expect(try client.readResponse(within: .seconds(8)).status == 429)
        }
    }
}

import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Answers that cannot be used", .blocking)
struct AnswerFaultTests {
    /// Sends one request to an upstream that answers with `octets`, and gives what the client gets.
    private func answer(
        _ octets: String, to method: String = "GET", thenResets: Bool = false, outcome: ExchangeOutcome, code: String?,
        _ adjust: (inout TestGateway.Settings) -> Void = { _ in }
    ) async throws -> WireResponse {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(octets)
            if thenResets {
                connection.socket.reset()
            } else {
                _ = connection.socket.waitForEnd()
            }
        }
        defer { upstream.stop() }
        return try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                adjust(&$0)
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send(
                method, method == "POST" ? "/v1/chat/completions" : "/v1/models",
                body: method == "POST" ? chatBody : nil)
            let response = try client.readResponse(toHEAD: method == "HEAD")
            let record = try expectRecord(gateway, outcome: outcome, code: code, attempts: 1)
            #expect(record.deliveredStatus == response.status)
            // The client's connection is not the upstream's: it goes on.
            try client.send("GET", "/healthz")
            #expect(try client.readResponse().status == 200)
            if code != nil || !octets.contains("200 OK") {
                #expect(eventually { upstream.endedCount == upstream.connectionCount }, "the connection is not pooled")
            }
            return response
        }
    }

    @Test(
        "row 8: a reset on a fresh connection is 502, and a POST is not to be sent again", arguments: ["GET", "POST"])
    func resetOnFreshConnection(_ method: String) async throws {
        let response = try await answer(
            "", to: method, thenResets: true, outcome: .upstreamError, code: "upstream_reset")
        expectOwnError(response, 502, "upstream_reset")
        #expect(response["x-should-retry"] == "false")
    }

    @Test("row 8: so is an end within the head")
    func endWithinHead() async throws {
        let response = try await answer(
            "HTTP/1.1 200 OK\r\nContent-", to: "POST", thenResets: true, outcome: .upstreamError,
            code: "upstream_reset")
        expectOwnError(response, 502, "upstream_reset")
    }

    @Test("row 10: no head in time is 504, and not to be sent again")
    func noHead() async throws {
        let response = try await answer("", to: "POST", outcome: .upstreamError, code: "first_byte_timeout") {
            $0.timeouts.firstByte = .milliseconds(400)
        }
        expectOwnError(response, 504, "first_byte_timeout")
        #expect(response["x-should-retry"] == "false")
    }

    @Test(
        "row 16: what is no HTTP, or framed twice, is 502",
        arguments: [
            "nonsense\r\n\r\n",
            "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n",
            "HTTP/2 200\r\n\r\n",
        ])
    func invalid(_ octets: String) async throws {
        let response = try await answer(octets, to: "POST", outcome: .upstreamError, code: "upstream_protocol")
        expectOwnError(response, 502, "upstream_protocol")
        #expect(response["x-should-retry"] == "false")
    }

    @Test("row 17: a huge head is 502")
    func hugeHead() async throws {
        let octets = "HTTP/1.1 200 OK\r\nX-Large: " + String(repeating: "a", count: 70_000) + "\r\n\r\n"
        let response = try await answer(octets, outcome: .upstreamError, code: "upstream_headers_too_large")
        expectOwnError(response, 502, "upstream_headers_too_large")
    }

    @Test("row 17: so is one of too many fields")
    func manyFields() async throws {
        let octets = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 300) + "\r\n"
        let response = try await answer(octets, outcome: .upstreamError, code: "upstream_headers_too_large")
        expectOwnError(response, 502, "upstream_headers_too_large")
    }

    @Test("row 19: sixteen interim answers pass")
    func interimAnswers() async throws {
        let hints = (1...16).map { "HTTP/1.1 103 Early Hints\r\nLink: </\($0)>\r\n\r\n" }
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            for hint in hints { try connection.socket.write(hint) }
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send()
            for hint in hints { #expect(try client.socket.readHead() == hint) }
            #expect(try client.readResponse().text == "ok")
            let record = try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
            #expect(record.interimHeads.count == 16)
        }
    }

    @Test("row 19: the seventeenth is one too many")
    func interimFlood() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 17))
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send()
            var interim = 0
            var response = try client.readResponse()
            while response.status == 103 {
                interim += 1
                response = try client.readResponse()
            }
            #expect(interim == 16)
            expectOwnError(response, 502, "upstream_protocol")
            try expectRecord(gateway, outcome: .upstreamError, code: "upstream_protocol", attempts: 1)
        }
    }

    @Test("row 19: an HTTP/1.0 client is told no interim answers")
    func interimForHTTP10() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(
                "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.send(version: "HTTP/1.0")
            #expect(try client.readResponse().status == 200)
            #expect(client.socket.waitForEnd())
        }
    }

    @Test("row 20: a switch of protocols that nobody asked for is 502")
    func unaskedSwitch() async throws {
        let octets = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        let response = try await answer(octets, outcome: .upstreamError, code: "upstream_protocol")
        expectOwnError(response, 502, "upstream_protocol")
    }

    @Test(
        "row 21: 204 and 304 have no body, whatever comes behind them",
        arguments: [
            "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 204 No Content\r\n\r\nhello",
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
        ])
    func bodiless(_ octets: String) async throws {
        let response = try await answer(octets, outcome: .completed, code: nil)
        #expect(response.status == 204 || response.status == 304)
        #expect(response["transfer-encoding"] == nil)
        if response.status == 204 { #expect(response["content-length"] == nil) }
    }

    @Test("row 22: an answer to HEAD keeps its length and has no body")
    func head() async throws {
        let upstream = try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n")
            }
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.threads = 1
            }
        ) { gateway in
            let client = try gateway.client()
            for _ in 0..<2 {
                try client.send("HEAD")
                let response = try client.readResponse(toHEAD: true)
                #expect(response.status == 200)
                #expect(response["content-length"] == "12345")
            }
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
        }
        #expect(upstream.connectionCount == 1, "the connection stays good")
    }

    @Test("row 22: Weir's own errors to HEAD have no body either")
    func headRefused() async throws {
        let port = try RefusingPort()
        try await withGateway(upstream: "http://127.0.0.1:\(port.port)") { gateway in
            let client = try gateway.client()
            try client.send("HEAD")
            let response = try client.readResponse(toHEAD: true)
            #expect(response.status == 502)
            try client.send("GET", "/healthz")
            #expect(try client.readResponse().status == 200)
        }
    }
}

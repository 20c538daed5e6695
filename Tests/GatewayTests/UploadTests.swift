import HTTP1
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Requests with bodies", .blocking)
struct UploadTests {
    private static func head(_ length: Int, _ fields: [String] = []) -> String {
        (["POST /v1/chat/completions HTTP/1.1", "Host: weir.test", "Content-Length: \(length)"] + fields)
            .joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test("row 23: a refusal before the upload's end reaches a client that is still sending", arguments: [true, false])
    func earlyAnswer(_ clientReadsMeanwhile: Bool) async throws {
        let answer = #"{"error":{"message":"too much"}}"#
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = try connection.socket.readExactly(100_000)
            try connection.socket.write(
                "HTTP/1.1 429 Too Many Requests\r\nContent-Length: \(answer.utf8.count)\r\n\r\n" + answer)
            // It reads no more, as servers do that have refused.
            WireSocket.sleep(.milliseconds(300))
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            let size = 16 << 20
            try client.socket.write(Self.head(size))
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            if clientReadsMeanwhile {
                try client.socket.write(piece)
                let response = try client.readResponse()
                #expect(response.status == 429)
                #expect(response.text == answer)
                #expect(response["connection"]?.lowercased() == "close")
                #expect(client.socket.waitForEnd())
            } else {
                for _ in 0..<16 { try client.socket.write(piece) }
                let response = try client.readResponse()
                #expect(response.status == 429)
                #expect(response.text == answer)
            }
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
            #expect(eventually { upstream.endedCount == 1 }, "the upload is stopped")
        }
        #expect(upstream.receivedCount() < 12 << 20)
    }

    @Test("row 23: an upstream that answers and resets at once does not become a 502")
    func earlyAnswerThenReset() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
            WireSocket.sleep(.milliseconds(200))
            connection.socket.reset()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(8 << 20))
            for _ in 0..<8 { try client.socket.write([UInt8](repeating: 0x61, count: 1 << 20)) }
            #expect(try client.readResponse().status == 413)
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
        }
    }

    @Test("row 23: a good answer may begin before the upload's end, and the upload goes on")
    func conversation() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = try connection.socket.readExactly(5)
            try connection.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            _ = try connection.socket.readExactly(5)
            try connection.socket.write("6\r\nsecond\r\n0\r\n\r\n")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(10) + "aaaaa")
            _ = try client.socket.read(through: "first")
            try client.socket.write("bbbbb")
            _ = try client.socket.read(through: "second\r\n0\r\n\r\n")
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test("row 24: with an upstream that says nothing the body is asked for after a second, and goes")
    func silentUpstream() async throws {
        let upstream = try ScriptedUpstream { connection in
            let head = try connection.socket.readHead()
            let body = try connection.socket.readExactly(chatBody.utf8.count)
            #expect(head.lowercased().contains("expect: 100-continue\r\n"))
            #expect(String(decoding: body, as: UTF8.self) == chatBody)
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            let start = ContinuousClock.now
            try client.socket.write(Self.head(chatBody.utf8.count, ["Expect: 100-continue"]))
            #expect(try client.readResponse().status == 100)
            #expect(ContinuousClock.now - start >= .milliseconds(900))
            #expect(ContinuousClock.now - start < .seconds(4))
            try client.socket.write(chatBody)
            #expect(try client.readResponse().text == "ok")
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test("row 24: an upstream's own 100 passes at once, and only one does")
    func upstreamContinues() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
            _ = try connection.socket.readExactly(chatBody.utf8.count)
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(chatBody.utf8.count, ["Expect: 100-continue"]))
            #expect(try client.readResponse().status == 100)
            try client.socket.write(chatBody)
            #expect(try client.readResponse().status == 200)
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test("row 24: an upstream that refuses instead gets no body, and the client's connection ends")
    func upstreamRefuses() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(chatBody.utf8.count, ["Expect: 100-continue"]))
            var response = try client.readResponse()
            // A machine that is busy for a second may have Weir ask for the body first.
            if response.status == 100 { response = try client.readResponse() }
            #expect(response.status == 401)
            #expect(response["connection"]?.lowercased() == "close")
            #expect(client.socket.waitForEnd())
        }
        #expect(!upstream.received().contains(chatBody))
    }

    @Test(
        "row 28: a head that does not come to its end is 408",
        arguments: ["G", "GET /v1/models HTTP/1.1\r\nHost: a\r\n"])
    func slowHead(_ part: String) async throws {
        let port = try RefusingPort()
        try await withGateway(
            upstream: "http://127.0.0.1:\(port.port)",
            {
                $0.isRecording = true
                $0.server.headTimeout = .milliseconds(500)
            }
        ) { gateway in
            let client = try gateway.client()
            let start = ContinuousClock.now
            try client.socket.write(part)
            // Octets that keep coming do not put it off.
            for _ in 0..<3 {
                WireSocket.sleep(.milliseconds(100))
                try client.socket.write("x")
            }
            let response = try client.readResponse()
            #expect(response.status == 408)
            #expect(response["x-weir-error"] == "request_timeout")
            #expect(response["connection"] == "close")
            #expect(client.socket.waitForEnd())
            #expect(ContinuousClock.now - start < .seconds(4))
            let record = try expectRecord(gateway, outcome: .refused, code: "request_timeout", attempts: 0)
            #expect(record.duration >= 400_000_000, "it began with the first octet")
        }
    }

    @Test("row 28: a body that stalls is 408, and the upstream is let go")
    func stallingBody() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.server.bodyTimeout = .milliseconds(500)
            }
        ) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(100) + "some")
            let response = try client.readResponse()
            expectOwnError(response, 408, "request_timeout")
            #expect(client.socket.waitForEnd())
            #expect(eventually { upstream.endedCount == 1 })
            let record = try #require(try gateway.records.wait(for: 1).first)
            #expect(record.errorCode == "request_timeout")
            #expect(record.requestBody.total == 4)
        }
    }

    @Test("row 28: a connection without a request ends in time, and nothing is recorded")
    func idleConnection() async throws {
        let port = try RefusingPort()
        try await withGateway(
            upstream: "http://127.0.0.1:\(port.port)",
            {
                $0.isRecording = true
                $0.server.idleTimeout = .milliseconds(300)
            }
        ) { gateway in
            let client = try gateway.client()
            #expect(try client.socket.readUntilEnd().isEmpty)
            #expect(client.socket.end == .closed)
            #expect(gateway.records.all.isEmpty)
        }
    }

    @Test("row 30: a body that says it is too large is 413 before it is read")
    func tooLarge() async throws {
        let upstream = try ScriptedUpstream { connection in _ = connection.socket.waitForEnd() }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.server.maxRequestBody = 1000
            }
        ) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(1001))
            let response = try client.readResponse()
            expectOwnError(response, 413, "body_too_large")
            #expect(response["connection"] == "close")
            try expectRecord(gateway, outcome: .refused, code: "body_too_large", attempts: 0)
        }
        #expect(upstream.connectionCount == 0)
    }

    @Test("row 30: a body of exactly the limit passes")
    func justSmallEnough() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = try connection.socket.readExactly(1000)
            try connection.socket.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.server.maxRequestBody = 1000 }) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head(1000) + String(repeating: "a", count: 1000))
            #expect(try client.readResponse().status == 204)
        }
    }

    @Test("row 30: a chunked body is 413 where it becomes too large, and never gets its last chunk upstream")
    func chunkedTooLarge() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.server.maxRequestBody = 1000
            }
        ) { gateway in
            let client = try gateway.client()
            try client.socket.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n"
                    + String(repeating: "a", count: 500) + "\r\n")
            #expect(eventually { upstream.receivedCount() > 500 })
            try client.socket.write("1f5\r\n" + String(repeating: "a", count: 501) + "\r\n0\r\n\r\n")
            expectOwnError(try client.readResponse(), 413, "body_too_large")
            #expect(eventually { upstream.endedCount == 1 })
            let record = try #require(try gateway.records.wait(for: 1).first)
            #expect(record.errorCode == "body_too_large")
        }
        #expect(!upstream.received().hasSuffix("0\r\n\r\n"))
    }

    @Test("a request's chunked body that breaks is 400, and the upstream sees an abort")
    func brokenChunk() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.socket.write(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            #expect(eventually { upstream.received().contains("hello") })
            try client.socket.write("zz\r\n")
            expectOwnError(try client.readResponse(), 400, "bad_request")
            #expect(eventually { upstream.endedCount == 1 })
        }
        #expect(!upstream.received().hasSuffix("0\r\n\r\n"))
    }

    @Test(
        "row 24: with an upstream that is not told of the expectation the body is asked for at once",
        arguments: [true, false])
    func expectationDropped(_ byRule: Bool) async throws {
        let upstream = try ScriptedUpstream { connection in
            let head = try connection.socket.readHead()
            #expect(!head.lowercased().contains("expect:"))
            _ = try connection.socket.readExactly(chatBody.utf8.count)
            try connection.answer()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url, { $0.configure = { if byRule { $0.headersToDrop = ["Expect"] } } }
        ) { gateway in
            let client = try gateway.client()
            let start = ContinuousClock.now
            let fields = ["Expect: 100-continue"] + (byRule ? [] : ["Connection: expect"])
            try client.socket.write(Self.head(chatBody.utf8.count, fields))
            #expect(try client.readResponse().status == 100)
            #expect(ContinuousClock.now - start < .milliseconds(900))
            try client.socket.write(chatBody)
            #expect(try client.readResponse().status == 200)
        }
        #expect(upstream.failures.isEmpty)
    }
}

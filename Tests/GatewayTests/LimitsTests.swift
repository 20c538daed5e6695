import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Limits and stopping", .blocking)
struct LimitsTests {
    private func quick() throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    @Test("one connection too many, in all or from one address, is 503", arguments: [true, false])
    func tooManyConnections(_ inAll: Bool) async throws {
        let upstream = try quick()
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                if inAll { $0.server.maxConnections = 2 } else { $0.server.maxConnectionsPerAddress = 2 }
                $0.isRecording = true
            }
        ) { gateway in
            let held = [try gateway.client(), try gateway.client()]
            for client in held {
                try client.send()
                #expect(try client.readResponse().status == 200)
            }
            let third = try gateway.client()
            try third.send()
            let response = try third.readResponse()
            expectOwnError(response, 503, "overloaded")
            #expect(response["connection"] == "close")
            #expect(third.socket.waitForEnd())
            let id = try #require(response["x-weir-request-id"])
            let record = try #require(try gateway.records.wait(for: 3).first { $0.id.text == id })
            #expect(record.outcome == .refused)
            #expect(record.errorCode == "overloaded")
            #expect(record.attempts.isEmpty)

            held[0].socket.close()
            #expect(eventually { gateway.server.connections.total == 1 })
            let fourth = try gateway.client()
            try fourth.send()
            #expect(try fourth.readResponse().status == 200, "room that was given back is used")
        }
    }

    @Test("a pipelined run of requests is answered in order, however long")
    func longPipeline() async throws {
        let upstream = try quick()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            let count = 20_000
            let requests = String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: count)
            async let answers: Int = {
                var seen = 0
                while seen < count, try client.readResponse(within: .seconds(20)).status == 200 { seen += 1 }
                return seen
            }()
            try client.socket.write(requests, within: .seconds(20))
            #expect(try await answers == count)
        }
    }

    @Test("without a route every request of a connection is answered")
    func noRoute() async throws {
        try await withGateway(upstream: nil) { gateway in
            let client = try gateway.client()
            for _ in 0..<3 {
                try client.send("GET", "/v1/models", fields: ["X-Some: field"])
                #expect(try client.readResponse().status == 404)
            }
            try client.send("GET", "/healthz")
            #expect(try client.readResponse().status == 200)
        }
    }

    @Test("stopping closes idle connections at once")
    func stopIdle() async throws {
        let upstream = try quick()
        defer { upstream.stop() }
        let gateway = try await TestGateway.start(upstream: upstream.url) { $0.server.shutdownGrace = .seconds(30) }
        let client = try gateway.client()
        try client.send()
        #expect(try client.readResponse().status == 200)
        let start = ContinuousClock.now
        async let stopped: Void = gateway.stop(hurry: { try? await Task.sleep(for: .seconds(30)) })
        #expect(try client.socket.readUntilEnd().isEmpty)
        #expect(client.socket.end == .closed)
        client.socket.close()
        await stopped
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("stopping lets running exchanges end, tells their clients, and takes no new ones")
    func stopRunning() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            WireSocket.sleep(.seconds(2))
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let gateway = try await TestGateway.start(upstream: upstream.url) { $0.isRecording = true }
        let client = try gateway.client()
        try client.send()
        #expect(eventually { upstream.connectionCount == 1 })
        async let stopped: Void = gateway.stop(hurry: { try? await Task.sleep(for: .seconds(30)) })
        let response = try client.readResponse()
        #expect(response.status == 200)
        #expect(response["connection"]?.lowercased() == "close")
        #expect(client.socket.waitForEnd())
        client.socket.close()
        await stopped
        #expect(gateway.records.all.map(\.outcome) == [.completed])
    }

    @Test("what still runs when the time is up is cut off: 503 where nothing has gone out")
    func cutOffBeforeHead() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let gateway = try await TestGateway.start(upstream: upstream.url) {
            $0.isRecording = true
            $0.server.shutdownGrace = .milliseconds(300)
        }
        let client = try gateway.client()
        try client.send("POST", "/v1/chat/completions", body: chatBody)
        #expect(eventually { upstream.connectionCount == 1 })
        async let stopped: Void = gateway.stop(hurry: { try? await Task.sleep(for: .seconds(30)) })
        let response = try client.readResponse()
        expectOwnError(response, 503, "shutting_down")
        #expect(response["x-should-retry"] == "false")
        #expect(response["connection"] == "close")
        await stopped
        try expectRecord(gateway, outcome: .upstreamError, code: "shutting_down", attempts: 1)
    }

    @Test("stopping while a name is being looked up does not wait for it")
    func stopWhileResolving() async throws {
        let gateway = try await TestGateway.start(upstream: "http://slow.test") {
            $0.lookup = { _ in
                WireSocket.sleep(.seconds(20))
                return []
            }
        }
        let client = try gateway.client()
        try client.send()
        WireSocket.sleep(.milliseconds(200))
        let start = ContinuousClock.now
        await gateway.stop()
        #expect(ContinuousClock.now - start < .seconds(15))
        #expect(try client.readResponse().status == 503)
    }
}

import Recording
import TestSupport
import Testing

/// `Upgrade: websocket`, passed on as a tunnel.
@Suite("WebSocket tunnels", .blocking)
struct TunnelTests {
    private static let ask =
        "GET /v1/realtime?model=m HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: realtime\r\n\r\n"
    private static let accept =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"

    @Test func octetsPassBothWays() async throws {
        let upstream = try ScriptedUpstream { connection in
            let head = try connection.socket.readHead()
            guard head.contains("Upgrade: websocket\r\n"), head.contains("Connection: Upgrade\r\n") else { return }
            // The upstream's first octets come with its 101.
            try connection.socket.write(Self.accept.latin1 + [0x81, 0x00, 0xFF])
            _ = try connection.socket.readExactly(3)
            for size in [1, 1000, 100_000] {
                let octets = try connection.socket.readExactly(size)
                try connection.socket.write(octets.reversed())
            }
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send(Self.ask)
            let answer = try client.head()
            #expect(
                answer.lines.dropLast().map(\.text) == [
                    "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Sec-WebSocket-Accept: x",
                    "Connection: Upgrade",
                ])
            #expect(answer["x-weir-request-id"].count == 1)
            #expect(try client.octets(3) == [0x81, 0x00, 0xFF])
            client.send([1, 2, 3])
            for size in [1, 1000, 100_000] {
                let octets = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
                client.send(octets)
                #expect(try client.octets(size) == octets.reversed())
            }
            client.socket.close()
            #expect(eventually { upstream.endedCount == 1 })
        }
        #expect(upstream.failures == [])
        #expect(upstream.received().contains("Sec-WebSocket-Protocol: realtime\r\n"))
    }

    @Test(arguments: [true, false])
    func aTunnelThatBreaksIsNoCompletedOne(_ breaks: Bool) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(Self.accept.latin1 + [0x81, 0x00])
            _ = try connection.socket.readExactly(1)
            if breaks { connection.socket.reset() }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try Conversation(gateway)
            try client.send(Self.ask)
            #expect(try client.head().status == 101)
            #expect(try client.octets(2) == [0x81, 0x00])
            client.send([1])
            #expect(client.socket.waitForEnd())
            #expect(client.socket.end == (breaks ? .reset : .closed))
            client.socket.close()
            let record = try #require(try gateway.records.wait(for: 1).first)
            #expect(record.outcome == (breaks ? .truncated : .completed))
            #expect(record.errorCode == (breaks ? "upstream_reset" : nil))
        }
        #expect(upstream.failures == [])
    }

    @Test func earlyOctetsWaitForThe101() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            guard connection.socket.readAvailable(for: .milliseconds(200)).isEmpty else {
                throw WireMessage.Malformed(description: "octets before the 101")
            }
            try connection.socket.write(Self.accept)
            let octets = try connection.socket.readExactly(5)
            try connection.socket.write(octets)
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send(Self.ask + "early")
            #expect(try client.head().status == 101)
            #expect(try client.octets(5).text == "early")
            // The upstream has closed; so is the tunnel.
            #expect(try client.rest() == [] && client.socket.end == .closed)
        }
        #expect(upstream.failures == [])
    }

    /// More comes early than a connection holds: reading stops, and must go on once there is a tunnel.
    @Test func manyEarlyOctetsAllArrive() async throws {
        let count = 1_000_000
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            WireSocket.sleep(.milliseconds(300))
            try connection.socket.write(Self.accept)
            let octets = try connection.socket.readExactly(count)
            try connection.socket.write([octets.reduce(0, &+)])
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13) }
            client.send(Self.ask.latin1 + octets)
            #expect(try client.head().status == 101)
            #expect(try client.octets(1) == [octets.reduce(0, &+)])
        }
        #expect(upstream.failures == [])
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ])
    func anotherAnswerIsAnAnswer(_ text: String) async throws {
        let upstream = try EchoUpstream { _ in text.latin1 }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send(Self.ask + "GET /v1/smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
            let answer = try #require(try client.answer())
            #expect(
                answer.lines.dropLast().map(\.text) == text.latin1.lines.prefix(2).map(\.text) + ["Connection: close"])
            // What stood behind the request was meant for the other protocol.
            #expect(try client.rest() == [])
        }
        #expect(upstream.requests.count == 1)
        #expect(!upstream.connections.contains { $0.octets.text.contains("smuggled") })
    }

    @Test func a101ThatNobodyAskedForIsAnError() async throws {
        let upstream = try EchoUpstream { _ in Self.accept.latin1 }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for request in [
                "GET /v1/x HTTP/1.1\r\nHost: h\r\n\r\n",
                // Without `Connection: upgrade` it asks for nothing, and in HTTP/1.0 it cannot.
                "GET /v1/x HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n",
                "GET /v1/x HTTP/1.0\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                "GET /v1/x HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
            ] {
                let client = try Conversation(gateway)
                try client.send(request)
                let answer = try #require(try client.answer())
                #expect(answer.status == 502 && answer["x-weir-error"] == ["upstream_protocol"], "\(request)")
            }
        }
        #expect(!upstream.connections.contains { $0.octets.text.lowercased().contains("upgrade") })
    }
}

import Foundation
import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Clients that go away", .blocking)
struct ClientGoneTests {
    /// How a client goes away.
    enum Way: String, CaseIterable, Sendable {
        case close
        case reset
        case halfClose
    }

    private func leave(_ client: RawClient, _ way: Way) {
        switch way {
        case .close: client.socket.close()
        case .reset: client.socket.reset()
        case .halfClose: client.socket.halfClose()
        }
    }

    /// The product's bound is 100 ms; the test's leaves room for a busy machine.
    private static let soon = Duration.seconds(4)

    /// Speaks TLS, sends an event every 20 ms, and reads nothing behind the request, close_notify neither.
    private static let deafUpstream = """
        import socket, ssl, sys, time
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1])
        connection = context.wrap_socket(listener.accept()[0], server_side=True)
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n\\r\\n")
        try:
            for _ in range(1000):
                connection.sendall(b"data: {}\\n\\n")
                time.sleep(0.02)
        except OSError:
            print("gone")
        """

    @Test("row 25: an upstream that speaks TLS and does not listen notices as well")
    func beneathTLS() async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let files = try certificates.make(.valid)
        let upstream = try ChildProcess(
            ["python3", "-u", "-c", Self.deafUpstream, files.certificate, files.key])
        defer { upstream.kill() }
        let port = try #require(upstream.waitForOutput("\n")?.split(separator: "\n").first)
        try await withGateway(
            upstream: "https://127.0.0.1:\(port)",
            {
                $0.isRecording = true
                $0.tls.caFile = certificates.authorityFile
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            _ = try client.socket.read(through: "data: {}")
            client.socket.close()
            #expect(eventually(within: Self.soon) { upstream.output.contains("gone") })
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
        }
    }

    @Test("rows 25, 26: before the head", arguments: Way.allCases)
    func beforeHead(_ way: Way) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            #expect(eventually { upstream.received().hasSuffix(chatBody) })
            leave(client, way)
            #expect(eventually(within: Self.soon) { upstream.endedCount == 1 })
            let record = try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            #expect(record.deliveredHead == nil)
            #expect(record.deliveredBytes == 0)
        }
    }

    @Test("rows 25, 26: in the middle of a stream", arguments: Way.allCases)
    func inStream(_ way: Way) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(
                BrokenStreamTests.streamHead + "Transfer-Encoding: chunked\r\n\r\n"
                    + BrokenStreamTests.chunk(BrokenStreamTests.event))
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            _ = try client.socket.read(through: BrokenStreamTests.event)
            leave(client, way)
            #expect(eventually(within: Self.soon) { upstream.endedCount == 1 })
            let record = try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            #expect(record.deliveredStatus == 200)
            #expect(record.deliveredBytes == UInt64(BrokenStreamTests.event.utf8.count))
        }
    }

    @Test("rows 25, 26: in the middle of an upload", arguments: Way.allCases)
    func inUpload(_ way: Way) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.socket.write("POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome")
            #expect(eventually { upstream.received().hasSuffix("some") })
            leave(client, way)
            #expect(eventually(within: Self.soon) { upstream.endedCount == 1 })
            let record = try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            #expect(record.requestBody.total == 4)
        }
    }

    @Test("row 25: in the middle of an upload that the upstream does not read")
    func inStalledUpload() async throws {
        let mayRead = DispatchSemaphore(value: 0)
        let upstream = try ScriptedUpstream { connection in
            connection.socket.setReceiveBuffer(16_384)
            _ = try connection.socket.readHead()
            _ = mayRead.wait(timeout: .now() + 10)
            _ = try connection.socket.drain()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.socket.write("POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
            let sent = client.socket.writeAsMuch(
                of: [UInt8](repeating: 0x61, count: 50_000_000), stallingFor: .milliseconds(500))
            #expect(sent < 50_000_000, "an upstream that does not read holds the client up")
            // A FIN would stand behind what the kernels still hold; a reset overtakes it.
            client.socket.reset()
            // Only the socket's own buffers still hold something for the upstream.
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            mayRead.signal()
            #expect(eventually { upstream.endedCount == 1 })
        }
    }

    @Test("row 26: a client that half-closes does not take half an answer for a whole one")
    func halfCloseWithinUntilClose() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(BrokenStreamTests.streamHead + "\r\n" + BrokenStreamTests.event)
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            _ = try client.socket.read(through: BrokenStreamTests.event)
            client.socket.halfClose()
            _ = try client.socket.readUntilEnd()
            #expect(client.socket.end == .reset)
        }
    }

    @Test("row 25: while the upstream is being dialled")
    func whileDialling() async throws {
        let port = try HangingPort()
        let url = "http://127.0.0.1:\(port.port)"
        try await withGateway(upstream: url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            WireSocket.sleep(.milliseconds(100))
            client.socket.close()
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            #expect(eventually { gateway.server.connections.total == 0 })
        }
    }

    @Test(
        "row 26: with half_close: allow the client has its whole answer, and the connection ends",
        arguments: ["Content-Length: 4\r\n\r\nlate", "Transfer-Encoding: chunked\r\n\r\n4\r\nlate\r\n0\r\n\r\n"])
    func halfCloseAllowed(_ rest: String) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            WireSocket.sleep(.milliseconds(300))
            try connection.socket.write("HTTP/1.1 200 OK\r\n" + rest)
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.server.halfClose = .allow
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            client.socket.halfClose()
            #expect(try client.readResponse().text == "late")
            #expect(client.socket.waitForEnd())
            #expect(client.socket.end == .closed)
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
        }
    }

    @Test(
        "row 26: with half_close: allow the whole answer comes, however slowly it is read",
        arguments: ["Content-Length: 8000000\r\n\r\n", "\r\n"], [Duration.zero, .milliseconds(800)])
    func halfCloseAllowedReadSlowly(_ rest: String, _ closesAfter: Duration) async throws {
        let size = 8_000_000
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            WireSocket.sleep(.milliseconds(300))
            try connection.socket.write("HTTP/1.1 200 OK\r\n" + rest)
            try connection.socket.write([UInt8](repeating: 0x61, count: size), within: .seconds(30))
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.server.halfClose = .allow }) { gateway in
            let client = try gateway.client()
            client.socket.setReceiveBuffer(65_536)
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            // At once: before the answer; later: behind its last octet from the upstream.
            WireSocket.sleep(closesAfter)
            client.socket.halfClose()
            WireSocket.sleep(.seconds(1))
            _ = try client.socket.readHead()
            #expect(try client.socket.readUntilEnd().count == size)
            #expect(client.socket.end == .closed)
        }
    }

    @Test("row 26: with half_close: allow a client that is wholly gone still ends the upstream's request")
    func goneThoughAllowed() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.server.halfClose = .allow
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            #expect(eventually { upstream.received().hasSuffix(chatBody) })
            client.socket.reset()
            #expect(eventually(within: Self.soon) { upstream.endedCount == 1 })
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
        }
    }
}

import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("HTTPS in front", .blocking)
struct ClientTLSTests {
    /// A gateway with TLS in front of `script`, lent to `body`.
    private func withTLS<Result>(
        _ adjust: @escaping (inout TestGateway.Settings) -> Void = { _ in },
        upstream script: @escaping ScriptedUpstream.Script,
        _ body: (TestGateway, ScriptedUpstream, TestCertificates, CurrentCertificate) async throws -> Result
    ) async throws -> Result {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let files = try certificates.make(.valid)
        let current = CurrentCertificate(
            try ListenerCertificate(ListenerTLS(certificate: files.certificate, privateKey: files.key)))
        let upstream = try ScriptedUpstream(script)
        defer { upstream.stop() }
        return try await withGateway(
            upstream: upstream.url,
            {
                $0.certificate = current
                adjust(&$0)
            }
        ) { try await body($0, upstream, certificates, current) }
    }

    private static let request = "GET /v1/models HTTP/1.1\r\nHost: weir.test\r\n\r\n"

    private static func answer(_ text: String) -> ScriptedUpstream.Script {
        { connection in
            while try connection.socket.readHeadOrEnd() != nil { try connection.socket.write(text) }
        }
    }

    private static let plain = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("a client gets HTTP/1.1 over TLS 1.3, and its connection is kept")
    func forwarded() async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, upstream, certificates, _ in
            let report = try TLSClient.run(
                port: gateway.port, authority: certificates.authorityFile,
                [
                    .send(Self.request), .readThrough("\r\n\r\nok"), .send(Self.request),
                    .readThrough("ok" + "HTTP/1.1 200 OK"), .notify, .readToEnd,
                ])
            #expect(report.fault == nil)
            #expect(report.version == "TLSv1.3" && report.alpn == "http/1.1")
            #expect(report.text.contains("HTTP/1.1 200 OK\r\n"))
            #expect(report.end == "notify", "a client that says goodbye is answered")
            #expect(upstream.connectionCount == 1)
        }
    }

    @Test("curl, with its own connection kept and a body of 3 MB sent and echoed")
    func curl() async throws {
        let size = 3_000_000
        try await withTLS(upstream: { connection in
            while let head = try connection.socket.readHeadOrEnd() {
                let length = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                let count = Int(length?.split(separator: " ").last ?? "") ?? 0
                if head.lowercased().contains("expect: 100-continue") {
                    try connection.socket.write("HTTP/1.1 100 Continue\r\n\r\n")
                }
                let body = try connection.socket.readExactly(count)
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n")
                try connection.socket.write(body)
            }
        }) { gateway, _, certificates, _ in
            let url = "https://\(TestCertificates.name):\(gateway.port)/v1/echo"
            let file = try TemporaryDirectory()
            defer { file.remove() }
            let child = try ChildProcess([
                "sh", "-c", "head -c \(size) /dev/zero > \(file.path)/body; exec \"$@\"", "sh", "curl", "-sS",
                "--cacert", certificates.authorityFile, "--resolve",
                "\(TestCertificates.name):\(gateway.port):127.0.0.1", "-o", "/dev/null", "-o", "/dev/null", "-w",
                "%{http_code} %{size_download} %{num_connects}\\n", "--data-binary", "@\(file.path)/body", url, url,
            ])
            defer { child.kill() }
            #expect(child.waitForExit(within: .seconds(30)) == 0)
            #expect(eventually { child.output.split(separator: "\n").count == 2 })
            #expect(child.output == "200 \(size) 1\n200 \(size) 0\n")
        }
    }

    // MARK: Ends

    @Test("an answer that lasts until the end of the connection ends with close_notify")
    func wholeUntilClose() async throws {
        try await withTLS(upstream: { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "piece ", count: 50_000))
        }) { gateway, _, certificates, _ in
            let report = try TLSClient.run(
                port: gateway.port, authority: certificates.authorityFile, [.send(Self.request), .readToEnd])
            #expect(report.end == "notify")
            #expect(report.count > 300_000 && report.text.hasSuffix("piece "))
        }
    }

    @Test("one that breaks off never looks whole: no close_notify, a reset", arguments: [false, true])
    func brokenUntilClose(_ isStalled: Bool) async throws {
        try await withTLS(
            { $0.timeouts.idle = .milliseconds(300) },
            upstream: { connection in
                _ = try connection.socket.readHead()
                try connection.socket.write("HTTP/1.1 200 OK\r\n\r\npiece ")
                WireSocket.sleep(.milliseconds(150))
                if isStalled { _ = connection.socket.waitForEnd() } else { connection.socket.reset() }
            }
        ) { gateway, _, certificates, _ in
            let report = try TLSClient.run(
                port: gateway.port, authority: certificates.authorityFile, [.send(Self.request), .readToEnd])
            #expect(report.text.hasSuffix("piece "))
            #expect(report.end == "reset")
        }
    }

    @Test("Connection: close is answered with close_notify")
    func closeAsked() async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, certificates, _ in
            let report = try TLSClient.run(
                port: gateway.port, authority: certificates.authorityFile,
                [.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n"), .readToEnd])
            #expect(report.text.contains("Weir is running"))
            #expect(report.end == "notify")
        }
    }

    @Test("a client that waits in silence is told goodbye when Weir stops")
    func drained() async throws {
        let report = try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, certificates, _ in
            let child = try TLSClient.start(
                port: gateway.port, authority: certificates.authorityFile,
                [.send(Self.request), .readThrough("\r\n\r\nok"), .readToEnd])
            #expect(eventually { gateway.server.connections.total == 1 })
            WireSocket.sleep(.milliseconds(300))
            return Task {
                defer { child.kill() }
                return try TLSClient.report(of: child)
            }
        }
        // The gateway has been stopped by now.
        #expect(try await report.value.end == "notify")
    }

    /// How a client goes away.
    enum Leaving: CaseIterable, Sendable {
        case notify
        case fin
        case reset
    }

    @Test("a client that goes away in the middle of an answer ends its upstream", arguments: Leaving.allCases)
    func gone(_ leaving: Leaving) async throws {
        try await withTLS(
            { $0.isRecording = true },
            upstream: { connection in
                _ = try connection.socket.readHead()
                try connection.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\npiece\r\n")
                _ = connection.socket.waitForEnd(within: .seconds(20))
            }
        ) { gateway, upstream, certificates, _ in
            let step: TLSClient.Step = leaving == .notify ? .notify : leaving == .fin ? .fin : .reset
            let child = try TLSClient.start(
                port: gateway.port, authority: certificates.authorityFile,
                [.send(Self.request), .readThrough("piece"), step, .pause(.seconds(20))])
            defer { child.kill() }
            #expect(eventually { upstream.endedCount == 1 })
            #expect(eventually { gateway.server.connections.total == 0 }, "nothing of it stays behind")
            #expect(try gateway.records.wait(for: 1).first?.outcome == .clientAbort)
        }
    }

    @Test("half_close: allow: close_notify leaves the answer whole, however slowly it is read")
    func halfClose() async throws {
        let size = 8_000_000
        try await withTLS(
            { $0.server.halfClose = .allow },
            upstream: { connection in
                _ = try connection.socket.readHead()
                WireSocket.sleep(.milliseconds(300))
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                try connection.socket.write([UInt8](repeating: 0x61, count: size), within: .seconds(30))
                _ = connection.socket.waitForEnd()
            }
        ) { gateway, _, certificates, _ in
            let report = try TLSClient.run(
                port: gateway.port, authority: certificates.authorityFile,
                [.send(Self.request), .notify, .pause(.seconds(2)), .readToEnd])
            #expect(report.count > size)
            #expect(report.end == "notify")
        }
    }

    @Test("half_close: allow: a FIN without close_notify is no half-close")
    func bareFIN() async throws {
        try await withTLS(
            { $0.server.halfClose = .allow },
            upstream: { connection in
                _ = try connection.socket.readHead()
                _ = connection.socket.waitForEnd(within: .seconds(20))
            }
        ) { gateway, upstream, certificates, _ in
            let child = try TLSClient.start(
                port: gateway.port, authority: certificates.authorityFile,
                [.send(Self.request), .pause(.milliseconds(300)), .fin, .pause(.seconds(20))])
            defer { child.kill() }
            #expect(eventually { upstream.endedCount == 1 })
            #expect(eventually { gateway.server.connections.total == 0 })
        }
    }

    @Test("a client that never closes is let go of")
    func neverCloses() async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, certificates, _ in
            let child = try TLSClient.start(
                port: gateway.port, authority: certificates.authorityFile,
                [.send("GET /healthz HTTP/1.0\r\n\r\n"), .readThrough("ok"), .pause(.seconds(20))])
            defer { child.kill() }
            #expect(eventually { gateway.server.connections.total == 1 })
            #expect(eventually(within: .seconds(10)) { gateway.server.connections.total == 0 })
        }
    }

    // MARK: Before the handshake

    @Test("plain HTTP is answered in plain text, and closed")
    func plainHTTP() async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, upstream, _, _ in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            #expect(response.status == 400)
            #expect(response["x-weir-error"] == "bad_request")
            #expect(response["connection"] == "close")
            #expect(response["x-weir-request-id"]?.utf8.count == 26)
            #expect(response.text.contains(#"{"error":{"message":"This port speaks HTTPS"#))
            #expect(client.socket.waitForEnd())
            client.socket.close()
            #expect(eventually { gateway.server.connections.total == 0 })
            #expect(upstream.connectionCount == 0)
        }
    }

    @Test(
        "what is neither TLS nor HTTP is closed",
        arguments: ["\u{0}\u{1}\u{2}", "\r\n\r\n", "\u{16}\u{3}\u{1}zzzzzzzz"])
    func scrap(_ octets: String) async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, _, _ in
            let client = try gateway.client()
            try client.socket.write(octets + String(repeating: "\u{0}", count: 64))
            #expect(client.socket.waitForEnd())
            client.socket.close()
            #expect(eventually { gateway.server.connections.total == 0 })
        }
    }

    @Test(
        "a client that ends before or within the handshake leaves nothing behind", arguments: ["", "\u{16}\u{3}\u{1}"])
    func earlyEnd(_ octets: String) async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, _, _ in
            let client = try gateway.client()
            try client.socket.write(octets)
            #expect(eventually { gateway.server.connections.total == 1 })
            client.socket.halfClose()
            #expect(eventually { gateway.server.connections.total == 0 })
        }
    }

    @Test("a handshake that does not come is not waited for longer than 10 seconds")
    func handshakeTimeout() async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, _, _ in
            let silent = try gateway.client()
            let slow = try gateway.client()
            try slow.socket.write("\u{16}\u{3}")
            #expect(eventually { gateway.server.connections.total == 2 })
            #expect(silent.socket.waitForEnd(within: .seconds(20)))
            #expect(slow.socket.waitForEnd(within: .seconds(20)))
            #expect(eventually { gateway.server.connections.total == 0 })
        }
    }

    @Test("a connection too many is told so over TLS")
    func overloaded() async throws {
        try await withTLS({ $0.server.maxConnections = 1 }, upstream: Self.answer(Self.plain)) {
            gateway, _, certificates, _ in
            let first = try gateway.client()
            #expect(eventually { gateway.server.connections.total == 1 })
            let report = try TLSClient.run(
                port: gateway.port, authority: certificates.authorityFile, [.send(Self.request), .readToEnd])
            #expect(report.text.hasPrefix("HTTP/1.1 503 "))
            #expect(report.end == "notify")
            first.socket.close()
        }
    }

    // MARK: Reload

    @Test("a renewed certificate is shown to new connections; those that stand go on")
    func renewed() async throws {
        try await withTLS(upstream: Self.answer(Self.plain)) { gateway, _, certificates, current in
            let child = try TLSClient.start(
                port: gateway.port, authority: certificates.authorityFile,
                [
                    .send(Self.request), .readThrough("\r\n\r\nok"), .pause(.milliseconds(1500)), .send(Self.request),
                    .readThrough("okHTTP/1.1 200"), .notify, .readToEnd,
                ])
            defer { child.kill() }
            #expect(eventually { gateway.server.connections.total == 1 })
            WireSocket.sleep(.milliseconds(300))
            let wrongName = try certificates.make(.wrongName)
            current.replace(
                try ListenerCertificate(
                    ListenerTLS(certificate: wrongName.certificate, privateKey: wrongName.key)))
            let refused = try TLSClient.run(port: gateway.port, authority: certificates.authorityFile, [])
            #expect(refused.fault?.contains("ostname mismatch") == true, "\(String(describing: refused.fault))")
            let report = try TLSClient.report(of: child)
            #expect(report.end == "notify" && report.text.contains("okHTTP/1.1 200"))
        }
    }
}

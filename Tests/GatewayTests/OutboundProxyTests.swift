import Recording
import TestSupport
import Testing
import Upstream
import WeirConfiguration

/// Rows 6 and 7 of the fault matrix, through a gateway.
@Suite("Outbound proxies", .blocking)
struct OutboundProxyTests {
    private static func proxy(_ kind: FakeProxy.Kind, port: Int) -> OutboundProxy {
        var proxy = OutboundProxy(scheme: kind == .http ? .http : .socks5, host: "127.0.0.1", port: port)
        proxy.user = "canary-user"
        proxy.password = Secret("canary-password")
        return proxy
    }

    private func expectFailure(
        _ proxy: OutboundProxy, code: String, told: String, within limit: Duration = .seconds(10)
    ) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        try await withGateway(
            upstream: "https://upstream.test:4443",
            {
                $0.isRecording = true
                $0.timeouts.connect = limit
                $0.tls.caFile = certificates.authorityFile
                $0.proxy = .proxy(proxy)
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            expectOwnError(response, code == "connect_timeout" ? 504 : 502, code)
            #expect(response["x-should-retry"] == nil, "nothing was sent, so trying again is safe")
            #expect(response["proxy-authenticate"] == nil)
            #expect(response.text.contains(told), "\(response.text)")
            #expect(response.text.contains("Outbound proxy \(proxy)"), "\(response.text)")
            #expect(!response.text.contains("canary"))
            let record = try #require(try gateway.records.wait(for: 1).first)
            #expect(record.outcome == .upstreamError && record.errorCode == code)
            #expect(record.attempts.allSatisfy { $0.failureCode == code })
        }
    }

    @Test(
        "row 6: a proxy that does not accept the credentials is 502, and its 407 stays here",
        arguments: FakeProxy.Kind.allCases)
    func authentication(_ kind: FakeProxy.Kind) async throws {
        let fake = try FakeProxy(kind, user: "someone", password: "else")
        defer { fake.stop() }
        try await expectFailure(
            Self.proxy(kind, port: fake.port), code: "proxy_auth_failed", told: "does not accept the user name")
    }

    @Test("row 7: a proxy that cannot connect is 502 with the reason")
    func refusal() async throws {
        let fake = try FakeProxy(.http, .answer(Array("HTTP/1.1 503 Upstream Down\r\n\r\n".utf8)))
        defer { fake.stop() }
        try await expectFailure(
            Self.proxy(.http, port: fake.port), code: "proxy_connect_failed", told: "503 Upstream Down")
        let socks = try FakeProxy(.socks5, .answer([5, 0, 5, 4]))
        defer { socks.stop() }
        try await expectFailure(
            Self.proxy(.socks5, port: socks.port), code: "proxy_connect_failed", told: "the host cannot be reached")
    }

    @Test("row 7: a proxy that is not there is 502")
    func refused() async throws {
        let port = try RefusingPort()
        try await expectFailure(Self.proxy(.http, port: port.port), code: "proxy_connect_failed", told: "refused")
    }

    @Test("row 2: a proxy that says nothing is 504", arguments: FakeProxy.Kind.allCases)
    func silence(_ kind: FakeProxy.Kind) async throws {
        let fake = try FakeProxy(kind, .hang)
        defer { fake.stop() }
        try await expectFailure(
            Self.proxy(kind, port: fake.port), code: "connect_timeout", told: "within 0.4 s", within: .milliseconds(400)
        )
    }

    @Test("an exchange goes through", arguments: FakeProxy.Kind.allCases)
    func carries(_ kind: FakeProxy.Kind) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let upstream = try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                _ = try connection.socket.readExactly(chatBody.utf8.count)
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        defer { upstream.stop() }
        let front = try TLSFront(of: upstream.port, certificate: try certificates.make(.valid))
        defer { front.stop() }
        let fake = try FakeProxy(kind, user: "canary-user", password: "canary-password")
        defer { fake.stop() }
        try await withGateway(
            upstream: "https://\(TestCertificates.name):\(front.port)",
            {
                $0.isRecording = true
                $0.threads = 1
                $0.tls.caFile = certificates.authorityFile
                $0.proxy = .proxy(Self.proxy(kind, port: fake.port))
                $0.lookup = { _ in throw UpstreamFault(.nameNotResolved, "the proxy is to resolve it") }
            }
        ) { gateway in
            let client = try gateway.client()
            for _ in 0..<3 {
                try client.send("POST", "/v1/chat/completions", body: chatBody)
                #expect(try client.readResponse().text == "ok")
            }
            #expect(fake.connectionCount == 1, "the tunnel is kept")
            #expect(!upstream.received().contains("canary"))
        }
    }
}

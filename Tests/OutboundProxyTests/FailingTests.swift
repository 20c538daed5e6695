import TestSupport
import Testing
import Upstream
import WeirConfiguration

/// Failures of each hop: the code says which, and so does the message, which never says a secret.
@Suite("Outbound proxies fail", .blocking)
struct FailingTests {
    private static let kinds: [OutboundProxy.Scheme] = [.http, .socks5]
    private static let encrypted = "https://upstream.test:4443"

    /// The fault of a dial through `proxy`, checked for the hop's name and for secrets.
    private func fault(
        through proxy: OutboundProxy, to url: String = encrypted, within limit: Duration = .seconds(15),
        roots: String? = nil, proxyRoots: String? = nil, bench: DialerBench = DialerBench(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> UpstreamFault {
        defer { bench.resolver.shutdown() }
        // No test needs the system's roots.
        let certificates = roots == nil ? try TestCertificates() : nil
        defer { certificates?.remove() }
        let dialer = try bench.dialer(
            to: url, through: proxy, roots: roots ?? certificates?.authorityFile,
            proxyRoots: proxyRoots ?? certificates?.authorityFile, within: limit)
        let fault = try #require(await bench.fault(of: dialer), sourceLocation: sourceLocation)
        #expect(fault.message.lowercased().contains("outbound proxy \(proxy)"), sourceLocation: sourceLocation)
        #expect(!fault.message.contains("canary"), "\(fault.message)", sourceLocation: sourceLocation)
        #expect(!fault.message.contains("Y2FuYXJ5"), "\(fault.message)", sourceLocation: sourceLocation)
        return fault
    }

    @Test(arguments: OutboundProxy.Scheme.allCases)
    func refused(_ scheme: OutboundProxy.Scheme) async throws {
        let port = try RefusingPort()
        let fault = try await fault(through: OutboundProxy(scheme, port: port.port, credentials: true))
        #expect(fault.code == .proxyConnectFailed)
        #expect(fault.message.contains("refused"))
    }

    @Test func noSuchName() async throws {
        let proxy = OutboundProxy(.http, port: 3128, host: "nowhere.test", credentials: true)
        let fault = try await fault(through: proxy)
        #expect(fault.code == .proxyConnectFailed)
        #expect(fault.message == "Outbound proxy http://nowhere.test:3128: its name cannot be resolved: no such name.")
    }

    @Test func slowConnect() async throws {
        let port = try HangingPort()
        let proxy = OutboundProxy(.socks5, port: port.port, credentials: true)
        let fault = try await fault(through: proxy, within: .milliseconds(400))
        #expect(fault.code == .connectTimeout)
        #expect(fault.message.hasPrefix("Outbound proxy socks5://127.0.0.1:\(port.port): no connection within 0.4 s"))
    }

    @Test(arguments: kinds)
    func noAnswer(_ scheme: OutboundProxy.Scheme) async throws {
        let fake = try FakeProxy(scheme == .http ? .http : .socks5, .hang)
        defer { fake.stop() }
        let start = ContinuousClock.now
        let fault = try await fault(
            through: OutboundProxy(scheme, port: fake.port, credentials: true), within: .seconds(6))
        #expect(fault.code == .connectTimeout && ContinuousClock.now - start < .seconds(30))
        #expect(fault.message.contains("no connection to upstream.test port 4443 was made within 6.0 s"))
        #expect(eventually { fake.connectionCount == 1 })
    }

    @Test(arguments: kinds)
    func closed(_ scheme: OutboundProxy.Scheme) async throws {
        let fake = try FakeProxy(scheme == .http ? .http : .socks5, .close)
        defer { fake.stop() }
        let fault = try await fault(through: OutboundProxy(scheme, port: fake.port, credentials: true))
        #expect(fault.code == .proxyConnectFailed)
        #expect(fault.message.contains("closed the connection"))
    }

    @Test(arguments: [
        (OutboundProxy.Scheme.http, Array("HTTP/1.1 502 Bad Gateway\r\n\r\n".utf8), "with 502 Bad Gateway."),
        (.http, Array("HTTP/1.1 503 canary-user\r\n\r\n".utf8), "with 503."),
        (.http, Array("220 smtp.test ESMTP\r\n".utf8), "no HTTP"),
        (.http, [5, 0xFF], "closed the connection"), (.socks5, Array("HTTP/1.1 400 Bad\r\n".utf8), "SOCKS version 5"),
        (.socks5, [5, 9], "not offered"), (.socks5, [5, 0, 5, 4], "host cannot be reached"),
        (.socks5, [5, 0, 5, 0, 0, 9], "unknown type"), (.socks5, [5, 2, 1, 0, 5, 2], "rules do not allow"),
    ])
    func answers(_ scheme: OutboundProxy.Scheme, _ answer: [UInt8], _ told: String) async throws {
        let fake = try FakeProxy(scheme == .http ? .http : .socks5, .answer(answer))
        defer { fake.stop() }
        // The proxy that answers too little never says more: the limit ends it where the answer does not.
        let proxy = OutboundProxy(scheme, port: fake.port, credentials: true)
        if told == "closed the connection" {
            #expect(try await fault(through: proxy, within: .milliseconds(400)).code == .connectTimeout)
            return
        }
        let fault = try await fault(through: proxy)
        #expect(fault.code == .proxyConnectFailed)
        #expect(fault.message.contains("upstream.test port 4443"))
        #expect(fault.message.contains(told), "\(fault.message)")
    }

    @Test("credentials that are missing or wrong", arguments: OutboundProxy.Scheme.allCases, [false, true])
    func authentication(_ scheme: OutboundProxy.Scheme, isEncrypted: Bool) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let fake = try FakeProxy(scheme == .socks5 ? .socks5 : .http, user: "someone", password: "else")
        defer { fake.stop() }
        let front =
            scheme == .https ? try TLSFront(of: fake.port, certificate: try certificates.make(.valid)) : nil
        defer { front?.stop() }
        for credentials in [false, true] {
            let fault = try await fault(
                through: OutboundProxy(scheme, port: front?.port ?? fake.port, credentials: credentials),
                to: isEncrypted ? Self.encrypted : "http://upstream.test:8080", roots: certificates.authorityFile,
                proxyRoots: certificates.authorityFile)
            #expect(fault.code == .proxyAuthFailed)
            #expect(fault.message.contains(credentials ? "does not accept" : "URL, as in"), "\(fault.message)")
        }
    }

    @Test("TLS with the proxy", arguments: TestCertificates.Kind.allCases.filter { $0 != .valid })
    func proxyCertificates(_ kind: TestCertificates.Kind) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let fake = try FakeProxy(.http)
        defer { fake.stop() }
        let front = try TLSFront(of: fake.port, certificate: try certificates.make(kind))
        defer { front.stop() }
        for url in [Self.encrypted, "http://upstream.test:8080"] {
            let fault = try await fault(
                through: OutboundProxy(.https, port: front.port, host: "proxy.test", credentials: true), to: url,
                roots: certificates.authorityFile, proxyRoots: certificates.authorityFile)
            #expect(fault.code == .proxyConnectFailed)
            #expect(fault.message.contains("TLS failed"))
        }
        #expect(fake.requests.isEmpty, "nothing may be sent, the credentials least of all")
    }

    @Test func aPlainProxyIsNoTLSProxy() async throws {
        let plain = try ScriptedUpstream { connection in
            _ = try connection.socket.readSome()
            try connection.socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        defer { plain.stop() }
        let fault = try await fault(through: OutboundProxy(.https, port: plain.port, credentials: true))
        #expect(fault.code == .proxyConnectFailed)
        #expect(fault.message.contains("TLS failed"))
    }

    @Test func silenceInTheProxysHandshake() async throws {
        let fake = try FakeProxy(.http, .hang)
        defer { fake.stop() }
        let fault = try await fault(
            through: OutboundProxy(.https, port: fake.port, credentials: true), within: .seconds(6))
        #expect(fault.code == .connectTimeout)
        #expect(fault.message.contains("TLS was not set up within 6.0 s"))
    }

    @Test("TLS with the upstream", arguments: TestCertificates.Kind.allCases.filter { $0 != .valid }, kinds)
    func upstreamCertificates(_ kind: TestCertificates.Kind, _ scheme: OutboundProxy.Scheme) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let front = try TLSFront(of: upstream.port, certificate: try certificates.make(kind))
        defer { front.stop() }
        let fake = try FakeProxy(scheme == .http ? .http : .socks5)
        defer { fake.stop() }
        let fault = try await fault(
            through: OutboundProxy(scheme, port: fake.port), to: "https://\(TestCertificates.name):\(front.port)",
            roots: certificates.authorityFile)
        #expect(fault.code == .tls)
        #expect(fault.message.hasPrefix("TLS with upstream.test port \(front.port) through outbound proxy"))
        #expect(upstream.received().isEmpty)
    }

    @Test(arguments: kinds)
    func hangBehindTheProxy(_ scheme: OutboundProxy.Scheme) async throws {
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let fake = try FakeProxy(scheme == .http ? .http : .socks5, .hangInTunnel)
        defer { fake.stop() }
        let fault = try await fault(
            through: OutboundProxy(scheme, port: fake.port), to: "https://upstream.test:\(upstream.port)",
            within: .seconds(6))
        #expect(fault.code == .connectTimeout)
        #expect(fault.message.contains("upstream.test port \(upstream.port) through outbound proxy"))
    }

    @Test(arguments: kinds)
    func whatIsNoTLSBehindTheProxy(_ scheme: OutboundProxy.Scheme) async throws {
        let upstream = try ScriptedUpstream { _ in }
        defer { upstream.stop() }
        let greeting = FakeProxy.Behaviour.speakFirst(Array("220 smtp.test ESMTP\r\n".utf8))
        for behaviour in [FakeProxy.Behaviour.serve, greeting] {
            let fake = try FakeProxy(scheme == .http ? .http : .socks5, behaviour)
            defer { fake.stop() }
            let fault = try await fault(
                through: OutboundProxy(scheme, port: fake.port), to: "https://upstream.test:\(upstream.port)")
            #expect(fault.code == .tls, "\(fault.message)")
        }
    }

    @Test func anUpstreamThatSpeaksBeforeItIsAsked() async throws {
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let fake = try FakeProxy(
            .socks5, .answer([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0] + Array("HTTP/1.1 200 OK\r\n".utf8)))
        defer { fake.stop() }
        let fault = try await fault(
            through: OutboundProxy(.socks5, port: fake.port), to: "http://upstream.test:\(upstream.port)")
        #expect(fault.code == .notHTTP)
    }

    @Test func whatCannotBeSaidIsRefusedBeforehand() throws {
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        var long = OutboundProxy(.socks5, port: 1, credentials: true)
        long.password = Secret(String(repeating: "canary", count: 50))
        var colon = OutboundProxy(.http, port: 1, credentials: true)
        colon.user = "canary:user"
        for proxy in [long, colon] {
            let fault = #expect(throws: UpstreamFault.self) {
                try bench.dialer(to: "http://upstream.test", through: proxy)
            }
            #expect(fault?.code == .proxyConnectFailed && fault?.message.contains("canary") == false)
        }
    }
}

import TestSupport
import Testing
import Upstream
import WeirConfiguration

/// Each kind of proxy, with and without credentials, carries plain and TLS upstreams.
@Suite("Outbound proxies carry", .blocking)
struct CarryingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let scheme: OutboundProxy.Scheme
        let credentials: Bool
        let isEncrypted: Bool
        let inPieces: Bool

        var testDescription: String {
            "\(scheme.rawValue)\(credentials ? " with credentials" : "") to \(isEncrypted ? "https" : "http")"
                + (inPieces ? ", octet by octet" : "")
        }

        static let all: [Case] = OutboundProxy.Scheme.allCases.flatMap { scheme in
            [false, true].flatMap { credentials in
                [false, true].flatMap { isEncrypted in
                    [false, true].map {
                        Case(scheme: scheme, credentials: credentials, isEncrypted: isEncrypted, inPieces: $0)
                    }
                }
            }
        }
    }

    @Test("a streamed answer, twice on one connection", arguments: Case.all)
    func streams(_ test: Case) async throws {
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let certificate = try certificates.make(.valid)
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let fake = try FakeProxy(
            test.scheme == .socks5 ? .socks5 : .http, test.inPieces ? .serveInPieces : .serve,
            user: test.credentials ? OutboundProxy.canaryUser : nil, password: OutboundProxy.canaryPassword)
        defer { fake.stop() }
        let upstreamFront = test.isEncrypted ? try TLSFront(of: upstream.port, certificate: certificate) : nil
        defer { upstreamFront?.stop() }
        let proxyFront = test.scheme == .https ? try TLSFront(of: fake.port, certificate: certificate) : nil
        defer { proxyFront?.stop() }

        let proxy = OutboundProxy(test.scheme, port: proxyFront?.port ?? fake.port, credentials: test.credentials)
        let port = upstreamFront?.port ?? upstream.port
        let dialer = try bench.dialer(
            to: "\(test.isEncrypted ? "https" : "http")://\(TestCertificates.name):\(port)", through: proxy,
            roots: certificates.authorityFile, proxyRoots: certificates.authorityFile)
        let result = try await Probe.run(dialer, exchanges: 2)

        #expect(result.statuses == [200, 200])
        #expect(result.bodies == ["one;two;three;", "one;two;three;"])
        #expect(fake.connectionCount == 1, "the connection was kept")
        let authority = "\(TestCertificates.name):\(port)"
        switch (test.scheme, test.isEncrypted) {
        case (.socks5, _): #expect(fake.requests == ["name \(authority)"], "the proxy resolves the name")
        case (_, true): #expect(fake.requests == ["CONNECT \(authority)"])
        case (_, false): #expect(fake.requests == ["POST http://\(authority)/stream"])
        }
        #expect(dialer.usesAbsoluteForm == (test.scheme != .socks5 && !test.isEncrypted))
        #expect(upstream.failures.isEmpty)
        if !dialer.usesAbsoluteForm { #expect(!upstream.received().contains("Proxy-Authorization")) }
    }

    @Test(
        "an address goes as an address, and the certificate is compared with it",
        arguments: OutboundProxy.Scheme.allCases)
    func literals(_ scheme: OutboundProxy.Scheme) async throws {
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let certificate = try certificates.make(.valid)
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let front = try TLSFront(of: upstream.port, certificate: certificate)
        defer { front.stop() }
        let fake = try FakeProxy(scheme == .socks5 ? .socks5 : .http)
        defer { fake.stop() }
        let proxyFront = try TLSFront(of: fake.port, certificate: certificate)
        defer { proxyFront.stop() }
        let proxy = OutboundProxy(scheme, port: scheme == .https ? proxyFront.port : fake.port)
        let dialer = { (host: String) in
            try bench.dialer(
                to: "https://\(host):\(front.port)", through: proxy, roots: certificates.authorityFile,
                proxyRoots: certificates.authorityFile)
        }

        #expect(try await Probe.run(try dialer("127.0.0.1")).statuses == [200])
        if scheme == .socks5 { #expect(fake.requests == ["address 127.0.0.1:\(front.port)"]) }
        // The proxy's own address is 127.0.0.1, for which the certificate is good; the upstream's is another.
        let fault = await bench.fault(of: try dialer("192.0.2.7"))
        #expect(fault?.code == .tls)
        #expect(fault?.message.contains("made out to another address") == true, "\(fault?.message ?? "")")
        #expect(upstream.received(on: 1).isEmpty, "nothing may be sent")
    }

    @Test("tinyproxy and microsocks carry", arguments: Case.all.filter { !$0.inPieces })
    func realProxies(_ test: Case) async throws {
        // These resolve names as the system does, so `localhost` is the one that they know.
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let certificate = try certificates.make(.valid)
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let login = (user: "alice", password: "wonderland")
        let real = try RealProxy(
            test.scheme == .socks5 ? .microsocks : .tinyproxy, credentials: test.credentials ? login : nil)
        defer { real.stop() }
        let upstreamFront = test.isEncrypted ? try TLSFront(of: upstream.port, certificate: certificate) : nil
        defer { upstreamFront?.stop() }
        let proxyFront = test.scheme == .https ? try TLSFront(of: real.port, certificate: certificate) : nil
        defer { proxyFront?.stop() }

        var proxy = OutboundProxy(scheme: test.scheme, host: "127.0.0.1", port: proxyFront?.port ?? real.port)
        let dialer = { (host: String, proxy: OutboundProxy) in
            try bench.dialer(
                to: "\(test.isEncrypted ? "https" : "http")://\(host):\(upstreamFront?.port ?? upstream.port)",
                through: proxy, roots: certificates.authorityFile, proxyRoots: certificates.authorityFile)
        }
        if test.credentials {
            let refused = await bench.fault(of: try dialer("127.0.0.1", proxy))
            #expect(refused?.code == .proxyAuthFailed, "\(refused?.message ?? "")")
            proxy.user = login.user
            proxy.password = Secret("wrong")
            if try dialer("127.0.0.1", proxy).usesAbsoluteForm {
                // tinyproxy answers wrong credentials with 401, which might as well be the upstream's.
                #expect(try await Probe.run(try dialer("127.0.0.1", proxy)).statuses == [401])
            } else {
                let wrong = await bench.fault(of: try dialer("127.0.0.1", proxy))
                #expect(wrong?.code == .proxyAuthFailed, "\(wrong?.message ?? "")")
            }
            proxy.password = Secret(login.password)
        }
        for host in ["localhost", "127.0.0.1"] {
            let dialer = try dialer(host, proxy)
            // tinyproxy forwards nothing of a plain request before it has all of its body.
            let result = try await Probe.run(dialer, sendsBodyAtOnce: dialer.usesAbsoluteForm)
            #expect(result.statuses == [200] && result.bodies == ["one;two;three;"], "\(host)")
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test("tinyproxy and microsocks fail", arguments: RealProxy.Program.allCases)
    func realFailures(_ program: RealProxy.Program) async throws {
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let real = try RealProxy(program, credentials: nil)
        defer { real.stop() }
        let closed = try RefusingPort()
        let scheme: OutboundProxy.Scheme = program == .microsocks ? .socks5 : .http
        let fault = await bench.fault(
            of: try bench.dialer(
                to: "https://127.0.0.1:\(closed.port)", through: OutboundProxy(scheme, port: real.port),
                roots: certificates.authorityFile))
        #expect(fault?.code == .proxyConnectFailed)
        #expect(
            fault?.message.hasPrefix("Outbound proxy \(scheme.rawValue)://127.0.0.1:\(real.port): 127.0.0.1 port")
                == true)
    }
}

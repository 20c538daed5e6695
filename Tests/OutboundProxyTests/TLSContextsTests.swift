import Foundation
import HTTP1
import NIOCore
import NIOPosix
import TestSupport
import Testing
import WeirConfiguration

@testable import Upstream

@Suite("TLS contexts", .blocking)
struct TLSContextsTests {
    private func settings(_ caFile: String?, isVerified: Bool = true) -> TLSSettings {
        var tls = TLSSettings()
        tls.caFile = caFile
        tls.isVerified = isVerified
        return tls
    }

    @Test func equalSettingsShareOne() throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let contexts = TLSContexts()
        let context = { (host: String, tls: TLSSettings) in
            try contexts.trust(for: Destination(target: try UpstreamURL("https://\(host)"), tls: tls)).upstream
        }
        let own = settings(certificates.authorityFile)
        let first = try #require(try context("a.test", own))
        #expect(try context("b.test", own) === first)
        #expect(try context("c.test", settings(certificates.authorityFile, isVerified: false)) !== first)
        #expect(try context("d.test", settings(nil, isVerified: false)) !== first)
        let plain = Destination(target: try UpstreamURL("http://a.test"), tls: own)
        #expect(try contexts.trust(for: plain).upstream == nil)
        // An address behind a proxy needs its certificate compared with that address.
        var tunnelled = Destination(target: try UpstreamURL("https://192.0.2.7"), tls: own)
        #expect(try contexts.trust(for: tunnelled).tunnelledAddress == nil)
        tunnelled.proxy = OutboundProxy(.http, port: 3128)
        let trust = try contexts.trust(for: tunnelled)
        #expect(trust.upstream === first && trust.tunnelledAddress != nil && trust.tunnelledAddress !== first)
        #expect(trust.proxy == nil, "the proxy speaks no TLS")
    }

    @Test func aChangedFileIsReadAnew() throws {
        let certificates = try TestCertificates()
        let other = try TestCertificates()
        defer {
            certificates.remove()
            other.remove()
        }
        let contexts = TLSContexts()
        let tls = settings(certificates.authorityFile)
        let trust = { try contexts.trust(tls: tls, proxy: nil, proxyCAFile: nil).upstream }
        let first = try trust()
        let old = try Data(contentsOf: URL(filePath: certificates.authorityFile))
        try Data(contentsOf: URL(filePath: other.authorityFile)).write(to: URL(filePath: certificates.authorityFile))
        let second = try trust()
        #expect(second !== first)
        #expect(try trust() === second)
        try old.write(to: URL(filePath: certificates.authorityFile))
        #expect(try trust() !== second)
    }

    @Test func whatCannotBeReadIsNamed() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let contexts = TLSContexts()
        let missing = directory.path + "/missing.pem"
        let empty = directory.path + "/empty.pem"
        try "no certificate\n".write(toFile: empty, atomically: true, encoding: .utf8)
        for path in [missing, empty, directory.path] {
            for proxyCAFile in [nil, path] {
                let fault = #expect(throws: UpstreamFault.self) {
                    try contexts.trust(
                        tls: settings(proxyCAFile == nil ? path : nil, isVerified: proxyCAFile == nil),
                        proxy: OutboundProxy(.https, port: 1), proxyCAFile: proxyCAFile)
                }
                #expect(fault?.code == .tls && fault?.message.contains("The roots in \(path) cannot be ") == true)
            }
        }
    }

    /// What routes do whose targets come with the requests.
    @Test func dialersNeedNoFileOnceThereIsTrust() async throws {
        let certificates = try TestCertificates()
        let certificate = try certificates.make(.valid)
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let front = try TLSFront(of: upstream.port, certificate: certificate)
        defer { front.stop() }
        let fake = try FakeProxy(.http)
        defer { fake.stop() }
        let proxyFront = try TLSFront(of: fake.port, certificate: certificate)
        defer { proxyFront.stop() }
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let proxy = OutboundProxy(.https, port: proxyFront.port)
        let tls = settings(certificates.authorityFile)
        let trust = try bench.contexts.trust(tls: tls, proxy: proxy, proxyCAFile: certificates.authorityFile)
        certificates.remove()

        for url in [
            "http://upstream.test:\(upstream.port)", "https://upstream.test:\(front.port)",
            "https://127.0.0.1:\(front.port)",
        ] {
            let destination = Destination(target: try UpstreamURL(url), tls: tls, proxy: proxy)
            let dialer = try await MultiThreadedEventLoopGroup.singleton.next().submit {
                try Dialer(destination, resolver: bench.resolver, limits: HeadParser.Limits(), trust: trust)
            }.get()
            #expect(try await Probe.run(dialer).statuses == [200], "\(url)")
        }
        let untrusted = Destination(target: try UpstreamURL("https://upstream.test"))
        #expect(throws: UpstreamFault.self) {
            try Dialer(untrusted, resolver: bench.resolver, limits: HeadParser.Limits(), trust: DialTrust())
        }
    }

    @Test func destinationsAreToldApart() throws {
        let one = Destination(target: try UpstreamURL("https://api.test/v1"))
        #expect(one == Destination(target: try UpstreamURL("https://api.test:443/v2")), "the path does not matter")
        var others = Set([
            one, Destination(target: try UpstreamURL("http://api.test:443")),
            Destination(target: try UpstreamURL("https://api.test:444")),
            Destination(target: try UpstreamURL("https://api.test"), proxy: OutboundProxy(.http, port: 1)),
            Destination(
                target: try UpstreamURL("https://api.test"), proxy: OutboundProxy(.http, port: 1, credentials: true)),
            Destination(target: try UpstreamURL("https://api.test"), scope: "universal"),
            Destination(target: try UpstreamURL("https://api.test"), connectTimeout: .seconds(1)),
            Destination(target: try UpstreamURL("https://api.test"), tls: settings(nil, isVerified: false)),
        ])
        #expect(others.count == 8)
        others.insert(one)
        #expect(others.count == 8)
    }
}

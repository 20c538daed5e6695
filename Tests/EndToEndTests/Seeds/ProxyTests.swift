import TestSupport
import Testing

@Suite("Python API Proxy: outbound proxies", .blocking)
struct ProxyTests {
    @Test("global: every route that names none goes through it")
    func global() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let proxy = try FakeProxy(.http)
        defer { proxy.stop() }
        let fragment = DocumentedConfigurations.globalProxy.at(["127.0.0.1:7890": "127.0.0.1:\(proxy.port)"])
        let target = "http://api.test:\(upstream.port)"
        let text =
            fragment.split(separator: "\n").dropLast().joined()
            + #", "routes": {"unset": {"target_url": "\#(target)"},"#
            + #""null": {"target_url": "\#(target)", "proxy": null}}}"#
        try withWeir(text) { weir, _ throws in
            #expect(try weir.echo("GET", "/unset/v1/models").fields("host") == ["api.test:\(upstream.port)"])
            #expect(try weir.echo("GET", "/null/v1/models").target == "/v1/models")
            #expect(proxy.requests == Array(repeating: "GET \(target)/v1/models", count: 2))
        }
    }

    @Test("by route: a URL is that proxy, an empty one is none")
    func byRoute() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let (global, own) = (try FakeProxy(.http), try FakeProxy(.http))
        defer {
            global.stop()
            own.stop()
        }
        let text = DocumentedConfigurations.proxyByRoute.at([
            "https://api.openai.com": "http://api.test:\(upstream.port)", "https://api.domestic.com": upstream.url,
            "us-proxy.example.com:8080": "127.0.0.1:\(own.port)", "127.0.0.1:7890": "127.0.0.1:\(global.port)",
        ])
        try withWeir(text) { weir, _ throws in
            _ = try weir.echo("GET", "/openai/v1/models")
            #expect(own.requests == ["GET http://api.test:\(upstream.port)/v1/models"])
            _ = try weir.echo("GET", "/domestic-api/v1/models")
            #expect(own.connectionCount == 1 && global.connectionCount == 0)
        }
    }

    /// The four forms that the manual shows.
    enum Form: String, CaseIterable {
        case http = "http://host:port"
        case https = "https://host:port"
        case socks5 = "socks5://host:port"
        case socks5WithCredentials = "socks5://user:pass@host:port"
    }

    @Test("protocols", arguments: Form.allCases)
    func protocols(_ form: Form) throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let proxy: FakeProxy
        switch form {
        case .http, .https: proxy = try FakeProxy(.http)
        case .socks5: proxy = try FakeProxy(.socks5)
        case .socks5WithCredentials: proxy = try FakeProxy(.socks5, user: "user", password: "pass")
        }
        defer { proxy.stop() }
        let front = try form == .https ? TLSFront(of: proxy.port, certificate: certificates.make(.valid)) : nil
        defer { front?.stop() }
        let url = form.rawValue.at(["host:port": "127.0.0.1:\(front?.port ?? proxy.port)"])
        // A proxy of one's own authority needs one key more than the manual knows.
        let text = #"""
            {"proxy_ca_file": \#(form == .https ? "\"\(certificates.authorityFile)\"" : "null"),
             "routes": {"a": {"target_url": "http://api.test:\#(upstream.port)", "proxy": "\#(url)"}}}
            """#
        try withWeir(text) { weir, _ throws in
            let request = try weir.echo("POST", "/a/v1/chat/completions", body: chatBody)
            #expect(request.line == "POST /v1/chat/completions HTTP/1.1")
            #expect(request.fields("proxy-authorization").isEmpty)
            #expect(request.body == chatBody)
            let expected =
                form == .http || form == .https
                ? "POST http://api.test:\(upstream.port)/v1/chat/completions" : "name api.test:\(upstream.port)"
            #expect(proxy.requests == [expected], "the proxy resolves the name")
        }
    }
}

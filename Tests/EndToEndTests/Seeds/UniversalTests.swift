import TestSupport
import Testing

@Suite("Python API Proxy: universal mode", .blocking)
struct UniversalTests {
    /// The manual's configuration, with the one key more that private targets need.
    private func configuration(allowing hosts: String) -> String {
        DocumentedConfigurations.universal.at([
            #""universal_proxy": true"#: #""universal_proxy": true, "allowed_hosts": \#(hosts)"#
        ])
    }

    @Test("as shown, it reaches public addresses alone: an internal one is refused, and no connection is made")
    func publicOnly() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try withWeir(DocumentedConfigurations.universal) { weir, _ throws in
            for host in ["127.0.0.1", "localhost"] {
                let refused = try weir.ask("GET", "/proxy/http://\(host):\(upstream.port)/data")
                expectOwnError(refused, 403, "destination_denied")
                #expect(refused.text.contains("allowed_hosts"), "\(refused.text)")
            }
            #expect(upstream.connectionCount == 0)
        }
    }

    @Test("http: any target that is allowed", arguments: [#"["*"]"#, #"["127.0.0.1"]"#, #"["127.0.0.0/8"]"#])
    func http(_ hosts: String) throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try withWeir(configuration(allowing: hosts)) { weir, _ throws in
            let request = try weir.echo(
                "POST", "/proxy/\(upstream.url)/v1/endpoint?a=b%20c", fields: ["Authorization: Bearer mine"],
                body: chatBody)
            #expect(request.line == "POST /v1/endpoint?a=b%20c HTTP/1.1")
            #expect(request.fields("host") == ["127.0.0.1:\(upstream.port)"])
            #expect(request.fields("authorization") == ["Bearer mine"])
            #expect(request.body == chatBody)
        }
    }

    @Test("https: TLS to the named target, verified")
    func https() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let front = try TLSFront(of: upstream.port, certificate: certificates.make(.valid))
        defer { front.stop() }
        let trusted = configuration(
            allowing: #"["*"], "tls": {"ca_file": "\#(certificates.authorityFile)"}"#)
        try withWeir(trusted) { weir, _ throws in
            let request = try weir.echo("GET", "/proxy/https://localhost:\(front.port)/v1/models")
            #expect(request.target == "/v1/models")
            #expect(request.fields("host") == ["localhost:\(front.port)"])
        }
        try withWeir(configuration(allowing: #"["*"]"#)) { weir, _ throws in
            expectOwnError(
                try weir.ask("GET", "/proxy/https://localhost:\(front.port)/v1/models"), 502, "tls_verify_failed")
        }
    }

    @Test("what is no target is refused")
    func noTarget() throws {
        try withWeir(configuration(allowing: #"["*"]"#)) { weir, _ throws in
            for target in ["/proxy/ftp://example.test/x", "/proxy/http://user@example.test/", "/proxy/http://0x7f.1/"] {
                expectOwnError(try weir.ask("GET", target), 400, "bad_target")
            }
        }
    }

    @Test("Weir's own listener is never a target")
    func ownListener() throws {
        try withWeir(configuration(allowing: #"["*"]"#)) { weir, _ throws in
            expectOwnError(
                try weir.ask("GET", "/proxy/http://127.0.0.1:\(weir.port)/healthz"), 403, "destination_denied")
        }
    }
}

import TestSupport
import Testing

/// Rows of the fault matrix through a route of a file, straight and through each kind of outbound proxy.
@Suite("Faults through a file's routes", .blocking)
struct FaultTests {
    /// How a route reaches its upstream.
    enum Way: String, CaseIterable {
        case direct
        case http
        case socks5

        /// A fake of that kind; nil: there is none.
        func proxy(_ behaviour: FakeProxy.Behaviour = .serve, user: String? = nil) throws -> FakeProxy? {
            switch self {
            case .direct: nil
            case .http: try FakeProxy(.http, behaviour, user: user, password: "right")
            case .socks5: try FakeProxy(.socks5, behaviour, user: user, password: "right")
            }
        }
    }

    /// A file with one route, `a`.
    private func configuration(
        _ target: String, _ way: Way = .direct, _ proxy: FakeProxy? = nil, credentials: String = "", _ more: String = ""
    ) -> String {
        """
        server: { reload_interval: -1 }
        routes:
          a:
            target_url: \(target)
            timeouts: { connect: 5s, first_byte: 5s }
            retries: { attempts: 0 }
            proxy: "\(proxy.map { "\(way.rawValue)://\(credentials)127.0.0.1:\($0.port)" } ?? "")"
            \(more)
        """
    }

    private func run(_ text: String, _ body: (WeirProcess) throws -> Void) throws {
        try withWeir(text, named: "weir.yaml") { weir, _ throws in try body(weir) }
    }

    private func chat(_ weir: WeirProcess) throws -> WireResponse {
        try weir.ask("POST", "/a/v1/chat/completions", body: chatBody)
    }

    @Test("row 2: a connection that never comes about is 504")
    func connectHangs() throws {
        let port = try HangingPort()
        let text = configuration("http://127.0.0.1:\(port.port)").at(["connect: 5s": "connect: 400ms"])
        try run(text) { weir in
            let response = try chat(weir)
            expectOwnError(response, 504, "connect_timeout")
            #expect(response["x-should-retry"] == nil, "nothing was sent")
            #expect(response.text.contains("127.0.0.1 port \(port.port)"), "\(response.text)")
        }
    }

    @Test(
        "row 2: a proxy's connection that never comes about is 504, and names the proxy", arguments: ["http", "socks5"])
    func proxyHangs(_ scheme: String) throws {
        let port = try HangingPort()
        let text = configuration("http://api.test").at([
            "connect: 5s": "connect: 400ms", "proxy: \"\"": "proxy: \"\(scheme)://127.0.0.1:\(port.port)\"",
        ])
        try run(text) { weir in
            let response = try chat(weir)
            expectOwnError(response, 504, "connect_timeout")
            #expect(response.text.contains("utbound proxy \(scheme)://127.0.0.1:\(port.port)"), "\(response.text)")
        }
    }

    @Test("row 3: a name that is not found is 502, while other routes go on")
    func noSuchName() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = configuration("http://no-such-host.invalid").at(["connect: 5s": "connect: 2s"])
        try run(text + "\n  b: { target_url: \(upstream.url) }") { weir in
            let waiting = try weir.client()
            try waiting.send("POST", "/a/v1/chat/completions", body: chatBody)
            _ = try weir.echo("GET", "/b/x")
            let response = try waiting.readResponse()
            expectOwnError(response, 502, "dns_failure")
            #expect(response.text.contains("no-such-host.invalid"))
        }
    }

    @Test("row 3: a name that a proxy cannot find is the proxy's failure", arguments: [Way.http, .socks5])
    func noSuchNameBehindProxy(_ way: Way) throws {
        let answers: [Way: [UInt8]] = [
            .http: Array("HTTP/1.1 502 No Such Host\r\n\r\n".utf8), .socks5: [5, 0, 5, 4, 0, 1, 0, 0, 0, 0, 0, 0],
        ]
        let proxy = try #require(try way.proxy(.answer(answers[way] ?? [])))
        defer { proxy.stop() }
        try run(configuration("https://no-such-host.invalid", way, proxy)) { weir in
            let response = try chat(weir)
            expectOwnError(response, 502, "proxy_connect_failed")
            #expect(response.text.contains("utbound proxy"), "\(response.text)")
        }
    }

    @Test("row 4: a denied address is 403, and no socket is opened, a proxy's neither", arguments: Way.allCases)
    func deniedAddress(_ way: Way) throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let proxy = try way.proxy()
        defer { proxy?.stop() }
        let url = proxy.map { "\(way.rawValue)://127.0.0.1:\($0.port)" } ?? ""
        let text = #"routes: { any: { universal_proxy: true, proxy: "\#(url)" } }"#
        try run(text) { weir in
            for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"] {
                let response = try weir.ask("GET", "/any/http://\(host):\(upstream.port)/latest/meta-data")
                expectOwnError(response, 403, "destination_denied")
            }
            #expect(upstream.connectionCount == 0)
            #expect(proxy.map(\.connectionCount) ?? 0 == 0)
        }
    }

    @Test(
        "row 5: a certificate that is not to be trusted is 502, and nothing is sent",
        arguments: TestCertificates.Kind.allCases, Way.allCases)
    func certificates(_ kind: TestCertificates.Kind, _ way: Way) throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let front = try TLSFront(of: upstream.port, certificate: certificates.make(kind))
        defer { front.stop() }
        let proxy = try way.proxy()
        defer { proxy?.stop() }
        let trust = "tls: { ca_file: \(certificates.authorityFile) }"
        try run(configuration("https://localhost:\(front.port)", way, proxy, trust)) { weir in
            let response = try chat(weir)
            if kind == .valid {
                #expect(response.status == 200, "\(response.text)")
                #expect(EchoedRequest(answer: response).body == chatBody)
            } else {
                expectOwnError(response, 502, "tls_verify_failed")
                #expect(response["x-should-retry"] == nil)
                #expect(upstream.received.isEmpty)
            }
            if let proxy { #expect(proxy.requests.count == 1 && proxy.requests[0].contains("localhost:\(front.port)")) }
        }
    }

    @Test(
        "row 6: a proxy that does not accept the credentials is 502, and its 407 stays here",
        arguments: [Way.http, .socks5], ["http", "https"])
    func proxyAuthentication(_ way: Way, _ scheme: String) throws {
        let proxy = try #require(try way.proxy(user: "someone"))
        defer { proxy.stop() }
        for credentials in ["", "someone:canary-wrong@"] {
            try run(configuration("\(scheme)://api.test", way, proxy, credentials: credentials)) { weir in
                let response = try chat(weir)
                expectOwnError(response, 502, "proxy_auth_failed")
                #expect(response["proxy-authenticate"] == nil)
                #expect(!response.text.contains("canary") && !weir.said.contains("canary"))
            }
        }
    }

    @Test("row 7: a proxy that is not there, or closes, is 502 with the reason", arguments: [Way.http, .socks5])
    func proxyFails(_ way: Way) throws {
        let nobody = try RefusingPort()
        let gone = configuration("https://api.test").at([
            "proxy: \"\"": "proxy: \"\(way.rawValue)://127.0.0.1:\(nobody.port)\""
        ])
        try run(gone) { weir in
            let response = try chat(weir)
            expectOwnError(response, 502, "proxy_connect_failed")
            #expect(response.text.contains("refused"), "\(response.text)")
        }
        let closing = try #require(try way.proxy(.close))
        defer { closing.stop() }
        try run(configuration("https://api.test", way, closing)) { weir in
            expectOwnError(try chat(weir), 502, "proxy_connect_failed")
        }
    }

    /// An upstream that ends its first connection when a second request has come on it.
    private func dying() throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            guard try connection.readRequest() != nil else { return }
            try connection.answer(body: String(connection.index))
            guard try connection.readRequest() != nil else { return }
            if connection.index > 0 { try connection.answer(body: String(connection.index)) }
        }
    }

    @Test("row 9: a pooled connection that dies: GET is sent again, POST that was read is not", arguments: Way.allCases)
    func pooledConnectionDies(_ way: Way) throws {
        for method in ["GET", "POST"] {
            let upstream = try dying()
            defer { upstream.stop() }
            let proxy = try way.proxy()
            defer { proxy?.stop() }
            let text = configuration("http://localhost:\(upstream.port)", way, proxy)
                .at(["attempts: 0": "attempts: 1"])
            try withWeir(text, named: "weir.yaml", options: ["--threads", "1"]) { weir, _ throws in
                #expect(try weir.ask("GET", "/a/x").text == "0")
                let body = method == "POST" ? chatBody : nil
                let response = try weir.ask(method, "/a/x", body: body)
                if method == "GET" {
                    #expect(response.status == 200 && response.text == "1", "\(response.text)")
                } else {
                    expectOwnError(response, 502, "upstream_reset")
                    #expect(response["x-should-retry"] == "false")
                    #expect(upstream.connectionCount == 1, "sent once")
                }
            }
        }
    }

    @Test("row 9: a connection that the upstream closed while it was idle is not used again", arguments: Way.allCases)
    func idleConnectionClosed(_ way: Way) throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.answer(body: String(connection.index))
        }
        defer { upstream.stop() }
        let proxy = try way.proxy()
        defer { proxy?.stop() }
        let text = configuration("http://localhost:\(upstream.port)", way, proxy)
            .at(["attempts: 0": "attempts: 1"])
        try withWeir(text, named: "weir.yaml", options: ["--threads", "1"]) { weir, _ throws in
            for number in 0..<5 {
                let response = try weir.ask("POST", "/a/x", body: chatBody)
                #expect(response.status == 200 && response.text == String(number), "\(response.text)")
                #expect(eventually { upstream.endedCount == number + 1 })
                // What a proxy takes in before it has seen the end counts as received: 502, and rightly so.
                if let proxy { #expect(eventually { proxy.endedCount == number + 1 }) }
            }
        }
    }

    @Test("row 10: no answer head is 504 by the route's own timeout", arguments: Way.allCases)
    func noAnswer(_ way: Way) throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let proxy = try way.proxy()
        defer { proxy?.stop() }
        let text = configuration("http://localhost:\(upstream.port)", way, proxy)
            .at(["first_byte: 5s": "first_byte: 500ms"])
        try run(text) { weir in
            let response = try chat(weir)
            expectOwnError(response, 504, "first_byte_timeout")
            #expect(response["x-should-retry"] == "false", "the upstream may have acted on it")
            #expect(eventually { upstream.endedCount == 1 }, "and it is let go")
        }
    }
}

import NIOCore
import ProxyHandshake
import ProxyInvariants
import Testing
import WeirConfiguration

@Suite struct ConnectMachineTests {
    private static func proxy(user: String? = nil, password: String? = nil) -> OutboundProxy {
        var proxy = OutboundProxy(scheme: .http, host: "proxy.test", port: 3128)
        proxy.user = user
        proxy.password = password.map { Secret($0) }
        return proxy
    }

    private func run(_ answer: String, _ proxy: OutboundProxy = proxy()) throws -> ProxyRun {
        let machine = try ConnectMachine(proxy: proxy, host: "upstream.test", port: 443)
        let octets = Array(answer.utf8)
        #expect(
            ProxyInvariants.violation(in: octets, to: machine, of: proxy, cuts: Array(0..<octets.count)) == nil,
            "one octet at a time")
        for cut in 0...octets.count where octets.count < 400 {
            #expect(ProxyInvariants.violation(in: octets, to: machine, of: proxy, cuts: [cut]) == nil, "cut at \(cut)")
        }
        return ProxyRun(machine, octets)
    }

    @Test(arguments: [
        ("upstream.test", 443, "upstream.test:443"), ("192.0.2.7", 8443, "192.0.2.7:8443"),
        ("2001:db8::7", 80, "[2001:db8::7]:80"),
    ])
    func theOpeningNamesHostAndPort(_ host: String, _ port: Int, _ authority: String) throws {
        let machine = try ConnectMachine(proxy: Self.proxy(), host: host, port: port)
        #expect(
            String(buffer: machine.opening()) == "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\r\n")
    }

    /// RFC 7617 §2: its own example, and UTF-8 (§2.1).
    @Test(arguments: [
        ("Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("test", "123£", "dGVzdDoxMjPCow=="),
        ("u", nil, "dTo="), ("u", "p:q", "dTpwOnE="),
    ])
    func credentialsAreBasic(_ user: String, _ password: String?, _ encoded: String) throws {
        let proxy = Self.proxy(user: user, password: password)
        let opening = String(buffer: try ConnectMachine(proxy: proxy, host: "h", port: 1).opening())
        #expect(opening == "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\nProxy-Authorization: Basic \(encoded)\r\n\r\n")
    }

    @Test func aUserWithAColonIsRefused() {
        #expect(throws: ProxyFault.self) {
            try ConnectMachine(proxy: Self.proxy(user: "a:b", password: "c"), host: "h", port: 1)
        }
    }

    /// Whatever a 2xx says about a body, the tunnel begins behind the head (RFC 9110 §9.3.6).
    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n\r\n", ""), ("HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n", ""),
        ("HTTP/1.1 204\r\n\r\n", ""), ("HTTP/1.1 299 \r\n\r\n", ""),
        ("HTTP/1.1 200 OK\r\n\r\n220 hello\r\n", "220 hello\r\n"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nspeaks", "speaks"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", "x"),
    ])
    func theTunnelStands(_ answer: String, _ rest: String) throws {
        let run = try run(answer)
        #expect(run.outcome == .established(rest: nil))
        #expect(String(decoding: run.rest, as: UTF8.self) == rest)
    }

    @Test(arguments: [
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nno way in", "502 Bad Gateway."),
        ("HTTP/1.1 403 Filtered\r\n\r\n", "403 Filtered."), ("HTTP/1.0 500\r\n\r\n", "500."),
        ("HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\n\r\n", "302 Found."),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "101 Switching Protocols."),
        ("HTTP/1.1 503 \u{1F4A3}\tnot printable\r\n\r\n", "503 ?????not printable."),
        ("HTTP/1.1 503 \(String(repeating: "x", count: 300))\r\n\r\n", "503 \(String(repeating: "x", count: 80))."),
    ])
    func anotherStatusIsARefusal(_ answer: String, _ told: String) throws {
        let fault = ProxyFault(.refused, "it answered CONNECT upstream.test:443 with \(told)")
        #expect(try run(answer).outcome == .failed(fault))
    }

    @Test(arguments: [
        (nil, "", "write them into its URL"), ("canary-user", "", "does not accept"),
        (nil, "Proxy-Authenticate: Basic realm=\"x\"\r\n", "write them into its URL"),
        ("canary-user", "Proxy-Authenticate: NTLM\r\nProxy-Authenticate: basic realm=\"x\"\r\n", "does not accept"),
        ("canary-user", "Proxy-Authenticate: Negotiate, Basic realm=\"x\"\r\n", "does not accept"),
        ("canary-user", "Proxy-Authenticate: Negotiate\r\n", "a scheme other than Basic"),
        (nil, "Proxy-Authenticate: Digest realm=\"Basic\"\r\n", "a scheme other than Basic"),
    ])
    func authenticationIsToldApart(_ user: String?, _ fields: String, _ told: String) throws {
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\(fields)Content-Length: 0\r\n\r\n"
        guard case .failed(let fault) = try run(answer, Self.proxy(user: user)).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(fault.code == .authentication && fault.message.contains(told))
    }

    /// tinyproxy answers wrong credentials so; without any it was not about them.
    @Test func aProxysOwn401() throws {
        let answer = "HTTP/1.0 401 Unauthorized\r\n\r\n"
        guard case .failed(let known) = try run(answer, Self.proxy(user: "canary-user")).outcome,
            case .failed(let unknown) = try run(answer).outcome
        else {
            Issue.record("not refused")
            return
        }
        #expect(known.code == .authentication && known.message.contains("does not accept"))
        #expect(unknown.code == .refused)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\n folded\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 20_000))",
        "HTTP/1.1 200 OK\r\n\(String(repeating: "a: b\r\n", count: 200))\r\n",
        String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17), "\u{16}\u{03}\u{01}\r\n",
    ])
    func whatCannotBeReadIsMalformed(_ answer: String) throws {
        guard case .failed(let fault) = try run(answer).outcome else {
            Issue.record("not refused")
            return
        }
        #expect(fault.code == .malformed)
    }

    @Test func anUnfinishedAnswerIsWaitedFor() throws {
        #expect(try run("HTTP/1.1 200 OK\r\nVia: x\r\n").outcome == .pending)
        #expect(try run("").outcome == .pending)
    }

    /// A proxy that repeats what it was told gives nothing away.
    @Test(arguments: ["canary-user", "canary-password", "Y2FuYXJ5LXVzZXI6Y2FuYXJ5LXBhc3N3b3Jk"])
    func noSecretIsRepeated(_ secret: String) throws {
        let proxy = Self.proxy(user: "canary-user", password: "canary-password")
        #expect(proxy.basicCredentials?.text == "Basic Y2FuYXJ5LXVzZXI6Y2FuYXJ5LXBhc3N3b3Jk")
        let fault = ProxyFault(.refused, "it answered CONNECT upstream.test:443 with 502.")
        #expect(try run("HTTP/1.1 502 no \(secret) here\r\n\r\n", proxy).outcome == .failed(fault))
        // Cut in the middle of it, a part would be left.
        let late = String(repeating: "x", count: 75) + secret
        #expect(try run("HTTP/1.1 502 \(late)\r\n\r\n", proxy).outcome == .failed(fault))
    }
}

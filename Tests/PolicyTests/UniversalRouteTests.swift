import Policy
import Testing
import WeirConfiguration

/// Section 4.4 of the outside contract.
@Suite struct UniversalRouteTests {
    /// The block that `text` spells; one that holds nothing asked for here where it spells none.
    private static func range(_ text: String) -> AddressRange {
        AddressRange(text) ?? AddressRange(IPAddress(v4: 0))
    }

    private func run(_ allowed: [AllowedHost] = [], change: (inout Configuration) -> Void = { _ in }) -> PolicyRun {
        PolicyRun(
            .test("u") {
                $0.routes[0].isUniversal = true
                $0.routes[0].target = nil
                $0.routes[0].allowedHosts = allowed
                change(&$0)
            })
    }

    @Test(arguments: [
        // What stands behind `/u`, the upstream's Host, and its target.
        ("/https://api.test/v1/x?y=1", "api.test", "/v1/x?y=1"), ("/http://api.test", "api.test", "/"),
        ("/https://api.test?x=1", "api.test", "/?x=1"), ("/https://api.test/", "api.test", "/"),
        ("/HTTPS://API.Test/X", "api.test", "/X"), ("/https://api.test:443/x", "api.test", "/x"),
        ("/https://api.test:8443/x", "api.test:8443", "/x"), ("/http://api.test:80/x", "api.test", "/x"),
        ("/http://api.test:443/x", "api.test:443", "/x"), ("/http://a_b-c.d9/x", "a_b-c.d9", "/x"),
        ("/http://8.8.8.8/x", "8.8.8.8", "/x"), ("/http://[2001:4860:4860::8888]/x", "[2001:4860:4860::8888]", "/x"),
        ("/http://[2001:4860:4860:0::8888]:81/x", "[2001:4860:4860::8888]:81", "/x"),
        ("/https://api.test//x/../y;z", "api.test", "//x/../y;z"),
        ("/https://api.test/http://other.test/@x", "api.test", "/http://other.test/@x"),
        ("/https://api.test?u=http://a@b", "api.test", "/?u=http://a@b"), ("/http://0x7f.test/", "0x7f.test", "/"),
        ("/http://1.2.3.4.test/", "1.2.3.4.test", "/"), ("/http://127.0.0.1.nip.test/", "127.0.0.1.nip.test", "/"),
    ])
    func aTargetIsTakenFromThePath(_ rest: String, _ host: String, _ target: String) throws {
        let head = try ParsedHead("POST", "/u\(rest)", fields: ["A: b"])
        #expect(run().upstreamHead(head) == "POST \(target) HTTP/1.1\r\nHost: \(host)\r\nA: b\r\n\r\n")
    }

    @Test(arguments: [
        "", "/", "?x", "/x", "/api.test/x", "/https:/api.test/x", "/https:api.test", "/https%3A//api.test", "/https://",
        "/https:///x", "/https://?x", "/ftp://api.test", "/mock://x", "/ws://api.test", "//https://api.test",
        "/https ://api.test".replacing(" ", with: "%20"),
        // User information.
        "/https://user@api.test/", "/https://user:s3cret@api.test/", "/https://@api.test/",
        "/https://api.test:80@evil/",
        // Octal, decimal, hexadecimal and short spellings of IPv4.
        "/http://0177.0.0.1/", "/http://2130706433/", "/http://0x7f000001/", "/http://0x7f.1/", "/http://127.1/",
        "/http://127.0.1/", "/http://0/", "/http://127.0.0.01/", "/http://127.0.0.0x1/", "/http://1.2.3.4.5/",
        "/http://256.1.1.1/", "/http://0x/", "/http://api.1/", "/http://api.0X7F/",
        // Names that are none, or not one to everybody.
        "/http://localhost./", "/http://api.test./", "/http://.api.test/", "/http://api..test/", "/http://./",
        "/http://api%2etest/", "/http://%6cocalhost/", "/http://ap\u{ed}.test/", "/http://\u{ff11}27.0.0.1/",
        "/http://api.test\\evil/", "/http://api,test/", "/http://a*b/", "/http://a;b/", "/http://a|b/",
        "/http://" + String(repeating: "a", count: 64) + ".test/",
        "/http://" + String(repeating: "abcdefg.", count: 32) + "test/",
        // Ports.
        "/http://api.test:/", "/http://api.test:0/", "/http://api.test:65536/", "/http://api.test:x/",
        "/http://api.test:-1/", "/http://api.test:80:80/", "/http://api.test:+80/", "/http://api.test:000080/",
        "/http://:80/",
        // Brackets.
        "/http://[::1/", "/http://::1/", "/http://[]/", "/http://[127.0.0.1]/", "/http://[::1%25eth0]/",
        "/http://[::1%eth0]/", "/http://[fe80::1]x/", "/http://[::1]80/", "/http://[g::]/", "/http://a[::1]/",
        "/http://[v1.a]/",
    ])
    func whatIsNoTargetIsRefused(_ rest: String) throws {
        let head = try ParsedHead("POST", "/u\(rest)")
        #expect(run([AllowedHost(.any)]).word(head) == "bad_target")
        guard case .refuse(let refusal, let route) = run().decide(head) else { return }
        #expect(refusal.status == 400 && route?.index == 0 && !refusal.message.contains("s3cret"))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let title: String
        let allowed: [AllowedHost]
        let goes: [String]
        let denied: [String]
        var testDescription: String { title }
    }

    static let rows = [
        Row(
            title: "nothing named: public addresses",
            allowed: [],
            goes: ["api.test", "8.8.8.8", "[2606:4700::1111]", "api.test:8443", "localhost", "a.internal"],
            denied: [
                "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
                "[::1]",
                "[::]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[64:ff9b::7f00:1]",
                "[64:ff9b::8.8.8.8]", "[2002:7f00:1::]", "[2002:808:808::]", "[2001::1]", "224.0.0.1",
                "255.255.255.255", "168.63.129.16", "198.51.100.1", "192.88.99.1",
            ]),
        Row(
            title: "a name", allowed: [AllowedHost(.name("API.test"))], goes: ["api.test", "API.TEST", "api.test:99"],
            denied: ["x.api.test", "api.test.x", "8.8.8.8", "127.0.0.1", "other.test"]),
        Row(
            title: "a name with a port", allowed: [AllowedHost(.name("api.test"), port: 8443)],
            goes: ["api.test:8443"], denied: ["api.test", "api.test:443"]),
        Row(
            title: "a suffix", allowed: [AllowedHost(.suffix("api.test"))], goes: ["x.api.test", "y.x.API.test"],
            denied: ["api.test", "xapi.test", "x.api.test.y"]),
        Row(
            title: "an address", allowed: [AllowedHost(.addresses(range("127.0.0.1")))],
            goes: ["127.0.0.1", "[::ffff:127.0.0.1]", "127.0.0.1:99", "any.test"],
            denied: ["127.0.0.2", "8.8.8.8", "[::1]"]),
        Row(
            title: "a block with a port", allowed: [AllowedHost(.addresses(range("10.0.0.0/8")), port: 80)],
            goes: ["10.1.2.3:80", "any.test:80"], denied: ["10.1.2.3", "11.0.0.1:80", "any.test"]),
        Row(
            title: "everything", allowed: [AllowedHost(.any)],
            goes: ["api.test", "127.0.0.1", "[::1]", "169.254.169.254", "localhost", "[::ffff:8.8.8.8]"], denied: []),
        Row(
            title: "everything on a port", allowed: [AllowedHost(.any, port: 443)], goes: ["api.test", "10.0.0.1"],
            denied: ["api.test:80", "10.0.0.1:80"]),
    ]

    @Test(arguments: rows)
    func theAllowedHostsDecide(_ row: Row) throws {
        for host in row.goes {
            #expect(try run(row.allowed).word(ParsedHead("GET", "/u/https://\(host)/x")) == "forward u", "\(host)")
        }
        for host in row.denied {
            let word = try run(row.allowed).word(ParsedHead("GET", "/u/https://\(host)/x"))
            #expect(word == "destination_denied", "\(host)")
        }
    }

    @Test(
        arguments: [
            // What is allowed, the host asked for, the port, what it resolved to, whether it may be dialled.
            ([], "api.test", 443, "8.8.8.8", true), ([], "api.test", 443, "10.0.0.1", false),
            ([], "api.test", 443, "::ffff:127.0.0.1", false), ([], "localhost", 443, "127.0.0.1", false),
            ([AllowedHost(.name("api.test"))], "api.test", 443, "10.0.0.1", true),
            ([AllowedHost(.name("api.test"))], "other.test", 443, "8.8.8.8", false),
            ([AllowedHost(.name("api.test"), port: 80)], "api.test", 443, "8.8.8.8", false),
            ([AllowedHost(.suffix("test"))], "api.test", 443, "127.0.0.1", true),
            ([AllowedHost(.any)], "api.test", 443, "169.254.169.254", true),
            ([AllowedHost(.addresses(range("10.0.0.0/8")))], "api.test", 443, "10.9.9.9", true),
            ([AllowedHost(.addresses(range("10.0.0.0/8")))], "api.test", 443, "8.8.8.8", false),
            ([AllowedHost(.addresses(range("10.0.0.0/8")), port: 80)], "api.test", 443, "10.9.9.9", false),
            // Weir's own listeners, whatever is allowed.
            ([AllowedHost(.any)], "rebind.test", 8080, "127.0.0.1", false),
            ([AllowedHost(.any)], "rebind.test", 8081, "127.0.0.1", false),
            ([AllowedHost(.name("rebind.test"))], "rebind.test", 8080, "::1", false),
            ([AllowedHost(.any)], "rebind.test", 8080, "0.0.0.0", false),
            ([AllowedHost(.any)], "rebind.test", 8082, "127.0.0.1", true),
            ([AllowedHost(.any)], "rebind.test", 8080, "10.0.0.1", true),
        ] as [([AllowedHost], String, Int, String, Bool)])
    func theAddressThatIsDialledIsChecked(
        _ allowed: [AllowedHost], _ host: String, _ port: Int, _ address: String, _ mayDial: Bool
    ) throws {
        let address = try #require(IPAddress(address))
        #expect(run(allowed).snapshot.routes[0].mayDial(host, port: port, address: address) == mayDial)
        // A configured target is not asked about.
        #expect(PolicyRun(.test("r")).snapshot.routes[0].mayDial(host, port: port, address: address))
    }

    @Test(arguments: [
        // The gateway's host, the console's, what is asked for, whether it is Weir itself.
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:8080", true), ("127.0.0.1", "127.0.0.1", "localhost:8081", true),
        ("127.0.0.1", "127.0.0.1", "x.localhost:8080", true), ("127.0.0.1", "127.0.0.1", "[::1]:8080", true),
        ("127.0.0.1", "127.0.0.1", "0.0.0.0:8080", true), ("127.0.0.1", "127.0.0.1", "127.0.0.1:8082", false),
        ("127.0.0.1", "127.0.0.1", "10.0.0.5:8080", false), ("0.0.0.0", "127.0.0.1", "10.0.0.5:8080", true),
        ("::", "127.0.0.1", "10.0.0.5:8080", true), ("0.0.0.0", "127.0.0.1", "10.0.0.6:8080", false),
        ("0.0.0.0", "127.0.0.1", "10.0.0.5:8081", false), ("10.0.0.5", "127.0.0.1", "10.0.0.5:8080", true),
        ("10.0.0.5", "127.0.0.1", "127.0.0.1:8080", false), ("gw.test", "127.0.0.1", "GW.test:8080", true),
        ("localhost", "127.0.0.1", "127.0.0.1:8080", true), ("0.0.0.0", "127.0.0.1", "[::ffff:127.0.0.1]:8080", true),
        ("127.0.0.1", "0.0.0.0", "10.0.0.5:8081", true), ("gw.test", "127.0.0.1", "10.0.0.5:8080", true),
        ("gw.test", "127.0.0.1", "127.0.0.1:8080", true), ("gw.test", "127.0.0.1", "10.0.0.6:8080", false),
    ])
    func weirItselfIsNoDestination(_ host: String, _ console: String, _ asked: String, _ isOwn: Bool) throws {
        var configuration = Configuration.test("u") {
            $0.routes[0].isUniversal = true
            $0.routes[0].allowedHosts = [AllowedHost(.any)]
            $0.server.host = host
            $0.console.host = console
        }
        let local = try #require(IPAddress("10.0.0.5"))
        let head = try ParsedHead("GET", "/u/http://\(asked)/x")
        var snapshot = PolicySnapshot(configuration, localAddresses: [local])
        #expect(PolicyRun(snapshot).word(head) == (isOwn ? "destination_denied" : "forward u"))
        configuration.console.isEnabled = false
        configuration.server.port = 9
        snapshot = PolicySnapshot(configuration, localAddresses: [local])
        #expect(PolicyRun(snapshot).word(head) == "forward u")
    }

    @Test(arguments: [
        ("api.test", "forward u"), ("8.8.8.8", "forward u"), ("127.0.0.1", "destination_denied"),
        ("localhost", "destination_denied"), ("a.localhost", "destination_denied"),
        ("printer.local", "destination_denied"),
        ("metadata.google.internal", "destination_denied"), ("metadata", "destination_denied"),
        ("box.home.arpa", "destination_denied"),
    ])
    func behindAProxyNamesAreJudgedByTheirSpelling(_ host: String, _ word: String) throws {
        let proxy = OutboundProxy(scheme: .socks5, host: "p", port: 1)
        let head = try ParsedHead("GET", "/u/http://\(host):99/x")
        #expect(run { $0.globalProxy = proxy }.word(head) == word)
        #expect(run([AllowedHost(.any)]) { $0.globalProxy = proxy }.word(head) == "forward u")
        let block = AllowedHost(.addresses(try #require(AddressRange("8.0.0.0/8"))))
        let listed = host == "8.8.8.8" ? "forward u" : "destination_denied"
        #expect(run([block]) { $0.globalProxy = proxy }.word(head) == listed)
    }

    @Test func aPlainTargetBehindAnHTTPProxyIsNamedInFull() throws {
        var proxy = OutboundProxy(scheme: .http, host: "p", port: 1)
        proxy.user = "u"
        let credentials = proxy
        let run = run { $0.globalProxy = credentials }
        let plain = try ParsedHead("GET", "/u/http://api.test:81/x?y")
        #expect(run.upstreamTarget(plain) == "http://api.test:81/x?y")
        #expect(run.upstreamFields(plain) == ["Proxy-Authorization: Basic dTo="])
        let secure = try ParsedHead("GET", "/u/https://api.test/x?y")
        #expect(run.upstreamTarget(secure) == "/x?y")
        #expect(run.upstreamFields(secure) == [])
    }

    @Test func theVersionRuleIsNotForIt() throws {
        let target = try UpstreamURL("https://other.test/base")
        let run = run {
            $0.routes[0].target = target
            $0.routes[0].versionedPath = .always
            $0.defaultRoute = "u"
        }
        for start in ["", "/u"] {
            let head = try ParsedHead("GET", "\(start)/https://api.test/x")
            #expect(run.upstreamHead(head) == "GET /x HTTP/1.1\r\nHost: api.test\r\n\r\n")
        }
    }

    @Test func keysAndPathsWorkThereToo() throws {
        let run = run([AllowedHost(.name("api.test"))]) {
            $0.keys = [KeySettings(key: Secret("k"), upstreamKey: Secret("up"))]
            $0.server.basePath = "/b"
        }
        #expect(try run.upstreamTarget(ParsedHead("GET", "/b/u/https://api.test/x?key=k")) == "/x?key=up")
        guard case .forward(let forwarding) = run.decide(try ParsedHead("GET", "/b/u/https://api.test:81/x?key=k"))
        else {
            Issue.record("not forwarded")
            return
        }
        #expect(forwarding.destination == UpstreamURL(scheme: .https, host: "api.test", port: 81))
    }
}

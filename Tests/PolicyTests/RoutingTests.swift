import LLMWire
import Policy
import Testing
import WeirConfiguration

/// Where a request goes, and what target the upstream sees there.
@Suite struct RoutingTests {
    private func run(_ change: (inout Configuration) -> Void = { _ in }) -> PolicyRun {
        PolicyRun(
            .test("openai", "a", "a.b-c_d", "a-very-long-name-of-a-route", "a-very-long-name-of-a-routf", "off") {
                $0.routes[5].isEnabled = false
                change(&$0)
            })
    }

    @Test(arguments: [
        // Target, route without a default one, with `a` as the default one.
        ("/openai/v1/models", "forward openai", "forward openai"), ("/openai", "forward openai", "forward openai"),
        ("/openai/", "forward openai", "forward openai"), ("/openai?x=1", "forward openai", "forward openai"),
        ("/a", "forward a", "forward a"), ("/a.b-c_d/x", "forward a.b-c_d", "forward a.b-c_d"),
        (
            "/a-very-long-name-of-a-route/x", "forward a-very-long-name-of-a-route",
            "forward a-very-long-name-of-a-route"
        ),
        ("/a-very-long-name-of-a-routf", "forward a-very-long-name-of-a-routf", "forward a-very-long-name-of-a-routf"),
        ("/a-very-long-name-of-a-routg", "route_not_found", "forward a"), ("/OpenAI/x", "route_not_found", "forward a"),
        ("/opena/x", "route_not_found", "forward a"), ("/openaii/x", "route_not_found", "forward a"),
        ("/open%61i/x", "route_not_found", "forward a"), ("//openai/x", "route_not_found", "forward a"),
        ("/v1/openai", "route_not_found", "forward a"), ("/", "route_not_found", "forward a"),
        ("/?openai", "route_not_found", "forward a"), ("*", "route_not_found", "forward a"),
        ("/off/x", "route_disabled", "route_disabled"), ("/off", "route_disabled", "route_disabled"),
    ])
    func theFirstSegmentNamesTheRoute(_ target: String, _ plain: String, _ withDefault: String) throws {
        let head = try ParsedHead("OPTIONS", target)
        #expect(run().word(head) == plain)
        #expect(run { $0.defaultRoute = "a" }.word(head) == withDefault)
    }

    @Test func manyRoutesAreAllFound() throws {
        let run = PolicyRun(
            .test {
                $0.routes = (0..<300).map {
                    RouteSettings(name: "route-\($0)", target: UpstreamURL(scheme: .http, host: "h", port: 80))
                }
            })
        for index in 0..<300 {
            #expect(try run.word(ParsedHead("GET", "/route-\(index)/x")) == "forward route-\(index)")
        }
        #expect(try run.word(ParsedHead("GET", "/route-300/x")) == "route_not_found")
    }

    private func refusal(_ run: PolicyRun, _ target: String) throws -> Refusal {
        guard case .refuse(let refusal, _) = run.decide(try ParsedHead("POST", target)) else { throw TestFault() }
        return refusal
    }

    struct TestFault: Error {}

    @Test func theRefusalListsTheEnabledRoutes() throws {
        let few = try refusal(run(), "/x")
        #expect(few.status == 404)
        #expect(
            few.message.contains("openai, a, a.b-c_d, a-very-long-name-of-a-route, a-very-long-name-of-a-routf."))
        let many = try refusal(
            PolicyRun(
                .test {
                    $0.routes = (0..<25).map {
                        RouteSettings(name: "r\($0)", target: UpstreamURL(scheme: .http, host: "h", port: 80))
                    }
                }), "/x")
        #expect(many.message.contains("r0, r1") && many.message.contains("r19, and 5 more"))
        #expect(!many.message.contains("r20"))
    }

    @Test(arguments: [
        ("/v1/chat/completions", "forward openai"), ("/v1/responses", "forward openai"),
        ("/v1/messages", "forward anthropic"), ("/v1beta/models/g:generateContent", "forward gemini"),
        ("/api/chat", "forward ollama"), ("/x", "forward openai"), ("/gemini/v1/chat", "forward gemini"),
        ("*", "forward openai"),
    ])
    func builtInRoutesTakePathsByDialect(_ target: String, _ word: String) throws {
        let run = PolicyRun(.test("ollama", "gemini", "anthropic", "openai") { $0.usesBuiltInRoutes = true })
        #expect(try run.word(ParsedHead("OPTIONS", target)) == word)
        let withDefault = PolicyRun(
            .test("openai", "mine") {
                $0.usesBuiltInRoutes = true
                $0.defaultRoute = "mine"
            })
        #expect(try withDefault.word(ParsedHead("POST", "/v1/messages")) == "forward mine")
        #expect(try PolicyRun(.test("openai", "anthropic")).word(ParsedHead("POST", "/v1/x")) == "route_not_found")
    }

    @Test(arguments: [
        // Method, target, base path, what is decided.
        ("GET", "/", "/byok", "greeting"), ("HEAD", "/byok", "/byok", "greeting"),
        ("GET", "/byok/", "/byok", "greeting"),
        ("GET", "/healthz", "/byok", "health"), ("HEAD", "/byok/healthz", "/byok", "health"),
        ("POST", "/byok/healthz", "/byok", "route_not_found"), ("POST", "/byok", "/byok", "route_not_found"),
        ("GET", "/byok/openai/x", "/byok", "forward openai"), ("GET", "/byok/openai", "/byok", "forward openai"),
        ("GET", "/byok?x", "/byok", "route_not_found"), ("GET", "/openai/x", "/byok", "route_not_found"),
        ("GET", "/byokx/openai/x", "/byok", "route_not_found"), ("GET", "/BYOK/openai", "/byok", "route_not_found"),
        ("GET", "/byok/byok/openai", "/byok", "route_not_found"),
        ("GET", "/api/v1/proxy/a", "/api/v1/proxy", "forward a"),
        ("GET", "/api/v1/a", "/api/v1/proxy", "route_not_found"), ("GET", "/a", "", "forward a"),
        ("GET", "/byok//openai", "/byok", "route_not_found"), ("GET", "/healthz?x", "", "route_not_found"),
        ("OPTIONS", "*", "/byok", "route_not_found"),
    ])
    func theBasePathIsTakenOff(_ method: String, _ target: String, _ base: String, _ word: String) throws {
        #expect(try run { $0.server.basePath = base }.word(ParsedHead(method, target)) == word)
    }

    @Test func outsideTheBasePathNothingIsListed() throws {
        let configured = run {
            $0.server.basePath = "/byok"
            $0.defaultRoute = "a"
        }
        let outside = try refusal(configured, "/openai/x")
        #expect(outside.code == .routeNotFound && outside.message.contains("/byok/"))
        #expect(!outside.message.contains("openai"))
        #expect(try configured.upstreamTarget(ParsedHead("POST", "/byok/v1/x?y")) == "/v1/x?y")
        #expect(try configured.upstreamTarget(ParsedHead("POST", "/byok/a/v1/x?y")) == "/v1/x?y")
        #expect(try configured.upstreamTarget(ParsedHead("OPTIONS", "*")) == "*")
    }

    @Test(arguments: [
        // The upstream's base path, what is asked for on the route, what arrives.
        ("", "", "/"), ("", "/", "/"), ("", "?x=1", "/?x=1"), ("", "/?x=1", "/?x=1"), ("", "/v1/x", "/v1/x"),
        ("", "/a%2Fb/../c;d?e=/f", "/a%2Fb/../c;d?e=/f"), ("", "//x", "//x"), ("/v1", "", "/v1"), ("/v1", "/", "/v1/"),
        ("/v1", "?x=1", "/v1?x=1"), ("/v1", "/v1/x", "/v1/v1/x"), ("/v1", "/x", "/v1/x"), ("/b/c", "/x?y", "/b/c/x?y"),
    ])
    func theRestIsJoinedToTheBase(_ base: String, _ rest: String, _ arrives: String) throws {
        let target = try UpstreamURL("https://up.test\(base)")
        let run = PolicyRun(.test("r") { $0.routes[0].target = target })
        #expect(try run.upstreamTarget(ParsedHead("POST", "/r\(rest)")) == arrives)
    }

    @Test(arguments: [
        // Route, rule, whether the version is put in order where the route is named, and where it is the default one.
        ("r", VersionedPath.auto, false, true), ("r", .always, true, true), ("r", .never, false, false),
        ("default", .auto, true, true), ("default", .never, false, false),
    ])
    func theVersionRuleIsForTheDefaultRoute(
        _ name: String, _ rule: VersionedPath, _ named: Bool, _ asDefault: Bool
    ) throws {
        let target = try UpstreamURL("https://up.test/v1")
        for isDefault in [false, true] {
            let run = PolicyRun(
                .test(name) {
                    $0.routes[0].target = target
                    $0.routes[0].versionedPath = rule
                    $0.defaultRoute = isDefault ? name : nil
                })
            let isActive = isDefault ? asDefault : named
            let (twice, bare) = isActive ? ("/v1/models", "/v1/models") : ("/v1/v1/models", "/v1/models")
            #expect(try run.upstreamTarget(ParsedHead("GET", "/\(name)/v1/models")) == twice)
            #expect(try run.upstreamTarget(ParsedHead("GET", "/\(name)/models")) == bare)
            guard isDefault else { continue }
            #expect(try run.upstreamTarget(ParsedHead("GET", "/v1/models")) == twice)
            #expect(try run.upstreamTarget(ParsedHead("GET", "/models")) == bare)
        }
    }

    @Test(arguments: [
        (PathRule.fixed("/chat"), "/v1/x?y=1", "/chat?y=1"), (.fixed("/chat"), "", "/chat"),
        (.fixed("chat"), "?y", "/chat?y"), (.fixed("/chat?v=2"), "/x?y=1", "/chat?v=2&y=1"),
        (.fixed("/chat?v=2"), "/x", "/chat?v=2"), (.fixed("/chat?v=2"), "/x?", "/chat?v=2"),
        (.map([Alias(from: "/v1/a", to: "/b"), Alias(from: "c", to: "d?e=f")]), "/v1/a?y", "/b?y"),
        (.map([Alias(from: "/v1/a", to: "/b"), Alias(from: "c", to: "d?e=f")]), "/c?y", "/d?e=f&y"),
        (.map([Alias(from: "/v1/a", to: "/b")]), "/v1/a/", "/base/v1/a/"),
        (.map([Alias(from: "/v1/a", to: "/b")]), "/v1/A", "/base/v1/A"),
        (.map([Alias(from: "/v1/a", to: "/b")]), "", "/base"), (.map([Alias(from: "/", to: "/b")]), "", "/b"),
        (.map([Alias(from: "/", to: "/b")]), "/?x", "/b?x"), (.map([]), "/x", "/base/x"),
    ])
    func aPathMayBeFixedOrMapped(_ rule: PathRule, _ rest: String, _ arrives: String) throws {
        let target = try UpstreamURL("https://up.test/base")
        let run = PolicyRun(
            .test("r") {
                $0.routes[0].target = target
                $0.routes[0].path = rule
                $0.keys = [KeySettings(key: Secret("k"))]
                $0.unknownKeys = .pass
            })
        #expect(try run.upstreamTarget(ParsedHead("POST", "/r\(rest)")) == arrives)
        // A key that is taken out leaves no trace.
        let withKey = rest + (rest.hasSuffix("?") ? "key=k" : rest.contains("?") ? "&key=k" : "?key=k")
        #expect(try run.upstreamTarget(ParsedHead("POST", "/r\(withKey)")) == arrives)
    }

    @Test(arguments: [
        // The upstream, the proxy, the target that goes out, whether the proxy's credentials go with it.
        ("http://up.test/v1", "http", true, "http://up.test/v1/x?y"),
        ("http://up.test:81", "https", true, "http://up.test:81/x?y"), ("https://up.test", "http", false, "/x?y"),
        ("http://up.test", "socks5", false, "/x?y"), ("http://up.test", "", false, "/x?y"),
    ])
    func aPlainUpstreamBehindAnHTTPProxyIsNamedInFull(
        _ upstream: String, _ scheme: String, _ isAbsolute: Bool, _ target: String
    ) throws {
        let url = try UpstreamURL(upstream)
        let run = PolicyRun(
            .test("r") {
                $0.routes[0].target = url
                guard let scheme = OutboundProxy.Scheme(rawValue: scheme) else {
                    $0.globalProxy = OutboundProxy(scheme: .http, host: "p", port: 1)
                    $0.routes[0].proxy = .direct
                    return
                }
                var proxy = OutboundProxy(scheme: scheme, host: "proxy.test", port: 3128)
                proxy.user = "Aladdin"
                proxy.password = Secret("open sesame")
                $0.globalProxy = proxy
            })
        let head = try ParsedHead("POST", "/r/x?y", fields: ["Proxy-Authorization: Basic theirs", "A: b"])
        #expect(run.upstreamTarget(head) == target)
        let credentials = ["Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="]
        #expect(run.upstreamFields(head) == ["A: b"] + (isAbsolute ? credentials : []))
        let route = run.snapshot.routes[0]
        #expect(route.sendsAbsoluteForm == isAbsolute)
        #expect(route.proxy?.scheme.rawValue ?? "" == scheme)
    }

    @Test func asteriskFormNamesTheOriginToAProxy() throws {
        let target = try UpstreamURL("http://up.test:81/v1")
        let run = PolicyRun(
            .test("r") {
                $0.routes[0].target = target
                $0.routes[0].proxy = .proxy(OutboundProxy(scheme: .http, host: "p", port: 1))
                $0.defaultRoute = "r"
            })
        #expect(try run.upstreamTarget(ParsedHead("OPTIONS", "*")) == "http://up.test:81")
    }

    @Test func whatNeedsNoChangeHasNone() throws {
        let run = PolicyRun(.test("r") { $0.defaultRoute = "r" })
        #expect(try run.upstreamTarget(ParsedHead("POST", "/v1/x?y")) == "/v1/x?y")
        #expect(try run.upstreamTarget(ParsedHead("POST", "/r/v1/x?y")) == "/v1/x?y")
    }
}

import HTTP1
import Policy
import Testing
import WeirConfiguration

/// What the snapshot decides of a request.
@Suite struct DecisionTests {
    private func snapshot(routes: Int = 1) throws -> PolicySnapshot {
        var configuration = Configuration(dataDirectory: "unused", threads: 1)
        for index in 0..<routes {
            configuration.routes.append(
                RouteSettings(name: "r\(index)", target: try UpstreamURL("http://upstream.test:81/v1")))
        }
        configuration.defaultRoute = routes > 0 ? "r\(routes - 1)" : nil
        return PolicySnapshot(configuration)
    }

    @Test(arguments: [
        ("GET", "/", "greeting"), ("HEAD", "/", "greeting"), ("POST", "/", "forward"), ("OPTIONS", "/", "forward"),
        ("GET", "/?", "forward"), ("GET", "//", "forward"), ("GET", "/healthz", "health"),
        ("HEAD", "/healthz", "health"), ("POST", "/healthz", "forward"), ("GET", "/healthz/", "forward"),
        ("GET", "/healthz?x", "forward"), ("GET", "/Healthz", "forward"), ("get", "/", "forward"),
        ("OPTIONS", "*", "forward"), ("GET", "/v1/models", "forward"),
    ])
    func itsOwnTargetsAreReadOnly(_ method: String, _ target: String, _ expected: String) throws {
        let head = try ParsedHead(method, target)
        let decided: String
        switch decide(head, by: try snapshot()) {
        case .forward(let forwarding): decided = forwarding.route.index == 0 ? "forward" : "forward elsewhere"
        case .health: decided = "health"
        case .greeting, .preflight: decided = "greeting"
        case .refuse: decided = "refuse"
        }
        #expect(decided == expected)
    }

    private func decide(_ head: ParsedHead, by snapshot: PolicySnapshot) -> Decision {
        snapshot.decide(head.octets.span.bytes, head.request, fields: head.parser.fields, peer: nil)
    }

    @Test func theDefaultRouteIsTakenByName() throws {
        let head = try ParsedHead("POST", "/v1/models")
        guard case .forward(let forwarding) = decide(head, by: try snapshot(routes: 3)),
            forwarding.route.index == 2
        else {
            Issue.record("not the default route")
            return
        }
    }

    @Test func withoutARouteItIsNotFound() throws {
        let head = try ParsedHead("POST", "/v1/models")
        guard case .refuse(let refusal, _) = decide(head, by: try snapshot(routes: 0)) else {
            Issue.record("not refused")
            return
        }
        #expect(refusal.status == 404)
    }

    @Test func aRouteIsMadeReadyOnce() throws {
        let route = try snapshot().routes[0]
        #expect(route.host == Array("upstream.test:81".utf8))
        #expect(route.origin == Array("http://upstream.test:81".utf8))
        #expect(route.firstByteTimeout == 300_000_000_000 && route.idleTimeout == 300_000_000_000)
    }
}

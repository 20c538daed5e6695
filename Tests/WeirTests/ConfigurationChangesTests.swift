import LLMWire
import Testing
import WeirConfiguration

@testable import weir

@Suite("What a reload changes")
struct ConfigurationChangesTests {
    /// A change of a configuration, and what is said about it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var lines: [String] = []
        var restart: [String] = []
        let change: @Sendable (inout Configuration) -> Void
    }

    private static let secret = "sk-very-secret-0123456789"

    private static func configuration() throws -> Configuration {
        var configuration = Configuration(dataDirectory: "/data", threads: 2)
        var openai = RouteSettings(name: "openai", target: try UpstreamURL("https://api.openai.com"))
        openai.customHeaders = [
            CustomHeader(name: "Authorization", value: Secret(secret)),
            CustomHeader(name: "X-Team", value: Secret("a")),
        ]
        configuration.routes = [openai, RouteSettings(name: "other", target: try UpstreamURL("http://other.test"))]
        var named = KeySettings(key: Secret("client-key-of-alice"), upstreamKey: Secret(secret))
        named.name = "alice"
        configuration.keys = [named, KeySettings(key: Secret("client-key-two"))]
        return configuration
    }

    static let cases: [Case] = [
        Case(testDescription: "nothing") { _ in },
        Case(testDescription: "a route added", lines: ["route new added"]) {
            $0.routes.append(RouteSettings(name: "new", target: nil))
        },
        Case(testDescription: "prices", lines: ["altered: prices"]) { $0.prices = PriceSettings() },
        Case(testDescription: "a route added, disabled", lines: ["route new added, disabled"]) {
            var route = RouteSettings(name: "new", target: nil)
            route.isEnabled = false
            $0.routes.insert(route, at: 0)
        },
        Case(testDescription: "a route removed", lines: ["route openai removed"]) { $0.routes.removeFirst() },
        Case(testDescription: "a route renamed", lines: ["route ai added", "route openai removed"]) {
            $0.routes[0].name = "ai"
        },
        Case(testDescription: "a route disabled", lines: ["route other disabled"]) { $0.routes[1].isEnabled = false },
        Case(testDescription: "routes in another order", lines: ["routes in another order"]) {
            $0.routes.swapAt(0, 1)
        },
        Case(
            testDescription: "a route's settings",
            lines: ["route other altered: dialect, timeouts.idle, retries, default_key"]
        ) {
            $0.routes[1].timeouts.idle = .seconds(1)
            $0.routes[1].retries.attempts = 3
            $0.routes[1].dialect = .gemini
            $0.routes[1].defaultKey = Secret(secret)
        },
        Case(
            testDescription: "a route's headers",
            lines: ["route openai disabled; custom_headers +x-new, -X-Team, ~Authorization"]
        ) {
            $0.routes[0].isEnabled = false
            $0.routes[0].customHeaders = [
                CustomHeader(name: "Authorization", value: Secret("another " + secret)),
                CustomHeader(name: "x-new", value: Secret(secret)),
            ]
        },
        Case(
            testDescription: "keys",
            lines: ["keys added: bob, 1 without a name", "keys removed: 1 without a name", "keys altered: alice"]
        ) {
            $0.keys[0].upstreamKey = Secret("another " + secret)
            $0.keys[1] = KeySettings(key: Secret("client-key-three"))
            var bob = KeySettings(key: Secret("client-key-of-bob"))
            bob.name = "bob"
            $0.keys.append(bob)
        },
        Case(testDescription: "keys in another order", lines: ["keys in another order"]) { $0.keys.swapAt(0, 1) },
        Case(
            testDescription: "what is in force at once",
            lines: ["altered: server.base_path, access.deny, default_key, global_proxy, headers_to_drop"]
        ) {
            $0.server.basePath = "/byok"
            $0.access.deny = [AddressRange("10.0.0.0/8")].compactMap(\.self)
            $0.defaultKey = Secret(secret)
            var proxy = OutboundProxy(scheme: .http, host: "proxy.test", port: 3128)
            proxy.user = "user"
            proxy.password = Secret(secret)
            $0.globalProxy = proxy
            $0.headersToDrop = ["x-real-ip"]
        },
        Case(
            testDescription: "listener, data directory, threads",
            restart: [
                "server.host, server.port, data directory, threads need a restart; until then the old stays in force"
            ]
        ) {
            $0.server.host = "0.0.0.0"
            $0.server.port = 1
            $0.dataDirectory = "/elsewhere"
            $0.threads = 7
        },
        Case(
            testDescription: "TLS switched on", lines: ["altered: server.tls.certificate, server.tls.private_key"],
            restart: ["server.tls needs a restart; until then the old stays in force"]
        ) { $0.server.tls = ListenerTLS(certificate: "c.pem", privateKey: "k.pem") },
        Case(
            testDescription: "masks at once, the rest of the record later",
            lines: ["altered: recording.redact.headers, recording.redact.query"],
            restart: ["recording.max_body needs a restart; until then the old stays in force"]
        ) {
            $0.recording.redaction.headers = ["x-team"]
            $0.recording.redaction.query = ["code"]
            $0.recording.maxBody = 1
        },
        Case(testDescription: "masks", lines: ["altered: recording.redact.query"]) {
            $0.recording.redaction.query = ["code"]
        },
        Case(testDescription: "what no table knows", lines: ["altered: other settings"]) {
            $0.usesBuiltInRoutes = true
        },
    ]

    @Test("is told by key and name, and no secret is", arguments: cases)
    func told(_ change: Case) throws {
        let old = try Self.configuration()
        var new = old
        change.change(&new)
        let changes = ConfigurationChanges(from: old, to: new)
        #expect(changes.lines == change.lines)
        #expect(changes.needsRestart == change.restart)
        #expect(changes.isEmpty == (change.lines.isEmpty && change.restart.isEmpty))
        for line in changes.lines + changes.needsRestart {
            #expect(!line.contains("secret") && !line.contains("client-key"), "\(line)")
        }
    }

    @Test("every setting of a route is in the table")
    func complete() {
        // `timeouts` has four keys and `tls` two; `name`, `isEnabled` and `customHeaders` are told apart from the table.
        let properties = Mirror(reflecting: RouteSettings(name: "", target: nil)).children.count
        #expect(ConfigurationChanges.routeSettings.count == properties - 3 + 3 + 1)
    }
}

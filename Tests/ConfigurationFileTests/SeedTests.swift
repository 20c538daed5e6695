import ConfigurationFile
import TestSupport
import Testing
import WeirConfiguration

/// The configurations that users of other programs bring along load as they are.
@Suite struct SeedTests {
    @Test func theCompleteExample() throws {
        let configuration = try load(DocumentedConfigurations.completeExample).configuration
        var expected = Configuration(dataDirectory: "./.weir", threads: 2)
        expected.server.host = "0.0.0.0"
        expected.server.port = 3000
        expected.server.reloadInterval = .every(.seconds(5))
        expected.headersToDrop = ["x-forwarded-for", "x-real-ip"]
        var route = RouteSettings(name: "openai", target: try UpstreamURL("https://api.openai.com"))
        route.forceHeaderOverwrite = false
        route.customHeaders = [CustomHeader(name: "Authorization", value: Secret("Bearer sk-xxxx"))]
        expected.routes = [route]
        #expect(configuration == expected)
    }

    @Test func severalProviders() throws {
        let loaded = try load(DocumentedConfigurations.severalAPIs)
        #expect(loaded.configuration.routes.map(\.name) == ["openai", "anthropic", "gemini", "deepseek"])
        #expect(!loaded.configuration.usesBuiltInRoutes)
        #expect(loaded.configuration.defaultRoute == nil)
        #expect(
            try loaded.route("anthropic").customHeaders == [
                CustomHeader(name: "x-api-key", value: Secret("sk-ant-xxxx")),
                CustomHeader(name: "anthropic-version", value: Secret("2023-06-01")),
            ])
        #expect(try loaded.route("gemini").target?.origin == "https://generativelanguage.googleapis.com")
    }

    @Test func behindNginx() throws {
        let loaded = try load(
            """
            { "server": { "host": "127.0.0.1", "port": 3000, "base_path": "/byok" },
              "routes": { "openai": { "enabled": true, "target_url": "https://api.openai.test" } } }
            """)
        #expect(loaded.configuration.server.basePath == "/byok")
        let deep = try load(#"{ "server": { "base_path": "/api/v1/proxy" } }"#)
        #expect(deep.configuration.server.basePath == "/api/v1/proxy")
    }

    @Test func headerPrecedence() throws {
        let first = try load(
            """
            { "force_header_overwrite": false,
              "routes": { "openai": { "target_url": "https://api.openai.test",
                "custom_headers": { "Authorization": "Bearer sk-default-key" } } } }
            """)
        #expect(!first.configuration.forceHeaderOverwrite)
        #expect(try first.route("openai").forceHeaderOverwrite == nil)
        let second = try load(#"{ "force_header_overwrite": true }"#)
        #expect(second.configuration.forceHeaderOverwrite)
        let third = try load(
            """
            { "force_header_overwrite": false,
              "routes": {
                "public-api": { "target_url": "https://api.openai.test", "force_header_overwrite": false,
                  "custom_headers": { "Authorization": "Bearer sk-default" } },
                "private-api": { "target_url": "https://api.openai.test", "force_header_overwrite": true,
                  "custom_headers": { "Authorization": "Bearer sk-fixed-key" } } } }
            """)
        #expect(try third.route("public-api").forceHeaderOverwrite == false)
        #expect(try third.route("private-api").forceHeaderOverwrite == true)
    }

    @Test func proxies() throws {
        let loaded = try load(
            """
            { "global_proxy": "http://127.0.0.1:7890",
              "routes": {
                "openai": { "target_url": "https://api.openai.test", "proxy": "http://us-proxy.test:8080" },
                "domestic-api": { "target_url": "https://api.domestic.test", "proxy": "" },
                "other": { "target_url": "https://api.other.test", "proxy": null },
                "socks": { "target_url": "https://api.socks.test", "proxy": "socks5://user:pass@proxy.test:1081" } } }
            """)
        #expect(loaded.configuration.globalProxy == OutboundProxy(scheme: .http, host: "127.0.0.1", port: 7890))
        #expect(
            try loaded.route("openai").proxy == .proxy(OutboundProxy(scheme: .http, host: "us-proxy.test", port: 8080)))
        #expect(try loaded.route("domestic-api").proxy == .direct)
        #expect(try loaded.route("other").proxy == .global)
        var socks = OutboundProxy(scheme: .socks5, host: "proxy.test", port: 1081)
        socks.user = "user"
        socks.password = Secret("pass")
        #expect(try loaded.route("socks").proxy == .proxy(socks))
    }

    @Test func universalRoutes() throws {
        let loaded = try load(#"{ "routes": { "proxy": { "enabled": true, "universal_proxy": true } } }"#)
        let route = try loaded.route("proxy")
        #expect(route.isUniversal && route.target == nil && route.allowedHosts.isEmpty)
    }

    @Test(arguments: [(-1, ReloadInterval.never), (0, .watch), (5, .every(.seconds(5)))])
    func reloading(_ number: Int, _ interval: ReloadInterval) throws {
        let loaded = try load(#"{ "server": { "reload_interval": \#(number) } }"#)
        #expect(loaded.configuration.server.reloadInterval == interval)
    }

    @Test func aProductionFile() throws {
        let loaded = try load(DocumentedConfigurations.production)
        #expect(loaded.configuration.server.logsRequests == false)
        #expect(loaded.configuration.server.reloadInterval == .every(.seconds(30)))
        #expect(try loaded.route("ollama").target?.port == 11434)
        #expect(try loaded.route("openai-azure").customHeaders.first?.value == Secret("your-azure-key"))
    }

    @Test func microservicesBehindAnEgressProxy() throws {
        let loaded = try load(
            """
            { "routes": {
                "user-service": { "enabled": true, "target_url": "http://user-service.test:8080", "proxy": "" },
                "external-api": { "enabled": true, "target_url": "https://api.external.test",
                  "proxy": "http://egress-proxy:3128" } } }
            """)
        #expect(try loaded.route("user-service").target?.origin == "http://user-service.test:8080")
        #expect(
            try loaded.route("external-api").proxy
                == .proxy(OutboundProxy(scheme: .http, host: "egress-proxy", port: 3128)))
    }

    @Test func thePathAndAliasesOfTheChatProxy() throws {
        let text = """
            # from /v1/chat/completions to /chat
            proxy_url_path: "/chat"
            field_aliases:
              "model": "model_id"
            keys:
              my_key_1: sk-real-1
            access:
              allow: [127.0.0.1, 192.168.0.0/16]
              deny: ["192.168.1.7"]
            global_proxy: http://127.0.0.1:7890
            """
        let loaded = try load(text) { $0.upstreamBaseURL = "https://api.openai.test" }
        let route = try loaded.route("default")
        #expect(route.path == .fixed("/chat"))
        #expect(route.fieldAliases == [Alias(from: "model", to: "model_id")])
        #expect(
            loaded.configuration.keys == [KeySettings(key: Secret("my_key_1"), upstreamKey: Secret("sk-real-1"))])
        #expect(loaded.configuration.access.allow == [AddressRange("127.0.0.1"), AddressRange("192.168.0.0/16")])
        let named = try load(text + "\ndefault_route: chat\nroutes: { chat: { target_url: https://api.chat.test } }\n")
        #expect(try named.route("chat").path == .fixed("/chat"))
        #expect(try named.route("chat").fieldAliases == [Alias(from: "model", to: "model_id")])
        #expect(try faults(text).map(\.place) == ["proxy_url_path", "field_aliases"])
    }
}

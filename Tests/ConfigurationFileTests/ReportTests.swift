import ConfigurationFile
import Foundation
import TestSupport
import Testing
import WeirConfiguration
import Yams

@Suite struct ReportTests {
    /// The package's directory.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private let text = """
        server: { base_path: /byok, cors: { allow_origins: ["*"] }, reload_interval: -1 }
        console: { admin_keys: [admin-key-secret-0001] }
        global_proxy: http://user:proxysecret0002@proxy.test:3128
        access: { allow: [10.0.0.0/8, "::1"], trusted_proxies: [192.0.2.1] }
        keys:
          client-key-secret-0003: sk-upstream-secret-0004
          short: ~
          tiny: { upstream_key: null, name: "Ann: the \\"first\\"", role: admin, routes: [openai, any] }
        unknown_keys: pass
        default_key: sk-default-secret-0005
        default_route: openai
        telemetry: { headers: { authorization: telemetry-secret-0006 } }
        prices:
          models:
            "gpt-*": { input: 2.5, output: 1e1, cached_input: 0.0028, reasoning: 12, request: 0.005 }
            "a/b:c":
              input: 0
              above: [{ tokens: 200000, input: 4, audio_output: 5 }]
              service_tiers: { Flex: { input: 1, above: [{ tokens: 5, output: 2 }] }, batch: { output: 1 } }
        routes:
          openai:
            target_url: https://api.openai.test/v1
            custom_headers: { Authorization: Bearer sk-header-secret-0007, X-Plain: a }
            set_body: { list: [1, { b: "no" }, null], number: 1.0, text: "a$$b ${X}", deep: { "on": { yes: 1e5 } } }
            path: { /a: /b }
            timeouts: { connect: 250ms, total: 2h }
            retries: { attempts: 0, retry_on: [429] }
            default_key: sk-route-secret-0008
          any: { universal_proxy: true, proxy: "", allowed_hosts: [10.0.0.0/8, "*.corp.test:443", "[::1]:80", "*"] }
          old: { enabled: false, target_url: https://old.test, proxy: socks5://u:proxysecret0009@s.test }
        intercept:
          rules: [{ match: { host: "*.a.test", method: post, header: { X-A: b } }, route: openai, path: /x }]
        """

    @Test func theReportIsReadAgainAsTheSame() throws {
        let loaded = try load(text, environment: ["X": "${Y}"])
        let report = loaded.report.joined(separator: "\n")
        let again = try load(report)
        var first = loaded.configuration
        var second = again.configuration
        // Secrets are all that is lost, and what only stands in for them.
        #expect(first.keys.map(\.name) == second.keys.map(\.name))
        #expect(first.keys.map(\.routes) == second.keys.map(\.routes))
        #expect(first.keys.map { $0.upstreamKey == nil } == second.keys.map { $0.upstreamKey == nil })
        first.recording.logDirectory = second.recording.logDirectory
        for index in first.routes.indices {
            #expect(first.routes[index].customHeaders.map(\.name) == second.routes[index].customHeaders.map(\.name))
        }
        Self.forget(&first)
        Self.forget(&second)
        #expect(first == second)
    }

    private static func forget(_ configuration: inout Configuration) {
        configuration.keys = []
        configuration.console.adminKeys = []
        configuration.defaultKey = nil
        configuration.telemetry = nil
        configuration.globalProxy?.user = nil
        configuration.globalProxy?.password = nil
        for index in configuration.routes.indices {
            configuration.routes[index].customHeaders = []
            configuration.routes[index].defaultKey = nil
            if case .proxy(var proxy) = configuration.routes[index].proxy {
                proxy.user = nil
                proxy.password = nil
                configuration.routes[index].proxy = .proxy(proxy)
            }
        }
    }

    @Test func theReportShowsNoSecret() throws {
        let report = try load(text, environment: ["X": "x"]).report.joined(separator: "\n")
        #expect(!report.contains(/secret-?000/))
        #expect(report.contains("Authorization: \"Bearer …0007\""))
        #expect(report.contains("default_key: \"…0005\""))
        #expect(report.contains("http://***@proxy.test:3128"))
    }

    @Test func theRouteTable() throws {
        let table = try load(text, environment: ["X": "x"]).routeTable
        #expect(
            table == [
                "on   /byok/openai                   →  https://api.openai.test/v1                via http://proxy.test:3128",
                "on   /byok/any/{scheme}://{host}/…  →  10.0.0.0/8, *.corp.test:443, [::1]:80, …  direct",
                "off  /byok/old                      →  https://old.test                          via socks5://s.test:1080",
                "     /byok/…                        →  openai",
            ])
        #expect(try load().routeTable.last == "    /…           →  by dialect")
    }

    @Test func theReportOfTheBuiltInRoutesIsReadAgain() throws {
        let loaded = try load { $0.upstreamBaseURL = "mock://" }
        let again = try load(loaded.report.joined(separator: "\n"))
        #expect(again.configuration.routes == BuiltInRoutes.all)
        #expect(loaded.routeTable.first?.contains("/default") == true)
    }

    @Test func theExampleShowsEveryKeyWithItsDefault() throws {
        let example = try Self.text("weir.example.yaml")
        let loaded = try load(example)
        var configuration = loaded.configuration
        #expect(configuration.keys.count == 2 && configuration.routes.map(\.name) == ["openai"])
        let route = RouteSettings(name: "openai", target: try UpstreamURL("https://api.openai.com"))
        #expect(configuration.routes == [route])
        #expect(loaded.notInEffect == ["console"])
        configuration.keys = []
        configuration.routes = []
        // Said, which is not the same as left out, though it means the same.
        #expect(configuration.unknownKeys == .reject)
        configuration.unknownKeys = nil
        #expect(configuration == Configuration(dataDirectory: "./.weir", threads: 2))

        let lines = example.split(separator: "\n").map { line in
            line.drop { $0 == " " || $0 == "#" || $0 == "-" }
        }
        for path in ConfigurationSchema.keyPaths {
            let name = path.split(separator: ".").last.map(String.init) ?? path
            let inline = ["certificate", "private_key"]
            #expect(
                lines.contains { $0.hasPrefix(name + ":") } || inline.contains(name) && example.contains(name + ":"),
                "\(path)")
        }
    }

    @Test func theDocumentationNamesEveryKey() throws {
        let documentation = try Self.text("docs/configuration.md")
        for path in ConfigurationSchema.keyPaths {
            let name = path.split(separator: ".").last.map(String.init) ?? path
            #expect(documentation.contains("`\(name)`"), "\(path)")
        }
    }

    @Test func theSchemaFitsWhatIsAccepted() throws {
        let validator = try SchemaValidator(ConfigurationSchema.json)
        let report = try load(text, environment: ["X": "x"]).report.joined(separator: "\n")
        for document in [try Self.text("weir.example.yaml"), text, report] {
            let value = try #require(try Yams.load(yaml: document))
            #expect(validator.violations(value) == [])
        }
        #expect(ConfigurationSchema.keyPaths.contains("routes.*.timeouts.connect"))
        #expect(ConfigurationSchema.keyPaths.contains("intercept.rules.*.match.host"))
    }

    @Test(arguments: [
        "server: { prot: 1 }", "server: { port: 70000 }", "server: { tls: { certificate: a } }", "access: { allow: 1 }",
        "routes: { 'a b': { target_url: 'mock://' } }", "routes: { a: { target_url: ftp://x } }", "keys: [a]",
        "routes: { a: { dialect: chat } }", "routes: { a: { timeouts: { idle: 1 hour } } }",
        "force_header_overwrite: 1",
        "recording: { max_body: 16MB }", "routes: { a: { retries: { retry_on: [200] } } }", "headers_to_drop: ['a b']",
    ])
    func theSchemaRefusesWhatIsRefused(_ text: String) throws {
        let validator = try SchemaValidator(ConfigurationSchema.json)
        let value = try #require(try Yams.load(yaml: text))
        #expect(!validator.violations(value).isEmpty)
        #expect(try !faults(text).isEmpty)
    }
}

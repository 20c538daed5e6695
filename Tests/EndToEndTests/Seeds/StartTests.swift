import Foundation
import TestSupport
import Testing

@Suite("Python API Proxy: what is said", .blocking)
struct StartTests {
    private static let configuration = """
        {
          "server": { "host": "0.0.0.0", "port": 3000, "reload_interval": 5, "base_path": "/api/v1" },
          "routes": {
            "openai": { "target_url": "https://api.openai.com",
                        "custom_headers": { "Authorization": "Bearer sk-canary-header" } },
            "anthropic": { "target_url": "https://api.anthropic.com", "proxy": "http://me:canary-pass@proxy.test:3128" },
            "disabled-route": { "enabled": false, "target_url": "https://example.com" }
          }
        }
        """

    @Test("start: address, base path with an example, requests, reload, header policy and the route table")
    func start() throws {
        try withWeir(Self.configuration, options: ["--log-format", "text"]) { weir, _ throws in
            let said = try #require(weir.child.waitForOutput("disabled-route"))
            let lines = said.split(separator: "\n").map(String.init)
            func line(_ label: String) -> String { lines.first { $0.hasPrefix("  \(label) ") } ?? "" }
            #expect(line("gateway").hasSuffix("http://127.0.0.1:\(weir.port)"))
            #expect(line("base path").contains("/api/v1"))
            #expect(line("base path").contains("https://your-domain.example/api/v1/openai/"))
            #expect(line("requests").contains("logged"))
            #expect(line("config").contains("5"))
            #expect(line("headers").contains("client's stay"))
            let table = lines.drop { !$0.hasSuffix("routes") }
            func row(_ name: String) -> String { table.first { $0.contains("/\(name) ") } ?? "" }
            #expect(row("openai").contains("on") && row("openai").contains("https://api.openai.com"), "\(said)")
            #expect(row("anthropic").contains("proxy.test:3128"), "\(said)")
            #expect(row("disabled-route").contains("off"), "\(said)")
            #expect(!said.contains("canary"), "secrets are not shown")
        }
    }

    @Test("start: requests not logged, no reload, the configuration's headers first")
    func otherStart() throws {
        let text = """
            {"server": {"log_requests": false, "reload_interval": -1}, "force_header_overwrite": true,
             "routes": {"a": {"target_url": "https://a.test"}}}
            """
        try withWeir(text, options: ["--log-format", "text"]) { weir, _ throws in
            let said = try #require(weir.child.waitForOutput("https://a.test"))
            #expect(said.contains("not logged"))
            #expect(said.contains("read again on SIGHUP"))
            #expect(said.contains("take the place of the client's"))
            #expect(!said.contains("base path"))
        }
    }

    @Test("log: one line an exchange, with route, target, proxy and status", arguments: ["text", "logfmt", "json"])
    func requestLog(_ format: String) throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let proxy = try FakeProxy(.http)
        defer { proxy.stop() }
        let text = """
            {"server": {"base_path": "/api/v1"}, "global_proxy": "http://127.0.0.1:\(proxy.port)",
             "routes": {"openai": {"target_url": "\(upstream.url)"}}}
            """
        try withWeir(text, options: ["--log-format", format]) { weir, _ throws in
            let answer = try weir.ask(
                "POST", "/api/v1/openai/v1/x?key=sk-canary-query",
                fields: ["Authorization: Bearer sk-canary-header"], body: chatBody)
            #expect(answer.status == 200)
            #expect(try weir.ask("GET", "/api/v1/nowhere/x").status == 404)
            for path in ["/api/v1/nowhere/x", "/api/v1/openai/v1/x"] {
                #expect(weir.child.waitForOutput(path) != nil)
            }
            let lines = weir.said.split(separator: "\n").filter { $0.contains("/api/v1/openai/v1/x") }
            #expect(lines.count == 1, "\(weir.said)")
            let line = String(lines.first ?? "")
            for part in ["POST", "200", "openai", "127.0.0.1:\(upstream.port)", "127.0.0.1:\(proxy.port)"] {
                #expect(line.contains(part), "\(part) in \(line)")
            }
            if format != "text" { #expect(line.contains(answer["x-weir-request-id"] ?? "?")) }
            #expect(!weir.said.contains("canary"))
            let refused = weir.said.split(separator: "\n").first { $0.contains("/api/v1/nowhere/x") } ?? ""
            #expect(refused.contains("404") && refused.contains("route_not_found"))
            if format == "json" {
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
            }
        }
    }

    @Test("log: at debug level, what became of the path and of each header, but no value")
    func details() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = """
            {"server": {"base_path": "/api/v1"}, "headers_to_drop": ["x-real-ip"],
             "routes": {"openai": {"target_url": "\(upstream.url)/base",
                                   "custom_headers": {"Authorization": "Bearer sk-canary-own"}}}}
            """
        try withWeir(text, options: ["--log-format", "text", "--log-level", "debug"]) { weir, _ throws in
            _ = try weir.echo("GET", "/api/v1/openai/v1/models", fields: ["X-Real-IP: 192.0.2.1"])
            #expect(weir.child.waitForOutput("/base/v1/models") != nil, "\(weir.said)")
            #expect(eventually { weir.said.lowercased().contains("x-real-ip") }, "\(weir.said)")
            #expect(weir.said.contains("Authorization"))
            #expect(!weir.said.contains("canary") && !weir.said.contains("192.0.2.1"))
        }
    }

    @Test("log: turned off, it says nothing of exchanges; a reload turns it on")
    func off() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        func with(_ logs: Bool) -> String {
            #"{"server": {"log_requests": \#(logs)}, "routes": {"a": {"target_url": "\#(upstream.url)"}}}"#
        }
        try withWeir(with(false)) { weir, file throws in
            _ = try weir.echo("GET", "/a/unlogged")
            try file.write(with(true))
            weir.hangUp()
            #expect(weir.child.waitForOutput("configuration reloaded") != nil)
            _ = try weir.echo("GET", "/a/logged")
            #expect(weir.child.waitForOutput("/a/logged") != nil)
            #expect(!weir.said.contains("/a/unlogged"))
        }
    }
}

import Foundation
import TestSupport
import Testing

/// The options of OpenAI Chat Proxy, each as its manual describes it.
@Suite("OpenAI Chat Proxy", .blocking)
struct ChatProxyTests {
    /// A YAML file in its form, with a route for the target.
    private func configuration(_ options: String, to upstream: String) -> String {
        options + "\ndefault_route: chat\nroutes: { chat: { target_url: \"\(upstream)\" } }\n"
    }

    private static let target = "/v1/chat/completions"

    @Test("key mapping: the client's key becomes the real one, in the place it came in")
    func keyMapping() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = configuration("keys:\n  my_key_1: sk-real-1\n  my_key_2: sk-real-2\n", to: upstream.url)
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            let first = try weir.echo("POST", Self.target, fields: ["Authorization: Bearer my_key_1"], body: chatBody)
            #expect(first.fields("authorization") == ["Bearer sk-real-1"])
            let second = try weir.echo("POST", Self.target, fields: ["x-api-key: my_key_2"], body: chatBody)
            #expect(second.fields("x-api-key") == ["sk-real-2"])
            let unknown = try weir.ask("POST", Self.target, fields: ["Authorization: Bearer other"], body: chatBody)
            expectOwnError(unknown, 401, "key_unknown")
            expectOwnError(try weir.ask("POST", Self.target, body: chatBody), 401, "key_required")
            #expect(!upstream.received.contains("my_key"), "a key of Weir's own never reaches an upstream")
            #expect(!weir.said.contains("my_key") && !weir.said.contains("sk-real"))
        }
    }

    @Test("custom path: proxy_url_path takes the place of the request's path; the query stays")
    func customPath() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = configuration("proxy_url_path: \"/chat\"", to: upstream.url)
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            #expect(try weir.echo("POST", Self.target, body: chatBody).target == "/chat")
            #expect(try weir.echo("POST", Self.target + "?a=b", body: chatBody).target == "/chat?a=b")
        }
    }

    @Test("field aliases: the manual's example, every other octet kept")
    func fieldAliases() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = configuration("field_aliases:\n  \"model\": \"model_id\"", to: upstream.url)
        let body = """
            {
              "model": "DeepSeek-V3-Fast",
              "messages": [
                {
                  "role": "user",
                  "content": "你好"
                }
              ],
              "temperature": 0,
              "stream": true
            }
            """
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            let request = try weir.echo(
                "POST", Self.target, fields: ["Content-Type: application/json"], body: body)
            #expect(request.body == body.at(["\"model\"": "\"model_id\""]))
            #expect(request.fields("content-length") == [String(body.utf8.count + 3)])
        }
    }

    @Test("field aliases: nested objects and arrays too; values and what is no JSON stay")
    func nestedFieldAliases() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = configuration("field_aliases: { model: model_id, content: text }", to: upstream.url)
        let body = #"{"a":{"model":1.0,"b":[{"content":"model"},[{"model":{"content":[]}}]]},"modelx":"content"}"#
        let renamed = #"{"a":{"model_id":1.0,"b":[{"text":"model"},[{"model_id":{"text":[]}}]]},"modelx":"content"}"#
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            let json = ["Content-Type: application/json"]
            #expect(try weir.echo("POST", Self.target, fields: json, body: body).body == renamed)
            let broken = #"{"model": "#
            #expect(try weir.echo("POST", Self.target, fields: json, body: broken).body == broken)
        }
    }

    @Test("addresses: allowed or not, denied whatever is allowed, told by a trusted proxy")
    func addresses() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let lists: [(text: String, forwarded: String?, mayPass: Bool)] = [
            ("allow: [127.0.0.1]", nil, true), ("allow: [127.0.0.0/8]", nil, true),
            ("allow: [192.0.2.0/24]", nil, false),
            ("deny: [127.0.0.1]", nil, false), ("allow: [127.0.0.1], deny: [127.0.0.0/8]", nil, false),
            ("deny: [192.0.2.7]", "192.0.2.7", true),
            ("deny: [192.0.2.7], trusted_proxies: [127.0.0.1]", "192.0.2.7", false),
            ("allow: [192.0.2.0/24], trusted_proxies: [127.0.0.1]", "192.0.2.8", true),
        ]
        // One process: the lists change with a reload.
        func with(_ list: String) -> String {
            configuration("server: { reload_interval: -1 }\naccess: { \(list) }", to: upstream.url)
        }
        try withWeir(with(lists[0].text), named: "config.yaml") { weir, file throws in
            for (number, list) in lists.enumerated() {
                if number > 0 {
                    try file.write(with(list.text))
                    weir.hangUp()
                    #expect(eventually { weir.count(of: "configuration reloaded") == number }, "\(weir.said)")
                }
                let fields = list.forwarded.map { ["X-Forwarded-For: \($0)"] } ?? []
                let before = upstream.received.count
                let response = try weir.ask("POST", Self.target, fields: fields, body: chatBody)
                if list.mayPass {
                    #expect(response.status == 200, "\(list.text)")
                } else {
                    expectOwnError(response, 403, "address_denied")
                    #expect(upstream.received.count == before, "\(list.text)")
                }
                // Health needs no leave, but tells a stranger its status alone.
                let health = try weir.ask("GET", "/healthz")
                #expect(health.status == 200)
                #expect(health.text.contains("version") == list.mayPass || list.forwarded != nil, "\(list.text)")
            }
        }
    }

    @Test("HTTP proxy")
    func httpProxy() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let proxy = try FakeProxy(.http)
        defer { proxy.stop() }
        let text = configuration(
            "global_proxy: http://127.0.0.1:\(proxy.port)", to: "http://chat.test:\(upstream.port)")
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            #expect(try weir.echo("POST", Self.target, body: chatBody).body == chatBody)
            #expect(proxy.requests == ["POST http://chat.test:\(upstream.port)\(Self.target)"])
        }
    }

    @Test("health: /healthz, without a key")
    func health() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = configuration("keys: { my_key_1: sk-real-1 }", to: upstream.url)
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            let health = try weir.health()
            #expect(health.status == "ok" && health.config.error == nil && health.routes == 1)
            #expect(health.upstreamBaseUrl == upstream.url)
            #expect(upstream.connectionCount == 0)
        }
    }

    @Test("everything together, with the manual's request, plain and streamed")
    func together() throws {
        let upstream = try ScriptedUpstream { connection in
            while let (head, body) = try connection.readRequest() {
                #expect(
                    head.hasPrefix("POST /chat HTTP/1.1\r\n") && head.contains("Authorization: Bearer sk-real-1\r\n"))
                #expect(body.contains(#""model_id": "gpt-3.5-turbo""#))
                try connection.answer(
                    fields: ["Content-Type: text/event-stream"], body: "data: {}\n\ndata: [DONE]\n\n")
            }
        }
        defer { upstream.stop() }
        let text = configuration(
            """
            proxy_url_path: "/chat"
            field_aliases: { "model": "model_id" }
            keys: { my_key_1: sk-real-1 }
            access: { allow: [127.0.0.1], deny: [] }
            server: { log_requests: true }
            """, to: upstream.url)
        let body = """
            {
                "model": "gpt-3.5-turbo",
                "messages": [{"role": "user", "content": "你好"}],
                "stream": true
              }
            """
        try withWeir(text, named: "config.yaml") { weir, _ throws in
            let response = try weir.ask(
                "POST", Self.target,
                fields: ["Content-Type: application/json", "Authorization: Bearer my_key_1"], body: body)
            #expect(response.text == "data: {}\n\ndata: [DONE]\n\n")
            #expect(upstream.failures.isEmpty)
            #expect(weir.child.waitForOutput(Self.target) != nil)
        }
    }

    @Test("logs of requests and answers: heads and bodies are in the session file, secrets masked")
    func logs() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let file = try ConfigurationFile(
            configuration("keys: { my_key_1: sk-real-1 }\nrecording: { log_dir: logs }", to: upstream.url),
            name: "config.yaml")
        defer { file.discard() }
        let weir = try WeirProcess(configurationFile: file.path, options: ["--data-dir", directory.path])
        defer { weir.stop() }
        let response = try weir.ask(
            "POST", Self.target, fields: ["Authorization: Bearer my_key_1"], body: chatBody)
        #expect(response.status == 200)
        let logs = URL(fileURLWithPath: file.path).deletingLastPathComponent().appendingPathComponent("logs").path
        func lines() throws -> String {
            let names = try FileManager.default.contentsOfDirectory(atPath: logs).filter { $0.hasSuffix(".jsonl") }
            return try names.map { try String(contentsOfFile: logs + "/" + $0, encoding: .utf8) }.joined()
        }
        #expect(holds { try lines().contains(response["x-weir-request-id"] ?? "?") })
        let line = try lines()
        #expect(line.contains(#""content":"hi""#) && line.contains(#""response_status_code":200"#))
        #expect(!line.contains("my_key_1") && !line.contains("Bearer sk-real-1\""))
    }
}

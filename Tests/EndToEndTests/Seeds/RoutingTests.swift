import TestSupport
import Testing

@Suite("Python API Proxy: routes", .blocking)
struct RoutingTests {
    @Test("basic use: the first segment is the route, the rest goes to its target")
    func basicUse() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = DocumentedConfigurations.basicUse.at(["https://api.openai.com": upstream.url])
        try withWeir(text) { weir, _ throws in
            let request = try weir.echo(
                "POST", "/openai/v1/chat/completions?trace=1", fields: ["Content-Type: application/json"],
                body: chatBody)
            #expect(request.line == "POST /v1/chat/completions?trace=1 HTTP/1.1")
            #expect(request.fields("host") == ["127.0.0.1:\(upstream.port)"])
            #expect(request.fields("authorization") == ["Bearer sk-xxxx"])
            #expect(request.fields("content-type") == ["application/json"])
            #expect(request.body == chatBody)
            let unknown = try weir.ask("GET", "/elsewhere/v1/models")
            expectOwnError(unknown, 404, "route_not_found")
            #expect(unknown.text.contains("openai"), "the message lists the routes")
        }
    }

    @Test("complete example: all sections together")
    func completeExample() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = DocumentedConfigurations.completeExample.at(["https://api.openai.com": upstream.url])
        try withWeir(text) { weir, _ throws in
            let request = try weir.echo(
                "GET", "/openai/v1/models", fields: ["X-Forwarded-For: 192.0.2.1", "X-Real-IP: 192.0.2.1", "X-Kept: 1"])
            #expect(request.target == "/v1/models")
            #expect(request.fields("authorization") == ["Bearer sk-xxxx"])
            #expect(request.fields("x-forwarded-for").isEmpty && request.fields("x-real-ip").isEmpty)
            #expect(request.fields("x-kept") == ["1"])
        }
    }

    @Test("several APIs: each with its own target and credentials")
    func severalAPIs() throws {
        let upstreams = try ["openai", "anthropic", "gemini", "deepseek"].map { try EchoUpstream($0) }
        defer { for upstream in upstreams { upstream.stop() } }
        let text = DocumentedConfigurations.severalAPIs.at([
            "https://api.openai.com": upstreams[0].url, "https://api.anthropic.com": upstreams[1].url,
            "https://generativelanguage.googleapis.com": upstreams[2].url, "https://api.deepseek.com": upstreams[3].url,
        ])
        try withWeir(text) { weir, _ throws in
            let asked: [(name: String, target: String, field: String, credential: String)] = [
                ("openai", "/v1/chat/completions", "authorization", "Bearer sk-openai-xxxx"),
                ("anthropic", "/v1/messages", "x-api-key", "sk-ant-xxxx"),
                ("gemini", "/v1beta/models/gemini-pro:generateContent", "x-goog-api-key", "your-gemini-key"),
                ("deepseek", "/v1/chat/completions", "authorization", "Bearer sk-deepseek-xxxx"),
            ]
            for (name, target, field, credential) in asked {
                let request = try weir.echo("POST", "/\(name)\(target)", body: chatBody)
                #expect(request.upstream == name)
                #expect(request.target == target)
                #expect(request.fields(field) == [credential])
            }
            let versioned = try weir.echo("POST", "/anthropic/v1/messages", body: chatBody)
            #expect(versioned.fields("anthropic-version") == ["2023-06-01"])
        }
    }

    @Test("base path: stripped before routing; outside it there is nothing")
    func basePath() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = DocumentedConfigurations.basePath.at(["https://api.openai.com": upstream.url])
        try withWeir(text) { weir, _ throws in
            let request = try weir.echo("POST", "/byok/openai/v1/chat/completions", body: chatBody)
            #expect(request.target == "/v1/chat/completions")
            expectOwnError(
                try weir.ask("POST", "/openai/v1/chat/completions", body: chatBody), 404, "route_not_found")
            expectOwnError(try weir.ask("GET", "/byokopenai/v1/models"), 404, "route_not_found")
            #expect(upstream.connectionCount == 1)
        }
    }

    @Test("base path of several levels")
    func basePathOfSeveralLevels() throws {
        try withWeir(DocumentedConfigurations.basePathOfSeveralLevels) { weir, _ throws in
            // It defines no routes, so the built-in ones are there: the mock's needs no network.
            let response = try weir.ask("GET", "/api/v1/proxy/mock/v1/models")
            #expect(response.status == 200 && response.text.contains("mock-1"))
            expectOwnError(try weir.ask("GET", "/api/v1/mock/v1/models"), 404, "route_not_found")
        }
    }

    @Test("base path: empty, as if it were not set")
    func emptyBasePath() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try withWeir(
            #"{"server": {"base_path": ""}, "routes": {"openai": {"target_url": "\#(upstream.url)/base"}}}"#
        ) { weir, _ throws in
            #expect(try weir.echo("GET", "/openai/v1/models").target == "/base/v1/models")
        }
    }

    @Test("GET /: the greeting and its base path", arguments: ["", "/api/v1"])
    func greeting(_ basePath: String) throws {
        try withWeir(#"{"server": {"base_path": "\#(basePath)"}}"#) { weir, _ throws in
            for path in Set(["/", basePath + "/"]) {
                let response = try weir.ask("GET", path)
                #expect(response.status == 200)
                #expect(response.text == #"{"message":"Weir is running.","base_path":"\#(basePath)"}"#)
                #expect(response["content-type"] == "application/json")
            }
        }
    }

    @Test(
        "* /<path>: all methods",
        arguments: ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
    func methods(_ method: String) throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try withWeir(#"{"routes": {"a": {"target_url": "\#(upstream.url)"}}}"#) { weir, _ throws in
            let body = ["POST", "PUT", "PATCH"].contains(method) ? chatBody : nil
            let response = try weir.ask(method, "/a/x?y=z", body: body)
            #expect(response.status == 200)
            #expect(upstream.received.hasPrefix("\(method) /x?y=z HTTP/1.1\r\n"))
            #expect(upstream.received.hasSuffix(body ?? "\r\n\r\n"))
        }
    }

    @Test("routes: one with enabled: false answers 404 and says so")
    func disabled() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = #"""
            {"routes": {"off": {"enabled": false, "target_url": "\#(upstream.url)"},
                        "on": {"target_url": "\#(upstream.url)"}}}
            """#
        try withWeir(text) { weir, _ throws in
            expectOwnError(try weir.ask("GET", "/off/v1/models"), 404, "route_disabled")
            #expect(upstream.connectionCount == 0)
            #expect(try weir.echo("GET", "/on/v1/models").target == "/v1/models")
        }
    }

    @Test("production: all routes of the example at once")
    func production() throws {
        let names = ["openai", "openai-azure", "anthropic", "gemini", "ollama"]
        let upstreams = try names.map { try EchoUpstream($0) }
        defer { for upstream in upstreams { upstream.stop() } }
        let proxy = try FakeProxy(.http)
        defer { proxy.stop() }
        let text = DocumentedConfigurations.production.at([
            "https://api.openai.com": upstreams[0].url, "https://your-resource.openai.azure.com": upstreams[1].url,
            "https://api.anthropic.com": upstreams[2].url,
            "https://generativelanguage.googleapis.com": upstreams[3].url,
            "http://localhost:11434": upstreams[4].url, "us-proxy:8080": "127.0.0.1:\(proxy.port)",
        ])
        try withWeir(text) { weir, _ throws in
            let forwarded = ["X-Forwarded-For: 192.0.2.1", "CF-Connecting-IP: 192.0.2.1", "X-Real-IP: 192.0.2.1"]
            for name in names {
                let request = try weir.echo(
                    "POST", "/api/llm/\(name)/v1/x", fields: forwarded + ["x-api-key: mine"], body: chatBody)
                #expect(request.upstream == name)
                for field in ["x-forwarded-for", "cf-connecting-ip", "x-real-ip"] {
                    #expect(request.fields(field).isEmpty)
                }
                switch name {
                case "openai": #expect(request.fields("authorization") == ["Bearer sk-openai-xxxx"])
                case "openai-azure": #expect(request.fields("api-key") == ["your-azure-key"])
                case "anthropic": #expect(request.fields("x-api-key") == ["sk-ant-xxxx"], "forced")
                case "gemini": #expect(request.fields("x-goog-api-key") == ["your-gemini-key"])
                default: #expect(request.fields("x-api-key") == ["mine"])
                }
            }
            #expect(proxy.requests == ["POST \(upstreams[3].url)/v1/x"])
            #expect(!weir.said.contains("/api/llm/openai/v1/x"), "log_requests is false")
        }
    }

    @Test("bring your own key: the client's goes on, what it lacks is filled in")
    func bringYourOwnKey() throws {
        let upstreams = try ["openai", "anthropic"].map { try EchoUpstream($0) }
        defer { for upstream in upstreams { upstream.stop() } }
        let text = DocumentedConfigurations.bringYourOwnKey.at([
            "https://api.openai.com": upstreams[0].url, "https://api.anthropic.com": upstreams[1].url,
        ])
        try withWeir(text) { weir, _ throws in
            let openai = try weir.echo(
                "POST", "/byok/openai/v1/chat/completions", fields: ["Authorization: Bearer sk-user-key"],
                body: chatBody)
            #expect(openai.fields("authorization") == ["Bearer sk-user-key"])
            let anthropic = try weir.echo(
                "POST", "/byok/anthropic/v1/messages", fields: ["x-api-key: sk-ant-user"], body: chatBody)
            #expect(anthropic.fields("x-api-key") == ["sk-ant-user"])
            #expect(anthropic.fields("anthropic-version") == ["2023-06-01"])
            let newer = try weir.echo(
                "POST", "/byok/anthropic/v1/messages", fields: ["anthropic-version: 2024-01-01"], body: chatBody)
            #expect(newer.fields("anthropic-version") == ["2024-01-01"])
        }
    }

    @Test("internal services: direct inside, through the proxy outside")
    func microservices() throws {
        let upstreams = try ["user-service", "order-service", "external-api"].map { try EchoUpstream($0) }
        defer { for upstream in upstreams { upstream.stop() } }
        let proxy = try FakeProxy(.http)
        defer { proxy.stop() }
        let text = DocumentedConfigurations.microservices.at([
            "http://user-service.internal:8080": upstreams[0].url,
            "http://order-service.internal:8080": upstreams[1].url,
            "https://api.external.com": "http://api.external.test:\(upstreams[2].port)",
            "egress-proxy:3128": "127.0.0.1:\(proxy.port)",
        ])
        try withWeir(text) { weir, _ throws in
            for upstream in upstreams {
                #expect(try weir.echo("GET", "/\(upstream.name)/data").upstream == upstream.name)
            }
            #expect(proxy.requests == ["GET http://api.external.test:\(upstreams[2].port)/data"])
        }
    }

    @Test("streams: each event passes as it comes")
    func streams() throws {
        let seen = Counter()
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.socket.write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in 0..<3 {
                let event = "data: {\"n\":\(number)}\n\n"
                try connection.socket.write(String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n")
                // The next goes out only once the client has this one.
                guard eventually({ seen.value > number }) else { return }
            }
            try connection.socket.write("0\r\n\r\n")
        }
        defer { upstream.stop() }
        let text = DocumentedConfigurations.basicUse.at(["https://api.openai.com": upstream.url])
        try withWeir(text) { weir, _ throws in
            let client = try weir.client()
            try client.send("POST", "/openai/v1/chat/completions", body: chatBody)
            #expect(try client.socket.readHead().contains("text/event-stream"))
            for number in 0..<3 {
                _ = try client.socket.read(through: "data: {\"n\":\(number)}\n\n")
                seen.add(1)
            }
            #expect(try client.socket.read(through: "0\r\n\r\n") == "\r\n0\r\n\r\n")
        }
    }
}

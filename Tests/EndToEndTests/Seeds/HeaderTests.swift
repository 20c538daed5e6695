import TestSupport
import Testing

@Suite("Python API Proxy: headers", .blocking)
struct HeaderTests {
    /// A fragment that the manual shows, with a route to try it on.
    private func withRoute(_ fragment: String, to upstream: EchoUpstream, _ route: String = "") -> String {
        let body = fragment.split(separator: "\n").dropLast().joined(separator: "\n")
        return body + #", "routes": {"openai": {"target_url": "\#(upstream.url)"\#(route)}}}"#
    }

    private static let custom = #", "custom_headers": {"Authorization": "Bearer sk-own", "X-Team": "blue"}"#

    @Test("client first: what the client sends stays, what it lacks is filled in")
    func clientFirst() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = DocumentedConfigurations.clientFirst.at(["https://api.openai.com": upstream.url])
        try withWeir(text) { weir, _ throws in
            #expect(try weir.echo("GET", "/openai/v1/models").fields("authorization") == ["Bearer sk-default-key"])
            let own = try weir.echo("GET", "/openai/v1/models", fields: ["Authorization: Bearer sk-my-key"])
            #expect(own.fields("authorization") == ["Bearer sk-my-key"])
            let otherCase = try weir.echo("GET", "/openai/v1/models", fields: ["AUTHORIZATION: Bearer sk-my-key"])
            #expect(otherCase.fields("authorization") == ["Bearer sk-my-key"])
        }
    }

    @Test("forced: what the configuration sets takes the place of the client's")
    func forced() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = withRoute(DocumentedConfigurations.forced, to: upstream, Self.custom)
        try withWeir(text) { weir, _ throws in
            let request = try weir.echo(
                "GET", "/openai/v1/models", fields: ["Authorization: Bearer sk-my-key", "X-Other: 1"])
            #expect(request.fields("authorization") == ["Bearer sk-own"])
            #expect(request.fields("x-team") == ["blue"])
            #expect(request.fields("x-other") == ["1"])
        }
    }

    @Test("by route: each route's own word counts")
    func byRoute() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = DocumentedConfigurations.forcedByRoute.at(["https://api.openai.com": upstream.url])
        try withWeir(text) { weir, _ throws in
            let field = "Authorization: Bearer sk-my-key"
            let publicOne = try weir.echo("GET", "/public-api/v1/models", fields: [field])
            #expect(publicOne.fields("authorization") == ["Bearer sk-my-key"])
            let privateOne = try weir.echo("GET", "/private-api/v1/models", fields: [field])
            #expect(privateOne.fields("authorization") == ["Bearer sk-fixed-key"])
        }
    }

    @Test("by route: a route's false wins over the global true")
    func routeOverGlobal() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let route = Self.custom + #", "force_header_overwrite": false"#
        try withWeir(withRoute(DocumentedConfigurations.forced, to: upstream, route)) { weir, _ throws in
            let request = try weir.echo("GET", "/openai/v1/models", fields: ["Authorization: Bearer sk-my-key"])
            #expect(request.fields("authorization") == ["Bearer sk-my-key"])
        }
    }

    @Test("filter: the named fields of the client do not go on, whatever their case")
    func filter() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let text = withRoute(DocumentedConfigurations.droppedHeaders, to: upstream)
        try withWeir(text) { weir, _ throws in
            let dropped = ["X-Forwarded-For", "x-real-ip", "CF-Connecting-IP", "X-FORWARDED-PROTO"]
            let request = try weir.echo(
                "GET", "/openai/v1/models", fields: dropped.map { "\($0): 192.0.2.1" } + ["X-Forwarded-Host: kept"])
            for name in dropped { #expect(request.fields(name).isEmpty, "\(name)") }
            #expect(request.fields("x-forwarded-host") == ["kept"])
        }
    }

    @Test("filter: none named, none added; the client's all go on")
    func noFilter() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try withWeir(#"{"routes": {"openai": {"target_url": "\#(upstream.url)"}}}"#) { weir, _ throws in
            let plain = try weir.echo("GET", "/openai/v1/models")
            #expect(plain.fields("x-forwarded-for").isEmpty && plain.fields("x-real-ip").isEmpty)
            let request = try weir.echo("GET", "/openai/v1/models", fields: ["X-Forwarded-For: 192.0.2.1"])
            #expect(request.fields("x-forwarded-for") == ["192.0.2.1"])
        }
    }
}

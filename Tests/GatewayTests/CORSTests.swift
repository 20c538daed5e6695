import TestSupport
import Testing
import WeirConfiguration

@Suite("Browsers of other origins", .blocking)
struct CORSTests {
    private func settings(_ origins: [String]) -> (inout TestGateway.Settings) -> Void {
        { $0.server.allowedOrigins = origins }
    }

    private func upstream() throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            while try connection.readRequest() != nil {
                try connection.answer(fields: ["Access-Control-Allow-Origin: https://other.test", "X-Own: 1"])
            }
        }
    }

    private static let preflight = [
        "Origin: https://app.test", "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization, content-type",
    ]

    @Test("a preflight is answered by Weir, and the answer behind it is Weir's to grant")
    func granted() async throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings(["https://app.test"])) { gateway in
            let client = try gateway.client()
            try client.send("OPTIONS", "/v1/chat/completions", fields: Self.preflight)
            let preflight = try client.readResponse()
            #expect(preflight.status == 204)
            #expect(preflight["access-control-allow-origin"] == "https://app.test")
            #expect(preflight["access-control-allow-methods"] == "POST")
            #expect(preflight["access-control-allow-headers"] == "authorization, content-type")
            #expect(upstream.connectionCount == 0)

            try client.send("POST", "/v1/chat/completions", fields: ["Origin: https://app.test"], body: chatBody)
            let answer = try client.readResponse()
            #expect(answer.fields.count { $0.name.lowercased() == "access-control-allow-origin" } == 1)
            #expect(answer["access-control-allow-origin"] == "https://app.test")
            #expect(answer["vary"] == "Origin" && answer["x-own"] == "1")
        }
    }

    @Test("another origin is granted nothing, by errors of Weir's own neither")
    func notGranted() async throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings(["https://app.test"])) { gateway in
            let client = try gateway.client()
            try client.send("GET", "/v1/models", fields: ["Origin: https://evil.test"])
            #expect(try client.readResponse()["access-control-allow-origin"] == nil)
        }
        let port = try RefusingPort()
        try await withGateway(upstream: "http://127.0.0.1:\(port.port)", settings(["*"])) { gateway in
            let client = try gateway.client()
            try client.send("GET", "/v1/models", fields: ["Origin: https://any.test"])
            let answer = try client.readResponse()
            expectOwnError(answer, 502, "connect_refused")
            #expect(answer["access-control-allow-origin"] == "*")
        }
    }

    @Test("without the setting a preflight is forwarded like anything else")
    func forwarded() async throws {
        let upstream = try upstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.send("OPTIONS", "/v1/models", fields: Self.preflight)
            let answer = try client.readResponse()
            #expect(answer.status == 200)
            #expect(answer["access-control-allow-origin"] == "https://other.test")
            #expect(upstream.received().hasPrefix("OPTIONS /v1/models"))
        }
    }

    @Test("a request that may not be read is refused in a way that its origin can see")
    func unread() async throws {
        try await withGateway(upstream: "http://127.0.0.1:9", { $0.server.allowedOrigins = ["https://app.test"] }) {
            let client = try $0.client()
            try client.send("POST", "/v1/x", fields: ["Origin: https://app.test", "Expect: something"])
            let response = try client.readResponse()
            #expect(response.status == 417)
            #expect(response["access-control-allow-origin"] == "https://app.test")
        }
    }
}

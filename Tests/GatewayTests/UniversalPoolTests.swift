import Gateway
import NIOCore
import TestSupport
import Testing
import WeirConfiguration

@Suite("Connections of universal routes", .blocking)
struct UniversalPoolTests {
    private static func settings(_ change: @escaping @Sendable (inout RouteSettings) -> Void = { _ in })
        -> (inout TestGateway.Settings) -> Void
    {
        {
            $0.threads = 1
            $0.lookup = { _ in [try SocketAddress(ipAddress: "127.0.0.1", port: 0)] }
            $0.configure = {
                var route = RouteSettings(name: "any", target: nil)
                route.isUniversal = true
                route.allowedHosts = [AllowedHost(.any)]
                change(&route)
                $0.routes = [route]
                $0.defaultRoute = nil
            }
        }
    }

    @Test("one that comes back to a pool that was forgotten meanwhile is closed")
    func forgotten() async throws {
        let mayAnswer = Counter()
        let upstream = try ScriptedUpstream { connection in
            guard let (head, _) = try connection.readRequest() else { return }
            guard head.contains("slow.test") else { return try connection.answer(fields: ["Connection: close"]) }
            #expect(eventually { mayAnswer.value > 0 })
            try connection.answer()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: nil, Self.settings()) { gateway in
            let slow = try gateway.client()
            try slow.send("GET", "/any/http://slow.test:\(upstream.port)/")
            #expect(eventually { upstream.received().hasSuffix("\r\n\r\n") })
            let others = try gateway.client()
            for number in 0..<256 {
                try others.send("GET", "/any/http://h\(number).test:\(upstream.port)/")
                #expect(try others.readResponse().status == 200)
            }
            #expect(eventually { upstream.endedCount == 256 })
            mayAnswer.add(1)
            #expect(try slow.readResponse().status == 200)
            #expect(eventually { upstream.endedCount == 257 })
        }
    }

    @Test("one that a request opens whose configuration is over is not kept")
    func overtaken() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.answer()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let rewriting = Self.settings { $0.setBody = [BodyField(name: "a", json: "1")] }
        try await withGateway(upstream: nil, rewriting) { gateway in
            let client = try gateway.client()
            try client.socket.write(
                "POST /any/http://127.0.0.1:\(upstream.port)/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{")
            WireSocket.sleep(.milliseconds(200))
            try await gateway.server.apply(gateway.configuration)
            try client.socket.write("}")
            #expect(try client.readResponse().status == 200)
            #expect(eventually { upstream.endedCount == 1 })
        }
    }

    @Test("a proxy that cannot be told its user's name is an error at once, and what is pipelined behind it is read")
    func unspeakable() async throws {
        let settings = Self.settings { route in
            var proxy = OutboundProxy(scheme: .http, host: "127.0.0.1", port: 9)
            proxy.user = "a:b"
            route.proxy = .proxy(proxy)
            route.setBody = [BodyField(name: "a", json: "1")]
        }
        try await withGateway(upstream: nil, settings) { gateway in
            let client = try gateway.client()
            try client.send("GET", "/any/http://upstream.test/")
            expectOwnError(try client.readResponse(), 502, "proxy_connect_failed")
            // The body comes by itself, and the next request with it.
            let request = RawClient.request("POST", "/any/http://upstream.test/", body: "{}")
            try client.socket.write(String(request.dropLast(2)))
            WireSocket.sleep(.milliseconds(200))
            try client.socket.write("{}" + RawClient.request("GET", "/any/http://upstream.test/"))
            for _ in 0..<2 { expectOwnError(try client.readResponse(), 502, "proxy_connect_failed") }
        }
    }
}

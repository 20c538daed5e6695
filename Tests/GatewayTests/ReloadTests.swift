import Gateway
import TestSupport
import Testing
import WeirConfiguration

@Suite("The configuration changed while it is in use", .blocking)
struct ReloadTests {
    /// A configuration whose requests can be told by their path, by their body and by what they are refused with.
    private static func configuration(_ name: String, of base: Configuration, port: Int) throws -> Configuration {
        var changed = base
        changed.routes[0].target = try UpstreamURL("http://127.0.0.1:\(port)/\(name)")
        changed.routes[0].versionedPath = .never
        changed.routes[0].setBody = [BodyField(name: "from", json: "\"\(name)\"")]
        changed.routes[0].timeouts.firstByte = .seconds(name == "a" ? 30 : 60)
        return changed
    }

    @Test("1,000 changes under load: no request fails, none sees two configurations")
    func underLoad() async throws {
        let mixed = Counter()
        let upstream = try ScriptedUpstream { connection in
            while let (head, body) = try connection.readRequest() {
                let isA = head.hasPrefix("POST /a/") && body.contains(#""from":"a""#)
                let isB = head.hasPrefix("POST /b/") && body.contains(#""from":"b""#)
                if !isA && !isB { mixed.add(1) }
                try connection.answer(body: isA ? "a" : "b")
            }
        }
        defer { upstream.stop() }
        let port = upstream.port
        let settings: (inout TestGateway.Settings) -> Void = {
            $0.configure = { $0 = try Self.configuration("a", of: $0, port: port) }
        }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let isDone = Counter()
            let answered = Counter()
            let seen = Counter()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let client = try gateway.client()
                        while isDone.value == 0 {
                            try client.send("POST", "/x", body: chatBody)
                            let response = try client.readResponse()
                            #expect(response.status == 200)
                            answered.add(1)
                            if response.text == "b" { seen.add(1) }
                        }
                    }
                }
                for number in 0..<1000 {
                    let name = number.isMultiple(of: 2) ? "b" : "a"
                    try await gateway.server.apply(
                        try Self.configuration(name, of: gateway.configuration, port: port))
                }
                isDone.add(1)
                try await group.waitForAll()
            }
            #expect(mixed.value == 0)
            #expect(answered.value > 100)
            #expect(seen.value > 0 && seen.value < answered.value)
        }
    }

    @Test("a request under way keeps its configuration, the next on its connection has the new one")
    func underWay() async throws {
        let mayGoOn = Counter()
        let upstream = try ScriptedUpstream { connection in
            while let (head, _) = try connection.readRequest() {
                if head.hasPrefix("POST /a/") { #expect(eventually { mayGoOn.value > 0 }) }
                try connection.answer(body: String(head.prefix(8)))
            }
        }
        defer { upstream.stop() }
        let port = upstream.port
        let settings: (inout TestGateway.Settings) -> Void = {
            $0.configure = { $0 = try Self.configuration("a", of: $0, port: port) }
        }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/x", body: chatBody)
            #expect(eventually { upstream.received().hasSuffix("}") })
            try await gateway.server.apply(try Self.configuration("b", of: gateway.configuration, port: port))
            mayGoOn.add(1)
            #expect(try client.readResponse().text == "POST /a/")
            try client.send("POST", "/x", body: chatBody)
            #expect(try client.readResponse().text == "POST /b/")
        }
    }

    @Test("connections to an upstream that stays are used on, those to one that goes are closed")
    func pools() async throws {
        let script: ScriptedUpstream.Script = { connection in
            while try connection.readRequest() != nil { try connection.answer() }
        }
        let (first, second) = (try ScriptedUpstream(script), try ScriptedUpstream(script))
        defer {
            first.stop()
            second.stop()
        }
        try await withGateway(upstream: first.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client()
            func ask() throws {
                try client.send("GET", "/v1/models")
                #expect(try client.readResponse().status == 200)
            }
            try ask()
            var changed = gateway.configuration
            changed.routes[0].retries.attempts = 3
            try await gateway.server.apply(changed)
            try ask()
            #expect(first.connectionCount == 1)
            changed.routes[0].target = try UpstreamURL(second.url)
            try await gateway.server.apply(changed)
            #expect(eventually { first.endedCount == 1 })
            try ask()
            #expect(second.connectionCount == 1)
        }
    }

    @Test("a route that cannot be set up leaves everything as it was")
    func refused() async throws {
        let upstream = try ScriptedUpstream { connection in
            while try connection.readRequest() != nil { try connection.answer() }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            var changed = gateway.configuration
            changed.routes[0].target = try UpstreamURL("https://127.0.0.1:1")
            changed.routes[0].tls.caFile = "/nowhere/ca.pem"
            await #expect(throws: (any Error).self) { try await gateway.server.apply(changed) }
            let client = try gateway.client()
            try client.send("GET", "/v1/models")
            #expect(try client.readResponse().status == 200)
        }
    }
}

import TestSupport
import Testing

@Suite("Python API Proxy: reload", .blocking)
struct ReloadTests {
    private func configuration(_ interval: Int, to upstream: EchoUpstream) -> String {
        #"{"server": {"reload_interval": \#(interval)}, "routes": {"a": {"target_url": "\#(upstream.url)"}}}"#
    }

    private func pair() throws -> (EchoUpstream, EchoUpstream) { (try EchoUpstream("one"), try EchoUpstream("two")) }

    @Test("0 watches, N looks every N seconds: a change takes effect without a restart", arguments: [0, 1, 2])
    func watched(_ interval: Int) throws {
        let (one, two) = try pair()
        defer {
            one.stop()
            two.stop()
        }
        try withWeir(configuration(interval, to: one)) { weir, file throws in
            #expect(try weir.echo("GET", "/a/x").upstream == "one")
            try file.write(configuration(interval, to: two))
            #expect(holds { try weir.echo("GET", "/a/x").upstream == "two" })
            #expect(weir.child.waitForOutput("configuration reloaded: route a altered: target_url") != nil)
            try file.replace(configuration(interval, to: one))
            #expect(holds { try weir.echo("GET", "/a/x").upstream == "one" }, "replaced by a rename")
        }
    }

    @Test("-1 never looks; SIGHUP reloads all the same")
    func never() throws {
        let (one, two) = try pair()
        defer {
            one.stop()
            two.stop()
        }
        try withWeir(configuration(-1, to: one)) { weir, file throws in
            try file.write(configuration(-1, to: two))
            // Watching would have seen it within a second.
            WireSocket.sleep(.milliseconds(1500))
            #expect(try weir.echo("GET", "/a/x").upstream == "one")
            weir.hangUp()
            #expect(holds { try weir.echo("GET", "/a/x").upstream == "two" })
        }
    }

    @Test("5 is slower than that, and SIGHUP need not wait for it")
    func hangup() throws {
        let (one, two) = try pair()
        defer {
            one.stop()
            two.stop()
        }
        let text = DocumentedConfigurations.reload.split(separator: "\n").dropLast().joined()
        func with(_ upstream: EchoUpstream) -> String {
            text + #", "routes": {"a": {"target_url": "\#(upstream.url)"}}}"#
        }
        try withWeir(with(one)) { weir, file throws in
            try file.write(with(two))
            weir.hangUp()
            #expect(holds { try weir.echo("GET", "/a/x").upstream == "two" })
        }
    }

    @Test("the interval itself can be changed, and watching can be turned off")
    func intervalChanges() throws {
        let (one, two) = try pair()
        defer {
            one.stop()
            two.stop()
        }
        try withWeir(configuration(0, to: one)) { weir, file throws in
            try file.write(configuration(-1, to: one))
            #expect(weir.child.waitForOutput("configuration reloaded: altered: server.reload_interval") != nil)
            try file.write(configuration(-1, to: two))
            WireSocket.sleep(.milliseconds(1500))
            #expect(try weir.echo("GET", "/a/x").upstream == "one")
        }
    }

    @Test("routes added, removed and disabled by a reload")
    func routes() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        func with(_ routes: String) -> String { #"{"server": {"reload_interval": -1}, "routes": {\#(routes)}}"# }
        let target = #""target_url": "\#(upstream.url)""#
        try withWeir(with(#""old": {\#(target)}, "some": {\#(target)}"#)) { weir, file throws in
            #expect(try weir.health().routes == 2)
            try file.write(with(#""some": {\#(target), "enabled": false}, "new": {\#(target)}"#))
            weir.hangUp()
            #expect(weir.child.waitForOutput("route some disabled") != nil)
            expectOwnError(try weir.ask("GET", "/old/x"), 404, "route_not_found")
            expectOwnError(try weir.ask("GET", "/some/x"), 404, "route_disabled")
            #expect(try weir.echo("GET", "/new/x").target == "/x")
            #expect(weir.said.contains("route old removed") && weir.said.contains("route new added"))
            #expect(try weir.health().routes == 1)
        }
    }

    @Test("base path, headers and credentials change with it; secrets stay out of what is said")
    func settings() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        func with(_ basePath: String, _ key: String) -> String {
            #"""
            {"server": {"reload_interval": -1, "base_path": "\#(basePath)"}, "headers_to_drop": ["x-old\#(basePath.count)"],
             "routes": {"a": {"target_url": "\#(upstream.url)", "custom_headers": {"Authorization": "Bearer \#(key)"}}}}
            """#
        }
        try withWeir(with("/one", "sk-canary-first")) { weir, file throws in
            #expect(try weir.echo("GET", "/one/a/x").fields("authorization") == ["Bearer sk-canary-first"])
            try file.write(with("/other", "sk-canary-second"))
            weir.hangUp()
            #expect(weir.child.waitForOutput("custom_headers ~Authorization") != nil, "\(weir.said)")
            let request = try weir.echo("GET", "/other/a/x", fields: ["x-old4: kept", "x-old6: dropped"])
            #expect(request.fields("authorization") == ["Bearer sk-canary-second"])
            #expect(request.fields("x-old4") == ["kept"] && request.fields("x-old6").isEmpty)
            expectOwnError(try weir.ask("GET", "/one/a/x"), 404, "route_not_found")
            #expect(!weir.said.contains("canary"))
        }
    }

    @Test("a listener's address waits for a restart, and is told of")
    func listener() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        func with(_ threshold: String) -> String {
            #"{"console": {"port": \#(threshold)}, "routes": {"a": {"target_url": "\#(upstream.url)"}}}"#
        }
        try withWeir(with("8081")) { weir, file throws in
            try file.write(with("8082"))
            weir.hangUp()
            #expect(weir.child.waitForOutput("needs a restart") != nil, "\(weir.said)")
            #expect(try weir.echo("GET", "/a/x").target == "/x")
        }
    }
}

import Foundation
import TestSupport
import Testing

/// Rows 31 to 33 of the fault matrix, from outside: a configuration that is not fit to be used changes nothing.
@Suite("A configuration that breaks while Weir runs", .blocking)
struct ConfigurationFaultTests {
    private func configuration(_ path: String, to upstream: EchoUpstream) -> String {
        """
        server: { reload_interval: 0, log_requests: false }
        default_route: a
        routes:
          a:
            target_url: \(upstream.url)
            path: /\(path)
            custom_headers: { Authorization: "Bearer sk-canary-\(path)" }
        """
    }

    private static let refusal = "the configuration was not reloaded"

    private func path(_ weir: WeirProcess) throws -> String { try weir.echo("GET", "/").target }

    @Test("row 31: half-written, broken, deleted: the old stays, each is told once; restored, it is taken up")
    func faults() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let good = configuration("one", to: upstream)
        let broken: [(what: String, change: (ConfigurationFile) throws -> Void, told: String)] = [
            ("half-written", { try $0.write(String(good.dropLast(20))) }, "weir.yaml:"),
            ("emptied, as a failed write leaves it", { try $0.write("") }, "The file is empty"),
            ("no YAML", { try $0.replace("routes: [") }, "weir.yaml:"),
            ("a fault", { try $0.write(good.at(["path: /one": "paht: /one"])) }, "Did you mean path?"),
            (
                "empty target", { try $0.replace(good.at(["target_url: \(upstream.url)": "target_url: nowhere"])) },
                "target_url"
            ),
            ("deleted", { try $0.remove() }, "weir.yaml"),
        ]
        try withWeir(good, named: "weir.yaml") { weir, file throws in
            func ask() throws -> String { try weir.echo("GET", "/x").target }
            #expect(try ask() == "/one")
            for (number, fault) in broken.enumerated() {
                try fault.change(file)
                #expect(eventually { weir.count(of: Self.refusal) == number + 1 }, "\(fault.what): \(weir.said)")
                #expect(try ask() == "/one", "\(fault.what)")
                let error = try #require(try weir.health().config.error, "\(fault.what)")
                #expect(error.contains(fault.told), "\(fault.what): \(error)")
                #expect(try weir.health().status == "ok")
                // Watching goes on looking at it; it is told once all the same.
                WireSocket.sleep(.milliseconds(800))
                #expect(weir.count(of: Self.refusal) == number + 1, "\(fault.what): \(weir.said)")
                #expect(!error.contains("canary"))
            }
            let before = try weir.health().config.loadedAt
            try file.write(configuration("two", to: upstream))
            #expect(holds { try weir.health().config.error == nil })
            #expect(try ask() == "/two")
            #expect(try weir.health().config.loadedAt >= before)
            #expect(!weir.said.contains("canary"))
        }
    }

    @Test("row 32: all faults of a broken file are told, by SIGHUP again each time it is asked")
    func allFaults() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let good = configuration("one", to: upstream)
        try withWeir(good.at(["reload_interval: 0": "reload_interval: -1"]), named: "weir.yaml") { weir, file throws in
            try file.write(good + "\n    paht: x\naccess: { deny: [300.1.1.1] }\nglobal_proxy: ftp://x\n")
            for number in 1...2 {
                weir.hangUp()
                #expect(eventually { weir.count(of: Self.refusal) == number }, "\(weir.said)")
            }
            let error = try #require(try weir.health().config.error)
            for key in ["routes.a.paht", "access.deny[0]", "global_proxy"] {
                #expect(error.contains(key), "\(error)")
                #expect(weir.count(of: key) == 2, "\(weir.said)")
            }
            #expect(error.split(separator: "\n").count == 3)
        }
    }

    @Test("row 32: a file that a route needs is missing, then there; neither is missed")
    func namedFile() throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let plain = configuration("one", to: upstream)
        let named = plain.at([#""Bearer sk-canary-one""#: "file:key.txt"])
        try withWeir(plain, named: "weir.yaml") { weir, file throws in
            let key = URL(fileURLWithPath: file.path).deletingLastPathComponent().appendingPathComponent("key.txt").path
            try file.write(named)
            #expect(holds { try weir.health().config.error?.contains("key.txt") == true })
            #expect(try weir.echo("GET", "/x").fields("authorization") == ["Bearer sk-canary-one"])
            try "Bearer sk-from-file\n".write(toFile: key, atomically: true, encoding: .utf8)
            #expect(holds { try weir.health().config.error == nil })
            #expect(try weir.echo("GET", "/x").fields("authorization") == ["Bearer sk-from-file"])
            try "Bearer sk-from-file-2\n".write(toFile: key, atomically: false, encoding: .utf8)
            #expect(holds { try weir.echo("GET", "/x").fields("authorization") == ["Bearer sk-from-file-2"] })
        }
    }

    @Test("row 33: 200 reloads by rewriting the file, in place and by rename, under load: no request fails")
    func underLoad() async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        let texts = ["one", "two"].map { configuration($0, to: upstream) }
        let file = try ConfigurationFile(texts[0], name: "weir.yaml")
        defer { file.discard() }
        let weir = try WeirProcess(configurationFile: file.path)
        defer { weir.stop() }
        let isDone = Counter()
        let (answered, first, second) = (Counter(), Counter(), Counter())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let client = try weir.client()
                    while isDone.value == 0 {
                        try client.send("POST", "/x", body: chatBody)
                        let request = EchoedRequest(answer: try client.readResponse())
                        #expect(request.answer.status == 200, "\(request.answer.text)")
                        // The path and the credential are of one configuration.
                        let name = String(request.target.dropFirst())
                        #expect(request.fields("authorization") == ["Bearer sk-canary-\(name)"])
                        answered.add(1)
                        (name == "one" ? first : second).add(1)
                    }
                }
            }
            // SIGHUP asks for each; the watch sees some of them besides, and now and then a file half-written.
            for number in 1...200 {
                let text = texts[number % 2]
                if number.isMultiple(of: 3) { try file.write(text) } else { try file.replace(text) }
                weir.hangUp()
                WireSocket.sleep(.milliseconds(10))
            }
            try file.replace(texts[1])
            #expect(holds { try weir.echo("POST", "/x", body: chatBody).target == "/two" })
            isDone.add(1)
            try await group.waitForAll()
        }
        #expect(first.value > 0 && second.value > 0 && answered.value > 100)
        let reloads = weir.count(of: "configuration reloaded: route a altered")
        #expect(reloads > 20, "\(reloads) reloads were seen")
        #expect(!weir.said.contains("canary"))
        #expect(weir.child.waitForExit(within: .milliseconds(10)) == nil, "it still runs")
    }
}

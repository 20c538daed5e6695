import ConfigurationFile
import Foundation
import TestSupport
import Testing
import WeirConfiguration

@Suite struct FaultTests {
    @Test func tenFaultsAreToldAtOnce() throws {
        let found = try faults(
            """
            server:
              port: 80800
              idle_timeout: 75 seconds
              hots: 127.0.0.1
            access:
              allow: [10.0.0.1/8]
            keys:
              client-key-0001: { upstream_key: sk-1, routes: [opnai] }
            routes:
              openai:
                target_url: api.openai.test
                enabled: 1
                custom_headers: { "Bad Name": x }
                retries: { retry_on: [connect, 42] }
              any:
                universal_proxy: true
                default_key: sk-2
            """)
        #expect(
            found.places == [
                "2 server.port", "3 server.idle_timeout", "4 server.hots", "6 access.allow[0]", "8 keys[0].routes[0]",
                "11 routes.openai.target_url", "12 routes.openai.enabled", "13 routes.openai.custom_headers[0]",
                "14 routes.openai.retries.retry_on[1]", "17 routes.any.default_key",
            ])
        #expect(found.map(\.column) == [9, 17, 3, 11, 51, 17, 14, 23, 36, 18])
        #expect(found.allSatisfy { $0.file?.hasSuffix("/weir.yaml") == true })
        #expect(found[2].message.contains("Did you mean host?"))
        #expect(found[4].message.contains("Did you mean openai?"))
        #expect(
            found[0].description.hasSuffix(
                "/weir.yaml:2:9: server.port: \"80800\" is out of range; give a port from 0 to 65535."))
    }

    /// A text, and the line and key path of each fault in it.
    @Test(arguments: [
        ("server: []", ["1 server"]),
        ("server:\n  log_requests: \"true\"", ["2 server.log_requests"]),
        ("server: { port: 3000.5 }", ["1 server.port"]),
        ("server: { port: 1e3 }", ["1 server.port"]),
        ("server: { port: 99999999999999999999999 }", ["1 server.port"]),
        ("server: { port: null }", ["1 server.port"]),
        ("server: { host: a/b }", ["1 server.host"]),
        ("server: { base_path: byok }", ["1 server.base_path"]),
        ("server: { base_path: '/a b' }", ["1 server.base_path"]),
        ("server: { max_head: 2MiB }", ["1 server.max_head"]),
        ("server: { head_timeout: 0 }", ["1 server.head_timeout"]),
        ("server: { reload_interval: -2 }", ["1 server.reload_interval"]),
        ("server: { half_close: alow }", ["1 server.half_close"]),
        ("server: { cors: { allow_origins: [https://a.test/x] } }", ["1 server.cors.allow_origins[0]"]),
        ("server: { tls: { certificate: none.pem } }", ["1 server.tls", "1 server.tls.certificate"]),
        ("console: { page_size: 0 }", ["1 console.page_size"]),
        ("console: { port: 8080 }", ["1 console.port"]),
        ("recording: { mode: strickt }", ["1 recording.mode"]),
        ("recording: { session_files: { keep: 0 } }", ["1 recording.session_files.keep"]),
        ("recording: { retention: { max_age: 0s } }", ["1 recording.retention.max_age"]),
        ("recording: { redact: { headers: ['a b'] } }", ["1 recording.redact.headers[0]"]),
        ("headers_to_drop: ['a:']", ["1 headers_to_drop[0]"]),
        ("headers_to_drop: x", ["1 headers_to_drop"]),
        ("access: { deny: [300.1.1.1, '::/129'] }", ["1 access.deny[0]", "1 access.deny[1]"]),
        ("default_route: nowhere", ["1 default_route"]),
        ("unknown_keys: maybe", ["1 unknown_keys"]),
        ("keys: { k: '' }", ["1 keys[0]"]),
        ("keys: { k: [x] }", ["1 keys[0]"]),
        ("keys: { 'a b': x }", ["1 keys[0]"]),
        ("keys: { k: { role: root } }", ["1 keys[0].role"]),
        ("prices: 3", ["1 prices"]),
        ("prices: { file: none.json }", ["1 prices.file"]),
        ("prices: { file: 3 }", ["1 prices.file"]),
        ("prices: { file: '' }", ["1 prices.file"]),
        ("prices: { file: . }", ["1 prices.file"]),
        ("prices: { modles: {} }", ["1 prices.modles"]),
        ("prices: { models: [] }", ["1 prices.models"]),
        ("prices: { models: { m: 3 } }", ["1 prices.models.m"]),
        ("prices: { models: { m: {} } }", ["1 prices.models.m"]),
        ("prices: { models: { '': { input: 1 } } }", ["1 prices.models.\"\""]),
        ("prices: { models: { m: { input: -1 } } }", ["1 prices.models.m.input"]),
        ("prices: { models: { m: { input: x } } }", ["1 prices.models.m.input"]),
        ("prices: { models: { m: { input: 1e10 } } }", ["1 prices.models.m.input"]),
        ("prices: { models: { m: { input: '1' } } }", ["1 prices.models.m.input"]),
        ("prices: { models: { m: { input: 1, request: 1001 } } }", ["1 prices.models.m.request"]),
        ("prices: { models: { m: { input: 1, in: 2 } } }", ["1 prices.models.m.in"]),
        ("prices: { models: { m: { input: 1, above: 3 } } }", ["1 prices.models.m.above"]),
        ("prices: { models: { m: { input: 1, above: [{ input: 3 }] } } }", ["1 prices.models.m.above[0]"]),
        (
            "prices: { models: { m: { input: 1, above: [{ tokens: 0 }] } } }",
            ["1 prices.models.m.above[0].tokens"]
        ),
        (
            "prices: { models: { m: { input: 1, service_tiers: { flex: { output: no } } } } }",
            ["1 prices.models.m.service_tiers.flex.output"]
        ),
        (
            "intercept: { rules: [{ match: { host: 'a:1' } }] }",
            ["1 intercept.rules[0]", "1 intercept.rules[0].match.host"]
        ),
        ("intercept: { rules: [{ route: nix }] }", ["1 intercept.rules[0].route"]),
        ("routes: {}", ["1 routes"]),
        ("routes:\n  a b: { target_url: 'mock://' }", ["2 routes.\"a b\""]),
        ("routes:\n  a:\n    enabled: true", ["2 routes.a.target_url"]),
        ("routes:\n  a:", ["2 routes.a"]),
        ("routes:\n  a:\n    enabled: false", []),
        ("routes: { a: { target_url: ftp://x.test } }", ["1 routes.a.target_url"]),
        ("routes: { a: { target_url: 'http://127.0.0.1:8080' } }", ["1 routes.a.target_url"]),
        ("routes: { a: { target_url: 'mock://', allowed_hosts: ['*'] } }", ["1 routes.a.allowed_hosts"]),
        ("routes: { a: { universal_proxy: true, custom_headers: { X: y } } }", ["1 routes.a.custom_headers"]),
        ("routes: { a: { universal_proxy: true, custom_headers: { X: y }, allowed_hosts: [h.test] } }", []),
        ("routes: { a: { universal_proxy: true, target_url: 'mock://' } }", ["1 routes.a.target_url"]),
        ("routes: { a: { universal_proxy: true, path: /x } }", ["1 routes.a.path"]),
        ("routes: { a: { target_url: 'mock://', custom_headers: { Host: x } } }", ["1 routes.a.custom_headers.Host"]),
        (
            "routes: { a: { target_url: 'mock://', custom_headers: { transfer-encoding: x, Content-Length: '1' } } }",
            ["1 routes.a.custom_headers.transfer-encoding", "1 routes.a.custom_headers.Content-Length"]
        ),
        (
            "routes: { a: { target_url: 'mock://', custom_headers: { X: \"a\\r\\nb\" } } }",
            ["1 routes.a.custom_headers.X"]
        ),
        (
            "routes: { a: { target_url: 'mock://', custom_headers: { X-A: b, x-a: c } } }",
            ["1 routes.a.custom_headers.x-a"]
        ),
        ("routes: { a: { target_url: 'mock://', custom_headers: { X: 1 } } }", ["1 routes.a.custom_headers.X"]),
        ("routes: { a: { target_url: 'mock://', path: chat } }", ["1 routes.a.path"]),
        ("routes: { a: { target_url: 'mock://', path: '' } }", ["1 routes.a.path"]),
        ("routes: { a: { target_url: 'mock://', path: { chat: /x } } }", ["1 routes.a.path.chat"]),
        ("routes: { a: { target_url: 'mock://', set_body: { x: 0x10 } } }", ["1 routes.a.set_body.x"]),
        ("routes: { a: { target_url: 'mock://', dialect: openai } }", ["1 routes.a.dialect"]),
        ("routes: { a: { target_url: 'mock://', proxy_ca_file: weir.yaml } }", ["1 routes.a.proxy_ca_file"]),
        ("routes: { a: { target_url: 'mock://', proxy: https://p.test, proxy_ca_file: weir.yaml } }", []),
        ("routes: { a: { target_url: 'mock://', tls: { ca_file: none.pem } } }", ["1 routes.a.tls.ca_file"]),
        ("routes: { a: { target_url: 'mock://', timeouts: { total: -1 } } }", ["1 routes.a.timeouts.total"]),
        ("routes: { a: { target_url: 'mock://', retries: { attempts: 11 } } }", ["1 routes.a.retries.attempts"]),
        ("server: { port: 1 }\nserver: { port: 2 }", ["2 server"]),
        ("a: 1\na: 2\nserver: { port: x }\nserver: {}", ["1 a", "2 a", "3 server.port", "4 server"]),
        ("? [a]\n: b", ["1 "]),
        ("server:\n\tport: 1", ["2 "]),
        ("server: { port: 1 }\n---\nserver: { port: 2 }", ["2 "]),
        ("server: *nothing", ["1 "]),
        ("- server", ["1 "]),
        ("{\n\"server\": { \"port\": \"3000\" },\n\"server\": {} }", ["2 server.port", "3 server"]),
        ("{\n\"server\": { \"port\": 1e5 } }", ["2 server.port"]),
    ])
    func faultsAreFound(_ text: String, _ places: [String]) throws {
        #expect(try faults(text).places == places)
    }

    @Test func duplicateKeysDoNotHideOtherFaults() throws {
        let found = try faults(
            "routes:\n  \"a\": { target_url: mock:// }\n  'a': { enabld: true }\nserver: { prot: 1 }")
        #expect(found.places == ["3 routes.a", "4 server.prot"])
    }

    @Test func aFileThatIsNotThere() throws {
        #expect(throws: ConfigurationFaults.self) { try load { $0.configFile = "/nowhere/weir.yaml" } }
        #expect(throws: ConfigurationFaults.self) { try load { $0.configFile = "/" } }
    }

    @Test func theFilesOfABrokenConfigurationAreKnown() throws {
        let files = try Files([
            "weir.yaml": "default_key: file:gone\nserver: { tls: { certificate: c.pem } }", "c.pem": "-",
        ])
        defer { files.directory.remove() }
        var input = ConfigurationInput(defaultThreads: 1, environment: { _ in nil })
        input.configFile = files.path("weir.yaml")
        let broken = input
        let faults = try #require(throws: ConfigurationFaults.self) { try broken.load() }
        #expect(faults.files == ["weir.yaml", "gone", "c.pem"].map(files.path))
    }

    /// Whatever is in a file, it is read or refused, and every place that is told of is there.
    @Test func mangledFilesAreReadOrRefused() throws {
        let example = try String(contentsOfFile: ReportTests.root.path + "/weir.example.yaml", encoding: .utf8)
        let json =
            #"{"routes": {"a": {"target_url": "https://a.test", "set_body": {"x": [1, {"y": "\\u00e9"}]}}}, "keys": {}}"#
        let scalars = Array("{}[]:,-?!&*#|>'\"%@`\\ \n\t~$0a\u{E9}\u{2028}\u{1F600}".unicodeScalars)
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var refused = 0
        for round in 0..<300 {
            var text = Array((round.isMultiple(of: 3) ? json : String(example.prefix(1500))).unicodeScalars)
            for _ in 0...random(4) {
                let index = random(text.count)
                switch random(3) {
                case 0: text[index] = scalars[random(scalars.count)]
                case 1: text.insert(scalars[random(scalars.count)], at: index)
                default: text.removeSubrange(index..<min(text.count, index + 1 + random(8)))
                }
            }
            let mangled = String(String.UnicodeScalarView(text))
            let found = try faults(mangled)
            refused += found.isEmpty ? 0 : 1
            let lines = mangled.count { $0.isNewline } + 1
            #expect(found.allSatisfy { ($0.line ?? 1) <= lines + 1 }, "\(mangled)")
        }
        #expect(refused > 50)
    }

    @Test func endlessDocumentsEnd() throws {
        let nested = String(repeating: "[", count: 100_000)
        #expect(try faults("server: " + nested).count == 1)
        #expect(try faults("{\"server\": " + nested).count == 1)
        let doubling = (1..<40).map { "b\($0): &b\($0) [*b\($0 - 1), *b\($0 - 1)]" }.joined(separator: "\n")
        #expect(try faults("b0: &b0 [x, x]\n" + doubling).count == 1)
    }

    /// No fault shows what may be a secret, wherever it slipped to.
    @Test(arguments: [
        "keys: { sk-TOPSECRET1234567890: { upstream_kye: sk-TOPSECRET1234567890 } }",
        "keys: [sk-TOPSECRET1234567890]",
        "keys: sk-TOPSECRET1234567890",
        "keys:\nsk-TOPSECRET1234567890: x",
        "TOPSECRET1: x\nTOPSECRET1: x",
        "keys: { k: { TOPSECRET1: openai } }",
        "keys:\n  sk-TOPSECRET1234567890: x\n  sk-TOPSECRET1234567890: x",
        "keys: { \"sk-TOPSECRET1234567890\\n\": x }",
        "keys: { k: { upstream_key: \"sk-TOPSECRET1234567890\\n\" } }",
        "default_key: \"sk-TOPSECRET1234567890\\0\"",
        "default_key: [sk-TOPSECRET1234567890]",
        "default_key: ${TOPSECRET1234567890",
        "global_proxy: http://user:TOPSECRET1234567890@/x",
        "global_proxy: ftp://user:TOPSECRET1234567890@proxy.test",
        "global_proxy: http://user:%TOPSECRET1234567890@proxy.test",
        "routes: { a: { target_url: 'https://user:TOPSECRET1234567890@api.test' } }",
        "routes: { a: { target_url: 'mock://', custom_headers: { Authorization: \"Bearer TOPSECRET1234567890\\r\" } } }",
        "routes: { a: { target_url: 'mock://', custom_headers: [TOPSECRET1234567890] } }",
        "server: { port: \"${SECRET}\", base_path: \"${SECRET}\", half_close: \"${SECRET}\", idle_timeout: \"${SECRET}\" }",
        "telemetry: [TOPSECRET1234567890]",
        "console: { admin_keys: TOPSECRET1234567890 }",
        "default_key: sk-TOPSECRET1234567890\n  x: sk-TOPSECRET1234567890: y",
        "default_key: \"sk-TOPSECRET1234567890",
        "default_key: sk-TOPSECRET1234567890\ndefault_key: sk-TOPSECRET1234567890",
    ])
    func noFaultShowsASecret(_ text: String) throws {
        let found = try faults(text, environment: ["SECRET": "TOPSECRET1234567890"])
        #expect(!found.isEmpty)
        for fault in found where !text.contains("${TOPSECRET") { #expect(!fault.description.contains("TOPSECRET")) }
    }

    @Test(arguments: [
        ("targetUrl", "target_url"), ("target-url", "target_url"), ("traget_url", "target_url"),
        ("custom_header", "custom_headers"), ("time_outs", "timeouts"), ("enable", "enabled"), ("retry", nil),
        ("zzz", nil),
    ])
    func nearMisses(_ key: String, _ meant: String?) throws {
        let found = try faults("routes: { a: { target_url: 'mock://', \(key): x } }")
        #expect(found.map(\.place) == ["routes.a.\(key)"])
        let message = try #require(found.first?.message)
        #expect(message.contains("Did you mean") == (meant != nil))
        if let meant { #expect(message.contains("Did you mean \(meant)?")) }
    }
}

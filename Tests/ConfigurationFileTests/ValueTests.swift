import ConfigurationFile
import TestSupport
import Testing
import WeirConfiguration

@Suite struct ValueTests {
    @Test(arguments: [
        ("10s", Duration.seconds(10)), ("10", .seconds(10)), ("0.5", .milliseconds(500)), ("250ms", .milliseconds(250)),
        ("1.5m", .seconds(90)), ("2h", .seconds(7200)), ("7d", .seconds(604_800)), ("0.3s", .milliseconds(300)),
        ("\"10s\"", .seconds(10)), ("\"10\"", .seconds(10)),
    ])
    func durations(_ text: String, _ duration: Duration) throws {
        #expect(try load("server: { idle_timeout: \(text) }").configuration.server.idleTimeout == duration)
    }

    @Test(arguments: [
        "10 s", "-1s", "1e3", "ten", "10S", "1h30m", "8d", "0", "0.0001ms", ".5", "1.s", "true", "null", "[]",
    ])
    func durationsThatAreNone(_ text: String) throws {
        #expect(try faults("server: { idle_timeout: \(text) }").map(\.place) == ["server.idle_timeout"])
    }

    @Test(arguments: [
        ("1048576", UInt64(1 << 20)), ("512MiB", 512 << 20), ("64KiB", 64 << 10), ("2GiB", 2 << 30), ("1", 1),
        ("\"3MiB\"", 3 << 20),
    ])
    func sizes(_ text: String, _ octets: UInt64) throws {
        #expect(try load("server: { max_request_body: \(text) }").configuration.server.maxRequestBody == octets)
    }

    @Test(arguments: ["0", "-1", "1.5MiB", "512MB", "1 KiB", "1e6", "99999999999GiB", "2000GiB", "64k", "null", "{}"])
    func sizesThatAreNone(_ text: String) throws {
        #expect(try faults("server: { max_request_body: \(text) }").map(\.place) == ["server.max_request_body"])
    }

    @Test(arguments: [
        ("true", true), ("yes", true), ("On", true), ("false", false), ("no", false), ("OFF", false),
        ("${YES}", true), ("\"${YES}\"", true), ("${UNSET:-false}", false),
    ])
    func flags(_ text: String, _ flag: Bool) throws {
        let loaded = try load("force_header_overwrite: \(text)", environment: ["YES": "true"])
        #expect(loaded.configuration.forceHeaderOverwrite == flag)
    }

    /// Text, then what it becomes; nil: a fault.
    @Test(arguments: [
        ("${A}", "one"), ("x${A}y${B}z", "xoney2z"), ("${UNSET:-default}", "default"), ("${EMPTY:-default}", "default"),
        ("${EMPTY}x", "x"), ("${UNSET:-}x", "x"), ("${UNSET:-${A}}", "one"), ("${UNSET:-${ALSO:-deep}}!", "deep!"),
        ("$$", "$"), ("$${A}", "${A}"), ("$A", "$A"), ("a$", "a$"), ("${UNSET:-a:-b}", "a:-b"), ("${D}", "${A}"),
        ("${UNSET}", nil), ("${A", nil), ("${}", nil), ("${1A}", nil), ("${A-x}", nil), ("${A B}", nil),
        ("${UNSET:-${GONE}}", nil),
    ])
    func substitution(_ text: String, _ value: String?) throws {
        let environment = ["A": "one", "B": "2", "EMPTY": "", "D": "${A}"]
        let document = "keys: { k: { name: '\(text)' } }"
        guard let value else {
            #expect(try faults(document, environment: environment).map(\.place) == ["keys[0].name"])
            return
        }
        #expect(try load(document, environment: environment).configuration.keys.first?.name == value)
    }

    @Test func anUnsetVariableIsNamed() throws {
        let fault = try #require(try faults("server: { host: '${WHERE}' }").first)
        #expect(fault.message.contains("WHERE") && fault.message.contains("${WHERE:-default}"))
    }

    @Test func substitutedNumbersAreNumbers() throws {
        let environment = ["PORT": "9000", "KEEP": "3"]
        let text = """
            server: { port: "${PORT}" }
            console:
              port: ${CONSOLE:-9001}
            recording:
              session_files: { keep: "${KEEP}" }
              retention: { max_requests: "${MAX:-500}" }
            """
        let configuration = try load(text, environment: environment).configuration
        #expect(configuration.server.port == 9000 && configuration.console.port == 9001)
        #expect(configuration.recording.sessionFilesKept == 3)
        #expect(configuration.recording.retention.maxRequests == 500)
        let unlimited = try load("recording:\n  retention:\n    max_requests: ${MAX:-}")
        #expect(unlimited.configuration.recording.retention.maxRequests == nil)
        #expect(try faults("server: { port: \"9000\" }").map(\.place) == ["server.port"])
    }

    @Test func emptyEntriesAreLeftOut() throws {
        let text = """
            console: { admin_keys: ["${SUPER_ADMIN_APIKEY:-}", second-admin-key, ""] }
            default_key: "${NO_KEY:-}"
            routes:
              a:
                target_url: mock://
                custom_headers: { X-Empty: "${NO:-}", X-Full: "${YES}", X-Space: "  " }
            """
        let loaded = try load(text, environment: ["YES": " v "])
        #expect(loaded.configuration.console.adminKeys == [Secret("second-admin-key")])
        #expect(loaded.configuration.defaultKey == nil)
        #expect(try loaded.route("a").customHeaders == [CustomHeader(name: "X-Full", value: Secret("v"))])
    }

    @Test func secretsComeFromFiles() throws {
        let files = ["key": "sk-1\n", "crlf": "sk-2\r\n", "plain": "sk-3", "admin": "a-1\n\n", "client": "ck-1\n"]
        let text = """
            console: { admin_keys: ["file:plain"] }
            default_key: file:${DIR:-.}/key
            keys:
              file:client: file:crlf
              other: { upstream_key: "file:key" }
            routes:
              a: { target_url: mock://, default_key: "file:plain", custom_headers: { X: "file:key" } }
            """
        let loaded = try load(text, files: files)
        let configuration = loaded.configuration
        #expect(configuration.defaultKey == Secret("sk-1"))
        #expect(configuration.console.adminKeys == [Secret("sk-3")])
        #expect(configuration.keys.map(\.key) == [Secret("ck-1"), Secret("other")])
        #expect(configuration.keys.map(\.upstreamKey) == [Secret("sk-2"), Secret("sk-1")])
        #expect(try loaded.route("a").defaultKey == Secret("sk-3"))
        #expect(try loaded.route("a").customHeaders.first?.value == Secret("sk-1"))
        let names = Set(loaded.filesRead.map { $0.split(separator: "/").last.map(String.init) ?? "" })
        #expect(names == ["weir.yaml", "key", "crlf", "plain", "client"])
        #expect(loaded.filesRead.allSatisfy { $0.hasPrefix("/") })
        // One line's end is taken off; another one is part of the secret, and none that a header can carry.
        #expect(try faults("default_key: file:admin", files: files).map(\.place) == ["default_key"])
        let missing = try #require(try faults("\ndefault_key: file:gone", files: files).first)
        #expect(missing.line == 2 && missing.message.contains("/gone: There is no such file."))
        // What the environment gives is a secret as it is, not the name of a file.
        let given = try load("default_key: ${K}", files: files, environment: ["K": "file:key"])
        #expect(given.configuration.defaultKey == Secret("file:key"))
    }

    /// A proxy's URL and what it is, credentials percent-decoded; nil: a fault.
    @Test(arguments: [
        ("http://proxy.test:3128", "http proxy.test 3128 - -"), ("https://proxy.test", "https proxy.test 443 - -"),
        ("socks5://proxy.test", "socks5 proxy.test 1080 - -"), ("HTTP://Proxy.Test/", "http proxy.test 80 - -"),
        ("http://u:p@[::1]:1", "http ::1 1 u p"), ("socks5://u%40corp:p%3A%2Fw@h:9", "socks5 h 9 u@corp p:/w"),
        ("http://user@h", "http h 80 user "), ("http://u:p@ss@h", "http h 80 u p@ss"),
        ("http://[::1]", "http ::1 80 - -"),
        ("https://h:80", "https h 80 - -"), ("http://u:%E2%82%AC@h", "http h 80 u €"),
        ("proxy.test:3128", nil), ("ftp://h", nil), ("socks4://h", nil), ("http://", nil), ("http://h:0", nil),
        ("http://h:99999", nil), ("http://h/path", nil), ("http://h?q", nil), ("http://:p@h", nil),
        ("http://u:%zz@h", nil),
        ("http://u:%0d@h", nil), ("http://u:%ff@h", nil), ("http://u%3Ax:p@h", nil),
    ])
    func proxies(_ text: String, _ expected: String?) throws {
        guard let expected else {
            #expect(try faults("global_proxy: \(text)").map(\.place) == ["global_proxy"])
            return
        }
        let proxy = try #require(try load("global_proxy: \(text)").configuration.globalProxy)
        let user = proxy.user ?? "-"
        #expect(
            "\(proxy.scheme.rawValue) \(proxy.host) \(proxy.port) \(user) \(proxy.password?.text ?? "-")" == expected)
    }

    @Test(arguments: [
        ("\"*\"", AllowedHost(.any)), ("\"*:443\"", AllowedHost(.any, port: 443)),
        ("Api.Test", AllowedHost(.name("api.test"))),
        ("api.test.", AllowedHost(.name("api.test"))), ("api.test:8443", AllowedHost(.name("api.test"), port: 8443)),
        ("\"*.corp.test\"", AllowedHost(.suffix("corp.test"))),
        ("\"*.corp.test:80\"", AllowedHost(.suffix("corp.test"), port: 80)),
    ])
    func allowedHosts(_ text: String, _ host: AllowedHost) throws {
        let loaded = try load("routes: { a: { universal_proxy: true, allowed_hosts: [\(text)] } }")
        #expect(try loaded.route("a").allowedHosts == [host])
    }

    @Test(arguments: [
        ("10.1.2.3", "10.1.2.3", nil), ("10.0.0.0/8", "10.0.0.0/8", nil), ("10.0.0.0/8:443", "10.0.0.0/8", 443),
        ("192.0.2.1:8080", "192.0.2.1", 8080), ("\"::1\"", "::1", nil), ("\"[::1]:443\"", "::1", 443),
        ("\"2001:db8::/32\"", "2001:db8::/32", nil), ("\"[2001:db8::/32]:1\"", "2001:db8::/32", 1),
        ("\"[::1]\"", "::1", nil),
    ])
    func allowedAddresses(_ text: String, _ range: String, _ port: Int?) throws {
        let loaded = try load("routes: { a: { universal_proxy: true, allowed_hosts: [\(text)] } }")
        let addresses = try #require(AddressRange(range))
        #expect(try loaded.route("a").allowedHosts == [AllowedHost(.addresses(addresses), port: port)])
    }

    @Test(arguments: [
        "\"\"", "\"a b\"", "a..b", "\"*x.test\"", "\"a.*\"", "a.test:0", "a.test:port", "10.0.0.1/8", "0177.0.0.1",
        "2130706433",
        "0x7f.1", "https://a.test", "\"[::1\"", "\"[a.test]:1\"", "\"*.\"", "1.2.3", "ä.test", "a.test/x",
    ])
    func hostsThatAreNone(_ text: String) throws {
        let found = try faults("routes: { a: { universal_proxy: true, allowed_hosts: [\(text)] } }")
        #expect(found.map(\.place) == ["routes.a.allowed_hosts[0]"])
    }

    @Test func jsonTextIsKept() throws {
        let loaded = try load(
            #"""
            {"routes": {"a": {"target_url": "mock:\/\/", "set_body": {
              "big": 1234567890123456789012345, "float": 1.0, "exponent": 1e5, "minus": -0, "t": true, "n": null,
              "s": "q\"\\\n\u00e9\ud83d\ude00", "list": [1, [], {}], "map": {"b": {"c": 0.10}, "a": "${X}"}}}}}
            """#, environment: ["X": "y"])
        let fields = try loaded.route("a").setBody
        #expect(fields.map(\.name) == ["big", "float", "exponent", "minus", "t", "n", "s", "list", "map"])
        #expect(
            fields.map(\.json) == [
                "1234567890123456789012345", "1.0", "1e5", "-0", "true", "null", #""q\"\\\né😀""#, "[1,[],{}]",
                #"{"b":{"c":0.10},"a":"y"}"#,
            ])
    }

    @Test func yamlAndJSONMeanTheSame() throws {
        let yaml = """
            server: &listener
              host: 0.0.0.0
              port: 3000
              cors: { allow_origins: [https://App.test] }
              max_head: 32KiB
            console:
              <<: *console
            """.replacing("console:\n  <<: *console", with: "default_route: a")
        let rest = """

            keys:
              ck: { upstream_key: null, name: alice, role: admin, routes: [a] }
              other: ~
            unknown_keys: pass
            routes:
              a: &a
                target_url: https://api.a.test/v1/
                path:
                  /v1/chat/completions: /chat
                set_body: { temperature: 0.50, stop: ["x", null], deep: { on: true } }
                timeouts: { connect: 2, total: 1h }
                retries: { attempts: 2, retry_on: [429, 503] }
                tls: { verify: false }
              b:
                <<: *a
                enabled: no
                path: /fixed
            """
        let json = """
            {"server": {"host": "0.0.0.0", "port": 3000, "cors": {"allow_origins": ["https://app.test"]}, "max_head": 32768},
             "default_route": "a",
             "keys": {"ck": {"upstream_key": null, "name": "alice", "role": "admin", "routes": ["a"]}, "other": null},
             "unknown_keys": "pass",
             "routes": {
               "a": {"target_url": "https://api.a.test/v1", "path": {"/v1/chat/completions": "/chat"},
                 "set_body": {"temperature": 0.50, "stop": ["x", null], "deep": {"on": true}},
                 "timeouts": {"connect": 2, "total": "1h"}, "retries": {"attempts": 2, "retry_on": [429, 503]},
                 "tls": {"verify": false}},
               "b": {"target_url": "https://api.a.test/v1", "enabled": false, "path": "/fixed",
                 "set_body": {"temperature": 0.50, "stop": ["x", null], "deep": {"on": true}},
                 "timeouts": {"connect": 2, "total": "1h"}, "retries": {"attempts": 2, "retry_on": [429, 503]},
                 "tls": {"verify": false}}}}
            """
        let first = try load(yaml + rest)
        #expect(first.configuration == (try load(json)).configuration)
        #expect(try first.route("a").retries.onConnect == false)
        #expect(try first.route("a").retries.statuses == [429, 503])
        #expect(try first.route("b").path == .fixed("/fixed"))
        #expect(try first.route("b").isEnabled == false)
        #expect(try first.route("a").setBody.map(\.json) == ["0.50", #"["x",null]"#, #"{"on":true}"#])
        #expect(first.configuration.keys.map(\.role) == [.admin, .user])
    }

    @Test func pathsAreRelativeToTheFile() throws {
        let files = try Files([
            "weir.yaml": """
            server: { tls: { certificate: c.pem, private_key: ~/k.pem } }
            recording: { log_dir: logs, database: sub/weir.db }
            """, "c.pem": "-", "k.pem": "-",
        ])
        defer { files.directory.remove() }
        let home = files.directory.path
        var input = ConfigurationInput(defaultThreads: 1, environment: { $0 == "HOME" ? home : nil })
        input.configFile = files.path("weir.yaml")
        let loaded = try input.load()
        #expect(
            loaded.configuration.server.tls
                == ListenerTLS(certificate: files.path("c.pem"), privateKey: files.path("k.pem")))
        #expect(loaded.configuration.recording.logDirectory == files.path("logs"))
        #expect(loaded.configuration.recording.database == "sub/weir.db")
        #expect(loaded.configuration.dataDirectory == home + "/.weir")
        #expect(loaded.filesRead == ["weir.yaml", "c.pem", "k.pem"].map(files.path))
    }
}

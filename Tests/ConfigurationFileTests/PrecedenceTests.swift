import ConfigurationFile
import Testing
import WeirConfiguration

@Suite struct PrecedenceTests {
    private let text = """
        server: { host: 10.0.0.1, port: 1001 }
        console: { host: 10.0.0.2, port: 1002, page_size: 30, admin_keys: [from-the-file] }
        recording: { log_dir: null, retention: { max_requests: 5 } }
        global_proxy: http://file.test:1
        default_key: from-the-file
        """

    @Test func nothingSaidIsTheDefault() throws {
        let loaded = try load(environment: ["HOME": "/home/someone"])
        var expected = Configuration(dataDirectory: "/home/someone/.weir", threads: 2)
        expected.usesBuiltInRoutes = true
        expected.routes = BuiltInRoutes.all
        #expect(loaded.configuration == expected)
        #expect(loaded.file == nil && loaded.filesRead.isEmpty && loaded.notInEffect.isEmpty)
        #expect(try load("").configuration.routes == BuiltInRoutes.all)
        #expect(try load("# nothing\n").configuration.routes == BuiltInRoutes.all)
        #expect(try load("routes: null\nserver:\n").configuration.routes == BuiltInRoutes.all)
    }

    @Test func theBuiltInRoutes() {
        #expect(
            BuiltInRoutes.all.map { "\($0.name) \($0.target?.origin ?? "")" } == [
                "openai https://api.openai.com", "anthropic https://api.anthropic.com",
                "gemini https://generativelanguage.googleapis.com", "openrouter https://openrouter.ai",
                "deepseek https://api.deepseek.com", "mistral https://api.mistral.ai", "groq https://api.groq.com",
                "ollama http://127.0.0.1:11434", "mock mock://mock",
            ])
        #expect(BuiltInRoutes.all.map(\.versionedPath) == [.always] + Array(repeating: .auto, count: 8))
    }

    @Test func theFileWinsOverDefaults() throws {
        let configuration = try load(text).configuration
        #expect(configuration.server.host == "10.0.0.1" && configuration.server.port == 1001)
        #expect(configuration.console.port == 1002 && configuration.console.pageSize == 30)
        #expect(configuration.recording.logDirectory == nil)
        #expect(configuration.defaultKey == Secret("from-the-file"))
    }

    private let environment = [
        "PROXY_HOST": "10.1.0.1", "PROXY_PORT": "2001", "WEB_HOST": "10.1.0.2", "WEB_PORT": "2002", "PAGE_SIZE": "40",
        "MAX_REQUESTS_HISTORY": "6", "DEFAULT_APIKEY": "from-the-environment", "SUPER_ADMIN_APIKEY": "admin-2",
        "OPENAI_API_BASE": "https://environment.test/v1", "WEIR_DATA_DIR": "/data/environment",
    ]

    @Test func theEnvironmentWinsOverTheFile() throws {
        let loaded = try load(text, environment: environment)
        let configuration = loaded.configuration
        #expect(configuration.server.host == "10.1.0.1" && configuration.server.port == 2001)
        #expect(configuration.console.host == "10.1.0.2" && configuration.console.port == 2002)
        #expect(configuration.console.pageSize == 40)
        #expect(configuration.console.adminKeys == [Secret("from-the-file"), Secret("admin-2")])
        #expect(configuration.recording.retention.maxRequests == 6)
        #expect(configuration.defaultKey == Secret("from-the-environment"))
        #expect(configuration.dataDirectory == "/data/environment")
        #expect(configuration.defaultRoute == "default")
        #expect(try loaded.route("default").target == UpstreamURL("https://environment.test/v1"))
        #expect(configuration.routes.map(\.name) == ["default"] + BuiltInRoutes.all.map(\.name))
    }

    @Test func theCommandLineWinsOverTheEnvironment() throws {
        let loaded = try load(text, environment: environment) { input in
            input.host = "10.2.0.1"
            input.port = 3001
            input.consoleHost = "10.2.0.2"
            input.consolePort = 3002
            input.noConsole = true
            input.noRecording = true
            input.logDir = "elsewhere"
            input.dataDir = "data"
            input.upstreamBaseURL = "https://line.test"
            input.upstreamTimeout = 4
            input.upstreamProxy = "socks5://u:p@line.test"
            input.intercept = true
            input.threads = 7
        }
        let configuration = loaded.configuration
        #expect(configuration.server.host == "10.2.0.1" && configuration.server.port == 3001)
        #expect(configuration.console.host == "10.2.0.2" && configuration.console.port == 3002)
        #expect(!configuration.console.isEnabled && !configuration.recording.isEnabled)
        #expect(configuration.recording.logDirectory == "elsewhere" && configuration.dataDirectory == "data")
        let route = try loaded.route("default")
        #expect(route.target?.host == "line.test")
        #expect(route.timeouts == TimeoutSettings(upstream: .seconds(4)))
        #expect(configuration.globalProxy?.scheme == .socks5 && configuration.globalProxy?.user == "u")
        #expect(configuration.intercept.isEnabled && configuration.threads == 7)
        #expect(loaded.notInEffect == ["intercept", "recording.retention"])
    }

    @Test func theDefaultRouteStandsBesideTheFilesOwn() throws {
        let text = "default_route: a\nroutes: { a: { target_url: https://a.test } }"
        let loaded = try load(text) { $0.upstreamBaseURL = "https://line.test" }
        #expect(loaded.configuration.routes.map(\.name) == ["default", "a"])
        #expect(loaded.configuration.defaultRoute == "default")
        #expect(!loaded.configuration.usesBuiltInRoutes)
        let clash = "\nroutes: { default: { target_url: https://a.test } }"
        #expect(try faults(clash) { $0.upstreamBaseURL = "https://line.test" }.places == ["2 routes.default"])
        #expect(try load(clash).configuration.routes.map(\.name) == ["default"])
        // No route of the file's is enough where there is an upstream.
        let none = try load("routes: {}") { $0.upstreamBaseURL = "mock://" }
        #expect(none.configuration.routes.map(\.name) == ["default"])
    }

    @Test(arguments: [
        (["PROXY_PORT": "http"], ["PROXY_PORT"]),
        (["PROXY_PORT": "70000", "PAGE_SIZE": "0"], ["PROXY_PORT", "PAGE_SIZE"]),
        (["PROXY_HOST": "http://x"], ["PROXY_HOST"]), (["OPENAI_API_BASE": "api.test"], ["OPENAI_API_BASE"]),
        (["DEFAULT_APIKEY": "a\nb"], ["DEFAULT_APIKEY"]), (["MAX_REQUESTS_HISTORY": "-1"], ["MAX_REQUESTS_HISTORY"]),
        (["OPENAI_API_BASE": "http://localhost:8080"], ["OPENAI_API_BASE"]), (["WEIR_CONFIG": "/nowhere"], [""]),
        (["PROXY_PORT": "", "OPENAI_API_BASE": ""], []),
    ])
    func variablesAreChecked(_ environment: [String: String], _ places: [String]) throws {
        do {
            _ = try load(environment: environment)
            #expect(places.isEmpty)
        } catch let error as ConfigurationFaults {
            #expect(error.all.map(\.place) == places)
        }
    }

    @Test func optionsAreChecked() throws {
        do {
            _ = try load { input in
                input.port = 70_000
                input.consolePort = -1
                input.threads = 0
                input.upstreamTimeout = 0
                input.upstreamProxy = "http://user:hunter2@"
                input.host = "a b"
                input.upstreamBaseURL = "https://user:hunter2@x"
            }
            Issue.record("it was accepted")
        } catch let error as ConfigurationFaults {
            #expect(
                Set(error.all.map(\.place)) == [
                    "--port", "--console-port", "--threads", "--upstream-timeout", "--upstream-proxy", "--host",
                    "--upstream-base-url",
                ])
            #expect(!error.description.contains("hunter2"))
        }
    }

    @Test func whatIsNotBuiltYetIsTold() throws {
        let text = """
            console: { port: 9000 }
            intercept: { rules: [{ route: mock }] }
            prices: { models: { gpt: { input: 1 } } }
            telemetry: { endpoint: http://otel.test, headers: { authorization: x } }
            recording: { mode: strict, retention: { max_age: 30d }, redact: { json_keys: [ssn] } }
            """
        #expect(
            try load(text).notInEffect == ["console", "intercept", "telemetry", "recording.retention"])
    }
}

import ArgumentParser
import ConfigurationFile
import NIOCore
import RequestLog
import WeirConfiguration

/// `weir serve`: runs the gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway (the default command).",
        discussion: """
            Forwards every request to its route's upstream and streams the answer back, byte for byte. Each exchange \
            becomes a line of JSON in a session file, credentials masked, and a line on standard error.

            Unless a configuration file has routes of its own, /openai, /anthropic, /gemini, /openrouter, /deepseek, \
            /mistral, /groq, /ollama and /mock lead to their providers with the caller's own key.

            A configuration file that changes is read again by itself, and on SIGHUP; a faulty one changes nothing. \
            SIGTERM and SIGINT (Ctrl-C) let running exchanges end, 30 seconds at most, and write the record out; a \
            second signal ends at once.

            Environment, where the option is not given: WEIR_CONFIG (--config), OPENAI_API_BASE (--upstream-base-url), \
            PROXY_HOST (--host), PROXY_PORT (--port), WEB_HOST (--console-host), WEB_PORT (--console-port), WEIR_DATA_DIR \
            (--data-dir), WEIR_LOG_LEVEL (--log-level), DEFAULT_APIKEY (the key of requests without one, on the default \
            route). SUPER_ADMIN_APIKEY, MAX_REQUESTS_HISTORY and PAGE_SIZE are for the console.

            The console and --intercept are not part of this version.
            """)

    @Option(
        help: ArgumentHelp("The configuration, YAML or JSON; docs/configuration.md has all of it.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Where paths go that name no route: a provider's base URL, with or without /v1; mock:// is a provider inside "
                + "this process.",
            valueName: "url"))
    var upstreamBaseUrl: String?

    @Option(help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on; 0 takes a free one. (default: 8080)")
    var port: Int?

    @Option(help: "The address of the console; not in this version. (default: 127.0.0.1)")
    var consoleHost: String?

    @Option(help: "The port of the console; not in this version. (default: 8081)")
    var consolePort: Int?

    @Flag(help: "Run no console; there is none in this version.")
    var noConsole = false

    @Option(
        help: ArgumentHelp("Where session files go, made if missing. (default: ./logs)", valueName: "directory"))
    var logDir: String?

    @Option(
        help: ArgumentHelp("Where the journal is kept, made if missing. (default: ~/.weir)", valueName: "directory"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "How long the upstream may take to begin its answer, and to send the next piece of it; connecting may take "
                + "as long, but 10 seconds at most. For --upstream-base-url and the built-in routes. (default: 300)",
            valueName: "seconds"))
    var upstreamTimeout: Double?

    @Option(
        help: ArgumentHelp(
            "The proxy of routes that name none: http://, https:// or socks5://, with user:password@ if it wants them.",
            valueName: "url"))
    var upstreamProxy: String?

    @Flag(help: "Read TLS traffic of clients that use Weir as a forward proxy; not in this version.")
    var intercept = false

    @Flag(help: "Record nothing.")
    var noRecording = false

    @Flag(help: "Write no session files; the journal alone is the record.")
    var noSessionFiles = false

    @Option(help: ArgumentHelp("Threads that forward. (default: one a processor)", valueName: "number"))
    var threads: Int?

    @Option(help: ArgumentHelp("How much is said on standard error. (default: info)", valueName: "level"))
    var logLevel: Diagnostics.Level?

    @Option(
        help: ArgumentHelp(
            "How it is written: text, logfmt or json. (default: text on a terminal, else logfmt)", valueName: "format"))
    var logFormat: LogFormat?

    func run() async throws {
        let environment = Environment.process
        let level = try logLevel ?? environment.logLevel() ?? .info
        let diagnostics = Diagnostics(level: level, format: .chosen(logFormat))
        let input = input(environment)
        // From before the first reading on: what changes while Weir starts is not missed.
        var watch = FileWatch([input.path].compactMap(\.self))
        let loaded: LoadedConfiguration
        do throws(ConfigurationFaults) {
            loaded = try input.load()
            watch.watch(loaded.filesRead)
        } catch {
            for fault in error.all { diagnostics.say(.error, fault.description) }
            throw ExitCode(2)
        }
        if !loaded.notInEffect.isEmpty {
            let list = loaded.notInEffect.joined(separator: ", ")
            diagnostics.say(.warning, "configured, but not in effect in this version: \(list).")
        }
        do {
            try await Application(loaded, input: input, watch: watch, diagnostics: diagnostics).run()
        } catch let error as ApplicationFault {
            diagnostics.say(.error, error.message)
            throw ExitCode(1)
        }
    }

    /// What the command line and the environment say; loading it again is a reload.
    func input(_ environment: Environment) -> ConfigurationInput {
        var input = ConfigurationInput(defaultThreads: System.coreCount, environment: { environment.raw($0) })
        input.configFile = config
        input.upstreamBaseURL = upstreamBaseUrl
        input.host = host
        input.port = port
        input.consoleHost = consoleHost
        input.consolePort = consolePort
        input.noConsole = noConsole
        input.noRecording = noRecording
        input.noSessionFiles = noSessionFiles
        input.logDir = logDir
        input.dataDir = dataDir
        input.upstreamTimeout = upstreamTimeout
        input.upstreamProxy = upstreamProxy
        input.intercept = intercept
        input.threads = threads
        return input
    }
}

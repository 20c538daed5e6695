import ArgumentParser
import NIOCore
import RequestLog
import WeirConfiguration

/// `weir serve`: runs the gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the gateway (the default command).",
        discussion: """
            Forwards every request to one upstream and streams the answer back, byte for byte. Each exchange becomes a \
            line of JSON in a session file, credentials masked.

            SIGTERM and SIGINT (Ctrl-C) let running exchanges end, 30 seconds at most, and write the record out; a \
            second signal ends at once.

            Environment, where the option is not given: OPENAI_API_BASE (--upstream-base-url), PROXY_HOST (--host), \
            PROXY_PORT (--port), WEIR_DATA_DIR (--data-dir), WEIR_LOG_LEVEL (--log-level).
            """)

    @Option(
        help: ArgumentHelp(
            "The provider's base URL, with or without /v1; mock:// is a provider inside this process.", valueName: "url"
        ))
    var upstreamBaseUrl: String?

    @Option(help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(help: "The port to listen on; 0 takes a free one. (default: 8080)")
    var port: Int?

    @Option(help: ArgumentHelp("Where session files go, made if missing.", valueName: "directory"))
    var logDir = "./logs"

    @Option(
        help: ArgumentHelp("Where the journal is kept, made if missing. (default: ~/.weir)", valueName: "directory"))
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "How long the upstream may take to begin its answer, and to send the next piece of it; connecting may take "
                + "as long, but 10 seconds at most.",
            valueName: "seconds"))
    var upstreamTimeout = 300.0

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
        let configuration: Configuration
        do {
            configuration = try makeConfiguration(environment)
        } catch let faults as ConfigurationFaults {
            for fault in faults.all { diagnostics.say(.error, "\(fault.place): \(fault.message)") }
            throw ExitCode(2)
        }
        do {
            try await Application(configuration, diagnostics: diagnostics).run()
        } catch let error as ApplicationFault {
            diagnostics.say(.error, error.message)
            throw ExitCode(1)
        }
    }

    private func makeConfiguration(_ environment: Environment) throws -> Configuration {
        var faults: [ConfigurationFault] = []
        var configuration = Configuration(
            dataDirectory: dataDir ?? environment["WEIR_DATA_DIR"] ?? environment.home + "/.weir",
            threads: threads ?? System.coreCount)
        configuration.server.host = host ?? environment["PROXY_HOST"] ?? configuration.server.host
        if let port {
            configuration.server.port = port
        } else if let text = environment["PROXY_PORT"] {
            if let port = Int(text) {
                configuration.server.port = port
            } else {
                faults.append(
                    ConfigurationFault("PROXY_PORT", "\"\(text)\" is no port; give a number from 0 to 65535."))
            }
        }
        configuration.recording.isEnabled = !noRecording
        configuration.recording.logDirectory = noSessionFiles ? nil : logDir
        if !(upstreamTimeout > 0 && upstreamTimeout <= 86_400) {
            faults.append(ConfigurationFault("--upstream-timeout", "Give seconds from above 0 to 86400."))
        }
        if let (place, text) = upstream(environment) {
            do throws(UpstreamURL.Fault) {
                var route = RouteSettings(name: "default", target: try UpstreamURL(text))
                route.timeouts = TimeoutSettings(upstream: .seconds(max(0.001, min(upstreamTimeout, 86_400))))
                configuration.routes = [route]
                configuration.defaultRoute = route.name
            } catch {
                faults.append(ConfigurationFault(place, error.message))
            }
        } else {
            let text = "No upstream is given; say where requests go, as in https://api.openai.com/v1, or mock://."
            faults.append(ConfigurationFault("--upstream-base-url", text))
        }
        faults += configuration.faults()
        guard faults.isEmpty else { throw ConfigurationFaults(all: faults) }
        return configuration
    }

    private func upstream(_ environment: Environment) -> (String, String)? {
        if let upstreamBaseUrl { return ("--upstream-base-url", upstreamBaseUrl) }
        return environment["OPENAI_API_BASE"].map { ("OPENAI_API_BASE", $0) }
    }
}

/// Every fault of a configuration at once.
struct ConfigurationFaults: Error {
    let all: [ConfigurationFault]
}

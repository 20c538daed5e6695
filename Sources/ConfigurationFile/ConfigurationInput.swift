import Foundation
package import WeirConfiguration

/// All that a start is told: the command line, the environment and, through either, a file.
///
/// The command line wins over the environment, that over the file, and that over the defaults.
package struct ConfigurationInput: Sendable {
    /// `--config`.
    package var configFile: String?
    /// `--upstream-base-url`.
    package var upstreamBaseURL: String?
    /// `--host`.
    package var host: String?
    /// `--port`.
    package var port: Int?
    /// `--console-host`.
    package var consoleHost: String?
    /// `--console-port`.
    package var consolePort: Int?
    /// `--no-console`.
    package var noConsole = false
    /// `--no-recording`.
    package var noRecording = false
    /// `--no-session-files`.
    package var noSessionFiles = false
    /// `--log-dir`.
    package var logDir: String?
    /// `--data-dir`.
    package var dataDir: String?
    /// `--upstream-timeout`, in seconds.
    package var upstreamTimeout: Double?
    /// `--upstream-proxy`.
    package var upstreamProxy: String?
    /// `--intercept`.
    package var intercept = false
    /// `--threads`.
    package var threads: Int?
    /// Whether this replaces a configuration that is in force. A file without a word is refused then: it is being
    /// written, or could not be, and to take it for a configuration would drop keys and access lists.
    package var isReload = false
    /// Event loops where nothing is said: one a processor.
    package var defaultThreads: Int
    /// The environment's variables.
    package var environment: @Sendable (String) -> String?

    /// An input that says nothing.
    package init(defaultThreads: Int, environment: @escaping @Sendable (String) -> String?) {
        self.defaultThreads = defaultThreads
        self.environment = environment
    }

    /// The absolute path of the configuration's file; nil: there is none.
    package var path: String? {
        let file = configFile ?? environment("WEIR_CONFIG").flatMap { $0.isEmpty ? nil : $0 }
        return file.map { $0.hasPrefix("/") ? $0 : FileManager.default.currentDirectoryPath + "/" + $0 }
    }

    /// Reads and joins everything; nothing of it is kept, so that a reload is another call.
    ///
    /// - Throws: ``ConfigurationFaults`` with all that is wrong.
    package func load() throws(ConfigurationFaults) -> LoadedConfiguration {
        var loader = Loader(self)
        return try loader.load()
    }
}

/// One joining of command line, environment and file.
private struct Loader {
    private let input: ConfigurationInput
    private let surroundings: Surroundings
    private var walk: Walk
    private var contents: FileContents
    private var faults: [ConfigurationFault] = []
    private var filesRead: [String] = []
    /// Options and variables that took the place of key paths.
    private var origins: [String: String] = [:]

    init(_ input: ConfigurationInput) {
        self.input = input
        surroundings = Surroundings(environment: input.environment)
        walk = Walk(surroundings, file: nil, directory: "")
        contents = FileContents(
            Configuration(dataDirectory: surroundings.home + "/.weir", threads: input.threads ?? input.defaultThreads))
    }

    mutating func load() throws(ConfigurationFaults) -> LoadedConfiguration {
        let file = input.configFile ?? variable("WEIR_CONFIG")
        if let file, let path = input.path { read(file, path) }
        joinListeners()
        joinRecording()
        joinCredentials()
        joinRoutes()
        References(contents, walk.places).check(&walk, upstream: origins["routes.default.target_url"])
        for fault in contents.configuration.faults() { note(fault) }
        guard faults.isEmpty, walk.faults.isEmpty else {
            throw ConfigurationFaults(walk.faults + faults, files: filesRead + walk.files)
        }
        let consoleIsGiven =
            walk.places["console"] != nil || input.consoleHost != nil || input.consolePort != nil
            || variable("WEB_HOST") != nil || variable("WEB_PORT") != nil
        return LoadedConfiguration(
            contents.configuration, file: file, filesRead: filesRead + walk.files, consoleIsGiven: consoleIsGiven)
    }

    /// A variable, an empty one taken as absent.
    private func variable(_ name: String) -> String? {
        surroundings.environment(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func fault(_ place: String, _ message: String) {
        faults.append(ConfigurationFault(place, message))
    }

    /// A fault of the values alone is told of where they came from.
    private mutating func note(_ fault: ConfigurationFault) {
        let place = walk.places[fault.place]
        let name = origins[fault.place] ?? fault.place
        faults.append(
            ConfigurationFault(
                name, fault.message, file: place == nil ? nil : walk.file, line: place?.line, column: place?.column))
    }

    private mutating func read(_ file: String, _ path: String) {
        filesRead.append(path)
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        walk = Walk(surroundings, file: file, directory: directory.isEmpty ? "/" : directory)
        switch surroundings.contents(path) {
        case .failure(let fault): walk.fault(fault.message, at: nil)
        case .success(let text) where input.isReload && text.allSatisfy(\.isWhitespace):
            walk.fault("The file is empty; write a setting or a comment into it.", at: nil)
        case .success(let text): Self.read(text, &walk, &contents)
        }
    }

    private static func read(_ text: String, _ walk: inout Walk, _ contents: inout FileContents) {
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        do throws(DocumentFault) {
            var document = JSONDocument.read(text)
            if document == nil { document = try YAMLDocument.read(text) }
            guard let node = document else { return }
            if node.isNull(walk.surroundings.environment) { return }
            TopKeys.table().read(node, &walk, &contents)
        } catch {
            walk.fault(error.message, at: error.place)
        }
    }

    private mutating func joinListeners() {
        if let (place, text) = given("--host", input.host, "PROXY_HOST") {
            contents.configuration.server.host = host(place, text) ?? contents.configuration.server.host
            origins["server.host"] = place
        }
        if let port = port("--port", input.port, "PROXY_PORT") { contents.configuration.server.port = port }
        if let (place, text) = given("--console-host", input.consoleHost, "WEB_HOST") {
            contents.configuration.console.host = host(place, text) ?? contents.configuration.console.host
        }
        if let port = port("--console-port", input.consolePort, "WEB_PORT") {
            contents.configuration.console.port = port
            if !(0...65_535).contains(port) {
                fault("--console-port", "\(port) is no port; give a number from 0 to 65535.")
            }
        }
        if input.noConsole { contents.configuration.console.isEnabled = false }
        if let size = number("PAGE_SIZE", 1...1000) { contents.configuration.console.pageSize = size }
        if input.intercept { contents.configuration.intercept.isEnabled = true }
    }

    private mutating func joinRecording() {
        if let directory = input.dataDir ?? variable("WEIR_DATA_DIR") {
            contents.configuration.dataDirectory = directory
        }
        if input.noRecording { contents.configuration.recording.isEnabled = false }
        if let directory = input.logDir { contents.configuration.recording.logDirectory = directory }
        if input.noSessionFiles { contents.configuration.recording.logDirectory = nil }
        if let number = number("MAX_REQUESTS_HISTORY", 1...1_000_000_000_000) {
            contents.configuration.recording.retention.maxRequests = number
        }
    }

    private mutating func joinCredentials() {
        if let key = credential("DEFAULT_APIKEY") { contents.configuration.defaultKey = key }
        if let key = credential("SUPER_ADMIN_APIKEY"), !contents.configuration.console.adminKeys.contains(key) {
            contents.configuration.console.adminKeys.append(key)
        }
        guard let text = input.upstreamProxy else { return }
        do throws(OutboundProxy.Fault) {
            contents.configuration.globalProxy = text.isEmpty ? nil : try OutboundProxy(text)
        } catch {
            fault("--upstream-proxy", error.message)
        }
    }

    private mutating func joinRoutes() {
        let seconds = input.upstreamTimeout
        if let seconds, !(seconds > 0 && seconds <= 86_400) {
            fault("--upstream-timeout", "Give seconds from above 0 to 86400.")
        }
        let timeouts = seconds.map { TimeoutSettings(upstream: .seconds(max(0.001, min($0, 86_400)))) }
        if !contents.definesRoutes {
            contents.configuration.usesBuiltInRoutes = true
            contents.configuration.routes = BuiltInRoutes.all.map { route in
                var route = route
                route.timeouts = timeouts ?? route.timeouts
                return route
            }
        }
        if let (place, text) = given("--upstream-base-url", input.upstreamBaseURL, "OPENAI_API_BASE") {
            origins["routes.default.target_url"] = place
            do throws(UpstreamURL.Fault) {
                var route = RouteSettings(name: "default", target: try UpstreamURL(text))
                route.timeouts = timeouts ?? route.timeouts
                contents.configuration.routes.insert(route, at: 0)
                contents.configuration.defaultRoute = route.name
            } catch {
                fault(place, error.message)
                // What refers to the default route is not wrong as well.
                let route = RouteSettings(name: "default", target: try? UpstreamURL("mock://"))
                contents.configuration.routes.insert(route, at: 0)
                contents.configuration.defaultRoute = route.name
            }
        }
        joinDefaultRoute()
    }

    /// `proxy_url_path` and the top-level `field_aliases`.
    private mutating func joinDefaultRoute() {
        let named = contents.configuration.defaultRoute
        let index = contents.configuration.routes.firstIndex { $0.name == named }
        if let path = contents.proxyPath, path != .request {
            if let index, contents.configuration.routes[index].path == .request {
                contents.configuration.routes[index].path = path
            } else {
                misplaced("proxy_url_path", "path", isTaken: index != nil)
            }
        }
        if let aliases = contents.fieldAliases, !aliases.isEmpty {
            if let index, contents.configuration.routes[index].fieldAliases.isEmpty {
                contents.configuration.routes[index].fieldAliases = aliases
            } else {
                misplaced("field_aliases", "field_aliases", isTaken: index != nil)
            }
        }
    }

    private mutating func misplaced(_ key: String, _ member: String, isTaken: Bool) {
        let message =
            isTaken
            ? "The default route has a \(member) of its own; keep one of the two."
            : "This belongs to the default route, and there is none; name one with default_route, or start with "
                + "--upstream-base-url."
        walk.fault(message, at: walk.places[key], keyPath: key)
    }

    /// An option, else a variable, with the name of what gave it.
    private func given(_ option: String, _ value: String?, _ name: String) -> (String, String)? {
        if let value { return (option, value) }
        return variable(name).map { (name, $0) }
    }

    private mutating func host(_ place: String, _ text: String) -> String? {
        guard let host = HostText.listener(text) else {
            fault(place, "\(Tree.quoted(text)) is nothing to listen on; give an address or a name without a port.")
            return nil
        }
        return host
    }

    private mutating func port(_ option: String, _ value: Int?, _ name: String) -> Int? {
        if let value {
            origins["server.port"] = option == "--port" ? option : origins["server.port"]
            return value
        }
        return number(name, 0...65_535)
    }

    private mutating func number(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let text = variable(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            fault(
                name,
                "\(Tree.quoted(text)) is not accepted; give a number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    private mutating func credential(_ name: String) -> Secret? {
        guard let text = variable(name) else { return nil }
        guard FieldText.isValue(text) else {
            fault(name, FieldText.remedy)
            return nil
        }
        return Secret(text)
    }
}

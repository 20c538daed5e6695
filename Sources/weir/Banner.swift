import ConfigurationFile
import NIOCore
import WeirConfiguration

/// What a start prints.
struct Banner {
    private let loaded: LoadedConfiguration
    private let address: SocketAddress?
    private let record: Record?
    private let style: TerminalStyle

    private var configuration: Configuration { loaded.configuration }

    /// The lines of a start, ready to be shown.
    static func lines(
        _ loaded: LoadedConfiguration, address: SocketAddress?, record: Record?,
        style: TerminalStyle = .standardError
    ) -> [String] {
        Banner(loaded: loaded, address: address, record: record, style: style).lines
    }

    private var lines: [String] {
        var lines = [style.bold("Weir \(Version.text)"), ""]
        lines.append(line("gateway", "\(scheme)://\(address?.shown ?? "?")" + (isOpenToAll ? allAddresses : "")))
        if let target = defaultTarget {
            lines.append(line("base URL", baseURL + "/v1", "with or without /v1, for OPENAI_BASE_URL and the like"))
            lines.append(
                target.scheme == .mock
                    ? line("upstream", "mock://", "a provider for trying out, inside this process")
                    : line("upstream", target.origin + target.path))
        }
        if let example = publicExample { lines.append(line("base path", configuration.server.basePath, example)) }
        lines.append(line("config", loaded.file ?? "none", reloading))
        lines.append(line("headers", headerPolicy))
        lines.append(line("requests", configuration.server.logsRequests ? "logged here, a line each" : "not logged"))
        lines += recordLines
        lines += ["", "  " + style.faint("routes")] + loaded.routeTable.map { "    " + Diagnostics.printable($0) }
        if usesMock { lines += trial }
        lines.append("")
        return lines
    }

    private var scheme: String { configuration.server.tls == nil ? "http" : "https" }

    private var defaultTarget: UpstreamURL? {
        configuration.routes.first { $0.name == configuration.defaultRoute }?.target
    }

    /// What a proxy in front would make of a base path, on one of the routes.
    private var publicExample: String? {
        guard !configuration.server.basePath.isEmpty else { return nil }
        guard let route = configuration.routes.first(where: \.isEnabled) else { return nil }
        return "https://your-domain.example\(configuration.server.basePath)/\(route.name)/…"
    }

    private var reloading: String {
        switch configuration.server.reloadInterval {
        case .never: return "read again on SIGHUP"
        case .watch: return "read again when it changes, or on SIGHUP"
        case .every(let interval): return "looked at every \(interval), read again when it has changed, or on SIGHUP"
        }
    }

    private var headerPolicy: String {
        configuration.forceHeaderOverwrite
            ? "the configuration's take the place of the client's" : "the client's stay, the configuration's fill in"
    }

    private var recordLines: [String] {
        guard let record else { return [line("record", "off")] }
        let journal = line("journal", configuration.dataDirectory + "/journal")
        guard record.logDirectory != nil else {
            return [line("record", "no session files", "the journal alone"), journal]
        }
        let file = record.logFile ?? record.logDirectory ?? "?"
        return [line("record", file, "one line an exchange; what was said beside it, in .md"), journal]
    }

    /// A request to try, where it costs nothing.
    private var trial: [String] {
        [
            "", "Try it:", "",
            "  curl -N \(baseURL)/v1/chat/completions -d '{",
            #"    "model": "mock-1", "stream": true,"#,
            #"    "messages": [{"role": "user", "content": "Hello"}] }'"#,
        ]
    }

    private func line(_ label: String, _ value: String, _ remark: String? = nil) -> String {
        let gap = String(repeating: " ", count: max(1, 12 - label.count))
        let remark = remark.map { "  " + style.faint("(\($0))") } ?? ""
        return "  " + style.faint(label) + gap + Diagnostics.printable(value) + remark
    }

    private var usesMock: Bool {
        configuration.routes.contains { $0.target?.scheme == .mock && $0.name == configuration.defaultRoute }
    }

    private var isOpenToAll: Bool { address?.ipAddress == "0.0.0.0" || address?.ipAddress == "::" }

    private var allAddresses: String { ", every address of this machine" }

    /// Where a client of this machine sends its requests.
    private var baseURL: String {
        let basePath = configuration.server.basePath
        guard isOpenToAll, let port = address?.port else { return "\(scheme)://\(address?.shown ?? "?")\(basePath)" }
        return "\(scheme)://127.0.0.1:\(port)\(basePath)"
    }
}

extension SocketAddress {
    /// Address and port, as in a URL.
    var shown: String {
        guard let port, let ip = ipAddress else { return "?" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

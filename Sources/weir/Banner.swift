import NIOCore
import WeirConfiguration

/// What a start prints.
struct Banner {
    private let configuration: Configuration
    private let address: SocketAddress?
    private let record: Record?
    private let style: TerminalStyle

    /// The lines of a start, ready to be shown.
    static func lines(
        _ configuration: Configuration, address: SocketAddress?, record: Record?,
        style: TerminalStyle = .standardError
    ) -> [String] {
        Banner(configuration: configuration, address: address, record: record, style: style).lines
    }

    private var lines: [String] {
        var lines = [style.bold("Weir \(Version.text)"), ""]
        lines.append(line("gateway", "http://\(address?.shown ?? "?")" + (isOpenToAll ? allAddresses : "")))
        lines.append(line("base URL", "\(baseURL)", "with or without /v1, for OPENAI_BASE_URL and the like"))
        for target in configuration.routes.compactMap(\.target) {
            lines.append(
                target.scheme == .mock
                    ? line("upstream", "mock://", "a provider for trying out, inside this process")
                    : line("upstream", target.origin + target.path))
        }
        lines += recordLines
        if usesMock { lines += trial }
        lines.append("")
        return lines
    }

    private var recordLines: [String] {
        guard let record else { return [line("record", "off")] }
        let journal = line("journal", configuration.dataDirectory + "/journal")
        guard record.logDirectory != nil else {
            return [line("record", "no session files", "the journal alone"), journal]
        }
        return [line("record", record.logFile ?? record.logDirectory ?? "?", "one line an exchange"), journal]
    }

    /// A request to try, where it costs nothing.
    private var trial: [String] {
        [
            "", "Try it:", "",
            "  curl -N \(baseURL)/chat/completions -d '{",
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
        guard isOpenToAll, let port = address?.port else { return "http://\(address?.shown ?? "?")/v1" }
        return "http://127.0.0.1:\(port)/v1"
    }
}

extension SocketAddress {
    /// Address and port, as in a URL.
    var shown: String {
        guard let port, let ip = ipAddress else { return "?" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

import NIOCore
import WeirConfiguration

/// What a start prints.
enum Banner {
    static func lines(_ configuration: Configuration, address: SocketAddress?, record: Record?) -> [String] {
        let place = address?.shown ?? "?"
        var lines = ["Weir \(Version.text)", "  gateway    http://\(place)"]
        for route in configuration.routes {
            let target =
                route.target.scheme == .mock ? "the mock in this process" : route.target.origin + route.target.path
            lines.append("  upstream   \(target)")
        }
        lines.append("  base URL   http://\(place)/v1   (for OPENAI_BASE_URL and the like)")
        if let record {
            lines.append("  journal    \(configuration.dataDirectory)/journal")
            lines.append("  session    \(record.logFile ?? "no session files")")
        } else {
            lines.append("  recording  off")
        }
        return lines
    }
}

extension SocketAddress {
    /// Address and port, as in a URL.
    var shown: String {
        guard let port, let ip = ipAddress else { return "?" }
        return ip.contains(":") ? "[\(ip)]:\(port)" : "\(ip):\(port)"
    }
}

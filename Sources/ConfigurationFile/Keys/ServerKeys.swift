import WeirConfiguration

/// The keys of `server` and `console`.
enum ServerKeys {
    static var server: Table<ServerSettings> {
        Table(
            [
                Key("host", .listenHost, \.host, "The address to listen on; 0.0.0.0 or :: for all."),
                Key("port", .integer(0...65_535, "a port"), \.port, "The port to listen on; 0 takes a free one."),
                Key(
                    "base_path", .basePath, \.basePath,
                    "What stands in front of every path and is taken off before routing; a request outside it is 404."),
                Key("log_requests", .flag, \.logsRequests, "Whether each exchange is a line on standard error."),
                Key(
                    "reload_interval", .reloadInterval, \.reloadInterval,
                    "When the configuration is read again: -1 never, 0 within a second of a change, N looks every N seconds. "
                        + "SIGHUP always reloads."),
                Key(
                    "max_request_body", .size(1...(1 << 40)), \.maxRequestBody,
                    "Octets of a request body; past it the answer is 413."),
                Key(
                    "max_head", Kind<UInt64>.size((1 << 10)...(1 << 20)).map(), \.maxHead,
                    "Octets of a request's head; past it the answer is 431, or 414 for the target alone."),
                Key("head_timeout", .deadline, \.headTimeout, "How long a request's head may take."),
                Key("idle_timeout", .deadline, \.idleTimeout, "How long a connection may idle between requests."),
                Key(
                    "half_close", .choice(), \.halfClose,
                    "What a client means that closes its sending side: that it is gone, or that it still waits (allow)."
                ),
                Key(
                    "shutdown_grace", .duration(.zero ... .seconds(86_400)), \.shutdownGrace,
                    "How long running exchanges may go on after a stop signal."),
                Key("cors", cors, \.self, "Browsers that may ask from pages of other origins."),
                Key("tls", tls, \.tls, "The listener's certificate; null: plain HTTP."),
            ], defaults: ServerSettings())
    }

    static var console: Table<ConsoleSettings> {
        Table(
            [
                Key("enabled", .flag, \.isEnabled, "Whether there is a console."),
                Key("host", .listenHost, \.host, "The address to listen on."),
                Key("port", .integer(0...65_535, "a port"), \.port, "The port to listen on; 0 takes a free one."),
                Key(
                    "allowed_hosts", Kind<String>.hostName.list("a list of names"), \.allowedHosts,
                    "Names under which the console may be reached besides its address and localhost."),
                Key("base_path", .basePath, \.basePath, "What stands in front of every path of the console."),
                Key("tls", tls, \.tls, "The console's certificate; null: plain HTTP."),
                Key("admin_keys", .adminKeys, \.adminKeys, "Keys that see everything; empty ones are left out."),
                Key("page_size", .integer(1...1000), \.pageSize, "Exchanges on a page."),
            ], defaults: ConsoleSettings())
    }

    private static var cors: Table<ServerSettings> {
        Table(
            [
                Key(
                    "allow_origins", Kind<String>.origin.list("a list of origins"), \.allowedOrigins,
                    "Origins of pages that may ask, as in https://app.example.com, or \"*\". Where there are any, Weir answers "
                        + "preflights and adds the headers itself; else OPTIONS is forwarded.")
            ], defaults: ServerSettings())
    }

    private static var tls: Kind<ListenerTLS?> {
        let table = Table<ListenerTLS>(
            [
                Key(
                    "certificate", .file, \.certificate, "A PEM file: the certificate, and those that lead to its root."
                ),
                Key("private_key", .file, \.privateKey, "A PEM file: the certificate's key, not encrypted."),
            ], defaults: nil, required: ["certificate", "private_key"])
        return table.kind(ListenerTLS(certificate: "", privateKey: "")).optional
    }
}

extension Kind where Value == String {
    /// An address or name to listen on.
    static var listenHost: Kind<String> {
        .text("an address or a name, as in 127.0.0.1, ::1 or localhost") { HostText.listener($0) }
    }

    /// A name or an address, without a port.
    static var hostName: Kind<String> {
        .text("a name or an address without a port, as in weir.example.com") { text in
            guard let host = AllowedHost(text), host.port == nil else { return nil }
            switch host.host {
            case .name(let name): return name
            case .addresses(let range): return text.contains("/") ? nil : "\(range)"
            case .any, .suffix: return nil
            }
        }
    }

    static var basePath: Kind<String> {
        .urlPath("\"\" or a path that begins with a slash, as in /byok or /api/v1/proxy")
    }

    /// A web origin (RFC 6454 §6.2), or `*`.
    static var origin: Kind<String> {
        .text("an origin, as in https://app.example.com or http://localhost:5173, or \"*\"") { text in
            if text == "*" { return text }
            guard let separator = text.firstRange(of: "://"), !text.hasSuffix("/") else { return nil }
            let scheme = text[..<separator.lowerBound].lowercased()
            let isScheme = scheme.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || "+-.".utf8.contains($0)
            }
            guard isScheme, scheme.first?.isLetter == true,
                let url = try? UpstreamURL("http://" + text[separator.upperBound...]), url.path.isEmpty
            else { return nil }
            return scheme + "://" + text[separator.upperBound...].lowercased()
        }
    }
}

/// Hosts as they are written.
enum HostText {
    /// An address or name to listen on; brackets around an IPv6 address are taken off. Nil: it is none.
    static func listener(_ text: String) -> String? {
        if text == "*" { return nil }
        let inner = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        if IPAddress(inner) != nil { return inner }
        guard case .name(let name)? = AllowedHost(text)?.host, !text.contains(":") else { return nil }
        return name
    }
}

extension Kind where Value == ReloadInterval {
    static var reloadInterval: Kind<ReloadInterval> {
        let number = Kind<Int>.integer(-1...86_400, "seconds")
        return Kind<ReloadInterval>(
            schema: number.schema,
            read: { node, walk in
                guard let seconds = number.read(node, &walk) else { return nil }
                return seconds < 0 ? .never : seconds == 0 ? .watch : .every(.seconds(seconds))
            },
            show: { interval in
                switch interval {
                case .never: return .number(-1)
                case .watch: return .number(0)
                case .every(let duration): return .number(duration.components.seconds)
                }
            })
    }
}

extension Kind where Value == [Secret] {
    /// Keys, of which empty ones are left out.
    static var adminKeys: Kind<[Secret]> {
        let list = Kind<Secret?>.secretOrNone.list("a list of keys")
        return Kind<[Secret]>(
            schema: .map([("type", .text("array")), ("items", .string())]),
            read: { node, walk in list.read(node, &walk)?.compactMap { $0 } },
            show: { .list($0.map { .text($0.description) }) })
    }
}

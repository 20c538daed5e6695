import WeirConfiguration

/// What a file says, before it is joined with the rest.
struct FileContents {
    var configuration: Configuration
    /// Whether the file says which routes there are, so that the built-in ones are not.
    var definesRoutes = false
    /// `proxy_url_path`, for the default route.
    var proxyPath: PathRule?
    /// The top-level `field_aliases`, for the default route.
    var fieldAliases: [Alias]?

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }
}

/// The keys at the top.
enum TopKeys {
    static func table(defaults: Configuration? = nil) -> Table<FileContents> {
        Table(
            [
                Key("server", ServerKeys.server, \.configuration.server, "The gateway's listener and its limits."),
                Key("console", ServerKeys.console, \.configuration.console, "The web pages and their API."),
                Key("recording", RecordingKeys.recording, \.configuration.recording, "What is recorded and where."),
                Key(
                    "global_proxy", .proxy, \.configuration.globalProxy,
                    "The proxy of every route that names none: http://, https:// or socks5://, with optional user:pass@."
                ),
                Key(
                    "proxy_ca_file", Kind<String>.file.optional, \.configuration.proxyCAFile,
                    "A PEM file of roots for https:// proxies; null: the system's."),
                Key(
                    "force_header_overwrite", .flag, \.configuration.forceHeaderOverwrite,
                    "Whether routes' custom_headers take the place of what clients send."),
                Key(
                    "headers_to_drop", Kind<String>.fieldName.list("a list of names"), \.configuration.headersToDrop,
                    "Header fields that no upstream gets."),
                Key("access", access, \.configuration.access, "Which addresses may ask at all."),
                Key(
                    "keys", .clientKeys, \.configuration.keys,
                    "What clients present, and what the upstream gets for it: a key, null, or a mapping."),
                Key(
                    "unknown_keys", .unknownKeys, \.configuration.unknownKeys,
                    "What becomes of a credential that is none of keys: reject (where there are keys), or pass."),
                Key(
                    "default_key", .secretOrNone, \.configuration.defaultKey,
                    "The credential of a request that brings none, on the default route."),
                Key(
                    "default_route", Kind<String>.routeName.optional, \.configuration.defaultRoute,
                    "Where a path goes whose first segment names no route."),
                Key(
                    "prices", PriceKeys.prices.kind(PriceSettings()).optional, \.configuration.prices,
                    "Prices of models besides the built-in ones; null: those alone."),
                Key("telemetry", .anyMapping, \.configuration.telemetry, "Export over OTLP; not read yet."),
                Key(
                    "proxy_url_path", .pathRule, get: { $0.proxyPath }, set: { $0.proxyPath = $1 },
                    "The default route's path, under the name of openai-chat-proxy."),
                Key(
                    "field_aliases", .aliases("a mapping from key to key"), get: { $0.fieldAliases },
                    set: { $0.fieldAliases = $1 }, "The default route's field_aliases."),
                Key(
                    "routes", .routes, get: { $0.configuration.routes.isEmpty ? nil : .some($0.configuration.routes) },
                    set: { contents, routes in
                        contents.definesRoutes = routes != nil
                        contents.configuration.routes = routes ?? []
                    }, "The ways to upstreams, by the first segment of the paths that they take."),
                Key("intercept", InterceptKeys.intercept, \.configuration.intercept, "Reading TLS traffic of clients."),
            ], defaults: defaults.map(FileContents.init))
    }

    private static var access: Table<AccessSettings> {
        let ranges = Kind<AddressRange>.addresses.list("a list of addresses and CIDR blocks")
        return Table(
            [
                Key("allow", ranges, \.allow, "Addresses that may; empty: all."),
                Key("deny", ranges, \.deny, "Addresses that may not, whatever allow says."),
                Key("trusted_proxies", ranges, \.trustedProxies, "Peers whose X-Forwarded-For is believed."),
            ], defaults: AccessSettings())
    }
}

extension Kind where Value == UnknownKeys? {
    static var unknownKeys: Kind<UnknownKeys?> {
        let choice = Kind<UnknownKeys>.choice()
        return Kind<UnknownKeys?>(
            schema: choice.schema, read: { node, walk in choice.read(node, &walk).map { .some($0) } },
            show: { choice.show($0 ?? .reject) })
    }
}

extension Kind where Value == [RouteSettings]? {
    static var routes: Kind<[RouteSettings]?> {
        let table = RouteKeys.route
        let expected = "a mapping from name to route"
        return Kind<[RouteSettings]?>(
            schema: .map([
                ("type", .list([.text("object"), .text("null")])), ("additionalProperties", table.schema),
                ("propertyNames", .map([("pattern", .text("^[A-Za-z0-9._-]+$"))])),
            ]),
            read: { node, walk in
                if node.isNull(walk.surroundings.environment) { return .some(nil) }
                guard let entries = walk.members(node, expected) else { return nil }
                return entries.map { entry in
                    walk.within(Walk.segment(entry.key), entry.keyPlace) { walk in
                        var route = RouteSettings(name: entry.key, target: nil)
                        if !RouteName.isOne(entry.key) { walk.fault(RouteName.remedy, at: entry.keyPlace) }
                        if case .scalar(let text, _) = entry.value.content, (try? UpstreamURL(text)) != nil {
                            let message = "Give a mapping; put the URL into it, as in { target_url: https://… }."
                            walk.fault(message, at: entry.value.place)
                            return route
                        }
                        table.read(entry.value, &walk, &route)
                        return route
                    }
                }
            },
            show: { routes in .map((routes ?? []).map { ($0.name, table.show($0)) }) })
    }
}

/// What a route may be called: it is a segment of a path.
enum RouteName {
    static let remedy = "A route's name is made of letters, digits, '.', '_' and '-', since it is a segment of a path."

    static func isOne(_ text: String) -> Bool {
        !text.isEmpty && text != "." && text != ".."
            && text.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) || "._-".utf8.contains(octet)
            }
    }
}

extension Kind where Value == Secret? {
    /// A mapping of any kind, kept as JSON text; its texts may be credentials.
    static var anyMapping: Kind<Secret?> {
        Kind<Secret?>(
            schema: .map([("type", .list([.text("object"), .text("null")]))]),
            read: { node, walk in
                if node.isNull(walk.surroundings.environment) { return .some(nil) }
                guard walk.members(node, "a mapping or null") != nil else { return nil }
                return walk.json(node).map { .some(Secret($0.json)) }
            },
            show: { $0 == nil ? .null : .map([]) })
    }
}

import WeirConfiguration

/// What a reload changes, in lines for people: key names, and of values only names of routes and keys, so that no secret
/// can be among them.
struct ConfigurationChanges: Equatable, Sendable {
    /// What is in force from now on.
    private(set) var lines: [String] = []
    /// What has been changed but is in force only after a restart.
    private(set) var needsRestart: [String] = []

    /// Whether nothing has changed at all.
    var isEmpty: Bool { lines.isEmpty && needsRestart.isEmpty }

    /// The difference between two configurations.
    init(from old: Configuration, to new: Configuration) {
        guard old != new else { return }
        let altered = Self.settings.filter { $0.differs(old, new) }
        let live = altered.filter { !$0.needsRestart }.map(\.key)
        if !live.isEmpty { lines.append("altered: \(live.joined(separator: ", "))") }
        let restart = altered.filter(\.needsRestart).map(\.key)
        if !restart.isEmpty {
            let verb = restart.count == 1 ? "needs" : "need"
            needsRestart.append(
                "\(restart.joined(separator: ", ")) \(verb) a restart; until then the old stays in force")
        }
        compareRoutes(old.routes, new.routes)
        compareKeys(old.keys, new.keys)
        if isEmpty { lines.append("altered: other settings") }
    }

    private mutating func compareRoutes(_ old: [RouteSettings], _ new: [RouteSettings]) {
        let before = Dictionary(old.map { ($0.name, $0) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.name, $0) }) { first, _ in first }
        for route in new where before[route.name] == nil {
            lines.append("route \(route.name) added" + (route.isEnabled ? "" : ", disabled"))
        }
        for route in old where after[route.name] == nil { lines.append("route \(route.name) removed") }
        for route in new {
            guard let earlier = before[route.name], earlier != route else { continue }
            var parts: [String] = []
            if earlier.isEnabled != route.isEnabled { parts.append(route.isEnabled ? "enabled" : "disabled") }
            let altered = Self.routeSettings.filter { $0.differs(earlier, route) }.map(\.key)
            if !altered.isEmpty { parts.append("altered: \(altered.joined(separator: ", "))") }
            let headers = Self.headerChanges(earlier.customHeaders, route.customHeaders)
            if !headers.isEmpty { parts.append("custom_headers \(headers.joined(separator: ", "))") }
            if parts.isEmpty { parts.append("altered: other settings") }
            lines.append("route \(route.name) \(parts.joined(separator: "; "))")
        }
        let stayed = old.map(\.name).filter { after[$0] != nil }
        if stayed != new.map(\.name).filter({ before[$0] != nil }) { lines.append("routes in another order") }
    }

    private static func headerChanges(_ old: [CustomHeader], _ new: [CustomHeader]) -> [String] {
        guard old != new else { return [] }
        let before = Dictionary(old.map { ($0.name.lowercased(), $0) }) { _, last in last }
        let after = Dictionary(new.map { ($0.name.lowercased(), $0) }) { _, last in last }
        var found: [String] = []
        for header in new where before[header.name.lowercased()] == nil { found.append("+\(header.name)") }
        for header in old where after[header.name.lowercased()] == nil { found.append("-\(header.name)") }
        for header in new {
            guard let earlier = before[header.name.lowercased()], earlier != header else { continue }
            found.append("~\(header.name)")
        }
        return found.isEmpty ? ["in another order"] : found
    }

    /// Keys are told by name or counted: what clients present is a secret itself.
    private mutating func compareKeys(_ old: [KeySettings], _ new: [KeySettings]) {
        let before = Dictionary(old.map { ($0.key, $0) }) { first, _ in first }
        let after = Dictionary(new.map { ($0.key, $0) }) { first, _ in first }
        let changes = [
            ("added", new.filter { before[$0.key] == nil }), ("removed", old.filter { after[$0.key] == nil }),
            ("altered", new.filter { key in before[key.key].map { $0 != key } ?? false }),
        ]
        for (word, keys) in changes where !keys.isEmpty {
            let names = keys.compactMap(\.name)
            let unnamed = keys.count - names.count
            let rest = unnamed > 0 ? ["\(unnamed) without a name"] : []
            lines.append("keys \(word): \((names + rest).joined(separator: ", "))")
        }
        if lines.isEmpty, needsRestart.isEmpty, old != new { lines.append("keys in another order") }
    }
}

extension ConfigurationChanges {
    /// One key of the file, and whether two configurations differ in it.
    struct Setting<Root>: Sendable {
        let key: String
        let needsRestart: Bool
        let differs: @Sendable (Root, Root) -> Bool

        init<Value: Equatable & Sendable>(
            _ key: String, needsRestart: Bool = false, _ value: @escaping @Sendable (Root) -> Value
        ) {
            self.key = key
            self.needsRestart = needsRestart
            differs = { value($0) != value($1) }
        }
    }

    /// All keys but `routes` and `keys`.
    static let settings: [Setting<Configuration>] = [
        Setting("server.host", needsRestart: true) { $0.server.host },
        Setting("server.port", needsRestart: true) { $0.server.port },
        Setting("server.tls", needsRestart: true) { $0.server.tls == nil },
        Setting("server.tls.certificate") { $0.server.tls.map(\.certificate) },
        Setting("server.tls.private_key") { $0.server.tls.map(\.privateKey) },
        Setting("server.base_path") { $0.server.basePath },
        Setting("server.log_requests") { $0.server.logsRequests },
        Setting("server.reload_interval") { $0.server.reloadInterval },
        Setting("server.cors.allow_origins") { $0.server.allowedOrigins },
        Setting("server.max_request_body") { $0.server.maxRequestBody },
        Setting("server.max_head") { $0.server.maxHead },
        Setting("server.head_timeout") { $0.server.headTimeout },
        Setting("server.idle_timeout") { $0.server.idleTimeout },
        Setting("server.half_close") { $0.server.halfClose },
        Setting("server.shutdown_grace", needsRestart: true) { $0.server.shutdownGrace },
        Setting("console.enabled", needsRestart: true) { $0.console.isEnabled },
        Setting("console.host", needsRestart: true) { $0.console.host },
        Setting("console.port", needsRestart: true) { $0.console.port },
        Setting("console.allowed_hosts", needsRestart: true) { $0.console.allowedHosts },
        Setting("console.base_path", needsRestart: true) { $0.console.basePath },
        Setting("console.tls", needsRestart: true) { $0.console.tls },
        Setting("console.admin_keys", needsRestart: true) { $0.console.adminKeys },
        Setting("console.page_size", needsRestart: true) { $0.console.pageSize },
        Setting("recording.redact.headers") { $0.recording.redaction.headers },
        Setting("recording.redact.query") { $0.recording.redaction.query },
        Setting("recording", needsRestart: true) { configuration in
            var recording = configuration.recording
            recording.redaction.headers = []
            recording.redaction.query = []
            return recording
        },
        Setting("access.allow") { $0.access.allow },
        Setting("access.deny") { $0.access.deny },
        Setting("access.trusted_proxies") { $0.access.trustedProxies },
        Setting("unknown_keys") { $0.unknownKeys },
        Setting("default_key") { $0.defaultKey },
        Setting("default_route") { $0.defaultRoute },
        Setting("global_proxy") { $0.globalProxy },
        Setting("proxy_ca_file") { $0.proxyCAFile },
        Setting("force_header_overwrite") { $0.forceHeaderOverwrite },
        Setting("headers_to_drop") { $0.headersToDrop },
        Setting("prices") { $0.prices },
        Setting("telemetry", needsRestart: true) { $0.telemetry },
        Setting("intercept", needsRestart: true) { $0.intercept },
        Setting("data directory", needsRestart: true) { $0.dataDirectory },
        Setting("threads", needsRestart: true) { $0.threads },
    ]

    /// The keys of a route but `enabled` and `custom_headers`.
    static let routeSettings: [Setting<RouteSettings>] = [
        Setting("target_url") { $0.target },
        Setting("universal_proxy") { $0.isUniversal },
        Setting("allowed_hosts") { $0.allowedHosts },
        Setting("proxy") { $0.proxy },
        Setting("proxy_ca_file") { $0.proxyCAFile },
        Setting("force_header_overwrite") { $0.forceHeaderOverwrite },
        Setting("headers_to_drop") { $0.headersToDrop },
        Setting("dialect") { $0.dialect },
        Setting("versioned_path") { $0.versionedPath },
        Setting("path") { $0.path },
        Setting("field_aliases") { $0.fieldAliases },
        Setting("model_aliases") { $0.modelAliases },
        Setting("set_body") { $0.setBody },
        Setting("timeouts.connect") { $0.timeouts.connect },
        Setting("timeouts.first_byte") { $0.timeouts.firstByte },
        Setting("timeouts.idle") { $0.timeouts.idle },
        Setting("timeouts.total") { $0.timeouts.total },
        Setting("retries") { $0.retries },
        Setting("tls.verify") { $0.tls.isVerified },
        Setting("tls.ca_file") { $0.tls.caFile },
        Setting("on_client_disconnect") { $0.onClientDisconnect },
        Setting("sse_keepalive") { $0.sseKeepalive },
        Setting("default_key") { $0.defaultKey },
    ]
}

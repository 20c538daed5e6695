package import HTTP1
import LLMWire
package import WeirConfiguration

/// One configuration as the forwarding path sees it; a request keeps the one it began with.
///
/// Made once for each event loop, as its routes are. To decide about a request allocates nothing, unless it is refused
/// or its route is universal.
package final class PolicySnapshot: Sendable {
    /// The routes, in the order of the configuration.
    package let routes: [Route]
    /// The configured keys, in the order of the configuration.
    package let keys: [ClientKey]
    /// What browsers are told; nil: nothing, and `OPTIONS` is forwarded like any other.
    package let cors: CORS?

    /// Whether some peers may name another client than themselves.
    package let hasTrustedProxies: Bool

    private let access: AccessList
    private let isOpen: Bool
    private let basePath: [UInt8]
    private let keyTable: KeyTable?
    private let passesUnknownKeys: Bool
    private let table: RouteTable
    private let defaultIndex: Int?
    private let builtIn: BuiltInRoutes?
    private let routeList: String

    /// Makes `configuration` ready.
    ///
    /// - Parameters:
    ///   - fingerprintSecret: what keys without a name are fingerprinted under.
    ///   - localAddresses: this machine's own, which a listener on every address answers at.
    package init(
        _ configuration: Configuration, fingerprintSecret: [UInt8] = ClientKey.processSecret,
        localAddresses: [IPAddress] = []
    ) {
        let settings = configuration.routes
        let keys = configuration.keys.filter { !$0.key.text.isEmpty }.map { key in
            ClientKey(
                key, label: key.name ?? ClientKey.fingerprint(key.key, secret: fingerprintSecret), routes: settings)
        }
        let keyTable = keys.isEmpty ? nil : KeyTable(keys)
        let own = OwnListeners(configuration, localAddresses: localAddresses)
        defaultIndex = settings.firstIndex { $0.name == configuration.defaultRoute }
        routes = settings.enumerated().map { index, route in
            Route(
                route, index: index, configuration, keys: keyTable, own: own,
                isDefault: route.name == configuration.defaultRoute)
        }
        table = RouteTable(routes.map(\.name))
        builtIn = configuration.usesBuiltInRoutes ? BuiltInRoutes(settings) : nil
        self.keys = keys
        self.keyTable = keyTable
        passesUnknownKeys = configuration.unknownKeys == .pass
        access = AccessList(configuration.access)
        hasTrustedProxies = !configuration.access.trustedProxies.isEmpty
        isOpen = access.isOpen
        basePath = Array(configuration.server.basePath.utf8)
        cors = CORS(origins: configuration.server.allowedOrigins)
        routeList = Self.list(settings)
    }

    /// Decides about a request; pure.
    ///
    /// In this order: address, base path, Weir's own answers, preflight, key, route, the key's routes, destination.
    ///
    /// - Parameter peer: the address that the client's connection comes from; nil where it has none, which only a list
    ///   of allowed addresses shuts out.
    package func decide(
        _ head: RawSpan, _ request: RequestHead, fields: [Field], peer: IPAddress?
    ) -> Decision {
        let target = request.requestLine.target
        var path = target
        var isOutside = false
        let isAsterisk = head.octet(at: target.lowerBound) == 0x2A
        if !basePath.isEmpty, !isAsterisk {
            if let stripped = head.strip(basePath, from: target) { path = stripped } else { isOutside = true }
        }
        let isAllowed = isOpen || access.allows(access.client(head, fields: fields, peer: peer))
        if path.count <= Self.longestOwnPath, isReading(head, request) {
            if head.equals(path, "/healthz") { return .health(isFull: isAllowed) }
            if isAllowed, path.isEmpty || head.equals(path, "/") { return .greeting }
        }
        guard isAllowed else { return .refuse(addressDenied, nil) }
        guard !isOutside else { return .refuse(outsideBasePath, nil) }
        if cors != nil, CORS.isPreflight(head, request, fields: fields) { return .preflight }
        var key: ClientKey?
        if let keyTable {
            let identity = keyTable.identify(head, target: target, fields: fields)
            key = identity.key
            if key == nil, !passesUnknownKeys { return .refuse(Self.refusal(identity), nil) }
        }
        guard let (index, rest) = route(head, path, fields: fields) else { return .refuse(noRoute, nil) }
        let route = routes[index]
        guard route.settings.isEnabled else { return .refuse(Self.disabled(route), route) }
        if let key, !key.mayUse(route) { return .refuse(Self.forbidden(route), route) }
        if route.settings.isUniversal { return universal(head, rest, route, key) }
        return .forward(Forwarding(route: route, key: key, destination: nil, rest: rest))
    }

    /// Whose key a request brings, whatever is decided about it.
    package func key(_ head: RawSpan, target: Range<Int>, fields: [Field]) -> ClientKey? {
        keyTable?.identify(head, target: target, fields: fields).key
    }

    /// Whom a request comes from, for records: its peer, or whom a trusted proxy names in `X-Forwarded-For`.
    package func client(_ head: RawSpan, fields: [Field], peer: IPAddress?) -> IPAddress? {
        access.client(head, fields: fields, peer: peer)
    }

    private static let longestOwnPath = "/healthz".utf8.count

    private func isReading(_ head: RawSpan, _ request: RequestHead) -> Bool {
        head.equals(request.requestLine.method, "GET") || head.equals(request.requestLine.method, "HEAD")
    }

    /// The route that takes `path`, and what is left of it behind the route's name.
    private func route(_ head: RawSpan, _ path: Range<Int>, fields: [Field]) -> (Int, Range<Int>)? {
        if let segment = head.firstSegment(of: path), let index = table.find(head, segment) {
            return (index, segment.upperBound..<path.upperBound)
        }
        if let defaultIndex { return (defaultIndex, path) }
        guard let builtIn else { return nil }
        return builtIn.index(Dialect(head, target: path, fields: fields)).map { ($0, path) }
    }

    private func universal(_ head: RawSpan, _ rest: Range<Int>, _ route: Route, _ key: ClientKey?) -> Decision {
        do throws(Refusal) {
            let target = try UniversalTarget(head, target: rest)
            if let refusal = route.refusal(target) { return .refuse(refusal, route) }
            return .forward(Forwarding(route: route, key: key, destination: target.url, rest: target.rest))
        } catch {
            return .refuse(error, route)
        }
    }
}

/// Where a path goes that names no route, by its dialect.
private struct BuiltInRoutes: Sendable {
    private let openAI: Int?
    private let anthropic: Int?
    private let gemini: Int?
    private let ollama: Int?

    init(_ routes: [RouteSettings]) {
        func index(_ name: String) -> Int? { routes.firstIndex { $0.name == name } }
        openAI = index("openai")
        anthropic = index("anthropic")
        gemini = index("gemini")
        ollama = index("ollama")
    }

    func index(_ dialect: Dialect) -> Int? {
        switch dialect {
        case .openAIChat, .openAIResponses, .other: openAI
        case .anthropicMessages: anthropic
        case .gemini: gemini
        case .ollama: ollama
        }
    }
}

/// What the refusals say.
extension PolicySnapshot {
    private static let routesListed = 20

    private static func list(_ routes: [RouteSettings]) -> String {
        let names = routes.filter(\.isEnabled).map(\.name)
        guard !names.isEmpty else { return "" }
        let more = names.count > routesListed ? ", and \(names.count - routesListed) more" : ""
        return names.prefix(routesListed).joined(separator: ", ") + more
    }

    private var noRoute: Refusal {
        guard !routeList.isEmpty else {
            return Refusal(.routeNotFound, "No route is configured; start with --upstream-base-url URL.")
        }
        let base = String(decoding: basePath, as: UTF8.self)
        let text =
            "The path names no route, and there is no default route. Begin it with \(base)/ROUTE/, where ROUTE is one "
            + "of: \(routeList)."
        return Refusal(.routeNotFound, text)
    }

    private var outsideBasePath: Refusal {
        let base = String(decoding: basePath, as: UTF8.self)
        return Refusal(.routeNotFound, "The path lies outside this gateway's base path; begin it with \(base)/.")
    }

    private var addressDenied: Refusal {
        Refusal(
            .addressDenied,
            "This address may not use the gateway; its operator can let it in with access.allow and access.deny.")
    }

    private static func refusal(_ identity: KeyTable.Identity) -> Refusal {
        guard identity.hasCredential else {
            let text =
                "This gateway needs a key. Send it as \"Authorization: Bearer KEY\", in x-api-key, api-key or "
                + "x-goog-api-key, or as ?key=KEY."
            return Refusal(.keyRequired, text)
        }
        let text =
            "This gateway does not know the key. Check it for missing characters, or have the operator add it under "
            + "keys."
        return Refusal(.keyUnknown, text)
    }

    private static func disabled(_ route: Route) -> Refusal {
        Refusal(
            .routeDisabled, "The route '\(route.settings.name)' is disabled; its operator can set enabled: true.")
    }

    private static func forbidden(_ route: Route) -> Refusal {
        let text =
            "The key may not use the route '\(route.settings.name)'; its operator can add the route to the key's routes."
        return Refusal(.keyForbidden, text)
    }
}

package import LLMWire
package import WeirConfiguration

/// A route made ready for the forwarding path: nothing in it needs to be computed again for a request.
///
/// A class, and made once for each event loop: a value of several arrays would cost a reference count for each of them
/// with every request, and counts that loops share cost far more.
package final class Route: Sendable {
    /// Its place among the routes of its snapshot.
    package let index: Int
    /// Its name.
    package let name: [UInt8]
    /// Its settings.
    package let settings: RouteSettings
    /// What `Host` says upstream; empty on a universal route.
    package let host: [UInt8]
    /// Scheme, host and port, for records and messages; empty on a universal route.
    package let origin: [UInt8]
    /// ``origin`` as text.
    package let originText: String
    /// The proxy without its credentials; empty: there is none.
    package let proxyText: String
    /// ``TimeoutSettings/firstByte`` in nanoseconds.
    package let firstByteTimeout: UInt64
    /// ``TimeoutSettings/idle`` in nanoseconds.
    package let idleTimeout: UInt64
    /// The proxy that it goes through, its own or the configuration's; nil: none.
    package let proxy: OutboundProxy?
    /// Whether requests go out in absolute-form: plain ones through an HTTP proxy (RFC 9112 §3.2.2). On a universal
    /// route ``Forwarding/sendsAbsoluteForm`` tells.
    package let sendsAbsoluteForm: Bool

    /// What is changed in JSON request bodies; nil: nothing.
    package let rewrite: BodyRewrite?
    /// ``TimeoutSettings/total`` in nanoseconds.
    package let totalTimeout: UInt64?
    /// ``RouteSettings/sseKeepalive`` in nanoseconds.
    package let keepalive: UInt64?
    /// Whether an exchange has deadlines besides that of its present state.
    package let hasFurtherDeadlines: Bool
    /// Whether a request is kept, within a bound, until its answer begins, whatever connection it goes out on.
    package let keepsRequest: Bool

    /// Whether its proxy takes plain requests in absolute-form.
    let proxiesAbsoluteForm: Bool
    /// The line with the proxy's credentials (RFC 7617); empty: it has none.
    let proxyAuthorization: [UInt8]
    /// What becomes of header fields by their names.
    let headers: HeaderRules
    /// The path that the upstream is asked for.
    let path: UpstreamPath
    /// The configured keys; nil: there are none.
    let keys: KeyTable?
    /// The credential of requests that bring none, for each of the places in a header; empty: none.
    let defaultCredentials: [[UInt8]]
    /// Whether the target is Azure's, whose OpenAI API takes `api-key`.
    let isAzure: Bool
    private let destinations: DestinationRules?
    /// Whether the configuration says where it goes: by a target, or by the hosts that it allows.
    private let isBoundToDestinations: Bool

    init(
        _ settings: RouteSettings, index: Int, _ configuration: Configuration, keys: KeyTable?, own: OwnListeners,
        isDefault: Bool
    ) {
        self.index = index
        self.settings = settings
        self.keys = keys
        name = Array(settings.name.utf8)
        let target = settings.isUniversal ? nil : settings.target
        host = Array((target?.authority ?? "").utf8)
        originText = target?.origin ?? ""
        origin = Array(originText.utf8)
        firstByteTimeout = settings.timeouts.firstByte.wholeNanoseconds
        idleTimeout = settings.timeouts.idle.wholeNanoseconds
        rewrite = Self.rewrite(settings)
        totalTimeout = settings.timeouts.total?.wholeNanoseconds
        keepalive = settings.sseKeepalive?.wholeNanoseconds
        hasFurtherDeadlines = totalTimeout != nil || keepalive != nil
        keepsRequest = keepalive != nil || !settings.retries.statuses.isEmpty
        let proxy = configuration.proxy(of: settings)
        self.proxy = proxy
        proxyText = proxy?.description ?? ""
        proxiesAbsoluteForm = proxy.map { $0.scheme != .socks5 } ?? false
        sendsAbsoluteForm = proxiesAbsoluteForm && target?.scheme == .http
        proxyAuthorization = Self.basicAuthorization(proxy)
        headers = HeaderRules(settings, configuration)
        // The route that `--upstream-base-url` makes has this name; a credential needs more than a name.
        path = UpstreamPath(settings, isDefault: isDefault || settings.name == "default")
        let mayUseGlobalKey = isDefault && !settings.isUniversal
        let credential = settings.defaultKey ?? (mayUseGlobalKey ? configuration.defaultKey : nil)
        let places: [CredentialPlace] = [.authorization, .xAPIKey, .apiKey, .xGoogAPIKey]
        if let text = credential?.text, !text.isEmpty {
            defaultCredentials = places.map { $0.line(text) }
        } else {
            defaultCredentials = []
        }
        isAzure = Self.isAzure(target?.host ?? "")
        isBoundToDestinations = !settings.isUniversal || !settings.allowedHosts.isEmpty
        destinations = settings.isUniversal ? DestinationRules(settings, own: own, isProxied: proxy != nil) : nil
    }

    /// What the upstream gets in the place of a client's key; nil: the key is taken out.
    ///
    /// A credential is bound to its destination: a key that may not use this route brings nothing to it, and where a
    /// universal route goes wherever its clients say, no configured credential goes along.
    func upstreamKey(for key: ClientKey) -> [UInt8]? {
        isBoundToDestinations && key.mayUse(self) ? key.upstreamKey : nil
    }

    /// Whether an answer of this status is a reason to try again.
    package func retries(status: Int) -> Bool {
        settings.retries.statuses.contains(status)
    }

    /// A value that is no JSON has been refused with the configuration.
    private static func rewrite(_ settings: RouteSettings) -> BodyRewrite? {
        let made = try? BodyRewrite(
            fieldAliases: settings.fieldAliases.map { (from: $0.from, to: $0.to) },
            modelAliases: settings.modelAliases.map { (from: $0.from, to: $0.to) },
            setBody: settings.setBody.map { (name: $0.name, json: $0.json) })
        return made?.isEmpty == false ? made : nil
    }

    /// Whether `address`, which `host` is or resolved to, may be dialled for a request on it.
    ///
    /// Only universal routes ask: a name that `allowed_hosts` lists may resolve to anything but Weir's own listeners,
    /// any other address must be listed, or public where nothing is.
    package func mayDial(_ host: String, port: Int, address: IPAddress) -> Bool {
        destinations?.mayDial(host, port: port, address: address) ?? true
    }

    /// What refuses a request on a universal route that names `target`.
    func refusal(_ target: UniversalTarget) -> Refusal? {
        destinations?.refusal(target)
    }

    static func isAzure(_ host: String) -> Bool {
        [".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"].contains { host.hasSuffix($0) }
    }

    private static func basicAuthorization(_ proxy: OutboundProxy?) -> [UInt8] {
        guard let proxy, proxy.scheme != .socks5, let credentials = proxy.basicCredentials else { return [] }
        return Array("Proxy-Authorization: \(credentials.text)\r\n".utf8)
    }
}

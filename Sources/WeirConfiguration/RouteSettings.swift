package import LLMWire

/// A named way to an upstream.
package struct RouteSettings: Sendable, Equatable {
    /// Its name: the first segment of the paths that it takes.
    package var name: String
    /// Whether it takes requests.
    package var isEnabled = true
    /// Where requests go; nil for a universal route, whose requests name it.
    package var target: UpstreamURL?
    /// Whether requests name their own target: `/{route}/{scheme}://{host}/{path}`.
    package var isUniversal = false
    /// Where a universal route may go; empty: any public address.
    package var allowedHosts: [AllowedHost] = []
    /// The proxy to go through.
    package var proxy = ProxyChoice.global
    /// A PEM file of roots for an `https://` proxy; nil: the configuration's own.
    package var proxyCAFile: String?
    /// Whether ``customHeaders`` take the place of what the client sends; nil: as the configuration says.
    package var forceHeaderOverwrite: Bool?
    /// Header fields that the upstream gets.
    package var customHeaders: [CustomHeader] = []
    /// Names of header fields that the upstream does not get, besides the configuration's.
    package var headersToDrop: [String] = []
    /// The API that is spoken; nil: told from each request.
    package var dialect: Dialect?
    /// The `/v1` rule.
    package var versionedPath = VersionedPath.auto
    /// The upstream's path in place of the request's.
    package var path = PathRule.request
    /// Keys that are renamed everywhere in a JSON request body, in order.
    package var fieldAliases: [Alias] = []
    /// Values of the top-level `model` that are replaced.
    package var modelAliases: [Alias] = []
    /// Top-level fields that are set or replaced in a JSON request body.
    package var setBody: [BodyField] = []
    /// How long an upstream may take.
    package var timeouts = TimeoutSettings()
    /// How often and when a request is tried again.
    package var retries = RetrySettings()
    /// How TLS to the upstream is checked.
    package var tls = TLSSettings()
    /// What a client that goes away means for the upstream.
    package var onClientDisconnect = ClientDisconnect.cancel
    /// How long a stream may be silent before a sign of life is put in; nil: none ever is.
    package var sseKeepalive: Duration?
    /// The credential of a request that brings none; nil: the configuration's, on the default route.
    package var defaultKey: Secret?

    /// A route to one target, with defaults.
    package init(name: String, target: UpstreamURL?) {
        self.name = name
        self.target = target
    }
}

/// The proxy that a route goes through.
package enum ProxyChoice: Sendable, Equatable {
    /// The configuration's, if it has one.
    case global
    /// None.
    case direct
    /// This one.
    case proxy(OutboundProxy)
}

/// A header field that an upstream gets.
package struct CustomHeader: Sendable, Equatable {
    /// Its name, as it is written.
    package var name: String
    /// Its value; it may be a credential.
    package var value: Secret

    /// A field.
    package init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}

/// One text that stands for another.
package struct Alias: Sendable, Equatable {
    /// What clients say.
    package var from: String
    /// What the upstream gets.
    package var to: String

    /// An alias.
    package init(from: String, to: String) {
        self.from = from
        self.to = to
    }
}

/// A top-level field of a JSON body.
package struct BodyField: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Its value as JSON text.
    package var json: String

    /// A field.
    package init(name: String, json: String) {
        self.name = name
        self.json = json
    }
}

/// The upstream's path.
package enum PathRule: Sendable, Equatable {
    /// The target's path and the request's behind it.
    case request
    /// This path, whatever was asked for; the query stays.
    case fixed(String)
    /// From request path to upstream path; others go as with ``request``.
    case map([Alias])
}

/// Whether the version segment of an OpenAI-compatible path is put in order.
package enum VersionedPath: String, Sendable, CaseIterable {
    /// ``always`` for the default route, ``never`` for others.
    case auto
    /// `/v1` appears exactly once.
    case always
    /// The path is joined to the upstream's as it is.
    case never
}

/// What a client that goes away means for its upstream.
package enum ClientDisconnect: String, Sendable, CaseIterable {
    /// The upstream's connection is closed.
    case cancel
    /// The answer is read to its end, for the record.
    case drain
}

/// Where a universal route may go.
package struct AllowedHost: Sendable, Equatable {
    /// Which hosts are meant.
    package enum Host: Sendable, Equatable {
        /// All of them, private addresses included.
        case any
        /// This name.
        case name(String)
        /// Every name below this one; without a dot at its start.
        case suffix(String)
        /// These addresses, as literals in the URL or as what a name resolves to.
        case addresses(AddressRange)
    }

    /// Which hosts are meant.
    package var host: Host
    /// The one port that is; nil: all.
    package var port: Int?

    /// A rule.
    package init(_ host: Host, port: Int? = nil) {
        self.host = host
        self.port = port
    }
}

/// How long an upstream may take.
package struct TimeoutSettings: Sendable, Equatable {
    /// Name, connection, outbound proxy and TLS handshake together.
    package var connect = Duration.seconds(10)
    /// From the request's last octet to the answer's first.
    package var firstByte = Duration.seconds(300)
    /// Between two pieces of an answer.
    package var idle = Duration.seconds(300)
    /// From the request's head to the answer's end; nil: unlimited.
    package var total: Duration?

    /// Defaults.
    package init() {}

    /// What `--upstream-timeout` means: first byte and idle; connect is the smaller of it and 10 seconds.
    package init(upstream: Duration) {
        connect = min(upstream, .seconds(10))
        firstByte = upstream
        idle = upstream
    }
}

/// How often and when a request is tried again.
package struct RetrySettings: Sendable, Equatable {
    /// Tries after the first.
    package var attempts = 1
    /// Whether a failure before any octet of the request was written is a reason.
    package var onConnect = true
    /// Statuses of an answer that are a reason.
    package var statuses: [Int] = []

    /// Defaults.
    package init() {}
}

/// How TLS to an upstream is checked.
package struct TLSSettings: Sendable, Hashable {
    /// Whether the certificate and its name are.
    package var isVerified = true
    /// A PEM file of roots instead of the system's.
    package var caFile: String?

    /// Defaults.
    package init() {}
}

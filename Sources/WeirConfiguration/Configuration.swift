/// Everything that one start of Weir is told, with defaults; it knows no file format.
package struct Configuration: Sendable, Equatable {
    /// The gateway's listener and its limits.
    package var server = ServerSettings()
    /// What is recorded and where.
    package var recording = RecordingSettings()
    /// The ways to upstreams, by name; the one named ``defaultRoute`` takes every path.
    package var routes: [RouteSettings] = []
    /// Where a path goes that names no route.
    package var defaultRoute: String?
    /// Where state is kept.
    package var dataDirectory: String
    /// Event loops of the gateway.
    package var threads: Int

    /// A configuration of defaults.
    package init(dataDirectory: String, threads: Int) {
        self.dataDirectory = dataDirectory
        self.threads = threads
    }
}

/// The gateway's listener and its limits.
package struct ServerSettings: Sendable, Equatable {
    /// What a client that closes its sending side means by it.
    package enum HalfClose: String, Sendable {
        /// It has gone away.
        case gone
        /// It still waits for its answer.
        case allow
    }

    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    package var port = 8080
    /// Octets of a request body; past it the answer is 413.
    package var maxRequestBody: UInt64 = 512 << 20
    /// Octets of a head; past it the answer is 431, or 414 for the target.
    package var maxHead = 64 << 10
    /// Field lines of a head.
    package var maxFields = 256
    /// How long a head may take from its first octet on.
    package var headTimeout = Duration.seconds(10)
    /// How long a body may stall.
    package var bodyTimeout = Duration.seconds(60)
    /// How long a connection may idle between requests.
    package var idleTimeout = Duration.seconds(75)
    /// What a half-close means.
    package var halfClose = HalfClose.gone
    /// How long exchanges may run on after a stop signal.
    package var shutdownGrace = Duration.seconds(30)
    /// Connections at a time, in all.
    package var maxConnections = 16_384
    /// Connections at a time from one address.
    package var maxConnectionsPerAddress = 8_192

    /// Defaults.
    package init() {}
}

/// What is recorded and where.
package struct RecordingSettings: Sendable, Equatable {
    /// Whether anything is.
    package var isEnabled = true
    /// Where session files go; nil: none are written.
    package var logDirectory: String? = "logs"
    /// Octets of a body that the record keeps.
    package var maxBody = 16 << 20
    /// Whether request bodies are kept.
    package var requestBodies = true
    /// Whether response bodies are kept.
    package var responseBodies = true
    /// Octets of a session file before the next is begun.
    package var sessionFileSize: UInt64 = 256 << 20
    /// Session files kept.
    package var sessionFilesKept = 8

    /// Defaults.
    package init() {}
}

/// A named way to an upstream.
package struct RouteSettings: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Where requests go.
    package var target: UpstreamURL
    /// The `/v1` rule.
    package var versionedPath = VersionedPath.always
    /// How long an upstream may take.
    package var timeouts = TimeoutSettings()
    /// How often and when a request is tried again.
    package var retries = RetrySettings()
    /// How TLS to the upstream is checked.
    package var tls = TLSSettings()

    /// A route with defaults.
    package init(name: String, target: UpstreamURL) {
        self.name = name
        self.target = target
    }
}

/// Whether the version segment of an OpenAI-compatible path is put in order.
package enum VersionedPath: String, Sendable {
    /// `/v1` appears exactly once.
    case always
    /// The path is joined to the upstream's as it is.
    case never
}

/// How long an upstream may take.
package struct TimeoutSettings: Sendable, Equatable {
    /// Name, connection and TLS handshake together.
    package var connect = Duration.seconds(10)
    /// From the request's last octet to the answer's first.
    package var firstByte = Duration.seconds(300)
    /// Between two pieces of an answer.
    package var idle = Duration.seconds(300)

    /// Defaults.
    package init() {}

    /// What `--upstream-timeout` means: first byte and idle; connect is the smaller of it and 10 seconds.
    package init(upstream: Duration) {
        connect = min(upstream, .seconds(10))
        firstByte = upstream
        idle = upstream
    }
}

/// How often a request is tried again.
package struct RetrySettings: Sendable, Equatable {
    /// Tries after the first.
    package var attempts = 1
    /// Whether a failure before any octet of the request was written is a reason.
    package var onConnect = true

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

/// Everything that one start of Weir is told, with defaults; it knows no file format.
package struct Configuration: Sendable, Equatable {
    /// The gateway's listener and its limits.
    package var server = ServerSettings()
    /// The console's listener.
    package var console = ConsoleSettings()
    /// What is recorded and where.
    package var recording = RecordingSettings()
    /// Which addresses may ask at all.
    package var access = AccessSettings()
    /// What clients present; empty: anyone may ask.
    package var keys: [KeySettings] = []
    /// What becomes of a credential that is none of ``keys``; nil: it is refused where there are keys.
    package var unknownKeys: UnknownKeys?
    /// The credential of a request that brings none, on the default route.
    package var defaultKey: Secret?
    /// The proxy of every route that names none.
    package var globalProxy: OutboundProxy?
    /// A PEM file of roots for `https://` proxies; nil: the system's.
    package var proxyCAFile: String?
    /// Whether routes' custom headers take the place of what clients send.
    package var forceHeaderOverwrite = false
    /// Names of header fields that no upstream gets.
    package var headersToDrop: [String] = []
    /// The ways to upstreams, in the order of the file.
    package var routes: [RouteSettings] = []
    /// Where a path goes that names no route.
    package var defaultRoute: String?
    /// Whether ``routes`` are the built-in ones, so that a path that names none goes by its dialect.
    package var usesBuiltInRoutes = false
    /// Prices that take the place of the built-in ones; nil: none do.
    package var prices: PriceSettings?
    /// Where telemetry goes, as JSON text that may hold credentials, not evaluated; nil: nowhere.
    package var telemetry: Secret?
    /// Reading TLS traffic of unmodified clients.
    package var intercept = InterceptSettings()
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
    package enum HalfClose: String, Sendable, CaseIterable {
        /// It has gone away.
        case gone
        /// It still waits for its answer.
        case allow
    }

    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    package var port = 8080
    /// What stands in front of every path and is taken off before routing: empty, or with a slash at its start and
    /// none at its end.
    package var basePath = ""
    /// Whether each exchange is told of on standard error.
    package var logsRequests = true
    /// When the configuration is read again by itself.
    package var reloadInterval = ReloadInterval.watch
    /// Origins of browsers that may ask: scheme, host and port, or `*`; empty: `OPTIONS` is forwarded like any other.
    package var allowedOrigins: [String] = []
    /// The listener's certificate; nil: plain HTTP.
    package var tls: ListenerTLS?
    /// Octets of a request body; past it the answer is 413.
    package var maxRequestBody: UInt64 = 512 << 20
    /// Octets of request bodies that an event loop holds at a time to rewrite them; past it the answer is 503.
    package var maxHeldBodies = 256 << 20
    /// Exchanges that an event loop goes on with at a time though their clients are gone; past it they end.
    package var maxOrphans = 1024
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

/// When the configuration is read again by itself.
package enum ReloadInterval: Sendable, Equatable {
    /// Only when it is asked for.
    case never
    /// Within a second of a change.
    case watch
    /// So often.
    case every(Duration)
}

/// A listener's certificate.
package struct ListenerTLS: Sendable, Hashable {
    /// The path of a PEM file: the certificate, and those that lead to its root.
    package var certificate: String
    /// The path of a PEM file.
    package var privateKey: String

    /// A certificate and its key.
    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}

/// What is recorded and where.
package struct RecordingSettings: Sendable, Equatable {
    /// What gives way when the record cannot keep up.
    package enum Mode: String, Sendable, CaseIterable {
        /// The record: losses are counted and shown.
        case shed
        /// The traffic: what cannot be recorded is refused.
        case strict
    }

    /// Whether anything is.
    package var isEnabled = true
    /// What gives way when the record cannot keep up.
    package var mode = Mode.shed
    /// The archive's file, relative to the data directory.
    package var database = "weir.db"
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
    /// How much the archive keeps.
    package var retention = RetentionSettings()
    /// What is masked besides the built-in list.
    package var redaction = RedactionSettings()

    /// Defaults.
    package init() {}
}

/// How much the archive keeps; nil: without a limit.
package struct RetentionSettings: Sendable, Equatable {
    /// Exchanges.
    package var maxRequests: Int?
    /// Age of an exchange.
    package var maxAge: Duration?
    /// Octets on disk.
    package var maxSize: UInt64?
    /// Age of an exchange's facts, which may outlive its bodies.
    package var facts: Duration?

    /// Everything is kept.
    package init() {}
}

/// What is masked in records besides the built-in list; names are matched whatever their case.
package struct RedactionSettings: Sendable, Equatable {
    /// Names of header fields.
    package var headers: [String] = []
    /// Names of query fields.
    package var query: [String] = []
    /// Names of keys in JSON bodies.
    package var jsonKeys: [String] = []

    /// Nothing besides it.
    package init() {}
}

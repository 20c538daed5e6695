/// The console's listener.
package struct ConsoleSettings: Sendable, Equatable {
    /// Whether there is a console.
    package var isEnabled = true
    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The port to listen on.
    package var port = 8081
    /// Names under which it may be reached besides its address and `localhost`.
    package var allowedHosts: [String] = []
    /// What stands in front of its paths.
    package var basePath = ""
    /// Its certificate; nil: plain HTTP.
    package var tls: ListenerTLS?
    /// Keys that see everything.
    package var adminKeys: [Secret] = []
    /// Exchanges on a page.
    package var pageSize = 20

    /// Defaults.
    package init() {}
}

/// Reading TLS traffic of clients that believe they talk to the provider.
package struct InterceptSettings: Sendable, Equatable {
    /// What becomes of what no rule matches.
    package enum Otherwise: String, Sendable, CaseIterable {
        case tunnel
        case record
        case deny
    }

    /// What becomes of a host whose client rejects the certificate.
    package enum OnRejection: String, Sendable, CaseIterable {
        case fail
        case tunnel
    }

    /// Which requests are sent through which route.
    package struct Rule: Sendable, Equatable {
        /// Exact, or `*.suffix`; nil: any.
        package var host: String?
        /// The port; nil: any.
        package var port: Int?
        /// The method; nil: any.
        package var method: String?
        /// A prefix or a glob; nil: any.
        package var requestPath: String?
        /// The media type; nil: any.
        package var contentType: String?
        /// Header fields that must be there with these values.
        package var headers: [Alias] = []
        /// The route.
        package var route = ""
        /// The path in place of the request's; nil: that.
        package var path: String?

        /// A rule that matches everything.
        package init() {}
    }

    /// Whether there is any.
    package var isEnabled = false
    /// The first that matches wins.
    package var rules: [Rule] = []
    /// What becomes of what no rule matches.
    package var otherwise = Otherwise.tunnel
    /// Host patterns never decrypted.
    package var passthrough: [String] = []
    /// What becomes of a host whose client rejects the certificate.
    package var onRejection = OnRejection.fail
    /// Extra roots for upstreams reached by interception.
    package var upstreamCAFile: String?
    /// A TLS listener for redirected traffic; nil: none.
    package var transparentPort: Int?

    /// Off.
    package init() {}
}

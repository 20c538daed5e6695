/// A proxy that Weir itself goes through to reach an upstream.
package struct OutboundProxy: Sendable, Hashable {
    /// How the proxy is spoken to.
    package enum Scheme: String, Sendable, CaseIterable {
        /// HTTP over TCP: `CONNECT`, or the absolute-form for plain upstreams (RFC 9112 §3.2.2).
        case http
        /// The same over TLS.
        case https
        /// SOCKS version 5, names resolved by the proxy (RFC 1928).
        case socks5

        /// The port where none is given.
        package var defaultPort: Int {
            switch self {
            case .http: return 80
            case .https: return 443
            case .socks5: return 1080
            }
        }
    }

    /// How the proxy is spoken to.
    package var scheme: Scheme
    /// Name or address literal, an IPv6 one without its brackets.
    package var host: String
    /// The port.
    package var port: Int
    /// The user name; nil: no credentials are sent.
    package var user: String?
    /// The password that goes with ``user``.
    package var password: Secret?

    /// A proxy without credentials.
    package init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }
}

extension OutboundProxy: CustomStringConvertible {
    /// The URL without its credentials.
    package var description: String {
        "\(scheme.rawValue)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

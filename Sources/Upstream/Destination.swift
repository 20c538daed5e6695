package import WeirConfiguration

/// Where connections lead and how they get there: what a pool is keyed by.
package struct Destination: Sendable, Hashable {
    /// How the upstream is spoken to.
    package let scheme: UpstreamURL.Scheme
    /// Name or address literal, an IPv6 one without its brackets.
    package let host: String
    /// The port.
    package let port: Int
    /// How TLS to the upstream is checked.
    package var tls: TLSSettings
    /// The proxy to go through; nil: straight.
    package var proxy: OutboundProxy?
    /// A PEM file of roots for an `https://` proxy; nil: the system's.
    package var proxyCAFile: String?
    /// Name, connection, proxy and TLS handshakes together.
    package var connectTimeout: Duration
    /// Whose connections these are: destinations of different scopes share none, so that what one route's
    /// ``AddressGuard`` let through serves no route with another.
    package var scope: String

    /// A destination; the target's path does not matter.
    package init(
        target: UpstreamURL, tls: TLSSettings = TLSSettings(), proxy: OutboundProxy? = nil,
        proxyCAFile: String? = nil, connectTimeout: Duration = TimeoutSettings().connect, scope: String = ""
    ) {
        scheme = target.scheme
        host = target.host
        port = target.port
        self.tls = tls
        self.proxy = target.scheme == .mock ? nil : proxy
        self.proxyCAFile = proxyCAFile
        self.connectTimeout = connectTimeout
        self.scope = scope
    }

    /// Whether requests go to an HTTP proxy that forwards them: their targets are in absolute-form (RFC 9112 §3.2.2),
    /// and they carry `Proxy-Authorization`, ``OutboundProxy/basicCredentials``, where there is any.
    package var usesAbsoluteForm: Bool {
        guard let proxy, scheme == .http else { return false }
        return proxy.scheme != .socks5
    }

    /// Host and port, for messages.
    var place: String { "\(host) port \(port)" }
    /// The limit in seconds, for messages.
    var seconds: Double {
        let (seconds, attoseconds) = connectTimeout.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

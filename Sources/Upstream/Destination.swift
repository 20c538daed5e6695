package import WeirConfiguration

/// Where connections lead and how: those of equal destinations may stand in for each other.
package struct Destination: Sendable, Hashable {
    /// Scheme, host and port of the upstream; its path is of no account.
    package let target: UpstreamURL
    /// How TLS to it is checked.
    package let tls: TLSSettings
    /// The proxy in between.
    package let proxy: OutboundProxy?
    /// A PEM file of roots for an `https://` proxy.
    package let proxyCAFile: String?
    /// How long name, proxy, connection and handshake may take together.
    package let connectTimeout: Duration
}

import HTTP1
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// One configuration made ready off the event loops, before any of them works by it.
struct GatewayPlan: Sendable {
    /// How a route's connections are opened.
    enum Way: Sendable {
        /// To its one target.
        case fixed(Dialer)
        /// To whatever requests name, trusting what is in hand.
        case universal(DialTrust)
    }

    let configuration: Configuration
    let limits: GatewayLimits
    /// By the routes' places.
    let ways: [Way]
    /// What dialers are made of on an event loop.
    let headLimits: HeadParser.Limits
    let resolver: NameResolver
    /// What keys without a name are fingerprinted under.
    let fingerprintSecret: [UInt8]
    /// This machine's addresses, by which it would reach Weir where that listens on all of them.
    let localAddresses: [IPAddress]
    /// What is masked in records.
    let mask: RecordMask

    /// Makes `configuration` ready; reads files.
    ///
    /// - Throws: ``UpstreamFault`` where a route cannot be set up.
    init(_ configuration: Configuration, parts: GatewayServer.Parts) throws {
        let headLimits = HeadParser.Limits(head: configuration.server.maxHead, fields: configuration.server.maxFields)
        self.configuration = configuration
        self.headLimits = headLimits
        limits = GatewayLimits(configuration.server)
        resolver = parts.resolver
        fingerprintSecret = parts.fingerprintSecret
        mask = parts.mask(configuration)
        localAddresses = Self.ownAddresses(configuration)
        ways = try configuration.routes.map { route in
            let proxy = configuration.proxy(of: route)
            let proxyCAFile = route.proxyCAFile ?? configuration.proxyCAFile
            guard let target = route.target, !route.isUniversal else {
                return .universal(
                    try parts.tlsContexts.trust(tls: route.tls, proxy: proxy, proxyCAFile: proxyCAFile))
            }
            let destination = Destination(
                target: target, tls: route.tls, proxy: proxy, proxyCAFile: proxyCAFile,
                connectTimeout: route.timeouts.connect)
            return .fixed(
                try Dialer(
                    destination, resolver: parts.resolver, limits: headLimits, inProcessPeer: parts.inProcessPeer,
                    tlsContexts: parts.tlsContexts))
        }
    }

    private static func ownAddresses(_ configuration: Configuration) -> [IPAddress] {
        let hosts = [configuration.server.host, configuration.console.host]
        // A name may stand for any of them.
        guard hosts.contains(where: { $0 == "0.0.0.0" || $0 == "::" || IPAddress($0) == nil }) else { return [] }
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { $0.address?.ipAddress }.compactMap { IPAddress($0) }
    }
}

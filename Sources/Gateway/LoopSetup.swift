import HTTP1
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// One configuration as an event loop works by it; confined to the loop.
///
/// A connection takes the loop's present one with each request and keeps it to the exchange's end.
final class LoopSetup {
    let policy: PolicySnapshot
    let limits: GatewayLimits
    /// Whether exchanges are told of in the request log.
    let logsRequests: Bool
    /// Whether what cannot be recorded is refused.
    let requiresRecord: Bool
    /// What `GET /` answers.
    let greeting: String
    private let plan: GatewayPlan
    private let loop: any EventLoop
    /// Idle connections by where they lead; routes that lead to one place share them.
    private let pools: [Destination: ConnectionPool]
    private let poolsByRoute: [ConnectionPool?]
    /// Those of universal routes, made as requests name their targets.
    private var universalPools: [Destination: ConnectionPool] = [:]

    private var isRetired = false

    private static let mostUniversalPools = 256

    /// - Parameter earlier: what the loop worked by before: its pools go on where they lead to the same place.
    init(_ plan: GatewayPlan, loop: any EventLoop, earlier: LoopSetup?) {
        self.plan = plan
        self.loop = loop
        policy = PolicySnapshot(
            plan.configuration, fingerprintSecret: plan.fingerprintSecret, localAddresses: plan.localAddresses)
        limits = plan.limits
        logsRequests = plan.configuration.server.logsRequests
        let recording = plan.configuration.recording
        requiresRecord = recording.isEnabled && recording.mode == .strict
        let basePath = ErrorBody.quoted(plan.configuration.server.basePath)
        greeting = #"{"message":"Weir is running.","base_path":\#(basePath)}"#
        var pools: [Destination: ConnectionPool] = [:]
        poolsByRoute = plan.ways.map { way in
            guard case .fixed(let dialer) = way else { return nil }
            if let known = pools[dialer.destination] { return known }
            let pool = earlier?.pools[dialer.destination] ?? ConnectionPool(dialer: dialer, loop: loop)
            // Its roots may have been read anew.
            pool.dialer = dialer
            pools[dialer.destination] = pool
            return pool
        }
        self.pools = pools
    }

    /// The connections that a request goes out on.
    func pool(_ forwarding: Forwarding) throws(UpstreamFault) -> ConnectionPool {
        if let pool = poolsByRoute[forwarding.route.index] { return pool }
        guard case .universal(let trust) = plan.ways[forwarding.route.index], let target = forwarding.destination else {
            throw UpstreamFault(.notConnected, "Route \(forwarding.route.settings.name) has no target.")
        }
        return try universalPool(target, forwarding.route, trust)
    }

    private func universalPool(
        _ target: UpstreamURL, _ route: Route, _ trust: DialTrust
    ) throws(UpstreamFault) -> ConnectionPool {
        let settings = route.settings
        let destination = Destination(
            target: target, tls: settings.tls, proxy: route.proxy,
            proxyCAFile: settings.proxyCAFile ?? plan.configuration.proxyCAFile,
            connectTimeout: settings.timeouts.connect, scope: settings.name)
        if let pool = universalPools[destination] { return pool }
        let rules = AddressGuard { address in
            guard let literal = address.ipAddress, let ip = IPAddress(literal) else { return "it is no IP address" }
            return route.mayDial(target.host, port: target.port, address: ip)
                ? nil : "\(literal) is not among the route's allowed_hosts"
        }
        let dialer = try Dialer(
            destination, resolver: plan.resolver, limits: plan.headLimits, trust: trust, guard: rules)
        makeRoomForUniversalPool()
        let pool = ConnectionPool(dialer: dialer, loop: loop)
        if isRetired { pool.retire() } else { universalPools[destination] = pool }
        return pool
    }

    /// Forgets pools in which nothing rests, then, if that is not enough, another one.
    private func makeRoomForUniversalPool() {
        guard universalPools.count >= Self.mostUniversalPools else { return }
        for (destination, pool) in universalPools where pool.count == 0 {
            // What of it is out comes back to nobody who would close it in time.
            pool.retire()
            universalPools[destination] = nil
        }
        guard universalPools.count >= Self.mostUniversalPools, let any = universalPools.first else { return }
        any.value.retire()
        universalPools[any.key] = nil
    }

    /// Closes what has rested too long.
    func evict(now: UInt64) {
        for pool in pools.values { pool.evict(now: now) }
        for pool in universalPools.values { pool.evict(now: now) }
    }

    /// Whether no connection rests.
    var isEmpty: Bool {
        pools.values.allSatisfy { $0.count == 0 } && universalPools.values.allSatisfy { $0.count == 0 }
    }

    /// Closes what rests and nothing of `next` needs; what is out comes back to a pool that keeps nothing.
    func retire(for next: LoopSetup?) {
        isRetired = true
        for (destination, pool) in pools where next?.pools[destination] !== pool { pool.retire() }
        // What was let through by this configuration's rules may not be by the next one's.
        for pool in universalPools.values { pool.retire() }
    }
}

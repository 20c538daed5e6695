import NIOCore
import Policy
import Upstream
import WeirConfiguration

/// One configuration made ready off the event loops, before any of them works by it.
struct GatewayPlan: Sendable {
    let configuration: Configuration
    let limits: GatewayLimits
    /// The dialers of the routes that have a target, by the routes' places.
    let dialers: [Dialer?]
}

/// One configuration as an event loop works by it; confined to the loop.
///
/// A connection takes the loop's present one with each request and keeps it to the exchange's end.
final class LoopSetup {
    let policy: PolicySnapshot
    let limits: GatewayLimits
    /// What `GET /` answers.
    let greeting: String
    /// Idle connections by where they lead; routes that lead to one place share them.
    private let pools: [Destination: ConnectionPool]
    private let poolsByRoute: [ConnectionPool?]

    /// - Parameter earlier: what the loop worked by before: its pools go on where they lead to the same place.
    init(_ plan: GatewayPlan, loop: any EventLoop, earlier: LoopSetup?) {
        policy = PolicySnapshot(plan.configuration)
        limits = plan.limits
        let basePath = ErrorBody.quoted(plan.configuration.server.basePath)
        greeting = #"{"message":"Weir is running.","base_path":\#(basePath)}"#
        var pools: [Destination: ConnectionPool] = [:]
        poolsByRoute = plan.dialers.map { dialer in
            guard let dialer else { return nil }
            if let known = pools[dialer.destination] { return known }
            let pool = earlier?.pools[dialer.destination] ?? ConnectionPool(dialer: dialer, loop: loop)
            pool.dialer = dialer
            pools[dialer.destination] = pool
            return pool
        }
        self.pools = pools
    }

    func pool(_ route: Route) -> ConnectionPool? { poolsByRoute[route.index] }

    /// Closes what has rested too long.
    func evict(now: UInt64) {
        for pool in pools.values { pool.evict(now: now) }
    }

    /// Whether no connection rests.
    var isEmpty: Bool { pools.values.allSatisfy { $0.count == 0 } }

    /// Closes what rests and nothing of `next` needs; what is out comes back to a pool that keeps nothing.
    func retire(for next: LoopSetup?) {
        for (destination, pool) in pools where next?.pools[destination] !== pool { pool.retire() }
    }
}

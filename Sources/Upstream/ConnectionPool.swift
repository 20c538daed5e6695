package import NIOCore

/// Idle connections of one event loop to one upstream, the most recently used first.
///
/// Confined to its event loop.
package final class ConnectionPool {
    /// How connections are opened; a reload may bring another for the same destination.
    package var dialer: Dialer
    private let loop: any EventLoop
    private var limit: Int
    private let idleLifetime: UInt64
    private var idle: [UpstreamConnection] = []

    /// An empty pool.
    ///
    /// - Parameters:
    ///   - limit: connections that may rest at a time.
    ///   - idleLifetime: nanoseconds that a connection may rest.
    package init(dialer: Dialer, loop: any EventLoop, limit: Int = 256, idleLifetime: UInt64 = 55_000_000_000) {
        self.dialer = dialer
        self.loop = loop
        self.limit = limit
        self.idleLifetime = idleLifetime
    }

    /// A resting connection that still stands and on which nothing has come, or nil.
    ///
    /// - Parameter now: nanoseconds of the loop's clock.
    package func lease(now: UInt64) -> UpstreamConnection? {
        while let connection = idle.popLast() {
            guard connection.isActive else { continue }
            if connection.isQuiet(now: now) { return connection }
            connection.close()
        }
        return nil
    }

    /// Opens a connection; fails with ``UpstreamFault``.
    package func dial() -> EventLoopFuture<UpstreamConnection>.Isolated {
        dialer.dial(on: loop)
    }

    /// Takes a connection back whose answer has ended.
    ///
    /// - Parameter now: nanoseconds of the loop's clock.
    package func giveBack(_ connection: UpstreamConnection, now: UInt64) {
        guard connection.canBeReused, idle.count < limit else { return connection.abandon() }
        connection.idleSince = now
        connection.rest(in: self)
        idle.append(connection)
    }

    /// Closes what has rested too long.
    package func evict(now: UInt64) {
        guard let oldest = idle.first, now &- oldest.idleSince >= idleLifetime else { return }
        let isFresh = { (connection: UpstreamConnection) in now &- connection.idleSince < self.idleLifetime }
        for connection in idle where !isFresh(connection) { connection.close() }
        idle.removeAll { !isFresh($0) }
    }

    /// Closes everything that rests.
    package func closeAll() {
        for connection in idle { connection.close() }
        idle.removeAll()
    }

    /// Closes everything that rests, and from now on what is given back.
    package func retire() {
        limit = 0
        closeAll()
    }

    /// Connections resting now.
    package var count: Int { idle.count }

    func forget(_ connection: UpstreamConnection) {
        idle.removeAll { $0 === connection }
    }
}

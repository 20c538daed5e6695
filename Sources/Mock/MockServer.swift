package import NIOCore
import NIOPosix
import Synchronization

/// The mock as a TCP server of its own, as `weir mock` runs it.
package final class MockServer: Sendable {
    private let listener: any Channel
    private let connections: Connections

    /// Where it listens; with port 0 the port that the system chose.
    package let localAddress: SocketAddress

    private init(listener: any Channel, localAddress: SocketAddress, connections: Connections) {
        self.listener = listener
        self.localAddress = localAddress
        self.connections = connections
    }

    /// Listens and answers until `close()`.
    ///
    /// - Throws: what NIO throws when the address cannot be resolved or bound.
    package static func start(
        host: String, port: Int, settings: MockSettings, group: any EventLoopGroup
    ) async throws -> MockServer {
        let connections = Connections()
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    try MockProvider.configure(channel, settings: settings)
                }
            }
            .bind(host: host, port: port)
            .get()
        guard let address = listener.localAddress else {
            try await listener.close()
            throw ChannelError.unknownLocalAddress
        }
        return MockServer(listener: listener, localAddress: address, connections: connections)
    }

    /// Stops listening and closes every connection, answers under way included.
    package func close() async {
        // Closing what is closed already is what is wanted.
        try? await self.listener.close()
        for channel in self.connections.takeAll() { try? await channel.close() }
    }

    /// The connections there are.
    private final class Connections: Sendable {
        private struct State {
            var open: [ObjectIdentifier: any Channel] = [:]
            var isClosed = false
        }

        private let state = Mutex(State())

        func add(_ channel: any Channel) {
            let id = ObjectIdentifier(channel)
            let isLate = self.state.withLock { state in
                if !state.isClosed { state.open[id] = channel }
                return state.isClosed
            }
            if isLate { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in
                self.state.withLock { $0.open[id] = nil }
            }
        }

        func takeAll() -> [any Channel] {
            self.state.withLock { state in
                state.isClosed = true
                defer { state.open = [:] }
                return Array(state.open.values)
            }
        }
    }
}

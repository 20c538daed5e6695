import HTTP1
package import NIOCore
import NIOPosix
import Policy
package import Recording
package import RequestLog
package import Upstream
package import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The gateway: listens, and leads every exchange on the event loop that its client's connection was given to.
package struct GatewayServer: Sendable {
    /// What a gateway is made of besides its settings.
    package struct Parts: Sendable {
        /// Looks upstreams' names up; is shut down when the gateway stops.
        package var resolver: NameResolver
        /// The record; nil: nothing is recorded.
        package var recording: RecordingService?
        /// The far end of upstreams that live in this process.
        package var inProcessPeer: Dialer.InProcessPeer?
        /// What the listener shows clients; nil: it speaks plain HTTP.
        package var certificate: CurrentCertificate?
        /// The TLS contexts towards upstreams.
        package var tlsContexts = TLSContexts()
        /// What keys without a name are fingerprinted under.
        package var fingerprintSecret = ClientKey.processSecret
        /// What is masked in the records of a configuration's exchanges.
        package var mask: @Sendable (Configuration) -> RecordMask = { RecordMask($0, secrets: $0.secrets) }
        /// Where exchanges are told of, one line each; nil: nowhere.
        package var requestLog: RequestLog?
        /// What `GET /healthz` answers.
        package var health: @Sendable (_ isFull: Bool) -> String

        /// The parts.
        package init(
            resolver: NameResolver, recording: RecordingService?, inProcessPeer: Dialer.InProcessPeer? = nil,
            health: @escaping @Sendable (_ isFull: Bool) -> String
        ) {
            self.resolver = resolver
            self.recording = recording
            self.inProcessPeer = inProcessPeer
            self.health = health
        }
    }

    private let listener: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let acceptor: MultiThreadedEventLoopGroup
    private let loops: [NIOLoopBound<GatewayLoop>]
    private let grace: Duration
    private let parts: Parts
    /// Counts the clients' connections.
    package let connections: ConnectionCounter

    /// The address that is listened on.
    package var localAddress: SocketAddress? { listener.localAddress }

    /// Starts to listen.
    ///
    /// - Throws: ``UpstreamFault`` where a route cannot be set up; the system's error where the address cannot be had.
    package static func start(_ configuration: Configuration, parts: Parts) async throws -> GatewayServer {
        let settings = configuration.server
        let plan = try GatewayPlan(configuration, parts: parts)
        let counter = ConnectionCounter(
            maximum: settings.maxConnections, maximumPerAddress: settings.maxConnectionsPerAddress)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, configuration.threads))
        let acceptor = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var loops: [NIOLoopBound<GatewayLoop>] = []
        for (index, eventLoop) in group.makeIterator().enumerated() {
            let loop = try await eventLoop.submit {
                NIOLoopBound(
                    GatewayLoop(
                        eventLoop: eventLoop, index: index, plan: plan, parts: parts, counter: counter),
                    eventLoop: eventLoop)
            }.get()
            loops.append(loop)
        }
        let table = LoopTable(loops)
        do {
            let listener = try await ServerBootstrap(group: acceptor, childGroup: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(AcceptPause())
                    }
                }
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let loop = table.loop(of: channel.eventLoop) else { throw ChannelError.ioOnClosedChannel }
                        let transport = try parts.certificate.map {
                            try ClientTLS.configure(channel, $0, plainAnswer: loop.plainHTTPAnswer)
                        }
                        try channel.pipeline.syncOperations.addHandler(
                            ClientConnection(loop: loop, transport: transport))
                    }
                }
                .bind(host: settings.host, port: settings.port).get()
            let server = GatewayServer(
                listener: listener, group: group, acceptor: acceptor, loops: loops, grace: settings.shutdownGrace,
                parts: parts, connections: counter)
            // Which port it is decides what leads back to Weir itself.
            if settings.port == 0 { try await server.apply(configuration) }
            return server
        } catch {
            try await acceptor.shutdownGracefully()
            try await group.shutdownGracefully()
            throw error
        }
    }

    private init(
        listener: any Channel, group: MultiThreadedEventLoopGroup, acceptor: MultiThreadedEventLoopGroup,
        loops: [NIOLoopBound<GatewayLoop>], grace: Duration, parts: Parts, connections: ConnectionCounter
    ) {
        self.listener = listener
        self.group = group
        self.acceptor = acceptor
        self.loops = loops
        self.grace = grace
        self.parts = parts
        self.connections = connections
    }

    /// Works by another configuration: each request that begins once this has returned does, those under way keep theirs.
    ///
    /// The listener's address and the number of event loops stay as they are.
    ///
    /// - Throws: ``UpstreamFault`` where a route cannot be set up; the earlier configuration stays then.
    package func apply(_ configuration: Configuration) async throws {
        var configuration = configuration
        configuration.server.port = localAddress?.port ?? configuration.server.port
        let plan = try GatewayPlan(configuration, parts: parts)
        for bound in loops {
            try await bound.eventLoop.submit { bound.value.apply(plan) }.get()
        }
    }

    /// Takes nothing new, gives what runs its grace, then ends it; the loops' last records are handed over.
    ///
    /// - Parameter hurry: ends the grace early when it returns.
    package func stop(hurry: @escaping @Sendable () async -> Void) async {
        try? await listener.close()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await drain() }
            tasks.addTask { try? await Task.sleep(for: grace) }
            tasks.addTask { await hurry() }
            await tasks.next()
            tasks.cancelAll()
            await cutOff()
        }
        // A name that is still looked up must find no loop gone.
        parts.resolver.shutdown()
        try? await acceptor.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    private func drain() async {
        let waiting = loops.map { bound -> EventLoopFuture<Void> in
            let promise = bound.eventLoop.makePromise(of: Void.self)
            bound.eventLoop.execute { bound.value.drain { promise.succeed() } }
            return promise.futureResult
        }
        for future in waiting {
            try? await future.get()
            if Task.isCancelled { return }
        }
    }

    private func cutOff() async {
        for bound in loops {
            _ = try? await bound.eventLoop.submit { bound.value.cutOff() }.get()
        }
        // Last words need a moment to leave.
        if connections.total > 0 { try? await Task.sleep(for: .milliseconds(300)) }
        for bound in loops {
            _ = try? await bound.eventLoop.submit {
                bound.value.cutOff()
                bound.value.close()
            }.get()
        }
    }
}

/// Finds the gateway's loop for an event loop.
private struct LoopTable: Sendable {
    private let loops: [ObjectIdentifier: NIOLoopBound<GatewayLoop>]

    init(_ loops: [NIOLoopBound<GatewayLoop>]) {
        self.loops = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
    }

    /// Only on `eventLoop` itself.
    func loop(of eventLoop: any EventLoop) -> GatewayLoop? {
        loops[ObjectIdentifier(eventLoop)]?.value
    }
}

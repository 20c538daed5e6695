package import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
package import HTTP1
package import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opens connections to one upstream.
package struct Dialer: Sendable {
    /// Makes the far end of an in-process upstream on a channel that is already connected.
    package typealias InProcessPeer = @Sendable (any Channel) throws -> Void

    /// Where it leads.
    package let destination: Destination
    private let target: UpstreamURL
    private let connectTimeout: Duration
    private let resolver: NameResolver
    private let limits: HeadParser.Limits
    private let tls: NIOSSLContext?
    private let inProcessPeer: InProcessPeer?

    /// A dialer; reads trust roots where the upstream speaks TLS, so it is made off the event loops.
    ///
    /// - Throws: ``UpstreamFault`` where the roots cannot be read, or where there is no in-process peer to be had.
    package init(
        route: RouteSettings, resolver: NameResolver, limits: HeadParser.Limits, inProcessPeer: InProcessPeer?
    ) throws {
        guard let target = route.target else {
            throw UpstreamFault(.notConnected, "Route \(route.name) has no target.")
        }
        self.target = target
        connectTimeout = route.timeouts.connect
        destination = Destination(
            target: target, tls: route.tls, proxy: nil, proxyCAFile: nil, connectTimeout: connectTimeout)
        self.resolver = resolver
        self.limits = limits
        self.inProcessPeer = inProcessPeer
        guard target.scheme == .https else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        configuration.certificateVerification = route.tls.isVerified ? .fullVerification : .none
        if let caFile = route.tls.caFile { configuration.trustRoots = .file(caFile) }
        do {
            tls = try NIOSSLContext(configuration: configuration)
        } catch {
            throw UpstreamFault(.tls, "TLS for route \(route.name) cannot be set up: \(ConnectFault.describe(error)).")
        }
    }

    /// Opens a connection on `loop`; fails with ``UpstreamFault``.
    package func dial(on loop: any EventLoop) -> EventLoopFuture<UpstreamConnection>.Isolated {
        let progress = DialProgress()
        // Name, connection and handshake share one limit.
        let deadline = NIODeadline.now() + .nanoseconds(Int64(connectTimeout.wholeNanoseconds))
        return connect(on: loop, progress)
            .flatMap { channel in handshake(channel, until: deadline) }
            .flatMapErrorThrowing { throw fault($0, progress) }
            .assumeIsolated()
            .flatMapThrowing { try $0.pipeline.syncOperations.handler(type: UpstreamConnection.self) }
    }

    private func fault(_ error: any Error, _ progress: DialProgress) -> UpstreamFault {
        let (seconds, attoseconds) = connectTimeout.components
        return ConnectFault.fault(
            error, host: target.host, port: target.port, seconds: Double(seconds) + Double(attoseconds) / 1e18,
            hasAddresses: progress.hasAddresses || target.scheme == .mock)
    }

    private func connect(on loop: any EventLoop, _ progress: DialProgress) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(Int64(connectTimeout.wholeNanoseconds)))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = UpstreamConnection(limits: limits, isEncrypted: tls != nil)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        guard target.scheme != .mock else { return connectInProcess(bootstrap, on: loop) }
        return
            bootstrap
            .resolver(BootstrapResolver(resolver: resolver, loop: loop, progress: progress))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(host: target.host, port: target.port)
    }

    /// Shakes hands on the connection that won; those that lost the race never begin to.
    private func handshake(_ channel: any Channel, until limit: NIODeadline) -> EventLoopFuture<any Channel> {
        guard let tls else { return channel.eventLoop.makeSucceededFuture(channel) }
        let handshake = channel.eventLoop.makePromise(of: Void.self)
        do {
            // An address literal has no server name to indicate (RFC 6066 §3).
            let name = (try? SocketAddress(ipAddress: target.host, port: 0)) == nil ? target.host : nil
            let handler = try NIOSSLClientHandler(context: tls, serverHostname: name)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([handler, HandshakeWatch(handshake)], position: .first)
        } catch {
            handshake.fail(error)
        }
        let deadline = channel.eventLoop.scheduleTask(deadline: limit) {
            handshake.fail(ChannelError.connectTimeout(.zero))
        }
        return handshake.futureResult.map { channel }.always { result in
            deadline.cancel()
            if case .failure = result { channel.close(promise: nil) }
        }
    }

    private func connectInProcess(
        _ bootstrap: ClientBootstrap, on loop: any EventLoop
    ) -> EventLoopFuture<any Channel> {
        guard let inProcessPeer else {
            return loop.makeFailedFuture(UpstreamFault(.notConnected, "There is no mock in this process."))
        }
        var pair: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
            return loop.makeFailedFuture(UpstreamFault(.notConnected, "No socket pair: errno \(errno)."))
        }
        let far = ClientBootstrap(group: loop).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try inProcessPeer(channel) }
        }
        let near = bootstrap.withConnectedSocket(pair[0])
        return far.withConnectedSocket(pair[1]).flatMap { _ in near }
    }
}

/// Tells when the TLS handshake is through, or why it failed.
private final class HandshakeWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<Void>

    init(_ promise: EventLoopPromise<Void>) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            promise.succeed()
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(UpstreamFault(.tls, "The connection closed during the TLS handshake."))
        context.fireChannelInactive()
    }
}

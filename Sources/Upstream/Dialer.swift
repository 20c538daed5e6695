package import HTTP1
package import NIOCore
import NIOPosix
import NIOSSL
import ProxyHandshake
package import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Opens connections to one upstream, straight or through an outbound proxy.
package struct Dialer: Sendable {
    /// Makes the far end of an in-process upstream on a channel that is already connected.
    package typealias InProcessPeer = @Sendable (any Channel) throws -> Void

    /// Where connections lead and how they get there.
    package let destination: Destination
    private let resolver: NameResolver
    private let limits: HeadParser.Limits
    private let inProcessPeer: InProcessPeer?
    private let trust: DialTrust
    private let addressGuard: AddressGuard?
    /// What is said to the proxy, at its start; nil where there is none, or none that makes a tunnel.
    private let tunnel: (any ProxyMachine)?

    /// A dialer with TLS contexts at hand: cheap, reads no file, may be made on an event loop.
    ///
    /// - Parameters:
    ///   - trust: of ``TLSContexts``, for this destination or for the route that it was asked by.
    ///   - guard: which addresses may be dialled; nil: all. Of destinations behind a proxy see ``AddressGuard``.
    /// - Throws: ``UpstreamFault`` where the proxy's protocol cannot say the destination or the credentials, or where
    ///   `trust` is not one for it.
    package init(
        _ destination: Destination, resolver: NameResolver, limits: HeadParser.Limits,
        inProcessPeer: InProcessPeer? = nil, trust: DialTrust, guard addressGuard: AddressGuard? = nil
    ) throws(UpstreamFault) {
        self.destination = destination
        self.resolver = resolver
        self.limits = limits
        self.inProcessPeer = inProcessPeer
        self.trust = trust
        self.addressGuard = addressGuard
        let isMissing =
            (destination.scheme == .https && trust.upstream == nil)
            || (destination.proxy?.scheme == .https && trust.proxy == nil)
        if isMissing { throw UpstreamFault(.tls, "There is no TLS context for \(destination.place).") }
        guard let proxy = destination.proxy else {
            tunnel = nil
            return
        }
        do throws(ProxyFault) {
            if destination.usesAbsoluteForm {
                try ConnectMachine.check(proxy)
                tunnel = nil
            } else {
                tunnel = try proxy.machine(host: destination.host, port: destination.port)
            }
        } catch {
            throw ConnectFault(destination: destination).proxyAnswer(error)
        }
    }

    /// A dialer; reads trust roots where TLS is spoken, so it is made off the event loops.
    ///
    /// - Throws: ``UpstreamFault`` where the roots cannot be read, and as above.
    package init(
        _ destination: Destination, resolver: NameResolver, limits: HeadParser.Limits,
        inProcessPeer: InProcessPeer? = nil, tlsContexts: TLSContexts, guard addressGuard: AddressGuard? = nil
    ) throws {
        try self.init(
            destination, resolver: resolver, limits: limits, inProcessPeer: inProcessPeer,
            trust: try tlsContexts.trust(for: destination), guard: addressGuard)
    }

    /// A dialer to a route's target, with TLS contexts of its own; the configuration's proxy is not known here.
    ///
    /// - Throws: ``UpstreamFault`` where the route has no target, and as above.
    package init(
        route: RouteSettings, resolver: NameResolver, limits: HeadParser.Limits, inProcessPeer: InProcessPeer?
    ) throws {
        guard let target = route.target else {
            throw UpstreamFault(.notConnected, "Route \(route.name) has no target.")
        }
        var proxy: OutboundProxy?
        if case .proxy(let own) = route.proxy { proxy = own }
        let destination = Destination(
            target: target, tls: route.tls, proxy: proxy, proxyCAFile: route.proxyCAFile,
            connectTimeout: route.timeouts.connect)
        try self.init(
            destination, resolver: resolver, limits: limits, inProcessPeer: inProcessPeer, tlsContexts: TLSContexts())
    }

    /// See ``Destination/usesAbsoluteForm``. A 407 to such a request never reaches the exchange as an answer: the
    /// connection fails with ``UpstreamFault/Code/proxyAuthFailed``.
    package var usesAbsoluteForm: Bool { destination.usesAbsoluteForm }

    /// Opens a connection on `loop`; fails with ``UpstreamFault``.
    package func dial(on loop: any EventLoop) -> EventLoopFuture<UpstreamConnection>.Isolated {
        let faults = ConnectFault(destination: destination)
        if let addressGuard, let literal = try? SocketAddress(ipAddress: destination.host, port: destination.port),
            let objection = addressGuard.objection(literal)
        {
            return loop.makeFailedFuture(faults.denied(objection)).assumeIsolated()
        }
        guard !DescriptorReserve.isHalfGone else { return loop.makeFailedFuture(faults.noDescriptor).assumeIsolated() }
        let progress = DialProgress()
        // Name, connection, proxy and handshakes share one limit.
        let deadline = NIODeadline.now() + .nanoseconds(Int64(destination.connectTimeout.wholeNanoseconds))
        return connect(on: loop, progress)
            .flatMapErrorThrowing { throw faults.connecting($0, progress) }
            .flatMap { channel in
                shakeHandsWithProxy(channel, until: deadline).flatMapErrorThrowing { throw faults.proxyTLS($0) }
            }
            .flatMap { channel in
                askForTunnel(channel, until: deadline).flatMapErrorThrowing { throw faults.tunnel($0) }
            }
            .flatMap { channel in
                shakeHandsWithUpstream(channel, until: deadline).flatMapErrorThrowing { throw faults.upstreamTLS($0) }
            }
            .assumeIsolated()
            .flatMapThrowing { try $0.pipeline.syncOperations.handler(type: UpstreamConnection.self) }
    }

    // MARK: The connection

    private func connect(on loop: any EventLoop, _ progress: DialProgress) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(Int64(destination.connectTimeout.wholeNanoseconds)))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Many may have waited for one name, and open their sockets together.
                    if DescriptorReserve.isHalfGone { throw ConnectFault(destination: destination).noDescriptor }
                    try channel.pipeline.syncOperations.addHandler(makeConnection())
                }
            }
        guard destination.scheme != .mock else {
            progress.foundAddresses()
            return connectInProcess(bootstrap, on: loop)
        }
        // Who resolves the upstream's name is the proxy: its own address is not the guard's business.
        let addressGuard = destination.proxy == nil ? addressGuard : nil
        return
            bootstrap
            .resolver(BootstrapResolver(resolver: resolver, loop: loop, progress: progress, addressGuard: addressGuard))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connect(
                host: destination.proxy?.host ?? destination.host, port: destination.proxy?.port ?? destination.port)
    }

    private func makeConnection() -> UpstreamConnection {
        UpstreamConnection(
            limits: limits, sharesSocket: destination.scheme == .https || destination.proxy != nil,
            forwardedBy: usesAbsoluteForm ? destination.proxy : nil)
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

    // MARK: What stands between the connection and the first request

    private func shakeHandsWithProxy(_ channel: any Channel, until limit: NIODeadline) -> EventLoopFuture<any Channel> {
        guard let proxy = destination.proxy, proxy.scheme == .https, let context = trust.proxy else {
            return channel.eventLoop.makeSucceededFuture(channel)
        }
        return step(channel, until: limit) { (promise: EventLoopPromise<Void>) in
            let isAddress = AddressLiteral.octets(of: proxy.host) != nil
            let handler = try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : proxy.host)
            return [handler, HandshakeWatch(promise)]
        }
    }

    private func askForTunnel(_ channel: any Channel, until limit: NIODeadline) -> EventLoopFuture<any Channel> {
        guard let tunnel else { return channel.eventLoop.makeSucceededFuture(channel) }
        let isPlain = destination.scheme == .http
        return step(channel, until: limit) { promise in
            [ProxyHandshakeHandler(tunnel, promise, refusesEarlyOctets: isPlain)]
        }
    }

    /// Shakes hands on the connection that won; those that lost the race never begin to.
    private func shakeHandsWithUpstream(
        _ channel: any Channel, until limit: NIODeadline
    ) -> EventLoopFuture<any Channel> {
        let done =
            destination.scheme == .https
            ? step(channel, until: limit) { [try makeTLSHandler(), HandshakeWatch($0)] }
            : channel.eventLoop.makeSucceededFuture(channel)
        // The handler of the tunnel has kept what came behind the proxy's answer until there is who reads it.
        if tunnel != nil { ProxyHandshakeHandler.remove(from: channel) }
        return done
    }

    private func makeTLSHandler() throws -> NIOSSLClientHandler {
        guard let context = trust.upstream else { throw ChannelError.inappropriateOperationForState }
        // An address literal has no server name to indicate (RFC 6066 §3).
        guard let octets = AddressLiteral.octets(of: destination.host) else {
            return try NIOSSLClientHandler(context: context, serverHostname: destination.host)
        }
        guard tunnel != nil, trust.checksAddress else {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
        guard let chainOnly = trust.tunnelledAddress else { throw ChannelError.inappropriateOperationForState }
        return try NIOSSLClientHandler._makeSSLClientHandler(context: chainOnly, serverHostname: nil) {
            certificate, channel in
            AddressLiteral.isNamed(octets, in: certificate)
                ? channel.eventLoop.makeSucceededVoidFuture() : channel.eventLoop.makeFailedFuture(WrongAddress())
        }
    }

    /// Puts handlers in front of the connection's own and waits until they keep their promise; closes when they do not.
    private func step(
        _ channel: any Channel, until limit: NIODeadline,
        _ handlers: (EventLoopPromise<Void>) throws -> [any ChannelHandler & RemovableChannelHandler]
    ) -> EventLoopFuture<any Channel> {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        do {
            let pipeline = channel.pipeline.syncOperations
            let connection = try pipeline.handler(type: UpstreamConnection.self)
            try pipeline.addHandlers(try handlers(promise), position: .before(connection))
        } catch {
            promise.fail(error)
        }
        let deadline = channel.eventLoop.scheduleTask(deadline: limit) {
            promise.fail(ChannelError.connectTimeout(.zero))
        }
        return promise.futureResult.map { channel }.always { result in
            deadline.cancel()
            if case .failure = result { channel.close(promise: nil) }
        }
    }
}

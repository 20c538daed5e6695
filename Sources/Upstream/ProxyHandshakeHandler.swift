import NIOCore
import ProxyHandshake

/// Asks a proxy for a tunnel, then steps out of the pipeline.
///
/// What the upstream has sent by then is handed on when the handler is removed.
final class ProxyHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var machine: any ProxyMachine
    /// Is kept once the tunnel stands.
    private let promise: EventLoopPromise<Void>
    private let refusesEarlyOctets: Bool
    private var isOver = false
    private var rest: ByteBuffer?

    /// - Parameter refusesEarlyOctets: whether an upstream that speaks first is at fault, as one of HTTP without TLS is.
    init(_ machine: any ProxyMachine, _ promise: EventLoopPromise<Void>, refusesEarlyOctets: Bool) {
        self.machine = machine
        self.promise = promise
        self.refusesEarlyOctets = refusesEarlyOctets
    }

    /// Takes the handler, done with its work, out of `channel`; on the channel's loop.
    static func remove(from channel: any Channel) {
        let pipeline = channel.pipeline.syncOperations
        guard let context = try? pipeline.context(handlerType: ProxyHandshakeHandler.self) else { return }
        pipeline.removeHandler(context: context, promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(machine.opening()), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Whoever waits removes the handler as soon as it is over, in the same turn.
        guard !isOver else { return }
        let step = machine.receive(unwrapInboundIn(data))
        if let octets = step.send { context.writeAndFlush(wrapOutboundOut(octets), promise: nil) }
        switch step.outcome {
        case .pending: break
        case .established(let rest):
            guard rest == nil || !refusesEarlyOctets else { return fail(EarlyOctets()) }
            self.rest = rest
            isOver = true
            promise.succeed()
        case .failed(let fault): fail(fault)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let channelEvent = event as? ChannelEvent, channelEvent == .inputClosed { fail(ProxyFault.closed) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(ProxyFault.closed)
        context.fireChannelInactive()
    }

    func removeHandler(context: ChannelHandlerContext, removalToken: ChannelHandlerContext.RemovalToken) {
        if let rest {
            context.fireChannelRead(wrapInboundOut(rest))
            context.fireChannelReadComplete()
        }
        context.leavePipeline(removalToken: removalToken)
    }

    private func fail(_ error: any Error) {
        guard !isOver else { return }
        isOver = true
        promise.fail(error)
    }
}

/// The upstream sent octets before anything was asked of it: they must not become the answer to a request.
struct EarlyOctets: Error {}

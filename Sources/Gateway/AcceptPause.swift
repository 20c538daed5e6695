import NIOCore
import Upstream

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Pauses accepting while no descriptor is left for a connection: none but the reserve's, or none at all.
///
/// The connection stays in the backlog, so the socket stays readable: without a pause the loop would spin on it.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private static let pause = TimeAmount.milliseconds(200)

    private var isPaused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(data)
        if DescriptorReserve.isReached { pause(context.channel) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, Self.isExhaustion(error.errnoCode) { pause(context.channel) }
        context.fireErrorCaught(error)
    }

    private func pause(_ channel: any Channel) {
        guard !isPaused else { return }
        isPaused = true
        // A read that failed is still wanted, as NIO sees it; only this takes the socket out of the selector.
        try? channel.syncOptions?.setOption(.autoRead, value: false)
        resumeLater(channel)
    }

    private func resumeLater(_ channel: any Channel) {
        channel.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            guard channel.isActive else { return }
            guard !DescriptorReserve.isReached else { return self.resumeLater(channel) }
            self.isPaused = false
            try? channel.syncOptions?.setOption(.autoRead, value: true)
        }
    }

    private static func isExhaustion(_ code: CInt) -> Bool {
        code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM
    }
}

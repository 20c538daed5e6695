import HTTP1
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// One client's connection: reads requests one after another, leads each through an exchange, and writes the answers.
///
/// Confined to its event loop. The parts: requests (`ClientRequests`), answers from the upstream (`ClientResponses`),
/// Weir's own answers (`ClientAnswers`), ends and deadlines (`ClientEndings`).
final class ClientConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// Waits for a request's first octet.
        case idle
        /// A head is coming in.
        case head
        /// An exchange is under way.
        case exchange
        /// The exchange has become a tunnel.
        case tunnel
        /// Everything is said; the client is to close.
        case lingering
        /// The last words of a broken stream are out; the connection is about to be reset.
        case resetting
        /// The client is gone, the upstream's answer is read on.
        case orphaned
        case closed
    }

    let loop: GatewayLoop
    /// The socket's end where the client speaks TLS.
    let transport: EncryptedTransport?
    /// What the present request works by; the loop may have gone on to another.
    private(set) var setup: LoopSetup
    /// Where the loop keeps this connection.
    var place = 0
    /// When ``deadlinePassed(_:)`` is due, in nanoseconds of the loop's clock.
    var deadline = UInt64.max

    var phase = Phase.idle
    var exchange: Exchange?
    /// The present exchange's record; closed where nothing is recorded.
    var record = ExchangeRecord.closed
    var upstream: UpstreamConnection?
    /// Counts exchanges and attempts, so that a dial that comes back late is known for one.
    var generation = 0

    /// What has come and is not read yet; a head starts at its reader index.
    var inbound: ByteBuffer?
    var parser: HeadParser
    private var writer: SocketWriter
    private var isPendingHead = false
    var isReading = true
    var isReadingRequests = false
    /// While the last octets for a client that is to close are on their way: how many there were at the latest look.
    var lastOctets: Int?
    private(set) var isClientWritable = true
    /// Whether the client has closed its sending side.
    var isInputClosed = false
    private(set) var context: ChannelHandlerContext?
    private var address: SocketAddress?
    private(set) var addressText = ""
    /// The address as the policy compares it.
    private(set) var peer: IPAddress?
    private var isCounted = false

    init(loop: GatewayLoop, transport: EncryptedTransport? = nil) {
        self.loop = loop
        self.transport = transport
        writer = SocketWriter(isPlain: transport == nil)
        setup = loop.setup
        parser = Self.parser(setup)
    }

    var clientAddress: SocketAddress? { address }

    private static func parser(_ setup: LoopSetup) -> HeadParser {
        let limits = HeadParser.Limits(head: setup.limits.maxHead, fields: setup.limits.maxFields)
        return HeadParser(role: .request, limits: limits)
    }

    /// Takes the loop's present configuration, between two requests.
    func renewSetup() {
        guard setup !== loop.setup else { return }
        setup = loop.setup
        parser = Self.parser(setup)
    }

    // MARK: ChannelInboundHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        address = context.remoteAddress
        addressText = address?.ipAddress ?? ""
        peer = IPAddress(addressText)
        loop.readClock()
        loop.add(self)
        deadline = loop.now &+ setup.limits.idleTimeout
        isCounted = loop.counter.enter(addressText)
    }

    func channelActive(context: ChannelHandlerContext) {
        if !isCounted {
            refuseConnection(Refusal(.overloaded, "Too many connections; try again when some have ended."))
        } else if loop.isDraining {
            refuseConnection(Refusal(.shuttingDown, "Weir is shutting down."))
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let run = unwrapInboundIn(data)
        loop.readClock()
        switch phase {
        case .idle, .head:
            hold(run)
            readRequests()
        case .exchange: readInExchange(run)
        case .tunnel: readTunnel(run)
        case .lingering, .resetting, .orphaned, .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        upstream?.flush()
        flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // A slow client slows the upstream.
        guard phase != .orphaned else { return }
        isClientWritable = context.channel.isWritable
        upstream?.setReading(isClientWritable)
        loop.readClock()
        if isClientWritable, phase == .idle || phase == .head { readRequests() }
        updateReading()
        refreshDeadline(loop.now)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { inputClosed() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        clientGone()
    }

    func channelInactive(context: ChannelHandlerContext) {
        writer.end()
        clientGone()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        writer.end()
        self.context = nil
        if phase == .orphaned {
            isClientWritable = true
        } else {
            phase = .closed
            loop.remove(self)
        }
        if isCounted {
            isCounted = false
            loop.counter.leave(addressText)
        }
    }

    // MARK: Octets in

    /// Puts octets behind what has not been read yet.
    func hold(_ run: ByteBuffer) {
        if inbound == nil {
            inbound = run
        } else {
            inbound?.discardReadBytes()
            inbound?.writeImmutableBuffer(run)
        }
    }

    /// Stops or resumes reading from the client, as what waits to go out demands.
    func updateReading() {
        let holdsTooMuch = (inbound?.readableBytes ?? 0) > GatewayLimits.heldOctets
        let waitsForUpstream: Bool
        if let exchange, !exchange.isRequestComplete, !exchange.isUploadStopped {
            waitsForUpstream =
                upstream.map { !$0.isWritable } ?? (exchange.unsentOctets > GatewayLimits.heldOctets)
        } else if case .tunnel = phase {
            waitsForUpstream = upstream.map { !$0.isWritable } ?? false
        } else {
            waitsForUpstream = false
        }
        let isBetweenRequests = phase == .idle || phase == .head
        let wanted = !(waitsForUpstream || (isBetweenRequests ? !isClientWritable : holdsTooMuch))
        guard wanted != isReading else { return }
        isReading = wanted
        try? context?.channel.syncOptions?.setOption(.autoRead, value: wanted)
    }

    // MARK: Octets out

    /// Writes octets for the client; small ones join what waits for the flush.
    @inline(__always)
    func write(_ piece: ByteBuffer) {
        if isPendingHead, piece.readableBytes <= GatewayLimits.coalescedOctets {
            isPendingHead = false
            writer.join(piece)
            return
        }
        isPendingHead = false
        if let earlier = writer.write(piece) { context?.write(wrapOutboundOut(earlier), promise: nil) }
    }

    /// Writes a head for the client, into whose buffer the first piece of the body may be copied.
    func write(head: ByteBuffer) {
        flush()
        write(head)
        isPendingHead = true
    }

    /// Forgets what was written and not sent.
    func dropPendingWrite() {
        writer.drop()
        isPendingHead = false
    }

    /// Sends what was written.
    @inline(__always)
    func flush() {
        isPendingHead = false
        guard let context, let rest = writer.flush(context) else { return }
        context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
    }
}

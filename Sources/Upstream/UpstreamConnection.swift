package import HTTP1
package import NIOCore
import ProxyHandshake
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One connection to an upstream: reads answers, keeps their framing honest, and carries one exchange at a time.
///
/// Confined to its event loop.
package final class UpstreamConnection: ChannelInboundHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        case awaitingHead
        case body
        case tunnel
        case closed
    }

    /// What has come of the answer's head, from its first octet on.
    ///
    /// Optional, for an empty `ByteBuffer` shares its storage, and its reference count, with every other.
    package private(set) var received: ByteBuffer?
    /// The head that ``received`` holds.
    package private(set) var parser: HeadParser
    /// Whether an exchange has been carried before the present one.
    package private(set) var isReused = false
    /// When the connection was given back, in nanoseconds of the loop's clock.
    package var idleSince: UInt64 = 0

    private var state = State.idle
    private var reader = BodyReader(.none)
    private var exchange: (any UpstreamExchange)?
    private var context: ChannelHandlerContext?
    private var answersHEAD = false
    private var acceptsTunnel = false
    private var isAnswerPersistent = false
    private var interimHeads = 0
    /// Octets handed to the socket, for plain TCP; what TLS sends is not known here.
    private var written: UInt64 = 0
    private var isReading = true
    private var acknowledgedBefore: UInt64?
    private var acknowledgedAtEnd: UInt64?
    /// Whether the connection broke though the peer had not closed its side; behind a FIN that would be a broken pipe.
    private var wasCut = false
    private let sharesSocket: Bool
    private let forwarder: OutboundProxy?
    private var pool: ConnectionPool?
    private var writer: SocketWriter

    /// Whether the latest read may have left octets with the kernel.
    private var hasFilledBuffer = false

    private static let interimHeadsAllowed = 16
    /// Nanoseconds.
    private static let longRest: UInt64 = 100_000_000

    /// - Parameters:
    ///   - sharesSocket: whether others write to the socket as well: TLS, or who asked a proxy for a tunnel.
    ///   - forwarder: the proxy that requests go to in absolute-form; nil: none, or one that is not seen any more.
    init(limits: HeadParser.Limits, sharesSocket: Bool, forwardedBy forwarder: OutboundProxy? = nil) {
        parser = HeadParser(role: .response, limits: limits)
        self.sharesSocket = sharesSocket
        writer = SocketWriter(isPlain: !sharesSocket)
        self.forwarder = forwarder
    }

    /// Whether the connection still stands.
    package var isActive: Bool {
        if case .closed = state { return false }
        return context != nil
    }

    /// Where the octets of a chunked answer end that have been passed on; nil for other framings.
    package var chunkPosition: ChunkedDecoder.Position? { reader.chunkPosition }

    /// Whether more can be written without piling up.
    package private(set) var isWritable = true

    // MARK: The lease

    /// Takes the connection for one exchange.
    ///
    /// - Parameters:
    ///   - answersHEAD: whether the request's method is HEAD.
    ///   - acceptsTunnel: whether the request asks for an upgrade, so that 101 is an answer.
    package func lease(to exchange: any UpstreamExchange, answersHEAD: Bool, acceptsTunnel: Bool) {
        self.exchange = exchange
        self.answersHEAD = answersHEAD
        self.acceptsTunnel = acceptsTunnel
        state = .awaitingHead
        interimHeads = 0
        acknowledgedAtEnd = nil
        if isReused {
            // Everything before this request has been answered, so for plain TCP what was written is what was
            // acknowledged, and the SYN.
            acknowledgedBefore =
                sharesSocket ? context.flatMap { Acknowledgement.octets(on: $0.channel) } : written &+ 1
        }
    }

    /// Whether it is certain that the peer has taken no octet of the present request.
    ///
    /// A reset by itself is no proof: it overtakes the acknowledgement of what the peer had read. One that answers
    /// octets sent to a socket closed before has the peer's FIN in front of it, and that acknowledges all that had come.
    /// Nor is a way back that was lost.
    package var hasAcknowledgedNothing: Bool {
        guard !wasCut, let before = acknowledgedBefore, let atEnd = acknowledgedAtEnd else { return false }
        return atEnd <= before
    }

    /// Ends the lease and gives the connection to the pool.
    func rest(in pool: ConnectionPool) {
        exchange = nil
        state = .idle
        isReused = true
        self.pool = pool
        received = nil
        // A slow client may have stopped it; a resting connection must see its end, and the next answer.
        setReading(true)
    }

    /// Ends the lease and closes.
    package func abandon() {
        exchange = nil
        close()
    }

    func close() {
        state = .closed
        pool = nil
        writer.end()
        context?.close(promise: nil)
    }

    // MARK: Writing

    /// Writes octets of the request.
    @inline(__always)
    package func write(_ buffer: ByteBuffer) {
        written &+= UInt64(buffer.readableBytes)
        if let earlier = writer.write(buffer) { context?.write(wrapOutboundOut(earlier), promise: nil) }
    }

    /// Sends what was written.
    @inline(__always)
    package func flush() {
        guard let context, let rest = writer.flush(context) else { return }
        // A write that fails closes the channel without another word.
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenFailure { self.noteBreak($0) }
        context.writeAndFlush(wrapOutboundOut(rest), promise: promise)
    }

    private func noteBreak(_ error: any Error) {
        if let error = error as? IOError, error.errnoCode != EPIPE { wasCut = true }
    }

    /// Lets reading go on, or stops it: how a slow client slows the upstream.
    package func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, let channel = context?.channel else { return }
        self.isReading = isReading
        try? channel.syncOptions?.setOption(.autoRead, value: isReading)
    }

    /// Whether the connection may carry another exchange once the present answer has ended.
    ///
    /// Not while octets of the request wait for the socket: the next request would have to wait behind them.
    package var canBeReused: Bool {
        guard isAnswerPersistent, isActive, received == nil, let context else { return false }
        return writer.holdsNothing(context)
    }

    /// Whether nothing has come that has not been read, neither octets nor an end, as far as is worth a look: octets
    /// would be taken for the answer to the next request.
    ///
    /// A read of plain TCP that left room in its buffer has taken all there was, and what comes in a moment of rest comes
    /// to the loop.
    func isQuiet(now: UInt64) -> Bool {
        guard hasFilledBuffer || sharesSocket || now &- idleSince >= Self.longRest else { return true }
        return hasNothingUnread
    }

    private var hasNothingUnread: Bool {
        guard let context else { return false }
        guard let socket = writer.socket ?? Self.descriptor(context.channel) else { return true }
        var octet: UInt8 = 0
        return recv(socket, &octet, 1, CInt(MSG_PEEK | MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    private static func descriptor(_ channel: any Channel) -> NIOBSDSocket.Handle? {
        try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
    }

    // MARK: ChannelInboundHandler

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        writer.end()
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let run = unwrapInboundIn(data)
        hasFilledBuffer = run.writableBytes == 0
        exchange?.upstreamWillRead(self)
        switch state {
        case .awaitingHead: readHead(run)
        case .body: readBody(run)
        case .tunnel:
            exchange?.upstream(self, payload: run, range: 0..<run.readableBytes)
            exchange?.upstream(self, forward: run)
        case .idle:
            // Nobody asked for anything: these octets must never become another request's answer.
            retire()
        case .closed: break
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        exchange?.upstreamReadComplete(self)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        exchange?.upstream(self, isWritable: isWritable)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let channelEvent = event as? ChannelEvent, channelEvent == .inputClosed {
            ended("The upstream closed the connection")
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        noteBreak(error)
        if exchange != nil, acknowledgedAtEnd == nil { acknowledgedAtEnd = Acknowledgement.octets(on: context.channel) }
        broken(ConnectFault.describe(error))
    }

    package func channelInactive(context: ChannelHandlerContext) {
        writer.end()
        if writer.hasMetBreak { wasCut = true }
        if wasCut {
            broken("The connection to the upstream broke")
        } else {
            ended("The upstream closed the connection")
        }
    }

    // MARK: Reading

    private func readHead(_ run: ByteBuffer) {
        if received == nil {
            received = run
        } else {
            received?.writeImmutableBuffer(run)
        }
        while case .awaitingHead = state {
            guard let received else { return }
            let octets = received.readableBytesSpan
            switch parser.parse(octets) {
            case .incomplete: return
            case .fault(let fault):
                let code: UpstreamFault.Code = fault.status == 431 ? .headTooLarge : .notHTTP
                fail(UpstreamFault(code, "The upstream's answer is refused: \(fault.message)"))
            case .complete(let end):
                do throws(HeadFault) {
                    let head = try ResponseHead(octets, parser: parser, answersHEAD: answersHEAD)
                    take(head, received, end: end)
                } catch {
                    fail(UpstreamFault(.notHTTP, "The upstream's answer is refused: \(error.message)"))
                }
            }
        }
    }

    private func take(_ head: ResponseHead, _ received: ByteBuffer, end: Int) {
        if head.isInterim {
            interimHeads += 1
            guard interimHeads <= Self.interimHeadsAllowed else {
                let text = "The upstream sent more than \(Self.interimHeadsAllowed) interim answers."
                return fail(UpstreamFault(.notHTTP, text))
            }
            exchange?.upstream(self, interim: head, end: end)
            parser.reset()
            self.received =
                end < received.readableBytes
                ? received.getSlice(at: received.readerIndex + end, length: received.readableBytes - end) : nil
            return
        }
        if head.status == 407, let forwarder {
            // It is the proxy's word to Weir; to pass it on would ask the client for the proxy's password.
            return fail(UpstreamFault(.proxyAuthFailed, proxyAuthenticationMessage(forwarder, received)))
        }
        if head.status == 101 {
            guard acceptsTunnel else {
                return fail(UpstreamFault(.notHTTP, "The upstream switched protocols though nobody asked for it."))
            }
            state = .tunnel
            isAnswerPersistent = false
        } else {
            state = .body
            reader = BodyReader(head.framing)
            isAnswerPersistent = head.isPersistent && head.framing != .untilClose
            if head.status == 204, head.framingIndex != nil { isAnswerPersistent = false }
        }
        exchange?.upstream(self, head: head, end: end)
        // The exchange may have let go in the call above.
        guard exchange != nil else { return }
        var rest = received
        self.received = nil
        parser.reset()
        rest.moveReaderIndex(forwardBy: end)
        switch state {
        case .tunnel:
            guard rest.readableBytes > 0 else { return }
            exchange?.upstream(self, payload: rest, range: 0..<rest.readableBytes)
            exchange?.upstream(self, forward: rest)
        case .body:
            if reader.isComplete { finish(leftover: rest) } else if rest.readableBytes > 0 { readBody(rest) }
        case .idle, .awaitingHead, .closed: break
        }
    }

    private func readBody(_ run: ByteBuffer) {
        var rest = run
        do throws(ChunkedFault) {
            let piece = try reader.read(&rest) { range in exchange?.upstream(self, payload: run, range: range) }
            if let forward = piece.forward { exchange?.upstream(self, forward: forward) }
            if piece.isEnd, exchange != nil { finish(leftover: rest) }
        } catch {
            if let sound = reader.soundPart(of: run) { exchange?.upstream(self, forward: sound) }
            fail(UpstreamFault(.notHTTP, "The upstream's chunked body is malformed."))
        }
    }

    private func finish(leftover: ByteBuffer?) {
        // Octets behind the answer belong to no request: the connection cannot be trusted with another.
        received = leftover.flatMap { $0.readableBytes > 0 ? $0 : nil }
        let exchange = self.exchange
        exchange?.upstreamFinished(self)
    }

    private func proxyAuthenticationMessage(_ proxy: OutboundProxy, _ received: ByteBuffer) -> String {
        let offersBasic = BasicChallenge.isOffered(in: received, parser.fields)
        return "Outbound proxy \(proxy): "
            + ProxyFault.authenticationRequired(by: proxy, offersBasic: offersBasic).message
    }

    // MARK: Ending

    /// The peer has ended its side in good order.
    private func ended(_ message: String) {
        // NIOSSL reports an end without close_notify as an error first, so this one is in good order under TLS too.
        if case .body = state, reader.endsAtClose {
            finish(leftover: nil)
            if exchange == nil { close() }
            return
        }
        if case .tunnel = state { return fail(UpstreamFault(.tunnelEnded, message)) }
        broken(message)
    }

    private func broken(_ message: String) {
        switch state {
        case .closed: break
        case .idle: retire()
        case .awaitingHead, .body, .tunnel:
            if acknowledgedAtEnd == nil, acknowledgedBefore != nil, let channel = context?.channel {
                acknowledgedAtEnd = Acknowledgement.octets(on: channel)
            }
            fail(UpstreamFault(.closed, message))
        }
    }

    private func retire() {
        let pool = self.pool
        close()
        pool?.forget(self)
    }

    private func fail(_ fault: UpstreamFault) {
        let exchange = self.exchange
        self.exchange = nil
        close()
        exchange?.upstream(self, failed: fault)
    }
}

import LLMWire
import NIOCore
import NIOSSL
import NIOTLS
import Policy
import Recording
import WeirConfiguration

/// TLS on the clients' side: what stands between a child channel's socket and its ``ClientConnection``.
///
/// Three handlers, from the socket on: ``EncryptedTransport``, NIOSSL's, ``HandshakeGate``. To the connection it is the
/// same channel as without TLS, but for the ways in which it ends:
///
/// - `close(mode: .output)` sends what waits, close_notify, then FIN. So an answer that lasts until the end is whole.
/// - `close()` sends close_notify as well, which would make an answer that broke off look whole, and then waits for the
///   client's. Where nothing is to be said any more, ``EncryptedTransport/close()`` ends the connection instead.
/// - The client's close_notify comes as `ChannelEvent.inputClosed`, like its FIN without TLS. A FIN without close_notify
///   comes as an error first: a client whose end cannot be told from an attack is gone, whatever `half_close` says.
/// - Once the client has sent its close_notify, NIOSSL makes of `close(mode: .output)` a whole close, which drops what
///   the socket has not taken: what was written has to be flushed first.
enum ClientTLS {
    /// Puts TLS into a new child channel; the ``ClientConnection`` goes in behind it.
    ///
    /// - Parameters:
    ///   - plainAnswer: makes what a client gets that speaks plain HTTP.
    /// - Returns: the end next to the socket, for the connection.
    static func configure(
        _ channel: any Channel, _ certificate: CurrentCertificate, plainAnswer: @escaping () -> ByteBuffer
    ) throws -> EncryptedTransport {
        let transport = EncryptedTransport(plainAnswer: plainAnswer)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandlers([
            transport, NIOSSLServerHandler(context: certificate.current()), HandshakeGate(transport),
        ])
        return transport
    }
}

/// The end of a TLS connection next to the socket: bounds the handshake, answers who speaks no TLS, and closes without
/// TLS's farewell where that would be a lie.
///
/// Confined to its event loop.
final class EncryptedTransport: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Nothing has come.
        case awaitingHello
        case handshaking
        case established
        /// The client speaks plain HTTP and is told so; what it sends is thrown away.
        case refusing
        case closed
    }

    /// How long the handshake may take from the accept on.
    static let handshakeTimeout = TimeAmount.seconds(10)
    /// How long a client that was refused has to close.
    private static let lingering = TimeAmount.seconds(2)
    /// `ContentType.handshake` of a TLS record (RFC 8446 §5.1).
    private static let handshakeRecord: UInt8 = 0x16

    private var state = State.awaitingHello
    private var context: ChannelHandlerContext?
    private var limit: Scheduled<Void>?
    private let plainAnswer: () -> ByteBuffer

    init(plainAnswer: @escaping () -> ByteBuffer) {
        self.plainAnswer = plainAnswer
    }

    /// Ends the connection at once, without close_notify.
    func close() {
        guard let context, state != .closed else { return }
        state = .closed
        limit?.cancel()
        context.close(promise: nil)
    }

    /// The handshake is through.
    func handshakeCompleted() {
        guard state == .handshaking else { return }
        state = .established
        limit?.cancel()
        limit = nil
    }

    // MARK: ChannelInboundHandler

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        end(in: Self.handshakeTimeout, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        state = .closed
        limit?.cancel()
        limit = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .awaitingHello:
            let octets = unwrapInboundIn(data)
            guard let first = octets.getInteger(at: octets.readerIndex, as: UInt8.self) else { return }
            if first != Self.handshakeRecord, Self.beginsMethod(first) { return refuse(context) }
            state = .handshaking
            context.fireChannelRead(data)
        case .handshaking, .established: context.fireChannelRead(data)
        case .refusing, .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state != .refusing { context.fireChannelReadComplete() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if state == .refusing, let event = event as? ChannelEvent, event == .inputClosed {
            close()
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Plain HTTP

    /// Whether a request's method may begin with this octet: those in use are upper-case letters.
    private static func beginsMethod(_ octet: UInt8) -> Bool { (0x41...0x5A).contains(octet) }

    /// Answers in plain text, past NIOSSL, which must not see what is no TLS.
    private func refuse(_ context: ChannelHandlerContext) {
        state = .refusing
        end(in: Self.lingering, context)
        context.writeAndFlush(wrapOutboundOut(plainAnswer()), promise: nil)
        context.close(mode: .output, promise: nil)
    }

    private func end(in delay: TimeAmount, _ context: ChannelHandlerContext) {
        limit?.cancel()
        limit = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { self.close() }
    }
}

/// Lets the connection behind it begin only once the handshake is through: what it said before would be lost or wait.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let transport: EncryptedTransport

    init(_ transport: EncryptedTransport) {
        self.transport = transport
    }

    func channelActive(context: ChannelHandlerContext) {}

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSUserEvent, case .handshakeCompleted = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        transport.handshakeCompleted()
        context.fireChannelActive()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

extension GatewayLoop {
    /// What a client gets that speaks plain HTTP to a listener with TLS.
    func plainHTTPAnswer() -> ByteBuffer {
        readClock()
        let id = nextID(now)
        let refusal = Refusal(
            .badRequest,
            "This port speaks HTTPS, and a plain HTTP request was sent to it; use https:// in the base URL.")
        let body = ErrorBody.json(refusal, dialect: .openAIChat, requestID: id.text)
        var out = ByteBuffer()
        out.writeStatusLine(refusal.status)
        out.writeString("content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n")
        out.writeRequestID(id)
        out.writeString("x-weir-error: \(refusal.code.rawValue)\r\nconnection: close\r\n\r\n\(body)")
        return out
    }
}

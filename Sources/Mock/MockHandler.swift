import Glibc
import NIOCore
import NIOHTTP1

/// One connection of the mock: gathers a request, has its script made, plays it.
///
/// The pipelining handler before it lets the next request in only when an answer is complete.
final class MockHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests.
        case idle
        /// A request's head has come; its body is on the way.
        case collecting(HTTPRequestHead, ByteBuffer)
        /// The script's delay runs.
        case delayed(MockScript, keepAlive: Bool)
        /// Events are being written.
        case playing(status: Int, keepAlive: Bool)
        /// A fault keeps the connection open and silent.
        case stalled
        /// The last answer is out; what still comes is dropped until the connection closes.
        case closing
    }

    /// How many events are written before other connections of the loop get their turn.
    private static let burst = 64
    /// How long a client may take to read a refusal that came before it had sent everything.
    private static let refusalLinger = TimeAmount.seconds(2)

    private let settings: MockSettings
    private var state = State.idle
    private var playback: Playback?
    /// Whether the playback waits for the connection to take bytes again.
    private var isBlocked = false
    /// The wait that the state is in: delay, pace, or the turn of others.
    private var timer: Scheduled<Void>?
    private var watch: Scheduled<Void>?
    private var lastActivity = NIODeadline.now()
    /// The client has closed its sending side.
    private var isInputClosed = false

    init(settings: MockSettings) {
        self.settings = settings
    }

    // MARK: Request

    func handlerAdded(context: ChannelHandlerContext) {
        self.lastActivity = .now()
        self.scheduleWatch(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.lastActivity = .now()
        switch (Self.unwrapInboundIn(data), self.state) {
        case (.head(let head), .idle):
            self.state = .collecting(head, ByteBuffer())
            if head.version == .http1_1, head.headers[canonicalForm: "expect"].contains("100-continue") {
                let go = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(Self.wrapOutboundOut(.head(go)), promise: nil)
            }
        case (.body(var piece), .collecting(let head, var body)):
            // Given away before it is written to, so that the buffer grows in place.
            self.state = .idle
            if body.readableBytes + piece.readableBytes > self.settings.maxBody {
                self.refuseBody(context, head)
                return
            }
            if body.readableBytes == 0 {
                body = piece
            } else {
                body.writeBuffer(&piece)
            }
            self.state = .collecting(head, body)
        case (.end, .collecting(let head, let body)):
            let request = MockRequest(method: head.method, target: head.uri, fields: head.headers, body: body)
            let script = MockProvider.script(for: request, settings: self.settings)
            // NIO's decoder reads nothing more after an upgrade that was not taken up.
            let keepAlive = head.isKeepAlive && head.version == .http1_1 && !head.headers.contains(name: "upgrade")
            self.begin(context, script, keepAlive: keepAlive)
        default:
            break
        }
    }

    /// Answers 413 to a body that goes on, then gives the client a moment to read that before the connection ends.
    private func refuseBody(_ context: ChannelHandlerContext, _ head: HTTPRequestHead) {
        let script = MockProvider.tooLong(head, settings: self.settings)
        self.state = .closing
        self.writeHead(context, script, keepAlive: false)
        if case .whole(let bytes) = script.body {
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
        context.close(mode: .output, promise: nil)
        self.settings.onEnd?(MockExchange(status: 413, events: 0, outcome: .completed))
        self.schedule(context, at: .now() + Self.refusalLinger) { $1.close(promise: nil) }
    }

    // MARK: Answer

    private func begin(_ context: ChannelHandlerContext, _ script: MockScript, keepAlive: Bool) {
        guard script.delay > .zero else {
            self.play(context, script, keepAlive: keepAlive)
            return
        }
        self.state = .delayed(script, keepAlive: keepAlive)
        self.schedule(context, at: .now() + script.delay) { handler, context in
            guard case .delayed(let script, let keepAlive) = handler.state else { return }
            handler.play(context, script, keepAlive: keepAlive)
        }
    }

    private func play(_ context: ChannelHandlerContext, _ script: MockScript, keepAlive: Bool) {
        self.state = .playing(status: Int(script.status.code), keepAlive: keepAlive)
        switch script.fault?.kind {
        case .stallBeforeHead, .closeBeforeHead:
            self.commit(context, script.fault?.kind ?? .closeBeforeHead)
            return
        default:
            self.writeHead(context, script, keepAlive: keepAlive)
        }
        switch script.body {
        case .none:
            self.finish(context)
        case .whole(let bytes):
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            self.finish(context)
        case .events(let events):
            self.playback = Playback(events, pace: script.pace, fault: script.fault, now: .now())
            self.advance(context)
        }
    }

    private func writeHead(_ context: ChannelHandlerContext, _ script: MockScript, keepAlive: Bool) {
        var head = HTTPResponseHead(version: .http1_1, status: script.status, headers: script.fields)
        if !keepAlive { head.headers.add(name: "connection", value: "close") }
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
    }

    /// Writes events until the pace, the connection or the end stops it.
    private func advance(_ context: ChannelHandlerContext) {
        self.isBlocked = false
        for _ in 0..<Self.burst {
            guard context.channel.isWritable else {
                context.flush()
                self.isBlocked = self.playback != nil
                return
            }
            let now = NIODeadline.now()
            switch self.playback?.step(now: now) {
            case .write(let event):
                self.lastActivity = now
                context.writeAndFlush(Self.wrapOutboundOut(.body(.byteBuffer(event))), promise: nil)
            case .wait(let due):
                // The head, when no event went before the first wait.
                context.flush()
                self.schedule(context, at: due) { $0.advance($1) }
                return
            case .fault(let fault):
                self.commit(context, fault)
                return
            case .end:
                self.finish(context)
                return
            case nil:
                return
            }
        }
        self.schedule(context, at: .now()) { $0.advance($1) }
    }

    /// Ends the answer in order.
    private func finish(_ context: ChannelHandlerContext) {
        guard case .playing(_, let keepAlive) = self.state else { return }
        self.report(.completed)
        self.lastActivity = .now()
        // Before the end is written, since that may bring the next request in.
        self.state = keepAlive && !self.isInputClosed ? .idle : .closing
        guard case .closing = self.state else {
            context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
        self.close(context, after: written.futureResult)
    }

    /// Does what a fault is.
    private func commit(_ context: ChannelHandlerContext, _ fault: MockFault) {
        self.report(.faulted)
        self.state = .stalled
        context.flush()
        switch fault {
        case .stall, .stallBeforeHead, .errorEvent:
            break
        case .badChunk:
            self.writeRaw(context, ByteBuffer(string: "no chunk size\r\n"), promise: nil)
        case .cut, .closeBeforeHead, .reset:
            // Behind all that was written, so that the events before the fault arrive.
            self.state = .closing
            let written = context.eventLoop.makePromise(of: Void.self)
            self.writeRaw(context, ByteBuffer(), promise: written)
            if fault == .reset, let options = context.channel as? any SocketOptionProvider {
                let abort = written.futureResult.flatMap {
                    options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                }
                self.close(context, after: abort)
            } else {
                self.close(context, after: written.futureResult)
            }
        }
        if case .stalled = self.state, self.isInputClosed { context.close(promise: nil) }
    }

    /// Writes bytes past the encoder, which frames nothing of them.
    private func writeRaw(_ context: ChannelHandlerContext, _ bytes: ByteBuffer, promise: EventLoopPromise<Void>?) {
        do {
            let encoder = try context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            encoder.writeAndFlush(NIOAny(IOData.byteBuffer(bytes)), promise: promise)
        } catch {
            promise?.fail(error)
            context.close(promise: nil)
        }
    }

    private func close(_ context: ChannelHandlerContext, after done: EventLoopFuture<Void>) {
        let context = context.loopBound
        done.assumeIsolated().whenComplete { _ in context.value.close(promise: nil) }
    }

    private func report(_ outcome: MockExchange.Outcome) {
        let status: Int
        switch self.state {
        case .delayed(let script, _): status = Int(script.status.code)
        case .playing(let code, _): status = code
        case .idle, .collecting, .stalled, .closing: return
        }
        let events = self.playback?.sent ?? 0
        self.playback = nil
        self.isBlocked = false
        self.settings.onEnd?(MockExchange(status: status, events: events, outcome: outcome))
    }

    // MARK: Connection

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, self.isBlocked {
            self.playback?.resume(now: .now())
            self.advance(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            self.isInputClosed = true
            switch self.state {
            case .delayed, .playing:
                if !self.settings.toleratesHalfClose { context.close(promise: nil) }
            case .idle, .collecting, .stalled, .closing:
                context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The handler for protocol errors has answered 400 where one could be answered.
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.report(.abandoned)
        self.state = .closing
        self.stopTimers()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.stopTimers()
    }

    // MARK: Time

    private func stopTimers() {
        self.timer?.cancel()
        self.timer = nil
        self.watch?.cancel()
        self.watch = nil
    }

    private func schedule(
        _ context: ChannelHandlerContext, at deadline: NIODeadline,
        _ body: @escaping (MockHandler, ChannelHandlerContext) -> Void
    ) {
        let context = context.loopBound
        self.timer = context.value.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            body(self, context.value)
        }
    }

    /// Looks now and then whether the connection has been without movement for too long: one task a connection.
    private func scheduleWatch(_ context: ChannelHandlerContext) {
        let bound = context.loopBound
        let period = TimeAmount.nanoseconds(
            min(self.settings.idleLimit.nanoseconds, self.settings.stallLimit.nanoseconds) / 2)
        self.watch = context.eventLoop.assumeIsolated().scheduleTask(in: period) {
            let limit: TimeAmount
            switch self.state {
            case .idle, .collecting, .closing: limit = self.settings.idleLimit
            case .delayed, .playing, .stalled: limit = self.settings.stallLimit
            }
            if NIODeadline.now() - self.lastActivity >= limit {
                bound.value.close(promise: nil)
            } else {
                self.scheduleWatch(bound.value)
            }
        }
    }
}

@available(*, unavailable)
extension MockHandler: Sendable {}

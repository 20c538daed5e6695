import NIOCore
import NIOPosix

extension StreamPeer {
    /// The event-stream upstream: answers until it is killed.
    static func serve(_ options: inout Options) throws {
        let host = try options.text("host", default: "127.0.0.1")
        let port = try options.count("port")
        let interval = try options.count("interval-us", default: 10_000)
        let tick = try options.count("tick-us", default: 1_000)
        try options.finish()
        guard interval % tick == 0 else { throw PeerError(usage: "--interval-us must be a multiple of --tick-us") }

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let pacer = try loop.submit {
            NIOLoopBound(Pacer(loop: loop, slots: interval / tick, tick: .microseconds(Int64(tick))), eventLoop: loop)
        }.wait()
        let listener = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ServeHandler(pacer: pacer.value))
                }
            }
            .bind(host: host, port: port).wait()
        try listener.closeFuture.wait()
    }
}

/// Sends the events of all streams by one timer. The streams are dealt over the ticks of an interval; a tick sends the
/// events of all its streams in one pass. With a tick as long as the interval all streams send at once.
final class Pacer {
    private let loop: any EventLoop
    private let tick: TimeAmount
    private var slots: [[ServeHandler]]
    private var live = 0
    private var position = 0
    private var nextSlotToFill = 0
    private var due = NIODeadline.now()

    init(loop: any EventLoop, slots: Int, tick: TimeAmount) {
        self.loop = loop
        self.tick = tick
        self.slots = Array(repeating: [], count: slots)
    }

    func add(_ handler: ServeHandler) {
        slots[nextSlotToFill].append(handler)
        nextSlotToFill = (nextSlotToFill + 1) % slots.count
        live += 1
        if live == 1 {
            due = .now() + tick
            schedule()
        }
    }

    private func schedule() {
        loop.assumeIsolated().scheduleTask(deadline: due) { self.pass() }
    }

    private func pass() {
        let now = NIODeadline.now()
        while due <= now {
            let before = slots[position].count
            slots[position].removeAll { !$0.sendNext() }
            live -= before - slots[position].count
            position = (position + 1) % slots.count
            due = due + tick
        }
        if live > 0 { schedule() }
    }
}

/// One connection of the upstream: reads a request whole, then answers it at the pacer's pace.
final class ServeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case head
        case body(RequestHead, rest: Int)
        case streaming(RequestHead, next: Int)
        case closed
    }

    private static let answerHead = ByteBuffer(
        string: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n")

    private let pacer: Pacer
    private let template = Event.framedTemplate
    private var context: ChannelHandlerContext?
    private var state = State.head
    private var input = ByteBuffer()

    init(pacer: Pacer) {
        self.pacer = pacer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input.setOrWriteBuffer(unwrapInboundIn(data))
        do {
            try advance(context)
        } catch {
            StreamPeer.report("\(error)")
            let refusal = ByteBuffer(
                string: "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            state = .closed
            context.writeAndFlush(wrapOutboundOut(refusal), promise: nil)
            context.close(promise: nil)
        }
    }

    private func advance(_ context: ChannelHandlerContext) throws {
        while true {
            switch state {
            case .head:
                guard let head = try RequestHead.read(from: &input) else { return }
                state = .body(head, rest: head.bodyLength)
            case .body(let head, rest: 0):
                state = .streaming(head, next: 0)
                context.writeAndFlush(wrapOutboundOut(Self.answerHead), promise: nil)
                pacer.add(self)
                return
            case .body(let head, let rest):
                let taken = min(rest, input.readableBytes)
                guard taken > 0 else { return }
                input.moveReaderIndex(forwardBy: taken)
                if input.readableBytes == 0 { input.clear() }
                state = .body(head, rest: rest - taken)
            case .streaming:
                guard input.readableBytes <= RequestHead.limit else { throw PeerError("too much pipelined") }
                return
            case .closed:
                input.clear()
                return
            }
        }
    }

    /// Sends the next event, or after the last one the end. False when the stream is over.
    func sendNext() -> Bool {
        guard case .streaming(let head, let sequence) = state, let context, context.channel.isActive else {
            return false
        }
        // A client that reads too slowly gets its event at a later pass; none is left out.
        guard context.channel.isWritable else { return true }
        guard sequence < head.events else {
            context.writeAndFlush(wrapOutboundOut(Event.framedDone), promise: nil)
            state = .head
            do {
                try advance(context)
            } catch {
                StreamPeer.report("\(error)")
                context.close(promise: nil)
            }
            return false
        }
        let event = Event.framed(
            template: template, stream: head.stream, sequence: sequence,
            sent: NIODeadline.now().uptimeNanoseconds)
        state = .streaming(head, next: sequence + 1)
        context.writeAndFlush(wrapOutboundOut(event), promise: nil)
        return true
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ByteBuffer {
    /// Puts `more` behind what is there, without a copy when nothing is.
    mutating func setOrWriteBuffer(_ more: ByteBuffer) {
        if readableBytes == 0 {
            self = more
        } else {
            writeImmutableBuffer(more)
        }
    }
}

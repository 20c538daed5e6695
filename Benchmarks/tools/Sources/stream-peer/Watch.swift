import NIOCore
import NIOPosix

extension StreamPeer {
    /// Opens streams, says when all are live, counts and times their events for a while, says so, reads on to their
    /// ends, and prints what it found. What was lost or broken off is reported, and fails the run.
    static func watch(_ options: inout Options) throws {
        let host = try options.text("host", default: "127.0.0.1")
        let port = try options.count("port")
        let plan = WatchPlan(
            path: try options.text("path", default: "/v1/chat/completions"),
            host: "\(host):\(port)",
            streams: try options.count("streams"), events: try options.count("events"),
            window: .seconds(Int64(try options.count("seconds"))),
            opening: try options.count("opening", default: 64))
        let deadline = try options.count("deadline", default: 300)
        try options.finish()
        let address = try SocketAddress(ipAddress: host, port: port)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let finished = loop.makePromise(of: Void.self)
        loop.execute {
            loop.assumeIsolated().scheduleTask(in: .seconds(Int64(deadline))) {
                finished.fail(PeerError("the streams had not ended after \(deadline) s"))
            }
            WatchRun(plan: plan, address: address, loop: loop, finished: finished).start()
        }
        try finished.futureResult.wait()
    }
}

struct WatchPlan {
    var path: String
    var host: String
    var streams: Int
    var events: Int
    var window: TimeAmount
    var opening: Int

    func request(stream: Int) -> ByteBuffer {
        let body = #"{"model":"m","stream":true,"messages":[{"role":"user","content":"Stream \#(stream), please."}]}"#
        return ByteBuffer(
            string: "POST \(path)?stream=\(stream)&events=\(events) HTTP/1.1\r\nHost: \(host)\r\n"
                + "Content-Type: application/json\r\nAccept: text/event-stream\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }
}

/// What all streams of one run have in common. Lives on the loop.
final class WatchRun {
    let plan: WatchPlan
    private let address: SocketAddress
    private let loop: any EventLoop
    private let finished: EventLoopPromise<Void>
    private var started = 0
    private var answered = 0
    private var ended = 0
    private var arrived = 0
    private var lost = 0
    private var broken = 0
    private var firstFault: String?
    private var isTiming = false
    private var latencies = Histogram()

    init(plan: WatchPlan, address: SocketAddress, loop: any EventLoop, finished: EventLoopPromise<Void>) {
        self.plan = plan
        self.address = address
        self.loop = loop
        self.finished = finished
    }

    func start() {
        for _ in 0..<min(plan.opening, plan.streams) { open() }
    }

    private func open() {
        let run = NIOLoopBound(self, eventLoop: loop)
        let stream = started
        started += 1
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WatchHandler(run: run.value, stream: stream))
                }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenFailure { self.finished.fail(PeerError("stream \(stream) could not connect: \($0)")) }
    }

    func streamAnswered() {
        answered += 1
        if started < plan.streams { open() }
        guard answered == plan.streams else { return }
        guard ended == 0 else {
            finished.fail(PeerError("streams ended before all were open: ask for more events"))
            return
        }
        isTiming = true
        StreamPeer.emit(#"{"live":\#(answered),"events":\#(arrived)}"#)
        loop.assumeIsolated().scheduleTask(in: plan.window) { self.closeWindow() }
    }

    private func closeWindow() {
        isTiming = false
        StreamPeer.emit(#"{"live":\#(answered - ended),"events":\#(arrived)}"#)
        if ended > 0 { finished.fail(PeerError("streams ended before the window did: ask for more events")) }
    }

    func eventArrived(sent: UInt64, at now: UInt64) {
        arrived += 1
        guard isTiming else { return }
        latencies.record((now + Event.clockModulus - sent) % Event.clockModulus)
    }

    func streamEnded(_ check: StreamCheck, fault: PeerError?) {
        ended += 1
        lost += plan.events - check.arrived
        if let fault {
            broken += 1
            if firstFault == nil { firstFault = fault.message }
        }
        if answered < plan.streams {
            finished.fail(PeerError("a stream ended while others were opening: \(fault?.message ?? "it was whole")"))
        }
        if ended == plan.streams { finish() }
    }

    private func finish() {
        StreamPeer.emit(
            """
            {"streams":\(ended),"arrived":\(arrived),"lost":\(lost),"broken":\(broken),"timed":\(latencies.total),\
            "p50_us":\(microseconds(0.5)),"p99_us":\(microseconds(0.99)),"max_us":\(Double(latencies.highest) / 1000)}
            """)
        if let firstFault {
            finished.fail(PeerError("\(broken) streams were not whole, \(lost) events are missing: \(firstFault)"))
        } else {
            finished.succeed()
        }
    }

    private func microseconds(_ fraction: Double) -> Double {
        Double(latencies.quantile(fraction)) / 1000
    }
}

/// One stream, from its request to its end.
final class WatchHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let run: WatchRun
    private var check: StreamCheck
    private var parser = AnswerParser()
    private var input = ByteBuffer()
    private var isOver = false

    init(run: WatchRun, stream: Int) {
        self.run = run
        self.check = StreamCheck(stream: stream, events: run.plan.events)
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(run.plan.request(stream: check.stream)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        input.setOrWriteBuffer(unwrapInboundIn(data))
        do {
            while let part = try parser.next(from: &input) {
                switch part {
                case .head(let status):
                    guard status == 200 else { throw PeerError("stream \(check.stream) was answered \(status)") }
                    run.streamAnswered()
                case .body(let bytes):
                    try check.consume(bytes) { run.eventArrived(sent: $0, at: now) }
                case .end:
                    finish(context, fault: check.finish())
                    return
                }
            }
        } catch {
            finish(context, fault: error as? PeerError ?? PeerError("\(error)"))
        }
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context, fault: PeerError("stream \(check.stream) was cut off after \(check.arrived) events"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(context, fault: PeerError("stream \(check.stream): \(error)"))
    }

    private func finish(_ context: ChannelHandlerContext, fault: PeerError?) {
        guard !isOver else { return }
        isOver = true
        run.streamEnded(check, fault: fault)
        context.close(promise: nil)
    }
}

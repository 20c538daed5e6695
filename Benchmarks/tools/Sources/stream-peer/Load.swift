import Glibc
import NIOCore
import NIOPosix

extension StreamPeer {
    /// Sends exactly so many requests, one at a time on each connection, checks each answer, and prints what it found.
    /// With `--until-cut` the proxy is going to be killed: the first connection that breaks ends the run well, and
    /// what was answered more than 50 ms before the last answer is counted apart.
    static func load(_ options: inout Options) throws {
        let host = try options.text("host", default: "127.0.0.1")
        let port = try options.count("port")
        let path = try options.text("path", default: "/v1/chat/completions")
        let deadline = try options.count("deadline", default: 300)
        let untilCut = try options.flag("until-cut")
        let sources =
            try options.flag("agent")
            ? conversations(&options, path: path, host: "\(host):\(port)")
            : repetitions(&options, path: path, host: "\(host):\(port)")
        try options.finish()
        let address = try SocketAddress(ipAddress: host, port: port)

        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let finished = loop.makePromise(of: Void.self)
        loop.execute {
            loop.assumeIsolated().scheduleTask(in: .seconds(Int64(deadline))) {
                finished.fail(PeerError("not all requests were answered after \(deadline) s"))
            }
            LoadRun(sources: sources, untilCut: untilCut, loop: loop, finished: finished).start(address)
        }
        try finished.futureResult.wait()
    }

    private static func conversations(_ options: inout Options, path: String, host: String) throws -> [RequestSource] {
        let turns = try options.count("turns", default: 20)
        let firstBytes = try options.count("first-bytes", default: 20_000)
        let lastBytes = try options.count("last-bytes", default: 400_000)
        let events = try options.count("events", default: 300)
        guard firstBytes >= 200, lastBytes >= firstBytes + 100 * (turns - 1) else {
            throw PeerError(usage: "--first-bytes is at least 200, and each turn brings 100 more")
        }
        return (0..<(try options.count("conversations"))).map { stream in
            let conversation = Conversation(
                stream: stream, turns: turns, firstBytes: firstBytes, lastBytes: lastBytes, events: events,
                path: path, host: host)
            return RequestSource(
                count: turns, request: conversation.request, expected: .stream(stream, events: events))
        }
    }

    private static func repetitions(_ options: inout Options, path: String, host: String) throws -> [RequestSource] {
        let requests = try options.count("requests")
        let connections = try min(requests, options.count("connections"))
        let body = try readFile(options.text("body"))
        let answer = try readFile(options.text("answer"))
        var request = ByteBuffer(
            string: "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer sk-benchmark-0000000000000000\r\nContent-Length: \(body.readableBytes)\r\n\r\n"
        )
        request.writeImmutableBuffer(body)
        let bytes = [request]
        return (0..<connections).map { index in
            let share = requests / connections + (index < requests % connections ? 1 : 0)
            return RequestSource(count: share, request: { _ in bytes }, expected: .exactly(answer))
        }
    }

    private static func readFile(_ path: String) throws -> ByteBuffer {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw PeerError(usage: "\(path) cannot be read: errno \(errno)") }
        defer { close(descriptor) }
        var contents = ByteBuffer()
        while true {
            let count = contents.writeWithUnsafeMutableBytes(minimumWritableBytes: 65_536) { target in
                max(0, read(descriptor, target.baseAddress, target.count))
            }
            guard count > 0 else { return contents }
        }
    }
}

/// The requests of one connection, and what each has to bring.
struct RequestSource: Sendable {
    enum Expected {
        case exactly(ByteBuffer)
        case stream(Int, events: Int)
    }

    var count: Int
    var request: @Sendable (Int) -> [ByteBuffer]
    var expected: Expected
}

/// What all connections of one run have in common. Lives on the loop.
final class LoadRun {
    private let sources: [RequestSource]
    private let untilCut: Bool
    private let loop: any EventLoop
    private let finished: EventLoopPromise<Void>
    private let began = NIODeadline.now()
    private var connectionsLeft: Int
    private var answered = 0
    private var sentBytes = 0
    private var receivedBytes = 0
    private var latencies = Histogram()
    private var answerTimes: [NIODeadline] = []

    init(sources: [RequestSource], untilCut: Bool, loop: any EventLoop, finished: EventLoopPromise<Void>) {
        self.sources = sources
        self.untilCut = untilCut
        self.loop = loop
        self.finished = finished
        self.connectionsLeft = sources.count
    }

    func start(_ address: SocketAddress) {
        let run = NIOLoopBound(self, eventLoop: loop)
        for source in sources {
            ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.maxMessagesPerRead, value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(LoadHandler(run: run.value, source: source))
                    }
                }
                .connect(to: address)
                .assumeIsolated()
                .whenFailure { self.finished.fail(PeerError("could not connect: \($0)")) }
        }
    }

    func count(sent: Int = 0, received: Int = 0) {
        sentBytes += sent
        receivedBytes += received
    }

    func requestAnswered(after nanoseconds: UInt64) {
        answered += 1
        latencies.record(nanoseconds)
        if untilCut { answerTimes.append(.now()) }
    }

    /// A connection broke while its request was under way.
    func connectionBroke(_ error: any Error) {
        guard untilCut, let last = answerTimes.last else { return fail(error) }
        let settled = answerTimes.count { $0 + .milliseconds(50) <= last }
        StreamPeer.emit(#"{"answered":\#(answered),"settled":\#(settled)}"#)
        finished.succeed()
    }

    func connectionFinished() {
        connectionsLeft -= 1
        guard connectionsLeft == 0 else { return }
        let seconds = Double((NIODeadline.now() - began).nanoseconds) / 1e9
        StreamPeer.emit(
            """
            {"answered":\(answered),"sent_bytes":\(sentBytes),"received_bytes":\(receivedBytes),"seconds":\(seconds),\
            "p50_us":\(Double(latencies.quantile(0.5)) / 1000),"p99_us":\(Double(latencies.quantile(0.99)) / 1000)}
            """)
        finished.succeed()
    }

    func fail(_ error: any Error) {
        finished.fail(PeerError("after \(answered) answers: \((error as? PeerError)?.message ?? "\(error)")"))
    }
}

/// One connection: sends a request, checks the answer, sends the next.
final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let run: LoadRun
    private let source: RequestSource
    private var turn = 0
    private var sentAt = NIODeadline.now()
    private var parser = AnswerParser()
    private var input = ByteBuffer()
    private var answer: AnswerCheck
    private var isOver = false

    init(run: LoadRun, source: RequestSource) {
        self.run = run
        self.source = source
        self.answer = AnswerCheck(source.expected)
    }

    func channelActive(context: ChannelHandlerContext) {
        send(context)
    }

    private func send(_ context: ChannelHandlerContext) {
        answer = AnswerCheck(source.expected)
        sentAt = .now()
        for part in source.request(turn) {
            run.count(sent: part.readableBytes)
            context.write(wrapOutboundOut(part), promise: nil)
        }
        context.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        let bytes = unwrapInboundIn(data)
        run.count(received: bytes.readableBytes)
        input.setOrWriteBuffer(bytes)
        do {
            while let part = try parser.next(from: &input) {
                switch part {
                case .head(let status):
                    guard status == 200 else { throw PeerError("a request was answered \(status)") }
                case .body(let bytes):
                    try answer.consume(bytes)
                case .end:
                    try answer.finish()
                    run.requestAnswered(after: UInt64((NIODeadline.now() - sentAt).nanoseconds))
                    turn += 1
                    guard turn < source.count else { return finish(context) }
                    send(context)
                }
            }
        } catch {
            isOver = true
            run.fail(error)
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        isOver = true
        run.connectionFinished()
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        run.connectionBroke(PeerError("a connection was closed with a request under way"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return }
        isOver = true
        run.connectionBroke(error)
    }
}

/// Compares one answer's body with what is due.
enum AnswerCheck {
    case exactly(rest: ByteBuffer)
    case stream(StreamCheck)

    init(_ expected: RequestSource.Expected) {
        switch expected {
        case .exactly(let body): self = .exactly(rest: body)
        case .stream(let stream, let events): self = .stream(StreamCheck(stream: stream, events: events))
        }
    }

    mutating func consume(_ bytes: ByteBuffer) throws {
        switch self {
        case .exactly(var rest):
            guard rest.readSlice(length: bytes.readableBytes) == bytes else {
                throw PeerError("an answer differs from the upstream's")
            }
            self = .exactly(rest: rest)
        case .stream(var check):
            self = .exactly(rest: ByteBuffer())
            try check.consume(bytes) { _ in }
            self = .stream(check)
        }
    }

    func finish() throws {
        switch self {
        case .exactly(let rest):
            guard rest.readableBytes == 0 else { throw PeerError("an answer is shorter than the upstream's") }
        case .stream(let check):
            if let fault = check.finish() { throw fault }
        }
    }
}

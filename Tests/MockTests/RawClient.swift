import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

/// A connection that sends bytes as they are and keeps all that comes, so that tests see the wire itself.
final class RawClient: Sendable {
    /// How the connection ended, as far as it has.
    enum End: Sendable, Equatable {
        case open, closed, reset
    }

    private struct State {
        var bytes = ByteBuffer()
        var end = End.open
    }

    private final class Collector: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let state = Mutex(State())

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var piece = Self.unwrapInboundIn(data)
            self.state.withLock { _ = $0.bytes.writeBuffer(&piece) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if let error = error as? IOError, error.errnoCode == ECONNRESET {
                self.state.withLock { $0.end = .reset }
            }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.state.withLock { if $0.end == .open { $0.end = .closed } }
        }
    }

    let channel: any Channel
    private let collector: Collector

    private init(channel: any Channel, collector: Collector) {
        self.channel = channel
        self.collector = collector
    }

    static func connect(to address: SocketAddress) async throws -> RawClient {
        let collector = Collector()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.allowRemoteHalfClosure, value: false)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .connect(to: address).get()
        return RawClient(channel: channel, collector: collector)
    }

    static func adopt(_ descriptor: CInt) async throws -> RawClient {
        let collector = Collector()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { $0.pipeline.addHandler(collector) }
            .withConnectedSocket(descriptor).get()
        return RawClient(channel: channel, collector: collector)
    }

    /// Sends a request with its framing.
    func send(
        _ method: String = "POST", _ target: String = "/v1/chat/completions", _ body: String = "",
        fields: [String] = []
    ) async throws {
        let head = ["\(method) \(target) HTTP/1.1", "host: mock", "content-length: \(body.utf8.count)"] + fields
        try await self.write(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    func write(_ text: String) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(string: text))
    }

    var received: (text: String, end: End) {
        self.collector.state.withLock { (String(buffer: $0.bytes), $0.end) }
    }

    var count: Int { self.collector.state.withLock { $0.bytes.readableBytes } }

    /// What has come when it satisfies `isEnough`; records an issue when that takes more than `limit`.
    @discardableResult
    func wait(
        _ limit: Duration = .seconds(60), for isEnough: (String, End) -> Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (text: String, end: End) {
        let start = ContinuousClock.now
        while true {
            let received = self.received
            if isEnough(received.text, received.end) { return received }
            if ContinuousClock.now - start > limit {
                Issue.record(
                    "nothing that fits came in time: \(received.end), \(received.text.suffix(500))",
                    sourceLocation: sourceLocation)
                return received
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// One answer as it stood on the wire.
struct WireAnswer {
    var status: String
    var fields: [String]
    var body: String

    /// Splits the first answer off; chunked bodies are put together. Nil when it is not complete.
    init?(_ text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components("\r\n")
        self.status = lines[0]
        self.fields = Array(lines.dropFirst())
        let rest = text[end.upperBound...]
        if self.fields.contains("transfer-encoding: chunked") {
            guard let body = Self.dechunk(rest) else { return nil }
            self.body = body
        } else {
            let length = self.fields.first { $0.hasPrefix("content-length: ") }?.dropFirst(16)
            guard let length, let length = Int(length), rest.utf8.count >= length else { return nil }
            self.body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
        }
    }

    private static func dechunk(_ text: Substring) -> String? {
        var body: [UInt8] = []
        var rest = text.utf8[...]
        while true {
            guard let lineEnd = rest.firstIndex(of: UInt8(ascii: "\r")),
                let size = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16)
            else { return nil }
            rest = rest[lineEnd...].dropFirst(2)
            guard rest.count >= size + 2 else { return nil }
            if size == 0 { return String(decoding: body, as: UTF8.self) }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
    }
}

extension Substring {
    fileprivate func components(_ separator: String) -> [String] {
        self.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
    }
}

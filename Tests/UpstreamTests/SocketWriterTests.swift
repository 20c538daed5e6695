import Glibc
import HTTP1
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import Upstream

/// What an `UpstreamConnection` writes, past its channel and through it, on real sockets.
@Suite struct SocketWriterTests {
    /// Counts what comes through the channel.
    private final class Watch: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var writes = 0

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            writes += 1
            context.write(data, promise: promise)
        }
    }

    /// A handler with nothing but a writer.
    private final class Bare: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var writer = SocketWriter(isPlain: true)
        var context: ChannelHandlerContext?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }
        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
    }

    private struct Parts {
        let connection: UpstreamConnection
        let watch: Watch
        let bare: Bare
        let descriptor: CInt

        /// Writes a piece, and sends it.
        func send(_ text: String) {
            connection.write(ByteBuffer(string: text))
            connection.flush()
        }
    }

    /// A connection to an upstream, on a loop of its own.
    private struct Client: ~Copyable {
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let channel: any Channel

        init(_ upstream: ScriptedUpstream, sharesSocket: Bool = false) throws {
            channel = try ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let connection = UpstreamConnection(limits: HeadParser.Limits(), sharesSocket: sharesSocket)
                        try channel.pipeline.syncOperations.addHandlers([Watch(), connection, Bare()])
                    }
                }
                .connect(host: "127.0.0.1", port: upstream.port).wait()
        }

        deinit { try? group.syncShutdownGracefully() }

        /// Runs `body` on the loop.
        func run<Result: Sendable>(_ body: @escaping @Sendable (Parts) throws -> Result) throws -> Result {
            let channel = channel
            return try channel.eventLoop.submit {
                let pipeline = channel.pipeline.syncOperations
                let socket = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
                return try body(
                    Parts(
                        connection: try pipeline.handler(type: UpstreamConnection.self),
                        watch: try pipeline.handler(type: Watch.self), bare: try pipeline.handler(type: Bare.self),
                        descriptor: try #require(socket)))
            }.wait()
        }
    }

    @Test(arguments: [(false, 0), (true, 2)])
    func piecesGoPastTheChannelWhereNobodyElseWrites(_ sharesSocket: Bool, _ throughChannel: Int) throws {
        let upstream = try ScriptedUpstream { _ = try $0.socket.readExactly(6) }
        let client = try Client(upstream, sharesSocket: sharesSocket)
        let writes = try client.run {
            $0.send("one")
            $0.send("two")
            return $0.watch.writes
        }
        #expect(writes == throughChannel)
        #expect(eventually { upstream.received() == "onetwo" })
    }

    /// Pieces that are written with others, pieces that find the socket full, and those behind them.
    @Test func nothingOvertakesWhatTheSocketDidNotTake() throws {
        let sizes = (0..<400).map { 1 + ($0 * 7919) % 60_000 }
        let octets = (0..<sizes.reduce(0, +)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let upstream = try ScriptedUpstream {
            $0.socket.setReceiveBuffer(131_072)
            $0.socket.forgetsWhatItReads()
            WireSocket.sleep(.milliseconds(300))
            guard try $0.socket.readExactly(octets.count) == octets else {
                throw WireSocket.Failure(description: "the octets came in another order")
            }
            try $0.socket.write("!")
            _ = $0.socket.waitForEnd()
        }
        let client = try Client(upstream)
        var written = 0
        for (index, size) in sizes.enumerated() {
            let piece = ByteBuffer(bytes: octets[written..<(written + size)])
            written += size
            try client.run {
                $0.connection.write(piece)
                if index % 7 != 3 { $0.connection.flush() }
            }
        }
        try client.run { $0.connection.flush() }
        // An answer that nobody asked for: it retires the connection, once all has come.
        #expect(eventually { (try? client.run { !$0.connection.isActive }) ?? true })
        #expect(upstream.failures == [])
    }

    @Test func theWayPastTheChannelOpensAgainOnceThatIsEmpty() throws {
        let upstream = try ScriptedUpstream {
            $0.socket.setReceiveBuffer(131_072)
            $0.socket.forgetsWhatItReads()
            _ = try $0.socket.readExactly(12 << 20)
            _ = $0.socket.waitForEnd()
        }
        let client = try Client(upstream)
        let writes = try client.run { parts in
            parts.connection.write(ByteBuffer(repeating: 7, count: 12 << 20))
            parts.connection.flush()
            parts.send("behind")
            return parts.watch.writes
        }
        #expect(writes == 2)
        let isOpenAgain = try eventually {
            try client.run {
                let before = $0.watch.writes
                $0.send(".")
                return $0.watch.writes == before
            }
        }
        #expect(isOpenAgain)
    }

    @Test func theDescriptorOfAClosedChannelIsLeftAlone() throws {
        let upstream = try ScriptedUpstream { _ = $0.socket.waitForEnd() }
        let strays = try Client(upstream).run { parts in
            parts.send("known")
            parts.connection.write(ByteBuffer(string: "stray"))
            parts.connection.abandon()
            var pair: [CInt] = [0, 0]
            #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
            defer { for end in pair { close(end) } }
            #expect(pair.contains(parts.descriptor), "the descriptor is another socket's now")
            parts.send("stray")
            var octets = [UInt8](repeating: 0, count: 16)
            return pair.reduce(0) { $0 + max(0, recv($1, &octets, 16, CInt(MSG_DONTWAIT))) }
        }
        #expect(strays == 0)
    }

    /// The kernel tells of a reset once, and what comes of it later is a broken pipe.
    @Test func aResetThatAWriteMeetsIsRemembered() throws {
        let upstream = try ScriptedUpstream {
            _ = try $0.socket.readExactly(2)
            $0.socket.reset()
        }
        let (left, hasMetReset) = try Client(upstream).run { parts in
            parts.send("go")
            var waiting = pollfd(fd: parts.descriptor, events: 0, revents: 0)
            // On the loop, so that it cannot read the reset first.
            #expect(poll(&waiting, 1, 20_000) == 1)
            let context = try #require(parts.bare.context)
            #expect(parts.bare.writer.write(ByteBuffer(string: "late")) == nil)
            return (parts.bare.writer.flush(context), parts.bare.writer.hasMetReset)
        }
        #expect(left == ByteBuffer(string: "late"))
        #expect(hasMetReset)
    }
}

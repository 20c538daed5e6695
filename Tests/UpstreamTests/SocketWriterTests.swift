import Dispatch
import Glibc
import HTTP1
import NIOCore
import NIOPosix
import TestSupport
import Testing
import WeirConfiguration

@testable import Upstream

/// What an `UpstreamConnection` writes, past its channel and through it, on real sockets.
@Suite(.blocking) struct SocketWriterTests {
    /// Counts what comes through the channel.
    private final class Watch: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var writes = 0

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            writes += 1
            context.write(data, promise: promise)
        }
    }

    /// Notes how an exchange went.
    private final class Exchange: UpstreamExchange {
        var hasHead = false
        var finished = 0
        var faults: [UpstreamFault] = []

        func upstream(_ connection: UpstreamConnection, interim head: ResponseHead, end: Int) {}
        func upstream(_ connection: UpstreamConnection, head: ResponseHead, end: Int) { hasHead = true }
        func upstream(_ connection: UpstreamConnection, payload run: ByteBuffer, range: Range<Int>) {}
        func upstream(_ connection: UpstreamConnection, forward piece: ByteBuffer) {}
        func upstreamFinished(_ connection: UpstreamConnection) { finished += 1 }
        func upstreamWillRead(_ connection: UpstreamConnection) {}
        func upstreamReadComplete(_ connection: UpstreamConnection) {}
        func upstream(_ connection: UpstreamConnection, isWritable: Bool) {}
        func upstream(_ connection: UpstreamConnection, failed fault: UpstreamFault) { faults.append(fault) }
    }

    private struct Parts {
        let connection: UpstreamConnection
        let watch: Watch
        let exchange: Exchange
        let descriptor: CInt
        let channel: any Channel

        /// Writes a piece, and sends it.
        func send(_ text: String) {
            connection.write(ByteBuffer(string: text))
            connection.flush()
        }
    }

    /// A connection to an upstream, on a loop of its own.
    private final class Client {
        private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let parts: NIOLoopBound<Parts>
        private let loop: any EventLoop

        init(_ upstream: ScriptedUpstream, sharesSocket: Bool = false) throws {
            let channel = try ClientBootstrap(group: group)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let connection = UpstreamConnection(limits: HeadParser.Limits(), sharesSocket: sharesSocket)
                        try channel.pipeline.syncOperations.addHandlers([Watch(), connection])
                    }
                }
                .connect(host: "127.0.0.1", port: upstream.port).wait()
            loop = channel.eventLoop
            parts = try loop.submit {
                let pipeline = channel.pipeline.syncOperations
                let socket = try pipeline.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { $0 }
                let parts = Parts(
                    connection: try pipeline.handler(type: UpstreamConnection.self),
                    watch: try pipeline.handler(type: Watch.self), exchange: Exchange(),
                    descriptor: try #require(socket), channel: channel)
                return NIOLoopBound(parts, eventLoop: channel.eventLoop)
            }.wait()
        }

        deinit { try? group.syncShutdownGracefully() }

        /// Runs `body` on the loop.
        func run<Result: Sendable>(_ body: @escaping @Sendable (Parts) throws -> Result) throws -> Result {
            try loop.submit { [parts] in try body(parts.value) }.wait()
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
        let sizes = (0..<600).map { 1 + ($0 * 7919) % 60_000 }
        let octets = (0..<sizes.reduce(0, +)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let upstream = try ScriptedUpstream {
            $0.socket.forgetsWhatItReads()
            $0.socket.setReceiveBuffer(65_536)
            var came = 0
            while came < octets.count, let some = try $0.socket.readSome() {
                guard some[...] == octets[came...].prefix(some.count) else {
                    throw WireSocket.Failure(description: "the octets behind \(came) came in another order")
                }
                came += some.count
                // So that the socket is full at times, and at times takes the next piece though the last one waits.
                WireSocket.sleep(.microseconds(200))
            }
            try $0.socket.write("!")
            _ = $0.socket.waitForEnd()
        }
        let client = try Client(upstream)
        var written = 0
        var pastTheChannel = 0
        for (index, size) in sizes.enumerated() {
            let piece = ByteBuffer(bytes: octets[written..<(written + size)])
            written += size
            pastTheChannel += try client.run {
                let before = $0.watch.writes
                $0.connection.write(piece)
                guard index % 7 != 3 else { return 0 }
                $0.connection.flush()
                return $0.watch.writes == before ? 1 : 0
            }
            WireSocket.sleep(.microseconds(300))
        }
        try client.run { $0.connection.flush() }
        // An answer that nobody asked for: it retires the connection, once all has come.
        #expect(try eventually { try client.run { !$0.connection.isActive } })
        #expect(upstream.failures == [])
        #expect((1..<sizes.count - sizes.count / 7 - 1).contains(pastTheChannel), "both ways were used in turn")
    }

    @Test func theWayPastTheChannelIsClosedWhileThatHoldsOctets() throws {
        let (start, hasRoom) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let upstream = try ScriptedUpstream {
            $0.socket.forgetsWhatItReads()
            start.wait()
            _ = try $0.socket.readExactly(48 << 10)
            hasRoom.signal()
            let rest = try $0.socket.readExactly((12 << 20) - (48 << 10) + 6)
            guard rest.suffix(6) == Array("behind".utf8)[...] else {
                throw WireSocket.Failure(description: "the last piece overtook what was left of the first")
            }
            _ = $0.socket.waitForEnd()
        }
        let client = try Client(upstream)
        let writes = try client.run { parts in
            parts.connection.write(ByteBuffer(repeating: 7, count: 12 << 20))
            parts.connection.flush()
            // The socket takes octets again, and the channel cannot know of it before this returns to the loop.
            start.signal()
            #expect(hasRoom.wait(timeout: .now() + 20) == .success)
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
        #expect(upstream.failures == [])
    }

    @Test func theDescriptorOfAClosedChannelIsLeftAlone() throws {
        let upstream = try ScriptedUpstream { _ = $0.socket.waitForEnd() }
        var strays: Int?
        // Another thread of the tests may take the descriptor first.
        for _ in 0..<50 where strays == nil {
            strays = try Client(upstream).run { parts -> Int? in
                var pair: [CInt] = [0, 0]
                #expect(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
                parts.send("known")
                parts.connection.write(ByteBuffer(string: "stray"))
                parts.connection.abandon()
                let copy = fcntl(pair[0], F_DUPFD_CLOEXEC, parts.descriptor)
                defer { for end in pair + [copy] { close(end) } }
                guard copy == parts.descriptor else { return nil }
                parts.send("stray")
                var octets = [UInt8](repeating: 0, count: 16)
                return max(0, recv(pair[1], &octets, 16, CInt(MSG_DONTWAIT)))
            }
        }
        #expect(strays == 0)
    }

    /// TCP_INFO is believed behind the peer's FIN alone: where the way back was lost, the peer may have had it all.
    @Test(arguments: [nil, ETIMEDOUT, EHOSTUNREACH, ECONNRESET])
    func whatAClosedPeerHasNotAcknowledgedItHasNotTaken(_ errorNumber: CInt?) throws {
        let mayClose = DispatchSemaphore(value: 0)
        let upstream = try ScriptedUpstream {
            _ = try $0.socket.readExactly(3)
            try $0.socket.write("HTTP/1.1 204 No Content\r\n\r\n")
            mayClose.wait()
        }
        let client = try Client(upstream)
        try client.run { parts in
            parts.connection.lease(to: parts.exchange, answersHEAD: false, acceptsTunnel: false)
            parts.send("one")
        }
        #expect(try eventually { try client.run { $0.exchange.finished == 1 } })
        try client.run { parts in
            let resolver = NameResolver(threads: 1) { _ in [] }
            resolver.shutdown()
            let dialer = try Dialer(
                route: RouteSettings(name: "r", target: try UpstreamURL("http://127.0.0.1:9")), resolver: resolver,
                limits: HeadParser.Limits(), inProcessPeer: nil)
            parts.connection.rest(in: ConnectionPool(dialer: dialer, loop: parts.channel.eventLoop))
            mayClose.signal()
            // On the loop, so that it cannot read the end first.
            var waiting = pollfd(fd: parts.descriptor, events: Int16(POLLIN), revents: 0)
            #expect(poll(&waiting, 1, 20_000) == 1)
            #expect(!parts.connection.isQuiet(now: 100_000_000))
            parts.connection.lease(to: parts.exchange, answersHEAD: false, acceptsTunnel: false)
            parts.send("two")
            if let errorNumber {
                parts.channel.pipeline.fireErrorCaught(IOError(errnoCode: errorNumber, reason: "test"))
            }
        }
        #expect(try eventually { try client.run { !$0.exchange.faults.isEmpty } })
        #expect(try client.run { $0.connection.hasAcknowledgedNothing } == (errorNumber == nil))
    }

    /// An answer that ends with its connection is whole only if that ended in good order; the kernel tells of a reset
    /// once, here to a write.
    @Test(arguments: [false, true], [false, true])
    func aResetThatAWriteMeetsIsNoEndOfAnAnswer(_ channelIsInUse: Bool, _ sharesSocket: Bool) throws {
        let upstream = try ScriptedUpstream {
            _ = try $0.socket.readExactly(3)
            try $0.socket.write("HTTP/1.1 200 OK\r\n\r\nsome")
            _ = try $0.socket.readExactly(2)
            $0.socket.reset()
        }
        let client = try Client(upstream, sharesSocket: sharesSocket)
        try client.run { parts in
            parts.connection.lease(to: parts.exchange, answersHEAD: false, acceptsTunnel: false)
            parts.send("one")
        }
        #expect(try eventually { try client.run { $0.exchange.hasHead } })
        try client.run { parts in
            parts.send("go")
            var waiting = pollfd(fd: parts.descriptor, events: 0, revents: 0)
            // On the loop, so that it cannot read the reset first.
            #expect(poll(&waiting, 1, 20_000) == 1)
            if channelIsInUse { parts.connection.write(ByteBuffer(string: "two pieces, ")) }
            parts.send("late")
        }
        #expect(try eventually { try client.run { !$0.exchange.faults.isEmpty || $0.exchange.finished > 0 } })
        let (finished, faults) = try client.run { ($0.exchange.finished, $0.exchange.faults.map(\.code)) }
        #expect(finished == 0)
        #expect(faults == [.closed])
    }
}

import HTTP1
import NIOCore
import NIOEmbedded
import Testing
import WeirConfiguration

@testable import Upstream

/// The pool of one loop, on embedded channels and an injected clock.
@Suite struct ConnectionPoolTests {
    /// Notes what a connection tells it.
    private final class Exchange: UpstreamExchange {
        var statuses: [Int] = []
        var body: [UInt8] = []
        var finished = 0
        var faults: [UpstreamFault] = []
        var onFinish: (UpstreamConnection) -> Void = { _ in }

        func upstream(_ connection: UpstreamConnection, interim head: ResponseHead, end: Int) {
            statuses.append(head.status)
        }
        func upstream(_ connection: UpstreamConnection, head: ResponseHead, end: Int) { statuses.append(head.status) }
        func upstream(_ connection: UpstreamConnection, payload run: ByteBuffer, range: Range<Int>) {
            body += Array(run.readableBytesView)[range]
        }
        func upstream(_ connection: UpstreamConnection, forward piece: ByteBuffer) {}
        func upstreamFinished(_ connection: UpstreamConnection) {
            finished += 1
            onFinish(connection)
        }
        func upstreamWillRead(_ connection: UpstreamConnection) {}
        func upstreamReadComplete(_ connection: UpstreamConnection) {}
        func upstream(_ connection: UpstreamConnection, isWritable: Bool) {}
        func upstream(_ connection: UpstreamConnection, failed fault: UpstreamFault) { faults.append(fault) }
    }

    private struct Peer {
        let channel: EmbeddedChannel
        let connection: UpstreamConnection

        func send(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
    }

    private let loop = EmbeddedEventLoop()

    private func pool(limit: Int = 256, idleLifetime: UInt64 = 1000) throws -> ConnectionPool {
        let route = RouteSettings(name: "r", target: try UpstreamURL("http://127.0.0.1:9"))
        let resolver = NameResolver(threads: 1) { _ in [] }
        resolver.shutdown()
        let dialer = try Dialer(route: route, resolver: resolver, limits: HeadParser.Limits(), inProcessPeer: nil)
        return ConnectionPool(dialer: dialer, loop: loop, limit: limit, idleLifetime: idleLifetime)
    }

    private func peer() throws -> Peer {
        let connection = UpstreamConnection(limits: HeadParser.Limits(), sharesSocket: false)
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9)).wait()
        return Peer(channel: channel, connection: connection)
    }

    /// Carries one exchange whose answer is `answer`, and gives the connection back.
    @discardableResult
    private func exchange(
        _ peer: Peer, _ answer: String, into pool: ConnectionPool, now: UInt64 = 0, answersHEAD: Bool = false
    ) throws -> Exchange {
        let exchange = Exchange()
        exchange.onFinish = { pool.giveBack($0, now: now) }
        peer.connection.lease(to: exchange, answersHEAD: answersHEAD, acceptsTunnel: false)
        try peer.send(answer)
        return exchange
    }

    private static let clean = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test func theLatestIsLeasedFirst() throws {
        let pool = try pool()
        #expect(pool.lease(now: 0) == nil)
        let peers = try (0..<3).map { _ in try peer() }
        for (index, peer) in peers.enumerated() { try exchange(peer, Self.clean, into: pool, now: UInt64(index)) }
        #expect(pool.count == 3)
        for peer in peers.reversed() { #expect(pool.lease(now: 0) === peer.connection) }
        #expect(pool.lease(now: 0) == nil && pool.count == 0)
    }

    @Test func aConnectionCarriesExchangeAfterExchange() throws {
        let pool = try pool()
        let peer = try peer()
        #expect(!peer.connection.isReused)
        for round in 0..<5 {
            let exchange = try exchange(peer, Self.clean, into: pool)
            #expect(exchange.statuses == [200] && exchange.body == Array("ok".utf8) && exchange.finished == 1)
            #expect(pool.lease(now: 0) === peer.connection, "round \(round)")
            #expect(peer.connection.isReused)
        }
    }

    /// Answers after which a connection may rest, and those after which it may not.
    @Test(arguments: [
        (clean, true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", true),
        ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", true),
        ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false),
        ("HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 2\r\n\r\nok", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokx", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", false),
        ("HTTP/1.1 204 No Content\r\n\r\nbody", false),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", false),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody", false),
    ])
    func onlyACleanConnectionRests(_ answer: String, rests: Bool) throws {
        let pool = try pool()
        let peer = try peer()
        let exchange = try exchange(peer, answer, into: pool)
        #expect(exchange.finished == 1 && exchange.faults.isEmpty)
        #expect(pool.count == (rests ? 1 : 0))
        #expect(peer.channel.isActive == rests)
    }

    @Test func anAnswerToHEADHasNoBody() throws {
        let pool = try pool()
        let peer = try peer()
        let exchange = try exchange(
            peer, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", into: pool, answersHEAD: true)
        #expect(exchange.finished == 1 && pool.count == 1)
    }

    @Test func anAnswerUntilTheCloseEndsTheConnection() throws {
        let pool = try pool()
        let peer = try peer()
        let exchange = try exchange(peer, "HTTP/1.1 200 OK\r\n\r\nok", into: pool)
        #expect(exchange.finished == 0)
        peer.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(exchange.finished == 1 && exchange.body == Array("ok".utf8) && exchange.faults.isEmpty)
        #expect(pool.count == 0 && !peer.channel.isActive)
    }

    @Test func octetsOnARestingConnectionCloseIt() throws {
        let pool = try pool()
        let (one, other) = (try peer(), try peer())
        try exchange(one, Self.clean, into: pool)
        try exchange(other, Self.clean, into: pool)
        try other.send(Self.clean)
        #expect(!other.channel.isActive && pool.count == 1)
        #expect(pool.lease(now: 0) === one.connection)
    }

    @Test func aRestingConnectionThatThePeerClosesIsForgotten() throws {
        let pool = try pool()
        let (one, other) = (try peer(), try peer())
        try exchange(one, Self.clean, into: pool)
        try exchange(other, Self.clean, into: pool)
        other.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!other.channel.isActive && pool.count == 1)
        try one.channel.close().wait()
        #expect(pool.count == 0 && pool.lease(now: 0) == nil)
    }

    @Test func whatHasRestedTooLongIsClosed() throws {
        let pool = try pool(idleLifetime: 1000)
        let peers = try (0..<3).map { _ in try peer() }
        for (index, peer) in peers.enumerated() { try exchange(peer, Self.clean, into: pool, now: UInt64(index) * 100) }
        pool.evict(now: 999)
        #expect(pool.count == 3)
        pool.evict(now: 1100)
        #expect(peers.map(\.channel.isActive) == [false, false, true] && pool.count == 1)
        // What is in use is not at rest.
        #expect(pool.lease(now: 0) === peers[2].connection)
        pool.evict(now: 5000)
        #expect(peers[2].channel.isActive)
    }

    @Test func noMoreRestThanTheLimit() throws {
        let pool = try pool(limit: 2)
        let peers = try (0..<3).map { _ in try peer() }
        for peer in peers { try exchange(peer, Self.clean, into: pool) }
        #expect(pool.count == 2 && peers.map(\.channel.isActive) == [true, true, false])
    }

    @Test func allCanBeClosed() throws {
        let pool = try pool()
        let peers = try (0..<3).map { _ in try peer() }
        for peer in peers { try exchange(peer, Self.clean, into: pool) }
        pool.closeAll()
        #expect(pool.count == 0 && peers.allSatisfy { !$0.channel.isActive })
    }

    /// A slow client stops the reading; the next exchange must not inherit that.
    @Test func aRestingConnectionReads() throws {
        let pool = try pool()
        let peer = try peer()
        let exchange = Exchange()
        exchange.onFinish = { connection in
            connection.setReading(false)
            pool.giveBack(connection, now: 0)
        }
        peer.connection.lease(to: exchange, answersHEAD: false, acceptsTunnel: false)
        try peer.send(Self.clean)
        #expect(pool.count == 1)
        #expect(try peer.channel.syncOptions?.getOption(.autoRead) == true)
    }

    @Test(arguments: [
        ("garbage that is no answer\r\n\r\n", UpstreamFault.Code.notHTTP),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", .notHTTP),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .notHTTP),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .notHTTP),
        ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", .headTooLarge),
    ])
    func afterAFaultTheConnectionIsClosed(_ answer: String, _ code: UpstreamFault.Code) throws {
        let pool = try pool()
        let peer = try peer()
        let exchange = try exchange(peer, answer, into: pool)
        #expect(exchange.faults.map(\.code) == [code])
        #expect(exchange.finished == 0 && pool.count == 0 && !peer.channel.isActive)
    }
}

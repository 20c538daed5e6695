import HTTP1
import NIOCore
import NIOEmbedded
import ProxyHandshake
import Testing
import WeirConfiguration

@testable import Upstream

@Suite struct ProxyHandshakeHandlerTests {
    /// Keeps what reaches the other side of the handler.
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var octets = ""

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            octets += String(buffer: unwrapInboundIn(data))
        }
    }

    private let reader = Reader()

    private func channel(refusesEarlyOctets: Bool = false) throws -> (EmbeddedChannel, EventLoopFuture<Void>) {
        let channel = EmbeddedChannel(handler: reader)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 9)).wait()
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let machine = try OutboundProxy(scheme: .http, host: "proxy.test", port: 1).machine(host: "a.test", port: 2)
        try channel.pipeline.syncOperations.addHandler(
            ProxyHandshakeHandler(machine, promise, refusesEarlyOctets: refusesEarlyOctets), position: .first)
        return (channel, promise.futureResult)
    }

    @Test func whatComesBehindTheAnswerIsHandedOn() throws {
        let (channel, done) = try channel()
        let opening = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: opening) == "CONNECT a.test:2 HTTP/1.1\r\nHost: a.test:2\r\n\r\n")
        try channel.writeInbound(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r"))
        try channel.writeInbound(ByteBuffer(string: "\nfirst words"))
        try done.wait()
        #expect(reader.octets == "", "it waits for who reads it")
        ProxyHandshakeHandler.remove(from: channel)
        try channel.writeInbound(ByteBuffer(string: ", more"))
        #expect(reader.octets == "first words, more")
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    }

    @Test func earlyOctetsOfAPlainUpstreamAreRefused() throws {
        let (channel, done) = try channel(refusesEarlyOctets: true)
        try channel.writeInbound(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"))
        #expect(throws: EarlyOctets.self) { try done.wait() }
        ProxyHandshakeHandler.remove(from: channel)
        #expect(reader.octets == "")
    }

    @Test func anEndBeforeTheAnswerIsAFault() throws {
        for event in ["half", "whole"] {
            let (channel, done) = try channel()
            try channel.writeInbound(ByteBuffer(string: "HTTP/1.1 200 OK\r\n"))
            if event == "half" {
                channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            } else {
                try channel.close().wait()
            }
            #expect(throws: ProxyFault.closed) { try done.wait() }
        }
    }
}

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import Mock

/// How exchanges with a server ended, in order.
final class Ends: Sendable {
    private let list = Mutex<[MockExchange]>([])

    func add(_ exchange: MockExchange) { self.list.withLock { $0.append(exchange) } }

    var all: [MockExchange] { self.list.withLock { $0 } }

    var count: Int { self.list.withLock { $0.count } }

    /// The first end, waited for.
    func first(sourceLocation: SourceLocation = #_sourceLocation) async throws -> MockExchange {
        for _ in 0..<4_000 {
            if let first = self.all.first { return first }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("no exchange ended in time", sourceLocation: sourceLocation)
        return MockExchange(status: 0, events: -1, outcome: .completed)
    }
}

/// Runs a server for the time of a test.
func withMock(
    _ change: (inout MockSettings) -> Void = { _ in },
    _ body: (SocketAddress, Ends) async throws -> Void
) async throws {
    let ends = Ends()
    var settings = MockSettings()
    settings.onEnd = { ends.add($0) }
    change(&settings)
    let server = try await MockServer.start(
        host: "127.0.0.1", port: 0, settings: settings, group: .singletonMultiThreadedEventLoopGroup)
    do {
        try await body(server.localAddress, ends)
    } catch {
        await server.close()
        throw error
    }
    await server.close()
}

let streamed = chat("Hello there", #","stream":true"#)

@Suite struct WireTests {
    @Test func answersOneAfterAnotherOnAConnection() async throws {
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.send("GET", "/v1/models")
            let models = try await client.wait { text, _ in WireAnswer(text) != nil }
            #expect(WireAnswer(models.text)?.status == "HTTP/1.1 200 OK")

            try await client.send("POST", "/v1/chat/completions", chat())
            let plain = try await client.wait { text, _ in WireAnswer(String(text.dropFirst(models.text.count))) != nil
            }
            let answer = try #require(WireAnswer(String(plain.text.dropFirst(models.text.count))))
            #expect(answer.body == script(.POST, "/v1/chat/completions", chat()).bodyText)

            try await client.send("POST", "/v1/chat/completions", streamed)
            let all = try await client.wait { text, _ in text.hasSuffix("0\r\n\r\n") }
            let stream = try #require(WireAnswer(String(all.text.dropFirst(plain.text.count))))
            #expect(stream.fields.contains("content-type: text/event-stream; charset=utf-8"))
            #expect(stream.body == script(.POST, "/v1/chat/completions", streamed).bodyText)
            #expect(all.end == .open)
            #expect(ends.all.map(\.outcome) == [.completed, .completed, .completed])
        }
    }

    @Test func writesEveryEventAsAChunkOfItsOwn() async throws {
        try await withMock { address, _ in
            let client = try await RawClient.connect(to: address)
            try await client.send("POST", "/v1/chat/completions", streamed)
            let text = try await client.wait { text, _ in text.hasSuffix("0\r\n\r\n") }.text
            let chunkStarts = text.split(separator: "\r\n").filter { Int($0, radix: 16) != nil }.count
            #expect(chunkStarts == eventData(WireAnswer(text)?.body ?? "").count + 1)
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await withMock { address, _ in
            let client = try await RawClient.connect(to: address)
            var requests = ""
            for (index, body) in [chat("first"), chat("second", #","stream":true"#), chat("third")].enumerated() {
                requests += "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\nx-mock-delay: \(20 - index * 10)\r\n"
                requests += "content-length: \(body.utf8.count)\r\n\r\n\(body)"
            }
            try await client.write(requests)
            let text = try await client.wait { text, _ in text.contains("said: third") }.text
            let first = try #require(text.firstRange(of: "said: first"))
            let second = try #require(text.firstRange(of: #"" second""#))
            let third = try #require(text.firstRange(of: "said: third"))
            #expect(first.upperBound < second.lowerBound && second.upperBound < third.lowerBound)
        }
    }

    @Test func survivesManyPipelinedRequests() async throws {
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.write(String(repeating: "GET /none HTTP/1.1\r\nhost: m\r\n\r\n", count: 5_000))
            var waits = 0
            while ends.count < 5_000, waits < 4_000 {
                try await Task.sleep(for: .milliseconds(5))
                waits += 1
            }
            #expect(ends.count == 5_000)
        }
    }

    @Test func closesWhenAskedTo() async throws {
        try await withMock { address, _ in
            let close = try await RawClient.connect(to: address)
            try await close.send("GET", "/models", fields: ["connection: close"])
            #expect(try await close.wait { $1 != .open }.text.contains("connection: close"))
            let old = try await RawClient.connect(to: address)
            try await old.write(
                "POST /chat/completions HTTP/1.0\r\ncontent-length: \(streamed.utf8.count)\r\n\r\n\(streamed)")
            let received = try await old.wait { $1 != .open }
            #expect(received.end == .closed)
            #expect(received.text.hasSuffix("data: [DONE]\n\n") || received.text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func answersHeadAlone() async throws {
        try await withMock { address, _ in
            let client = try await RawClient.connect(to: address)
            try await client.send("HEAD", "/v1/models")
            let text = try await client.wait { text, _ in text.hasSuffix("\r\n\r\n") }.text
            #expect(text.contains("content-length: \(script(.GET, "/models").bodyText.utf8.count)\r\n"))
            try await client.send("GET", "/v1/models/none")
            let next = try await client.wait { $0.contains("model_not_found") && $1 == .open }.text
            #expect(next.dropFirst(text.count).hasPrefix("HTTP/1.1 404"))
        }
    }

    @Test func sendsContinueWhenItIsExpected() async throws {
        try await withMock { address, _ in
            let client = try await RawClient.connect(to: address)
            let body = chat()
            try await client.write(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\nexpect: 100-continue\r\n"
                    + "content-length: \(body.utf8.count)\r\n\r\n")
            let go = try await client.wait { text, _ in text.hasSuffix("\r\n\r\n") }.text
            #expect(go == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.write(body)
            try await client.wait { text, _ in text.contains("said: Hello there") }
        }
    }

    @Test func refusesALongBodyBeforeItsEnd() async throws {
        try await withMock({ $0.maxBody = 1_000 }) { address, _ in
            let client = try await RawClient.connect(to: address)
            try await client.write(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: mock\r\ncontent-length: 100000\r\n\r\n"
                    + String(repeating: "x", count: 1_001))
            let text = try await client.wait { $1 != .open }.text
            let answer = try #require(WireAnswer(text))
            #expect(answer.status.hasPrefix("HTTP/1.1 413"))
            #expect(try decode(ErrorAnswer.self, answer.body).error.message.contains("1000 bytes"))
            let exact = try await RawClient.connect(to: address)
            try await exact.send("POST", "/v1/chat/completions", chat(String(repeating: "x", count: 900)))
            #expect(try await exact.wait { text, _ in WireAnswer(text) != nil }.text.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func refusesWhatIsNoHTTP() async throws {
        try await withMock { address, _ in
            let client = try await RawClient.connect(to: address)
            try await client.write("What is this?\r\n\r\n")
            #expect(try await client.wait { $1 != .open }.text.hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func keepsThePace() async throws {
        try await withMock({ $0.tokensPerSecond = 0.05 }) { address, _ in
            let client = try await RawClient.connect(to: address)
            let start = ContinuousClock.now
            try await client.send(
                "POST", "/v1/chat/completions", streamed,
                fields: ["x-mock-tokens: 21", "x-mock-tokens-per-second: 50", "x-mock-delay: 100"])
            try await client.wait { text, _ in text.hasSuffix("0\r\n\r\n") }
            let took = ContinuousClock.now - start
            // A tenth of a second, and twenty steps of 20 ms: never less, and not minutes.
            #expect(took >= .milliseconds(500))
            #expect(took < .seconds(60))
        }
    }

    @Test func answersAClientThatClosedItsSide() async throws {
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.channel.setOption(.allowRemoteHalfClosure, value: true).get()
            try await client.send(
                "POST", "/v1/chat/completions", streamed,
                fields: ["x-mock-delay: 100", "x-mock-tokens-per-second: 100"])
            try await client.channel.close(mode: .output)
            try await client.wait { text, _ in text.hasSuffix("0\r\n\r\n") }
            #expect(try await ends.first().outcome == .completed)
        }
    }

    @Test func servesASocketPair() async throws {
        var pair: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        let provider = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try MockProvider.configure(channel, settings: MockSettings())
                }
            }
            .withConnectedSocket(pair[0]).get()
        let client = try await RawClient.adopt(pair[1])
        try await client.send("POST", "/v1/chat/completions", streamed)
        let answer = try await client.wait { text, _ in text.hasSuffix("0\r\n\r\n") }
        #expect(WireAnswer(answer.text)?.body == script(.POST, "/v1/chat/completions", streamed).bodyText)
        try await client.send("POST", "/v1/chat/completions", streamed, fields: ["x-mock-fault: reset"])
        try await client.wait { $1 != .open }
        try await provider.closeFuture.get()
    }
}

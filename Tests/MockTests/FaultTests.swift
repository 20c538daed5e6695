import NIOCore
import NIOHTTP1
import Testing

@testable import Mock

/// Faults, clients that go away and clients that read slowly, over real sockets.
@Suite struct FaultTests {
    private func play(
        _ fault: String, body: String = streamed, _ fields: [String] = [],
        until isEnough: (String, RawClient.End) -> Bool
    ) async throws -> (text: String, end: RawClient.End, exchange: MockExchange) {
        var result: (String, RawClient.End, MockExchange)?
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.send("POST", "/v1/chat/completions", body, fields: ["x-mock-fault: \(fault)"] + fields)
            let received = try await client.wait(for: isEnough)
            let exchange = try await ends.first()
            // What must not come has a moment to come.
            try await Task.sleep(for: .milliseconds(50))
            let later = client.received
            #expect(later.text == received.text)
            result = (received.text, later.end, exchange)
        }
        return try #require(result)
    }

    private func events(_ text: String) -> Int { text.split(separator: "data: ").count - 1 }

    @Test func stalls() async throws {
        let played = try await self.play("stall", ["x-mock-fault-after: 4"]) { text, _ in self.events(text) == 4 }
        #expect(played.end == .open)
        #expect(played.exchange == MockExchange(status: 200, events: 4, outcome: .faulted))
    }

    @Test func stallsBeforeTheHead() async throws {
        let played = try await self.play("stall-before-head") { _, _ in true }
        #expect(played.text.isEmpty)
        #expect(played.end == .open)
        #expect(played.exchange.outcome == .faulted)
    }

    @Test func closesBeforeTheHead() async throws {
        let played = try await self.play("close-before-head") { $1 != .open }
        #expect(played.text.isEmpty)
        #expect(played.end == .closed)
    }

    @Test func cuts() async throws {
        let played = try await self.play("cut") { $1 != .open }
        #expect(self.events(played.text) == 3)
        #expect(played.end == .closed)
        #expect(!played.text.hasSuffix("0\r\n\r\n"))
    }

    @Test func cutsAtTheVeryEnd() async throws {
        let played = try await self.play("cut", ["x-mock-fault-after: 1000"]) { $1 != .open }
        #expect(played.text.hasSuffix("data: [DONE]\n\n\r\n"))
    }

    @Test func resets() async throws {
        let played = try await self.play("reset", ["x-mock-fault-after: 2"]) { $1 != .open }
        #expect(played.end == .reset)
        #expect(self.events(played.text) == 2)
    }

    @Test func cutsAPlainAnswer() async throws {
        let whole = script(.POST, "/v1/chat/completions", chat()).bodyText
        let played = try await self.play("cut", body: chat()) { $1 != .open }
        #expect(played.text.contains("content-length: \(whole.utf8.count)\r\n"))
        #expect(played.text.hasSuffix("\r\n\r\n" + whole.prefix(whole.utf8.count / 2)))
        let head = try await self.play("cut", body: chat(), ["x-mock-fault-after: 0"]) { $1 != .open }
        #expect(head.text.hasPrefix("HTTP/1.1 200") && head.text.hasSuffix("\r\n\r\n"))
    }

    @Test func sendsAnErrorInTheStream() async throws {
        let played = try await self.play("error-event", ["x-mock-fault-after: 2"]) { text, _ in
            text.hasSuffix("0\r\n\r\n")
        }
        let data = eventData(try #require(WireAnswer(played.text)).body)
        #expect(data.count == 3)
        #expect(try decode(ErrorAnswer.self, data[2]).error.type == "server_error")
        #expect(!played.text.contains("[DONE]"))
        #expect(played.end == .open)
    }

    @Test func sendsABadChunk() async throws {
        let played = try await self.play("bad-chunk") { text, _ in text.hasSuffix("no chunk size\r\n") }
        #expect(self.events(played.text) == 3)
        #expect(played.end == .open)
    }

    @Test func stopsAStallWhenTheClientGoes() async throws {
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.channel.setOption(.allowRemoteHalfClosure, value: true).get()
            try await client.send("POST", "/v1/chat/completions", streamed, fields: ["x-mock-fault: stall"])
            _ = try await ends.first()
            try await client.channel.close(mode: .output)
            // The mock lets go, although the connection could still be written to.
            try await client.wait { $1 != .open }
        }
    }

    @Test func boundsAStall() async throws {
        let short: (inout MockSettings) -> Void = {
            $0.stallLimit = .seconds(5)
            $0.idleLimit = .seconds(5)
        }
        try await withMock(short) { address, _ in
            let stalled = try await RawClient.connect(to: address)
            try await stalled.send("POST", "/v1/chat/completions", streamed, fields: ["x-mock-fault: stall"])
            let idle = try await RawClient.connect(to: address)
            let half = try await RawClient.connect(to: address)
            try await half.write("POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 10\r\n\r\n12345")
            for client in [stalled, idle, half] { try await client.wait { $1 != .open } }
        }
    }

    // MARK: Clients

    @Test(arguments: [true, false])
    func stopsWhenAPacedClientGoes(toleratesHalfClose: Bool) async throws {
        try await withMock({ $0.toleratesHalfClose = toleratesHalfClose }) { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.send(
                "POST", "/v1/chat/completions", streamed,
                fields: ["x-mock-tokens: 100000", "x-mock-tokens-per-second: 100"])
            try await client.wait { text, _ in text.contains("data: ") }
            try await client.channel.close()
            let exchange = try await ends.first()
            #expect(exchange.outcome == .abandoned)
            #expect(exchange.events < 50_000)
        }
    }

    @Test func stopsWhenAClientGoesDuringTheDelay() async throws {
        try await withMock({ $0.toleratesHalfClose = false }) { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.send("POST", "/v1/chat/completions", streamed, fields: ["x-mock-delay: 600000"])
            try await client.channel.close()
            #expect(try await ends.first() == MockExchange(status: 200, events: 0, outcome: .abandoned))
        }
    }

    @Test func makesNoMoreThanASlowClientReads() async throws {
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.send("POST", "/v1/chat/completions", streamed, fields: ["x-mock-tokens: 1000000"])
            try await Task.sleep(for: .milliseconds(300))
            #expect(ends.all.isEmpty)
            try await client.channel.close()
            let exchange = try await ends.first()
            #expect(exchange.outcome == .abandoned)
            // 1,000,000 events are some 250 MB; socket buffers hold a few.
            #expect((1..<200_000).contains(exchange.events), "\(exchange.events)")
        }
    }

    @Test func goesOnWhenASlowClientReadsAgain() async throws {
        try await withMock { address, ends in
            let client = try await RawClient.connect(to: address)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.send("POST", "/v1/chat/completions", streamed, fields: ["x-mock-tokens: 40000"])
            try await Task.sleep(for: .milliseconds(200))
            try await client.channel.setOption(.autoRead, value: true).get()
            let exchange = try await ends.first()
            #expect(exchange == MockExchange(status: 200, events: 40_003, outcome: .completed))
            let expected = script(
                .POST, "/v1/chat/completions", streamed, fields: ["x-mock-tokens": "40000"]
            ).bodyText
            var last = -1
            while client.count != last {
                last = client.count
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(WireAnswer(client.received.text)?.body == expected)
        }
    }
}

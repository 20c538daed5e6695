import NIOCore
import Testing

@testable import stream_peer

@Suite struct StreamPeerTests {
    private static func answer(events: ClosedRange<Int>, then end: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBuffer(string: "HTTP/1.1 200 OK\r\nX-A: b\r\ntransfer-ENCODING: chunked\r\n\r\n")
        for sequence in events {
            bytes.writeImmutableBuffer(
                Event.framed(template: Event.framedTemplate, stream: 3, sequence: sequence, sent: 1_234_567_890_123))
        }
        bytes.writeImmutableBuffer(end)
        return bytes
    }

    private static func follow(_ pieces: [ByteBuffer], events: Int) throws -> (check: StreamCheck, hasEnded: Bool) {
        var parser = AnswerParser()
        var check = StreamCheck(stream: 3, events: events)
        var input = ByteBuffer()
        var hasEnded = false
        for piece in pieces {
            input.setOrWriteBuffer(piece)
            while let part = try parser.next(from: &input) {
                switch part {
                case .head(let status): #expect(status == 200)
                case .body(let body): try check.consume(body) { #expect($0 == 1_234_567_890_123) }
                case .end: hasEnded = true
                }
            }
        }
        return (check, hasEnded)
    }

    @Test func aStreamIsReadAlikeAtEverySplit() throws {
        let whole = Self.answer(events: 0...2, then: Event.framedDone)
        for split in 0...whole.readableBytes {
            var rest = whole
            let slice = rest.readSlice(length: split)
            let first = try #require(slice)
            let (check, hasEnded) = try Self.follow([first, rest], events: 3)
            #expect(hasEnded && check.arrived == 3 && check.lost == 0 && check.finish() == nil)
        }
    }

    @Test func whatIsMissingIsCounted() throws {
        let (check, _) = try Self.follow([Self.answer(events: 4...5, then: Event.framedDone)], events: 6)
        #expect(check.lost == 4)
        #expect(check.arrived == 2)
        #expect(check.finish() != nil)
    }

    @Test func aStreamWithoutDoneIsNotWhole() throws {
        let end = ByteBuffer(string: "0\r\n\r\n")
        let (check, hasEnded) = try Self.follow([Self.answer(events: 0...1, then: end)], events: 2)
        #expect(hasEnded)
        #expect(check.finish() != nil)
    }

    @Test func aChangedByteIsFound() throws {
        let whole = Self.answer(events: 0...0, then: Event.framedDone)
        for offset in [100, whole.readableBytes - 12] {
            var changed = whole
            let byte: UInt8 = try #require(changed.getInteger(at: offset))
            changed.setInteger(byte ^ 1, at: offset)
            #expect(throws: PeerError.self) { try Self.follow([changed], events: 1) }
        }
    }

    @Test func anEventOfAnotherStreamIsRefused() throws {
        let event = Event.framed(template: Event.framedTemplate, stream: 4, sequence: 0, sent: 0)
        var check = StreamCheck(stream: 3, events: 1)
        let body = try #require(event.getSlice(at: 4, length: Event.length))
        #expect(throws: PeerError.self) { try check.consume(body) { _ in } }
    }

    @Test func anAnswerOfKnownLengthIsCompared() throws {
        var parser = AnswerParser()
        var input = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1 204")
        var parts: [AnswerParser.Output] = []
        while let part = try parser.next(from: &input) { parts.append(part) }
        #expect(parts == [.head(status: 200), .body(ByteBuffer(string: "body")), .end])
        var same = AnswerCheck(.exactly(ByteBuffer(string: "body")))
        try same.consume(ByteBuffer(string: "bo"))
        #expect(throws: PeerError.self) { try same.finish() }
        #expect(throws: PeerError.self) { try same.consume(ByteBuffer(string: "dx")) }
    }

    @Test func quantilesAreWithinABucketOfTheTruth() {
        var histogram = Histogram()
        #expect(histogram.quantile(0.5) == 0)
        for value in UInt64(1)...100_000 { histogram.record(value) }
        for fraction in [0.01, 0.5, 0.99, 1] {
            let truth = 100_000 * fraction
            #expect(abs(Double(histogram.quantile(fraction)) - truth) <= truth / 128 + 1)
        }
        histogram.record(.max)
        #expect(histogram.quantile(1) == .max)
    }

    @Test func aRequestNamesItsStream() throws {
        var input = ByteBuffer(
            string: "POST /v1/x?stream=7&events=9 HTTP/1.1\r\nHost: a\r\ncontent-length: 12\r\n\r\nrest")
        let head = try RequestHead.read(from: &input)
        #expect(head == RequestHead(bodyLength: 12, stream: 7, events: 9))
        #expect(input.readableBytes == 4)
        var bare = ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n")
        #expect(throws: PeerError.self) { try RequestHead.read(from: &bare) }
    }

    @Test func aConversationGrowsToItsLastSize() {
        let conversation = Conversation(
            stream: 1, turns: 20, firstBytes: 20_000, lastBytes: 400_000, events: 3, path: "/v1/x", host: "h")
        let sizes = (0..<20).map { turn in
            conversation.request(turn: turn).dropFirst().map(\.readableBytes).reduce(0, +)
        }
        #expect(zip(sizes, sizes.dropFirst()).allSatisfy { $1 - $0 > 19_900 && $1 - $0 < 20_100 })
        #expect(abs(sizes[0] - 20_000) < 100)
        #expect(abs(sizes[19] - 400_000) < 100)
    }
}

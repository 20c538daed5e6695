import Crypto
import HTTP1
import NIOCore
import Testing

@testable import Recording

@Suite struct RoundTripTests {
    @Test func everyEventComesOutAsItWentIn() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let service = try startService(directory, sink: sink)
        let recorder = service.makeLoopRecorder(loop: 3)
        var (record, id) = try recorder.begin(
            "POST /v1/chat HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer sk-0123456789wxyz\r\nConnection: close\r\n\r\n",
            framing: .length(6))
        var edit = HeadEdit()
        edit.replace(HeadEdit.startLine) { $0.writeString("POST /chat HTTP/1.1\r\n") }
        edit.replace(0) { $0.writeString("Host: upstream\r\n") }
        edit.drop(2)
        edit.append { $0.writeString("x-one: 1\r\nX-Api-Key: abcdefghijklmnop\r\n") }
        recorder.attempt(
            &record, number: 1, upstream: Array("https://u:443".utf8), reused: true, edit: edit, at: 1_010)
        recorder.attemptFailed(&record, code: "upstream_unreachable", message: "refused", at: 1_020)
        recorder.attempt(
            &record, number: 2, upstream: Array("https://u:443".utf8), reused: false, edit: HeadEdit(), at: 1_030)
        let body = ByteBuffer(string: "-abcdef-")
        recorder.requestBody(&record, body, range: 1..<3, at: 1_040)
        recorder.requestBody(&record, body, range: 3..<7, at: 1_050)
        let interim = try ParsedHead("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n", .response)
        recorder.interimHead(&record, head: interim.buffer, end: interim.end, parser: interim.parser, at: 1_060)
        let answer = try ParsedHead(
            "HTTP/1.1 200 Fine  \r\nSet-Cookie: a=secret; Path=/\r\nServer: s\r\n\r\n", .response)
        var delivered = HeadEdit()
        delivered.drop(1)
        delivered.append { $0.writeString("x-weir-request-id: R\r\n") }
        recorder.responseHead(
            &record, head: answer.buffer, end: answer.end, parser: answer.parser, edit: delivered,
            framing: .untilClose, at: 1_070)
        recorder.responseBody(&record, ByteBuffer(string: "12345"), range: 0..<5, at: 1_080)
        recorder.end(
            &record, outcome: .truncated, errorCode: "upstream_truncated", errorMessage: "it broke off",
            delivered: 4, at: 1_090)
        recorder.end(&record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 9, at: 1_091)
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))

        let exchange = try #require(sink.exchanges.first)
        #expect(sink.exchanges.count == 1)
        #expect(exchange.id == id)
        #expect(exchange.startedAt == 42)
        #expect(exchange.client == "127.0.0.1:50000")
        #expect(exchange.route == "default")
        #expect(
            String(decoding: exchange.requestHead, as: UTF8.self)
                == "POST /v1/chat HTTP/1.1\r\nHost: weir\r\nAuthorization: Bearer …wxyz\r\nConnection: close\r\n\r\n")
        let first = try #require(exchange.attempts.first)
        #expect(first.number == 1 && first.at == 10 && first.upstream == "https://u:443" && first.reusedConnection)
        #expect(
            first.requestHead.map { String(decoding: $0, as: UTF8.self) }
                == "POST /chat HTTP/1.1\r\nHost: upstream\r\nAuthorization: Bearer …wxyz\r\nx-one: 1\r\nX-Api-Key: …mnop\r\n\r\n"
        )
        #expect(first.failureCode == "upstream_unreachable" && first.failureMessage == "refused")
        #expect(exchange.attempts.count == 2)
        #expect(exchange.attempts[1].requestHead == exchange.requestHead && !exchange.attempts[1].reusedConnection)
        #expect(exchange.requestBody.bytes == Array("abcdef".utf8))
        #expect(exchange.requestBody.pieces == [.init(end: 2, at: 40), .init(end: 6, at: 50)])
        #expect(exchange.requestBody.total == 6 && !exchange.requestBody.isCut && !exchange.requestBody.isLost)
        #expect(exchange.interimHeads == [Array("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n".utf8)])
        #expect(
            exchange.responseHead.map { String(decoding: $0, as: UTF8.self) }
                == "HTTP/1.1 200 Fine  \r\nSet-Cookie: a=…; Path=/\r\nServer: s\r\n\r\n")
        #expect(
            exchange.deliveredHead.map { String(decoding: $0, as: UTF8.self) }
                == "HTTP/1.1 200 Fine  \r\nSet-Cookie: a=…; Path=/\r\nx-weir-request-id: R\r\n\r\n")
        #expect(exchange.responseBody.bytes == Array("12345".utf8))
        #expect(exchange.outcome == .truncated && exchange.deliveredBytes == 4)
        #expect(exchange.errorCode == "upstream_truncated" && exchange.errorMessage == "it broke off")
        #expect(exchange.firstByte == 70 && exchange.duration == 90)
        #expect(service.status.queued == 0 && service.status.state == .stopped)
    }

    /// Chunks of an octet each must not cost the journal and its reader many times what they carry.
    @Test func octetsThatWereReadTogetherAreOnePiece() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let service = try startService(directory, sink: sink)
        let recorder = service.makeLoopRecorder(loop: 0)
        var (record, _) = try recorder.begin("POST /1 HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
        var (other, _) = try recorder.begin("POST /2 HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
        let octets = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let run = ByteBuffer(bytes: octets)
        for place in octets.indices {
            recorder.requestBody(&record, run, range: place..<(place + 1), at: 2_000)
        }
        for place in 0..<10 {
            recorder.requestBody(&record, run, range: place..<(place + 1), at: 3_000 + UInt64(place / 5))
            recorder.requestBody(&other, run, range: place..<(place + 2), at: 3_000)
            recorder.responseBody(&other, run, range: place..<(place + 1), at: 3_000)
        }
        for exchange in 0..<2 {
            var ending = exchange == 0 ? record : other
            recorder.end(&ending, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 4_000)
        }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        let first = try #require(sink.exchanges.first { $0.number == 1 })
        let second = try #require(sink.exchanges.first { $0.number == 2 })
        #expect(first.requestBody.bytes == octets + octets[..<10])
        #expect(second.requestBody.bytes == (0..<10).flatMap { [octets[$0], octets[$0 + 1]] })
        #expect(second.responseBody.bytes == Array(octets[..<10]))
        #expect(first.requestBody.pieces.count < 30)
    }

    @Test func anOwnAnswerIsTheDeliveredOne() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let service = try startService(directory, sink: sink, mask: RecordMask(secrets: ["hidden-value"]))
        let recorder = service.makeLoopRecorder(loop: 0)
        var (record, _) = try recorder.begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        recorder.ownResponse(
            &record, head: ByteBuffer(string: "HTTP/1.1 502 Bad Gateway\r\nx-weir-error: e\r\n\r\n"),
            body: ByteBuffer(string: "the hidden-value failed"), at: 1_001)
        recorder.end(
            &record, outcome: .upstreamError, errorCode: "e", errorMessage: "see http://u:p@host/?key=k", delivered: 3,
            at: 1_002)
        recorder.close()
        service.shutdown(deadline: .seconds(10))
        let exchange = try #require(sink.exchanges.first)
        #expect(exchange.responseHead == nil && exchange.firstByte == 1)
        #expect(exchange.deliveredHead == Array("HTTP/1.1 502 Bad Gateway\r\nx-weir-error: e\r\n\r\n".utf8))
        #expect(String(decoding: exchange.responseBody.bytes, as: UTF8.self) == "the …alue failed")
        #expect(exchange.errorMessage == "see http://…@host/?key=…")
    }

    @Test(arguments: [BodyFraming.chunked, .length(100)])
    func aBodyOverTheLimitIsCutAndHashed(framing: BodyFraming) throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let service = try startService(directory, sink: sink, limits: RecordingLimits(maxBody: 10))
        let recorder = service.makeLoopRecorder(loop: 0)
        var (record, _) = try recorder.begin("POST / HTTP/1.1\r\nHost: a\r\n\r\n", framing: framing)
        let body = ByteBuffer(bytes: 0..<100)
        for start in stride(from: 0, to: 100, by: 4) {
            recorder.requestBody(&record, body, range: start..<(start + 4), at: 1_001)
        }
        recorder.end(&record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 1_002)
        recorder.close()
        service.shutdown(deadline: .seconds(10))
        let recorded = try #require(sink.exchanges.first).requestBody
        #expect(recorded.bytes == Array(0..<10) && recorded.isCut && recorded.total == 100)
        #expect(recorded.sha256 == Array(SHA256.hash(data: Array(0..<100 as Range<UInt8>))))
    }

    @Test func bodiesThatAreNotWantedAreCountedOnly() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let limits = RecordingLimits(recordRequestBodies: false, recordResponseBodies: true)
        let service = try startService(directory, sink: sink, limits: limits)
        let recorder = service.makeLoopRecorder(loop: 0)
        try recorder.exchange(1)
        recorder.close()
        service.shutdown(deadline: .seconds(10))
        let exchange = try #require(sink.exchanges.first)
        #expect(exchange.requestBody.bytes.isEmpty && exchange.requestBody.isCut && exchange.requestBody.total == 20)
        #expect(exchange.responseBody.bytes.count == 20 && !exchange.responseBody.isCut)
    }

    @Test func namesRiseWithinALoopWhateverTheWallClockDoes() {
        var ids = ExchangeIDGenerator(loop: 2, clock: ProcessClock(wall: 1_000_000_000, monotonic: 500))
        let times: [UInt64] = [500, 400, 500, 2_000_000, 1_000, 9_000_000]
        let made = times.map { ids.next(monotonic: $0) }
        #expect(made == made.sorted() && Set(made).count == made.count)
        #expect(made.map(\.text) == made.map(\.text).sorted())
        #expect(made[0].high == 1_000 << 16 | 2)
    }
}

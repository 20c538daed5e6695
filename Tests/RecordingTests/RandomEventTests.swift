import HTTP1
import NIOCore
import Testing

@testable import Recording

/// xorshift64*, so that a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

@Suite struct RandomEventTests {
    private struct Expectation {
        var record: ExchangeRecord
        var request: [UInt8] = []
        var response: [UInt8] = []
        var pieces = 0
        var attempts = 0
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func interleavedExchangesComeOutWhole(seed: UInt64) throws {
        var random = SeededGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let service = try startService(directory, sink: sink) {
            $0.segmentSize = 20_000
            $0.commitInterval = .milliseconds(1)
        }
        let recorders = [service.makeLoopRecorder(loop: 0), service.makeLoopRecorder(loop: 1)]
        let answer = try ParsedHead("HTTP/1.1 200 OK\r\n\r\n", .response)
        var open: [[ExchangeID: Expectation]] = [[:], [:]]
        var finished: [ExchangeID: Expectation] = [:]
        for step in 0..<3_000 as Range<UInt64> {
            let loop = Int.random(in: 0..<2, using: &random)
            let recorder = recorders[loop]
            let id = open[loop].keys.sorted().randomElement(using: &random)
            guard let id, open[loop].count < 40, var one = open[loop][id] else {
                let (record, id) = try recorder.begin("GET /x HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
                open[loop][id] = Expectation(record: record)
                if open[loop].count < 30 { continue }
                let ended = open[loop].keys.sorted()[0]
                guard var last = open[loop].removeValue(forKey: ended) else { continue }
                recorder.end(
                    &last.record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 9_000)
                finished[ended] = last
                continue
            }
            switch Int.random(in: 0..<12, using: &random) {
            case 0:
                one.attempts += 1
                recorder.attempt(
                    &one.record, number: one.attempts, upstream: Array("http://u:1".utf8), reused: false,
                    edit: HeadEdit(), at: 2_000)
            case 1:
                recorder.responseHead(
                    &one.record, head: answer.buffer, end: answer.end, parser: answer.parser, edit: HeadEdit(),
                    framing: .chunked, at: 2_000)
            case 2...5:
                let octets = (0..<Int.random(in: 1...900, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                one.request += octets
                recorder.requestBody(&one.record, ByteBuffer(bytes: octets), range: 0..<octets.count, at: 2_000 + step)
            case 6...9:
                let octets = (0..<Int.random(in: 1...900, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                one.response += octets
                one.pieces += 1
                recorder.responseBody(&one.record, ByteBuffer(bytes: octets), range: 0..<octets.count, at: 2_000 + step)
            case 10:
                recorder.end(
                    &one.record, outcome: .clientAbort, errorCode: nil, errorMessage: nil,
                    delivered: UInt64(one.response.count), at: 9_000)
                open[loop][id] = nil
                finished[id] = one
                continue
            default: recorder.tick()
            }
            open[loop][id] = one
        }
        for recorder in recorders { recorder.close() }
        #expect(service.shutdown(deadline: .seconds(20)))

        // What was still open comes out at the next start, as far as it went.
        let later = try startService(directory, sink: sink)
        let unfinished = open[0].merging(open[1]) { one, _ in one }
        let expected = finished.merging(unfinished) { one, _ in one }
        #expect(eventually { sink.exchanges.count >= expected.count })
        #expect(later.shutdown(deadline: .seconds(20)))
        let recorded = sink.exchanges
        #expect(recorded.count == expected.count && Set(recorded.map(\.id)) == Set(expected.keys))
        for exchange in recorded {
            let one = try #require(expected[exchange.id])
            #expect(exchange.requestBody.bytes == one.request && exchange.requestBody.total == one.request.count)
            #expect(exchange.responseBody.bytes == one.response && exchange.responseBody.pieces.count == one.pieces)
            #expect(exchange.attempts.map(\.number) == Array(1..<(one.attempts + 1)))
            #expect((exchange.outcome == .interrupted) == (unfinished[exchange.id] != nil))
            #expect(!exchange.requestBody.isLost && !exchange.responseBody.isLost)
        }
        #expect(directory.store.numbers().count <= 2)
    }
}

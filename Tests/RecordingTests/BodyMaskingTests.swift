import Foundation
import HTTP1
import LLMWire
import NIOCore
import Testing

@testable import Recording

/// Contract 8.4 for bodies: what stands under a configured key is in no octet of the journal.
@Suite struct BodyMaskingTests {
    private static let keys = RecordMask(jsonKeys: ["Api_Key", "pin"])

    /// Records into a journal that stays; gives its exchanges, and all its octets.
    private func journal(
        mask: RecordMask = keys, limits: RecordingLimits = RecordingLimits(), _ record: (LoopRecorder) throws -> Void
    ) throws -> (exchanges: [RecordedExchange], octets: Data) {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil, limits: limits, mask: mask)
        let recorder = service.makeLoopRecorder(loop: 0)
        try record(recorder)
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        let (exchanges, damage) = readJournal(directory.store)
        #expect(damage == 0)
        let octets = try directory.store.numbers().reduce(into: Data()) {
            $0 += try Data(contentsOf: URL(filePath: directory.store.path($1)))
        }
        return (exchanges, octets)
    }

    /// One exchange: both bodies in pieces of `step` octets.
    private func carry(
        _ recorder: LoopRecorder, request: String = "", fields: String = "", response: String = "",
        type: String = "application/json", status: String = "200 OK", responseFields: String = "", step: Int = .max,
        isEnded: Bool = true
    ) throws {
        var (record, _) = try recorder.begin(
            "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", framing: .length(UInt64(request.utf8.count)))
        forEachPiece(request, step) { recorder.requestBody(&record, $0, range: $1, at: 1_001) }
        let answer = try ParsedHead(
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(responseFields)\r\n", .response)
        recorder.responseHead(
            &record, head: answer.buffer, end: answer.end, parser: answer.parser, edit: HeadEdit(),
            framing: status.hasPrefix("101") ? .none : .chunked, at: 1_002)
        forEachPiece(response, step) { recorder.responseBody(&record, $0, range: $1, at: 1_003) }
        guard isEnded else { return }
        recorder.end(
            &record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 1_004)
    }

    /// Octets on both sides of a piece are not the body's.
    private func forEachPiece(_ text: String, _ step: Int, _ body: (ByteBuffer, Range<Int>) -> Void) {
        let octets = Array(text.utf8)
        var start = 0
        while start < octets.count {
            let end = start + min(step, octets.count - start)
            body(ByteBuffer(bytes: [0x22] + octets[start..<end] + [0x22]), 1..<(1 + end - start))
            start = end
        }
    }

    private func text(_ body: RecordedBody) -> String { String(decoding: body.bytes, as: UTF8.self) }

    private static let request =
        #"{"api_key":"sk-CANARY","n":1,"b":{"PIN":[-4711.5e3,true,null,"CANARY\"é\n"]},"pins":"kept","pin":""}"#
    private static let masked =
        #"{"api_key":"*********","n":1,"b":{"PIN":[111111111,1111,1111,"************"]},"pins":"kept","pin":""}"#
    private static let ranges = [12..<21, 41..<50, 51..<55, 56..<60, 62..<74]

    @Test(arguments: [Int.max, 1, 2, 3, 7, 16, 40, 50])
    func valuesAreWrittenOverHoweverTheyCome(step: Int) throws {
        let (exchanges, octets) = try journal {
            try carry($0, request: Self.request, response: Self.request, step: step)
        }
        let exchange = try #require(exchanges.first)
        #expect(octets.range(of: Data("CANARY".utf8)) == nil && octets.range(of: Data("4711".utf8)) == nil)
        for body in [exchange.requestBody, exchange.responseBody] {
            #expect(text(body) == Self.masked)
            #expect(body.masked == Self.ranges && body.maskedCount == Self.ranges.count)
            #expect(body.total == Self.request.utf8.count && !body.isCut && !body.isLost && !body.isWithheld)
            let length = Self.request.utf8.count
            let pieces = (length - 1) / min(step, length) + 1
            #expect(body.pieces.count == pieces)
        }
        #expect((try? JSONSerialization.jsonObject(with: Data(exchange.requestBody.bytes))) != nil)
    }

    @Test(arguments: [Int.max, 1, 5, 9])
    func streamsAreReadAsTheirTypeSays(step: Int) throws {
        let events =
            "event: {\ndata: {\"pin\":\"CANARY\"}\n\ndata: {\"a\":\"torn\n\ndata: {\"pin\":12}\n\ndata: [DONE]\n\n"
        let lines = "{\"a\":[{\"b\":\"torn\n{\"pin\":\"CANARY\"}\n"
        let (exchanges, octets) = try journal {
            try carry($0, response: events, type: "Text/Event-Stream ; charset=utf-8", step: step)
            try carry($0, response: lines, type: "application/x-ndjson", step: step)
        }
        #expect(octets.range(of: Data("CANARY".utf8)) == nil)
        #expect(
            text(exchanges[0].responseBody)
                == events.replacingOccurrences(of: "CANARY", with: "******").replacingOccurrences(of: "12", with: "11"))
        #expect(text(exchanges[1].responseBody) == lines.replacingOccurrences(of: "CANARY", with: "******"))
        #expect(exchanges[1].responseBody.masked.count == 1)
    }

    @Test func withoutNamesNothingIsChanged() throws {
        let (exchanges, octets) = try journal(mask: RecordMask()) {
            try carry($0, request: Self.request, fields: "Content-Encoding: gzip\r\n", response: Self.request)
        }
        #expect(octets.range(of: Data("CANARY".utf8)) != nil)
        #expect(text(exchanges[0].requestBody) == Self.request && text(exchanges[0].responseBody) == Self.request)
        #expect(exchanges[0].requestBody.masked.isEmpty && !exchanges[0].requestBody.isWithheld)
    }

    @Test func whatCannotBeReadIsWithheld() throws {
        let (exchanges, octets) = try journal {
            try carry(
                $0, request: "CANARY", fields: "content-encoding: gzip\r\n", response: "CANARY",
                responseFields: "Content-Encoding: br\r\n")
            try carry(
                $0, request: Self.request, fields: "Content-Encoding: Identity\r\n", response: Self.request,
                responseFields: "Content-Encoding:\r\n")
        }
        #expect(octets.range(of: Data("CANARY".utf8)) == nil)
        for body in [exchanges[0].requestBody, exchanges[0].responseBody] {
            #expect(body.isWithheld && body.bytes.isEmpty && body.total == 6 && !body.isCut && !body.isLost)
        }
        #expect(text(exchanges[1].requestBody) == Self.masked && text(exchanges[1].responseBody) == Self.masked)
    }

    @Test func behindASwitchOfProtocolsNothingIsKept() throws {
        let (exchanges, octets) = try journal { recorder in
            var (record, _) = try recorder.begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try ParsedHead("HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n", .response)
            recorder.responseHead(
                &record, head: answer.buffer, end: answer.end, parser: answer.parser, edit: HeadEdit(),
                framing: .none, at: 1_002)
            let frame = ByteBuffer(string: "\u{1}\u{7}{\"pin\":\"CANARY\"}")
            recorder.requestBody(&record, frame, range: 0..<frame.readableBytes, at: 1_003)
            recorder.responseBody(&record, frame, range: 0..<frame.readableBytes, at: 1_003)
            recorder.end(&record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 1_004)
        }
        #expect(octets.range(of: Data("CANARY".utf8)) == nil)
        #expect(exchanges[0].requestBody.isWithheld && exchanges[0].requestBody.total == 18)
        #expect(exchanges[0].responseBody.isWithheld && exchanges[0].responseBody.total == 18)
    }

    @Test func whatIsCutIsMaskedAndNotHashed() throws {
        let (exchanges, octets) = try journal(limits: RecordingLimits(maxBody: 17)) {
            try carry($0, request: Self.request, response: Self.request, step: 5)
        }
        #expect(octets.range(of: Data("CAN".utf8)) == nil)
        for body in [exchanges[0].requestBody, exchanges[0].responseBody] {
            #expect(text(body) == Self.masked.prefix(17) && body.isCut && body.masked == [12..<17])
            #expect(body.total == Self.request.utf8.count && body.sha256 == nil)
        }
    }

    @Test func bodiesThatAreNotWantedAreCountedOnly() throws {
        let limits = RecordingLimits(recordRequestBodies: false, recordResponseBodies: false)
        let (exchanges, octets) = try journal(limits: limits) {
            try carry(
                $0, request: Self.request, response: Self.request, responseFields: "Content-Encoding: br\r\n")
        }
        #expect(octets.range(of: Data("CANARY".utf8)) == nil)
        for body in [exchanges[0].requestBody, exchanges[0].responseBody] {
            #expect(body.bytes.isEmpty && body.isCut && !body.isWithheld && body.total == Self.request.utf8.count)
        }
    }

    @Test func rangesPastTheBoundAreCounted() throws {
        let count = 10_000
        let body = "{\"pin\":[" + Array(repeating: "7", count: count).joined(separator: ",") + "]}"
        let (exchanges, _) = try journal { try carry($0, request: body, step: 1_000) }
        let recorded = exchanges[0].requestBody
        #expect(recorded.maskedCount == count && recorded.masked.count == EventLayout.mostMaskedRanges)
        #expect(text(recorded) == body.replacingOccurrences(of: "7", with: "1"))
        #expect(recorded.masked.first == 8..<9 && recorded.masked.last == 8_198..<8_199)
    }

    @Test func aPieceLargerThanAnEventIsMaskedThroughout() throws {
        let secret = String(repeating: "S", count: EventLayout.largestPiece * 2)
        let (exchanges, octets) = try journal {
            try carry($0, request: "{\"a\":[], \"pin\":\"\(secret)\"}")
        }
        let body = exchanges[0].requestBody
        #expect(octets.range(of: Data("SSSS".utf8)) == nil)
        #expect(body.pieces.count == 3 && body.masked == [16..<(16 + secret.count)] && body.maskedCount == 1)
    }

    @Test func aCrashKeepsTheRangesOfWhatItKept() throws {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil, mask: Self.keys)
        let recorder = service.makeLoopRecorder(loop: 0)
        try carry(recorder, request: Self.request, step: 7, isEnded: false)
        recorder.close()
        service.shutdown(deadline: .seconds(10))
        let sink = MemorySink()
        let next = try startService(directory, sink: sink)
        #expect(eventually { !sink.exchanges.isEmpty })
        next.shutdown(deadline: .seconds(10))
        let left = try #require(sink.exchanges.first)
        #expect(left.outcome == .interrupted && text(left.requestBody) == Self.masked)
        #expect(left.requestBody.masked == Self.ranges)
    }

    @Test func anExchangeKeepsTheNamesItBeganWith() throws {
        let (exchanges, octets) = try journal { recorder in
            var (record, _) = try recorder.begin("POST / HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
            recorder.mask = RecordMask(jsonKeys: ["other"])
            let answer = try ParsedHead("HTTP/1.1 200 OK\r\n\r\n", .response)
            recorder.responseHead(
                &record, head: answer.buffer, end: answer.end, parser: answer.parser, edit: HeadEdit(),
                framing: .chunked, at: 1_002)
            let body = ByteBuffer(string: #"{"pin":"CANARY","other":"x"}"#)
            recorder.responseBody(&record, body, range: 0..<body.readableBytes, at: 1_003)
            recorder.end(&record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 1_004)
            try carry(recorder, request: #"{"pin":"y","other":"CANARY"}"#)
        }
        #expect(octets.range(of: Data("CANARY".utf8)) == nil)
        #expect(text(exchanges[0].responseBody) == #"{"pin":"******","other":"x"}"#)
        #expect(text(exchanges[1].requestBody) == #"{"pin":"y","other":"******"}"#)
    }

    @Test func whatARewriteWritesUnderAKeyIsMasked() throws {
        let rewrite = try BodyRewrite(
            fieldAliases: [("p", "pin"), ("pin", "api_key")], modelAliases: [("m", "n")],
            setBody: [
                ("Api_Key", #""CANARY""#), ("new", #"{"pin":"CANARY","x":"secret-of-keys"}"#), ("n", "1"),
            ])
        let body = ByteBuffer(string: #"{"model":"m","n":2,"pin":"kept","p":{"model":"m"},"Api_Key":5}"#)
        let found = rewrite.edits(of: body.readableBytesSpan)
        let edits = try #require(found)
        let mask = RecordMask(jsonKeys: ["api_key", "pin"], secrets: ["secret-of-keys"])
        let (exchanges, octets) = try journal(mask: mask) { recorder in
            var (record, _) = try recorder.begin("POST / HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
            recorder.requestEdits(&record, edits, of: body, at: 1_001)
            recorder.end(&record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 1_004)
        }
        #expect(octets.range(of: Data("CANARY".utf8)) == nil && octets.range(of: Data("secret-of".utf8)) == nil)
        let texts = exchanges[0].requestEdits.map(\.text)
        #expect(texts.contains(#""******""#) && texts.contains("1") && texts.contains(#""n""#))
        #expect(texts.contains { $0.contains(#""new":{"pin":"******","x":"…keys"}"#) })
    }

    /// Random pieces of random documents: the octets and ranges are those of one reading.
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func piecesMakeNoDifference(seed: UInt64) throws {
        var random = SeededGenerator(state: seed &* 0x9E37_79B9_7F4A_7C15)
        let parts = [
            "{", "}", "[", "]", ",", ":", "\"pin\"", "\"a\"", "\"CANARY\"", "\"x\\\"y\"", "12", "true", "\n", "data: ",
            " ",
        ]
        for type in ["application/json", "text/event-stream", "application/jsonl"] {
            let body = (0..<400).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            let (exchanges, _) = try journal {
                try carry($0, response: body, type: type)
                try carry($0, response: body, type: type, step: Int.random(in: 1...30, using: &random))
            }
            let (whole, pieces) = (exchanges[0].responseBody, exchanges[1].responseBody)
            #expect(whole.bytes == pieces.bytes && whole.masked == pieces.masked)
            #expect(whole.maskedCount == pieces.maskedCount && whole.bytes.count == body.utf8.count)
            for (index, octet) in body.utf8.enumerated() {
                let isMasked = whole.masked.contains { $0.contains(index) }
                #expect(isMasked ? [0x2A, 0x31].contains(whole.bytes[index]) : whole.bytes[index] == octet)
            }
        }
    }
}

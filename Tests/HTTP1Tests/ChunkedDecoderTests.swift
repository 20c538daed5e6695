import HTTP1
import HTTP1Invariants
import NIOCore
import Testing

@Suite struct ChunkedDecoderTests {
    private func run(_ text: String, cuts: [Int] = []) -> ChunkedRun { ChunkedRun(Array(text.utf8), cuts: cuts) }

    @Test func aCleanBodyPassesVerbatim() {
        let body = "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n"
        let run = run(body)
        #expect(run.end == .ended)
        #expect(run.isVerbatim)
        #expect(String(decoding: run.output, as: UTF8.self) == body)
        #expect(String(decoding: run.payload, as: UTF8.self) == "hello0123456789")
    }

    @Test func framingCutOverThreeRunsIsWrittenOnce() {
        // Every octet a run of its own: a size line, a data end and a last chunk each reach over more than two runs.
        let body = "1f\r\n" + String(repeating: "x", count: 31) + "\r\n0\r\nA: b\r\n\r\n"
        let run = run(body, cuts: Array(1..<body.utf8.count))
        #expect(run.end == .ended)
        #expect(String(decoding: run.output, as: UTF8.self) == body)
    }

    @Test func aSizeLineKeepsItsLettersWhereverItIsCut() {
        for line in ["A", "a", "1F", "1f", "aB", "Ab", "fE0", "FFf"] {
            let body = line + "\r\n" + String(repeating: "x", count: Int(line, radix: 16) ?? 0) + "\r\n0\r\n\r\n"
            for cuts in [[1], [line.utf8.count], [line.utf8.count + 1], Array(1...line.utf8.count + 1)] {
                #expect(String(decoding: run(body, cuts: cuts).output, as: UTF8.self) == body, "\(line) cut at \(cuts)")
            }
        }
    }

    @Test func whatFollowsTheBodyIsLeftAlone() {
        let run = run("1\r\nA\r\n0\r\n\r\nGET / HTTP/1.1\r\n")
        #expect(run.end == .ended)
        #expect(run.consumed == 11)
        #expect(String(decoding: run.output, as: UTF8.self) == "1\r\nA\r\n0\r\n\r\n")
    }

    @Test(arguments: [
        ("005\r\nhello\r\n00\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("5;a=b;c=\"d;\\\"e\"\r\nhello\r\n0;last\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("1\r\nA\r\n0\r\nX-Sum: 1\r\nContent-Length: 4\r\nHost: evil\r\n\r\n", "1\r\nA\r\n0\r\nX-Sum: 1\r\n\r\n"),
        ("0\r\nAuthorization: x\r\nx-amz-security-token: x\r\nContent_Length: 4\r\n\r\n", "0\r\n\r\n"),
        ("0\r\nDigest:\t a \r\n\r\n", "0\r\nDigest:\t a \r\n\r\n"),
    ])
    func onlyWhatMayPassGoesOut(body: String, expected: String) {
        for cuts in [[], Array(1..<body.utf8.count)] {
            let run = run(body, cuts: cuts)
            #expect(run.end == .ended)
            #expect(String(decoding: run.output, as: UTF8.self) == expected)
        }
    }

    @Test(
        arguments: [
            ("\r\nhello", .badSize), (" 5\r\n", .badSize), ("g\r\n", .badSize), ("5 \r\n", .badSize),
            ("0x5\r\n", .badSize),
            ("-5\r\n", .badSize), ("5\n", .badSize), ("10000000000000000\r\n", .badSize),
            ("8000000000000000\r\n", .badSize),
            ("00000000000000005\r\n", .badSize), ("5\rx", .badLineEnd), ("5;\r\n", .badExtension),
            ("5; a\r\n", .badExtension),
            ("5;a=\r\n", .badExtension), ("5;a=\"\u{7F}\"\r\n", .badExtension), ("5;a=\"b\"c\r\n", .badExtension),
            ("5;a\n", .badExtension), ("5;a\rX", .badLineEnd), ("5\r\nhello0\r\n\r\n", .badDataEnd),
            ("5\r\nhello\n0\r\n\r\n", .badDataEnd), ("5\r\nhello\rX", .badDataEnd), ("0\r\n\n", .badTrailers),
            ("0\r\n a: b\r\n\r\n", .badTrailers), ("0\r\na : b\r\n\r\n", .badTrailers),
            ("0\r\na\r\n\r\n", .badTrailers),
            ("0\r\na: b\rc\r\n\r\n", .badTrailers), ("0\r\na: \u{1}\r\n\r\n", .badTrailers),
        ] as [(String, ChunkedFault)])
    func brokenFramingIsAFaultAndNeverEnds(body: String, fault: ChunkedFault) {
        let whole = run(body)
        #expect(whole.end == .fault(fault))
        #expect(whole.output.isEmpty)
        let bytewise = run(body, cuts: Array(1..<body.utf8.count))
        #expect(bytewise.end == .fault(fault))
        #expect(ChunkedRun(bytewise.output).end == .incomplete)
    }

    @Test func extensionsOfAWholeBodyHaveALimit() {
        let one = ";" + String(repeating: "a", count: 99)
        // The CR counts as well: 100 octets a chunk, one over the limit of 16,384 in the 164th.
        let body = String(repeating: "1\(one)\r\nA\r\n", count: 163)
        #expect(run(body).end == .incomplete)
        #expect(run(body + "1\(one)\r\n").end == .fault(.extensionsTooLarge))
    }

    @Test func theTrailerSectionHasALimit() {
        let line = "X: " + String(repeating: "a", count: 16_384 - 3 - 4) + "\r\n"
        #expect(run("0\r\n" + line + "\r\n").end == .ended)
        #expect(run("0\r\nX" + line + "\r\n").end == .fault(.badTrailers))
    }

    @Test func anEndedDecoderTakesNothingMore() throws {
        var decoder = ChunkedDecoder()
        #expect(try decoder.decode(ByteBuffer(string: "0\r\n\r\n")) { _ in }.isEnd)
        let piece = try decoder.decode(ByteBuffer(string: "1\r\nA\r\n")) { _ in }
        #expect(piece.isEnd)
        #expect(piece.consumed == 0)
        #expect(piece.verbatim == 0)
    }

    @Test func anyChunkingAndAnyCutsKeepThePayload() {
        var generator = SplitMix64(seed: 1)
        for round in 0..<1_500 {
            let made = ChunkedBodies.make(&generator)
            let cuts = (0..<generator.below(12)).map { _ in generator.below(made.octets.count + 1) }.sorted()
            let run = ChunkedRun(made.octets, cuts: cuts)
            #expect(run.end == .ended, "round \(round)")
            #expect(run.payload == made.payload, "round \(round)")
            #expect(run.trailers == made.keptTrailers, "round \(round)")
            if made.isClean { #expect(ChunkedRun(made.octets).output == made.octets, "round \(round)") }
            if let violation = ChunkedInvariants.violation(in: made.octets, cuts: cuts) {
                Issue.record("round \(round): \(violation)")
            }
        }
    }

    @Test func brokenBodiesNeverEndWhateverTheCuts() {
        var generator = SplitMix64(seed: 2)
        for round in 0..<3_000 {
            var octets = ChunkedBodies.make(&generator).octets
            for _ in 0...generator.below(3) { Mutations.apply(to: &octets, &generator) }
            let cuts = (0..<generator.below(12)).map { _ in generator.below(octets.count + 1) }.sorted()
            if let violation = ChunkedInvariants.violation(in: octets, cuts: cuts) {
                Issue.record(
                    "round \(round): \(violation) in \(String(decoding: octets, as: UTF8.self).debugDescription)")
            }
        }
    }
}

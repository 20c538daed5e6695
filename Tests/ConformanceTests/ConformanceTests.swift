import LLMWire
import Testing

/// What each dialect must be read as, whatever its octets' way: every file under `Cases`.
@Suite struct ConformanceTests {
    @Test func everyCaseIsWellFormed() {
        #expect(Case.loaded.failures == [])
        #expect(!Case.loaded.cases.isEmpty)
    }

    @Test(arguments: Case.loaded.cases)
    func requests(_ example: Case) throws {
        guard let request = example.request else { return }
        for octets in [Array(request.utf8), try Self.compacted(request)] {
            var document = JSONDocument()
            try document.read(octets.span.bytes)
            let read = try #require(example.operation.request(document))
            #expect(Tree(read) == example.expectedRequest)
        }
    }

    @Test(arguments: Case.loaded.cases)
    func answers(_ example: Case) throws {
        guard let lines = example.answer else { return }
        for lineEnd in example.lineEnds {
            let text = Array(lines.joined(separator: lineEnd.rawValue).utf8)
            let expected = try Wire(text, .identity, .length).read(example.operation, example.framing, cut: 0)
            try #require(Tree(expected) == example.expected, "lines end in \(lineEnd)")
            for coding in Wire.Coding.allCases {
                for framing in Wire.Framing.allCases {
                    let wire = Wire(text, coding, framing)
                    for cut in 0...wire.octets.count {
                        let answer = try wire.read(example.operation, example.framing, cut: cut)
                        guard answer == expected else {
                            Issue.record(
                                "cut at \(cut), \(coding), \(framing), lines end in \(lineEnd): \(Tree(answer))")
                            return
                        }
                    }
                }
            }
        }
    }

    private static func compacted(_ json: String) throws -> [UInt8] {
        var writer = JSONLineWriter()
        try writer.appendJSON(Array(json.utf8).span.bytes, maximumDepth: 512)
        return writer.octets
    }
}

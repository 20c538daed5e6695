import Foundation
import LLMWire
import LLMWireInvariants
import Testing

/// Many bodies under many rules, against a second implementation that shares nothing with the first.
@Suite struct BodyRewriteCorpusTests {
    @Test(arguments: RewriteRules.samples.indices)
    func onlyTheNamedPlacesDiffer(_ sample: Int) throws {
        #expect(RequestBodies.all.count >= 50)
        let rules = RewriteRules.samples[sample]
        let rewrite = try rules.rewrite()
        var changed = 0
        for text in RequestBodies.all {
            let body = Array(text.utf8)
            let broken = RewriteInvariants.violation(in: body, rules, rewrite)
            #expect(broken == nil, "\(broken ?? ""): \(text.prefix(200))")
            if rewrite.edits(in: body) != nil { changed += 1 }
        }
        #expect(rewrite.isEmpty ? changed == 0 : changed >= 8, "the rules meet something")
    }

    @Test(arguments: RewriteRules.samples.indices)
    func largeImagesStayAsTheyAre(_ sample: Int) throws {
        let rules = RewriteRules.samples[sample]
        let rewrite = try rules.rewrite()
        for text in RequestBodies.all where text.contains(RequestBodies.imageMark) {
            let expected = try #require(SlowRewrite.rewritten(Array(text.utf8), rules))
            let body = withImages(Array(text.utf8))
            #expect(body.count > 5 << 20)
            let result = rewrite.edits(in: body).map { applied($0, to: body) } ?? body
            #expect(result == withImages(expected), "\(text.prefix(100))")
        }
    }

    @Test func bodiesCutOffAreLeftAlone() throws {
        let rewrite = try RewriteRules.samples[5].rewrite()
        for text in RequestBodies.all where text.utf8.count < 400 {
            let body = Array(text.utf8)
            let end = body.lastIndex { !" \n\r\t".utf8.contains($0) } ?? 0
            guard body[end] == 0x5D || body[end] == 0x7D || body[end] == 0x22 else { continue }
            for length in 0...end {
                #expect(rewrite.edits(in: Array(body.prefix(length))) == nil)
            }
        }
    }

    @Test func damagedBodiesKeepTheInvariants() {
        var random = SeededRandom(state: 11)
        let bodies = RequestBodies.all.map { Array($0.utf8) }.filter { $0.count < 400 }
        let octets = Array("{}[],:\"\\ \n0e.-tu\u{1}é😀".utf8)
        for round in 0..<6000 {
            var input = [UInt8(round & 0xFF)] + bodies[Int(random.next() % UInt64(bodies.count))]
            for _ in 0..<(random.next() % 3) {
                let place = 1 + Int(random.next() % UInt64(input.count - 1))
                let octet = octets[Int(random.next() % UInt64(octets.count))]
                switch random.next() % 3 {
                case 0: input[place] = octet
                case 1: input.insert(octet, at: place)
                default: if input.count > 2 { input.remove(at: place) }
                }
            }
            let broken = RewriteInvariants.violation(inFuzzInput: input)
            #expect(broken == nil, "\(broken ?? ""): \(String(decoding: input, as: UTF8.self))")
        }
    }

    /// What fuzzing once found stays found.
    @Test func theFuzzersCorpusKeepsTheInvariants() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let corpus = root.appending(path: "Fuzzing/corpus/jsonedit")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        #expect(files.count > 30)
        for file in files {
            let broken = RewriteInvariants.violation(inFuzzInput: [UInt8](try Data(contentsOf: file)))
            #expect(broken == nil, "\(file.lastPathComponent): \(broken ?? "")")
        }
    }

    private func withImages(_ text: [UInt8]) -> [UInt8] {
        let mark = Array(RequestBodies.imageMark.utf8)
        var result: [UInt8] = []
        var start = 0
        while let found = text[start...].firstRange(of: mark) {
            result += text[start..<found.lowerBound] + RequestBodies.image
            start = found.upperBound
        }
        return result + text[start...]
    }
}

/// The whole of `body` once changed.
func applied(_ edits: BodyEdits, to body: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(edits.resultLength)
    edits.apply(to: body.span.bytes) { piece in
        unsafe piece.withUnsafeBytes { unsafe result.append(contentsOf: $0) }
    }
    #expect(result.count == edits.resultLength)
    return result
}

extension BodyRewrite {
    /// The same of an array, as the macros of tests do not take spans.
    func edits(in body: [UInt8]) -> BodyEdits? { edits(of: body.span.bytes) }
}

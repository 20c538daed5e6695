import Foundation
import LLMWire
import LLMWireInvariants
import Testing

/// What fuzzing of the dialects once found stays found, and damage to it harms nothing.
@Suite struct FuzzCorpusTests {
    static let targets: [(name: String, violation: @Sendable ([UInt8]) -> String?)] = [
        ("answers", AnswerInvariants.violation(inFuzzInput:)), ("requests", RequestInvariants.violation(inFuzzInput:)),
        ("jsondocument", DocumentInvariants.violation(in:)), ("sse", StreamInvariants.violation(inFuzzInput:)),
    ]

    private static func corpus(_ target: String) throws -> [[UInt8]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let corpus = root.appending(path: "Fuzzing/corpus/\(target)")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
    }

    @Test(arguments: targets.indices)
    func theCorpusKeepsTheInvariants(_ target: Int) throws {
        let (name, violation) = Self.targets[target]
        let inputs = try Self.corpus(name)
        #expect(inputs.count > 10)
        for input in inputs {
            let broken = violation(input)
            #expect(broken == nil, "\(name): \(broken ?? ""): \(String(decoding: input, as: UTF8.self))")
        }
    }

    @Test(arguments: targets.indices)
    func damagedInputsKeepThem(_ target: Int) throws {
        let (name, violation) = Self.targets[target]
        var random = SeededRandom(state: UInt64(target) + 5)
        let inputs = try Self.corpus(name).filter { $0.count > 2 && $0.count < 800 }
        let octets = Array("{}[],:\"\\ \n\r0e.-tu\u{1}é😀".utf8)
        for _ in 0..<400 {
            var input = inputs[Int(random.next() % UInt64(inputs.count))]
            for _ in 0..<(1 + random.next() % 3) {
                let place = Int(random.next() % UInt64(input.count))
                let octet = octets[Int(random.next() % UInt64(octets.count))]
                switch random.next() % 3 {
                case 0: input[place] = octet
                case 1: input.insert(octet, at: place)
                default: if input.count > 2 { input.remove(at: place) }
                }
            }
            let broken = violation(input)
            #expect(broken == nil, "\(name): \(broken ?? ""): \(String(decoding: input, as: UTF8.self))")
        }
    }
}

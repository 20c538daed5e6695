import Foundation
import ProxyInvariants
import Testing

/// Runs the fuzzers' invariants over their corpora, so that what fuzzing once found stays found.
@Suite struct CorpusTests {
    @Test func connectKeepsTheInvariants() throws {
        try replay("connect", ProxyInvariants.violation(inCONNECTInput:))
    }

    @Test func socksKeepsTheInvariants() throws {
        try replay("socks", ProxyInvariants.violation(inSOCKSInput:))
    }

    private func replay(_ target: String, _ violation: ([UInt8]) -> String?) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let corpus = root.appending(path: "Fuzzing/corpus/\(target)")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let broken = violation([UInt8](try Data(contentsOf: file)))
            #expect(broken == nil, "\(file.lastPathComponent): \(broken ?? "")")
        }
    }
}

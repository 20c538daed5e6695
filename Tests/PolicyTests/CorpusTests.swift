import Foundation
import PolicyInvariants
import Testing

/// Runs the fuzzer's invariants over its corpus, so that what fuzzing once found stays found.
@Suite struct CorpusTests {
    @Test func universalTargetsKeepTheInvariants() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let corpus = root.appending(path: "Fuzzing/corpus/universal")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let broken = UniversalInvariants.violation(inFuzzInput: [UInt8](try Data(contentsOf: file)))
            #expect(broken == nil, "\(file.lastPathComponent): \(broken ?? "")")
        }
    }
}

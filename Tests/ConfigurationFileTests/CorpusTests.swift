import ConfigurationInvariants
import Foundation
import TestSupport
import Testing

/// Runs the fuzzer's invariants over its corpus, so that what fuzzing once found stays found.
@Suite struct CorpusTests {
    @Test func filesKeepTheInvariants() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let corpus = root.appending(path: "Fuzzing/corpus/config")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let octets = [UInt8](try Data(contentsOf: file))
            let broken = ConfigurationInvariants.violation(in: octets, directory: directory.path)
            #expect(broken == nil, "\(file.lastPathComponent): \(broken ?? "")")
        }
    }
}

import ConfigurationFile
import Foundation
import WeirConfiguration

/// What must hold of any file that is given for a configuration; shared by fuzzing and tests.
package enum ConfigurationInvariants {
    private static let canary = "canary-of-the-environment-0123456789"
    private static let variables = [
        "SECRET": canary, "PORT": "9090", "EMPTY": "", "HOST": "a.test", "HOME": "/nowhere",
    ]

    /// Reads `octets` as a configuration, from a file in `directory`; nil where all holds.
    package static func violation(in octets: [UInt8], directory: String) -> String? {
        let path = directory + "/weir.yaml"
        guard (try? Data(octets).write(to: URL(fileURLWithPath: path))) != nil else { return "cannot write \(path)" }
        var input = ConfigurationInput(defaultThreads: 1, environment: { variables[$0] })
        input.configFile = path
        let loaded: LoadedConfiguration
        do throws(ConfigurationFaults) {
            loaded = try input.load()
        } catch {
            return violation(in: error)
        }
        let report = loaded.report.joined(separator: "\n") + "\n"
        let table = loaded.routeTable.joined(separator: "\n")
        // A variable may stand where nothing is secret, too; what is a secret whole and alone must be told nowhere.
        let isSecret = loaded.configuration.secrets.contains(canary)
        if isSecret, octets.count(of: "SECRET") == 1, (report + table).contains(canary) {
            return "the report tells a secret"
        }
        if (report + table).unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\n" }) {
            return "the report holds a control character"
        }
        return nil
    }

    private static func violation(in faults: ConfigurationFaults) -> String? {
        if faults.all.isEmpty { return "refused without a fault" }
        for fault in faults.all {
            let text = fault.description
            if text.contains(canary) { return "a fault tells a secret: \(text)" }
            if fault.message.isEmpty || !fault.message.hasSuffix(".") && !fault.message.hasSuffix("?") {
                return "a fault without a sentence: \(text)"
            }
            if text.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }) {
                return "a fault with a control character: \(text.debugDescription)"
            }
            if fault.file == nil || (fault.line ?? 1) < 1 || (fault.column ?? 1) < 1 { return "no place: \(text)" }
        }
        return nil
    }
}

extension [UInt8] {
    /// How often `word` stands in it.
    fileprivate func count(of word: String) -> Int {
        String(decoding: self, as: UTF8.self).ranges(of: word).count
    }
}

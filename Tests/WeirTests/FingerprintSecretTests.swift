import Foundation
import TestSupport
import Testing

@testable import weir

@Suite("The secret of fingerprints")
struct FingerprintSecretTests {
    private func inDirectory(_ body: (_ directory: String, _ path: String) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try body(directory.path, directory.path + "/fingerprint.key")
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    @Test("is made once, for its owner alone, and stays")
    func made() throws {
        try inDirectory { directory, path in
            let secret = try FingerprintSecret.load(directory: directory)
            #expect(secret.count == 32 && Set(secret).count > 8)
            #expect(mode(path) == 0o600)
            #expect(try FingerprintSecret.load(directory: directory) == secret)
            #expect(chmod(path, 0o644) == 0)
            #expect(try FingerprintSecret.load(directory: directory) == secret)
            #expect(mode(path) == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["fingerprint.key"])
        }
    }

    @Test("that is cut, a pipe or a link is not taken, and never made anew")
    func damaged() throws {
        let damages: [(String) throws -> Void] = [
            { try Data("short".utf8).write(to: URL(fileURLWithPath: $0)) },
            { try Data(repeating: 1, count: 33).write(to: URL(fileURLWithPath: $0)) },
            { #expect(mkfifo($0, 0o600) == 0) },
            { #expect(symlink("/dev/zero", $0) == 0) },
            { #expect(mkdir($0, 0o700) == 0) },
        ]
        for damage in damages {
            try inDirectory { directory, path in
                try damage(path)
                let before = FileState.look(path)
                let fault = #expect(throws: ApplicationFault.self) { try FingerprintSecret.load(directory: directory) }
                #expect(fault?.message.contains(path) == true)
                #expect(FileState.look(path) == before)
            }
        }
    }
}

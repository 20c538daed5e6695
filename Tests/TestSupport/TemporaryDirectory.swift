import Foundation
import Glibc

/// A directory of its own under the system's temporary one.
package struct TemporaryDirectory: Sendable {
    /// Its path.
    package let path: String

    /// Makes it.
    package init() throws {
        var template = Array((FileManager.default.temporaryDirectory.path + "/weir-test-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw WireSocket.Failure(description: "no temporary directory: errno \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes it with all that is in it.
    package func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}

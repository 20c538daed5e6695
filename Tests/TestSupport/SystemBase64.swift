import Foundation

/// Base64 as Foundation writes it: not the code under test.
enum SystemBase64 {
    static func encode(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}

/// A text that may be used but not shown: a key, a password, a header's value.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The text itself.
    package let text: String

    /// Keeps `text`.
    package init(_ text: String) {
        self.text = text
    }

    /// The mask of the outside contract: the last four characters of long secrets, nothing of others; the scheme of a
    /// credential stays (RFC 9110 §11.1).
    package var description: String {
        for scheme in ["Bearer", "Basic", "Token"] {
            guard text.count > scheme.count, text.lowercased().hasPrefix(scheme.lowercased() + " ") else { continue }
            return text.prefix(scheme.count + 1) + Self.mask(text.dropFirst(scheme.count + 1))
        }
        return Self.mask(text[...])
    }

    package var debugDescription: String { description }

    private static func mask(_ text: Substring) -> String {
        text.utf8.count >= 12 && text.allSatisfy(\.isASCII) ? "…" + text.suffix(4) : "…"
    }
}

/// A text that may be used but not shown: a key, a password, a header's value.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The text itself.
    package let text: String

    /// Keeps `text`.
    package init(_ text: String) {
        self.text = text
    }

    /// The mask of the outside contract: the last four characters of long secrets, nothing of others.
    package var description: String {
        text.utf8.count >= 12 && text.allSatisfy(\.isASCII) ? "…" + text.suffix(4) : "…"
    }

    package var debugDescription: String { description }
}

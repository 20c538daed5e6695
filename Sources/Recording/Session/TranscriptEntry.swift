/// Markdown of one entry: headings, facts, text and code.
struct TranscriptEntry {
    private(set) var octets: [UInt8]

    /// An entry behind what is in `octets`.
    init(_ octets: [UInt8] = []) {
        self.octets = octets
    }

    /// Begins a part.
    ///
    /// - Parameter name: shown as code behind the title.
    mutating func heading(_ level: Int, _ title: String, name: String? = nil) {
        octets.append(contentsOf: repeatElement(0x23, count: level))
        append(" " + Self.oneLine(title))
        if let name { append(": " + Self.inlineCode(name)) }
        append(level == 2 ? "\n" : "\n\n")
    }

    /// Tells something about the exchange.
    mutating func fact(_ name: String, _ value: String) {
        append("- \(name): \(Self.inlineCode(value))\n")
    }

    /// Ends a line.
    mutating func lineBreak() { octets.append(0x0A) }

    /// Whether there is anything in a text but white space.
    static func hasContent(_ text: String) -> Bool { text.utf8.contains { $0 > 0x20 } }

    /// Appends text: in a fence where Markdown would change it.
    mutating func content(_ text: String) {
        let text = Self.trimmed(text)
        guard !text.isEmpty else { return }
        guard Self.needsFence(text) else {
            append(text)
            append("\n\n")
            return
        }
        fence(text, Self.language(text))
    }

    /// Appends arguments of a tool, or any other JSON.
    mutating func code(_ text: String) {
        let text = Self.trimmed(text)
        guard !text.isEmpty else { return }
        fence(text, "json")
    }

    private mutating func fence(_ text: Substring, _ language: String) {
        // Longer than any run inside.
        var longest = 0
        var run = 0
        for octet in text.utf8 {
            run = octet == 0x60 ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        append("\(fence)\(language)\n")
        append(text)
        append("\n\(fence)\n\n")
    }

    private mutating func append(_ text: some StringProtocol) { octets.append(contentsOf: text.utf8) }

    // MARK: Text

    /// The text without empty lines around it and white space behind it; the first line keeps its indentation.
    private static func trimmed(_ text: String) -> Substring {
        var rest = text[...]
        while let last = rest.utf8.last, last <= 0x20 { rest = Substring(rest.utf8.dropLast()) }
        while let line = rest.utf8.firstIndex(of: 0x0A), rest.utf8[..<line].allSatisfy({ $0 <= 0x20 }) {
            rest = Substring(rest.utf8[rest.utf8.index(after: line)...])
        }
        return rest
    }

    private static func language(_ text: Substring) -> String {
        let start = text.utf8.drop { $0 <= 0x20 }
        if start.first == 0x7B || start.first == 0x5B { return "json" }
        return isXML(start) ? "xml" : "text"
    }

    private static func isXML(_ text: Substring.UTF8View.SubSequence) -> Bool {
        guard text.first == 0x3C, text.last == 0x3E else { return false }
        return text.starts(with: "<?xml".utf8) || Substring(text).contains("</")
    }

    private static func needsFence(_ text: Substring) -> Bool {
        let start = text.utf8.drop { $0 <= 0x20 }
        if start.first == 0x7B || start.first == 0x5B || isXML(start) { return true }
        if text.contains("```") { return true }
        return text.utf8.split(separator: 0x0A, omittingEmptySubsequences: true).contains { line in
            line.first == 0x20 || line.first == 0x09 || isOwnHeading(line)
        }
    }

    /// Whether a line could be taken for the beginning of an entry, or of a part of one.
    private static func isOwnHeading(_ line: Substring.UTF8View.SubSequence) -> Bool {
        line.starts(with: "## ".utf8) && line.count == 29
            || ["### System", "### User", "### Assistant", "### Tool", "### Developer", "### Reasoning", "### Error"]
                .contains { line.starts(with: $0.utf8) }
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    /// Code within a line: fenced by more backticks than stand in it.
    static func inlineCode(_ text: String) -> String {
        let text = oneLine(text)
        guard text.contains("`") else { return "`\(text)`" }
        return "`` \(text.replacing("``", with: "` `")) ``"
    }
}

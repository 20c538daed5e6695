import HTTP1

/// Markdown of one entry: headings, facts, text and code.
struct TranscriptEntry {
    private(set) var octets: [UInt8]

    /// An entry behind what is in `octets`.
    init(_ octets: [UInt8] = []) {
        self.octets = octets
    }

    /// Begins an entry or a part of one.
    ///
    /// - Parameters:
    ///   - title: a line of its own, which must not have a line break in it.
    ///   - name: shown as code behind the title.
    mutating func heading(_ level: Int, _ title: StaticString, name: String? = nil) {
        beginHeading(level)
        title.withUTF8Buffer { octets.append(contentsOf: $0) }
        if let name {
            append(": ")
            inlineCode(name)
        }
        append(level == 2 ? "\n" : "\n\n")
    }

    /// Begins an entry or a part of one whose title is not known beforehand.
    mutating func heading(_ level: Int, text title: String) {
        beginHeading(level)
        appendLine(title)
        append(level == 2 ? "\n" : "\n\n")
    }

    private mutating func beginHeading(_ level: Int) {
        for _ in 0..<level { octets.append(0x23) }
        octets.append(0x20)
    }

    /// Tells something about the exchange.
    mutating func fact(_ name: StaticString, _ value: String) {
        append("- ")
        name.withUTF8Buffer { octets.append(contentsOf: $0) }
        append(": ")
        inlineCode(value)
        octets.append(0x0A)
    }

    /// Ends a line.
    mutating func lineBreak() { octets.append(0x0A) }

    /// Appends text: in a fence where Markdown would change it.
    mutating func content(_ text: String) {
        let span = text.utf8.span.bytes
        let range = Self.trimmed(span)
        guard !range.isEmpty else { return }
        let shape = TextShape(span, range)
        guard let language = shape.language else {
            append(span, range)
            append("\n\n")
            return
        }
        fence(span, range, language, longestRun: shape.longestRun)
    }

    /// Appends arguments of a tool, or any other JSON.
    mutating func code(_ text: String) {
        let span = text.utf8.span.bytes
        let range = Self.trimmed(span)
        guard !range.isEmpty else { return }
        fence(span, range, "json", longestRun: TextShape(span, range).longestRun)
    }

    private mutating func fence(_ text: RawSpan, _ range: Range<Int>, _ language: StaticString, longestRun: Int) {
        // Longer than any run inside.
        let length = max(3, longestRun + 1)
        octets.append(contentsOf: repeatElement(0x60, count: length))
        language.withUTF8Buffer { octets.append(contentsOf: $0) }
        octets.append(0x0A)
        append(text, range)
        octets.append(0x0A)
        octets.append(contentsOf: repeatElement(0x60, count: length))
        append("\n\n")
    }

    /// Code within a line: fenced by more backticks than stand in it.
    private mutating func inlineCode(_ text: String) {
        let span = text.utf8.span.bytes
        let run = TextShape.longestRun(span, 0..<span.byteCount)
        octets.append(contentsOf: repeatElement(0x60, count: run + 1))
        if run > 0 { octets.append(0x20) }
        appendLine(text)
        if run > 0 { octets.append(0x20) }
        octets.append(contentsOf: repeatElement(0x60, count: run + 1))
    }

    private mutating func append(_ text: StaticString) { text.withUTF8Buffer { octets.append(contentsOf: $0) } }

    private mutating func append(_ text: RawSpan, _ range: Range<Int>) {
        text.extracting(range).withUnsafeBytes { octets.append(contentsOf: $0) }
    }

    /// Appends text on one line.
    private mutating func appendLine(_ text: String) {
        for octet in text.utf8 { octets.append(octet < 0x20 ? 0x20 : octet) }
    }

    /// Whether there is anything in a text but white space.
    static func hasContent(_ text: String) -> Bool { text.utf8.contains { $0 > 0x20 } }

    /// The text without empty lines around it and white space behind it; the first line keeps its indentation.
    private static func trimmed(_ text: RawSpan) -> Range<Int> {
        var end = text.byteCount
        while end > 0, text.octet(at: end - 1) <= 0x20 { end -= 1 }
        var start = 0
        var index = 0
        while index < end, text.octet(at: index) <= 0x20 {
            if text.octet(at: index) == 0x0A { start = index + 1 }
            index += 1
        }
        return start..<max(start, end)
    }
}

/// What in a text Markdown would change.
private struct TextShape {
    /// What the fence around it says; nil: it needs none.
    private(set) var language: StaticString?
    /// The longest run of backticks.
    private(set) var longestRun = 0

    init(_ text: RawSpan, _ range: Range<Int>) {
        var needsFence = false
        var run = 0
        var isLineStart = true
        var hasEndTag = false
        for index in range {
            let octet = text.octet(at: index)
            if isLineStart,
                octet == 0x20 || octet == 0x09 || octet == 0x23 && Self.isOwnHeading(text, index..<range.upperBound)
            {
                needsFence = true
            }
            isLineStart = octet == 0x0A
            run = octet == 0x60 ? run + 1 : 0
            longestRun = max(longestRun, run)
            if octet == 0x2F, index > range.lowerBound, text.octet(at: index - 1) == 0x3C {
                hasEndTag = true
            }
        }
        guard let first = range.first(where: { text.octet(at: $0) > 0x20 }) else { return }
        if text.octet(at: first) == 0x7B || text.octet(at: first) == 0x5B {
            language = "json"
        } else if text.octet(at: first) == 0x3C, text.octet(at: range.upperBound - 1) == 0x3E,
            hasEndTag || Self.starts(text, first..<range.upperBound, "<?xml")
        {
            language = "xml"
        } else if needsFence || longestRun >= 3 {
            language = "text"
        }
    }

    static func longestRun(_ text: RawSpan, _ range: Range<Int>) -> Int {
        var longest = 0
        var run = 0
        for index in range {
            run = text.octet(at: index) == 0x60 ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }

    /// Whether the line could be taken for the beginning of an entry, or of a part of one.
    private static func isOwnHeading(_ text: RawSpan, _ line: Range<Int>) -> Bool {
        if starts(text, line, "## ") {
            // An entry's title is as long as an exchange's id.
            let end = line.first { text.octet(at: $0) == 0x0A } ?? line.upperBound
            return end - line.lowerBound == 29
        }
        return starts(text, line, "### ")
    }

    private static func starts(_ text: RawSpan, _ range: Range<Int>, _ prefix: StaticString) -> Bool {
        guard range.count >= prefix.utf8CodeUnitCount else { return false }
        return prefix.withUTF8Buffer { prefix in
            for index in 0..<prefix.count
            where text.octet(at: range.lowerBound + index) != prefix[index] {
                return false
            }
            return true
        }
    }
}

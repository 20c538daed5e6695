import HTTP1
import LLMWire

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
            inlineCode(name.utf8.span.bytes)
        }
        append(level == 2 ? "\n" : "\n\n")
    }

    /// Begins an entry or a part of one whose title is not known beforehand.
    mutating func heading(_ level: Int, text title: String) { heading(level, title.utf8.span.bytes) }

    /// Begins an entry or a part of one whose title is in UTF-8.
    mutating func heading(_ level: Int, _ title: RawSpan) {
        beginHeading(level)
        appendLine(title)
        append(level == 2 ? "\n" : "\n\n")
    }

    private mutating func beginHeading(_ level: Int) {
        for _ in 0..<level { octets.append(0x23) }
        octets.append(0x20)
    }

    /// Tells something about the exchange.
    mutating func fact(_ name: StaticString, _ value: String) { fact(name, value.utf8.span.bytes) }

    /// Tells something about the exchange, in UTF-8.
    mutating func fact(_ name: StaticString, _ value: RawSpan) {
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

    /// Appends a line about what cannot be shown.
    mutating func note(_ text: String) {
        inlineCode(text.utf8.span.bytes)
        append("\n\n")
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
    private mutating func inlineCode(_ text: RawSpan) {
        let run = TextShape.longestRun(text, 0..<text.byteCount)
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
    private mutating func appendLine(_ text: RawSpan) {
        let start = octets.count
        append(text, 0..<text.byteCount)
        for index in start..<octets.count where octets[index] < 0x20 { octets[index] = 0x20 }
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
        if Self.isPlain(text, range) { return }
        var needsFence = false
        var run = 0
        var isLineStart = true
        var hasEndTag = false
        for index in range {
            let octet = text.octet(at: index)
            if isLineStart, Self.beginsBlock(text, octet, index..<range.upperBound) { needsFence = true }
            isLineStart = octet == 0x0A || octet == 0x0D
            run = octet == 0x60 ? run + 1 : 0
            longestRun = max(longestRun, run)
            if octet == 0x2F, index > range.lowerBound, text.octet(at: index - 1) == 0x3C { hasEndTag = true }
        }
        guard let first = range.first(where: { text.octet(at: $0) > 0x20 }) else { return }
        let (start, end) = (text.octet(at: first), text.octet(at: range.upperBound - 1))
        if start == 0x7B && end == 0x7D || start == 0x5B && end == 0x5D, Self.isJSON(text, range) {
            language = "json"
        } else if start == 0x3C, end == 0x3E, hasEndTag || Self.starts(text, first..<range.upperBound, "<?xml") {
            language = "xml"
        } else if needsFence || longestRun >= 3 {
            language = "text"
        }
    }

    /// Whether a text has nothing in it that Markdown or a fence would have to know of, at the first look: most have not.
    private static func isPlain(_ text: RawSpan, _ range: Range<Int>) -> Bool {
        guard let first = range.first else { return true }
        if beginsNoParagraph(text.octet(at: first)) { return false }
        return text.extracting(range).withUnsafeBytes { octets in
            // Without a branch, so that many octets are looked at together.
            var ticks = 0
            var breaks = 0
            for octet in octets {
                ticks &+= octet == 0x60 ? 1 : 0
                breaks &+= octet == 0x0A || octet == 0x0D ? 1 : 0
            }
            guard ticks == 0 else { return false }
            guard breaks > 0 else { return true }
            for (octet, next) in zip(octets, octets.dropFirst())
            where octet == 0x0A || octet == 0x0D {
                if next != 0x0A, next != 0x0D, beginsNoParagraph(next) { return false }
            }
            return true
        }
    }

    /// Whether a line that begins so may be no plain one, or a text of JSON or XML.
    private static func beginsNoParagraph(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x00...0x20, 0x23, 0x3C, 0x5B, 0x7B, 0x7E: true
        default: false
        }
    }

    /// Whether a line begins what is no plain paragraph, or may not end with it: indented text, HTML, another fence, one
    /// of the transcript's own headings.
    private static func beginsBlock(_ text: RawSpan, _ first: UInt8, _ line: Range<Int>) -> Bool {
        switch first {
        case 0x20, 0x09, 0x3C: true
        case 0x7E: starts(text, line, "~~~")
        case 0x23: isOwnHeading(text, line)
        default: false
        }
    }

    private static func isJSON(_ text: RawSpan, _ range: Range<Int>) -> Bool {
        do throws(JSONFault) {
            try JSONText.validate(text.extracting(range))
            return true
        } catch {
            return false
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

    /// Whether the line could be taken for the beginning of an entry, which is titled by an exchange's id, or of a part
    /// of one.
    private static func isOwnHeading(_ text: RawSpan, _ line: Range<Int>) -> Bool {
        let end = line.first { text.octet(at: $0) == 0x0A || text.octet(at: $0) == 0x0D } ?? line.upperBound
        var title = line.lowerBound..<end
        var level = 0
        while let first = title.first, text.octet(at: first) == 0x23 {
            title = title.dropFirst()
            level += 1
        }
        guard level == 2 || level == 3, let first = title.first, text.octet(at: first) <= 0x20 else { return false }
        if level == 3 { return true }
        while let first = title.first, text.octet(at: first) <= 0x20 { title = title.dropFirst() }
        while let last = title.last, text.octet(at: last) <= 0x20 || text.octet(at: last) == 0x23 {
            title = title.dropLast()
        }
        return title.count == 26 && !title.contains { text.octet(at: $0) <= 0x20 }
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

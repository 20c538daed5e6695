package import HTTP1
import NIOCore

/// What an edit did to a head's fields, by their names as they are spelled there; values are not told.
///
/// For the request log; computed when it is asked for.
package struct HeaderChanges: Sendable, Equatable {
    /// Fields that the head did not have.
    package private(set) var added: [String] = []
    /// Fields whose lines were written anew.
    package private(set) var replaced: [String] = []
    /// Fields that were left out.
    package private(set) var dropped: [String] = []

    /// Reads `edit`, which belongs to `head`.
    package init(_ edit: HeadEdit, _ head: RawSpan, fields: [Field]) {
        let text = edit.text.readableBytesSpan
        for change in edit.changes {
            if fields.indices.contains(change.line) {
                let name = Self.name(head, fields[change.line].nameRange)
                if change.range.isEmpty { dropped.append(name) } else { replaced.append(name) }
                continue
            }
            var lines = Self.lines(text, change.range)
            if change.line == HeadEdit.startLine { lines.removeFirst(min(1, lines.count)) }
            for line in lines {
                let nameEnd = line.first { text.octet(at: $0) == 0x3A } ?? line.upperBound
                added.append(Self.name(text, line.lowerBound..<nameEnd))
            }
        }
    }

    /// Whether nothing was done.
    package var isEmpty: Bool { added.isEmpty && replaced.isEmpty && dropped.isEmpty }

    private static func name(_ octets: RawSpan, _ range: Range<Int>) -> String {
        String(decoding: range.map { octets.octet(at: $0) }, as: UTF8.self)
    }

    private static func lines(_ text: RawSpan, _ range: Range<Int>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = range.lowerBound
        for index in range where text.octet(at: index) == Octet.lineFeed {
            lines.append(start..<(index + 1))
            start = index + 1
        }
        return lines
    }
}

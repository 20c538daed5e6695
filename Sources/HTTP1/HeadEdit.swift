package import NIOCore

/// Changes to a head, line by line; every line that is not named stays as it came, byte for byte.
///
/// Lines are named by their place: ``startLine`` or a field's index, in rising order, then lines to append.
package struct HeadEdit: Sendable {
    /// One changed line: the octets ``text`` in `range` stand in its place; an empty range drops it.
    package struct Change: Sendable, Equatable {
        /// A field's index, or ``HeadEdit/startLine``, or ``HeadEdit/appended``.
        package let line: Int
        /// Where the new line, with its CRLF, stands in ``HeadEdit/text``.
        package let range: Range<Int>
    }

    /// The place of the request or status line.
    package static let startLine = -1
    /// The place of lines behind the last field.
    package static let appended = Int.max

    /// The changes, in the order of their lines.
    package private(set) var changes: [Change] = []
    /// The octets of all new lines.
    package internal(set) var text = ByteBuffer()

    /// No change yet.
    package init() {}

    /// Whether the head goes out as it came.
    package var isEmpty: Bool { changes.isEmpty }

    /// Forgets the changes and keeps the memory.
    package mutating func removeAll() {
        changes.removeAll(keepingCapacity: true)
        text.clear()
    }

    /// Leaves the field at `index` out.
    package mutating func drop(_ index: Int) {
        changes.append(Change(line: index, range: text.writerIndex..<text.writerIndex))
    }

    /// Leaves the field at `index` out; lines behind it may have been changed already, it itself not.
    package mutating func dropEarlier(_ index: Int) {
        let place = changes.lastIndex { $0.line < index }.map { $0 + 1 } ?? 0
        changes.insert(Change(line: index, range: text.writerIndex..<text.writerIndex), at: place)
    }

    /// Puts `line`, a whole line with its CRLF, in the place of the line at `index`.
    package mutating func replace(_ index: Int, with line: [UInt8]) {
        let start = text.writerIndex
        text.writeBytes(line)
        addChange(index, from: start)
    }

    /// Puts what `write` appends, a whole line with its CRLF, in the place of the line at `index`.
    package mutating func replace(_ index: Int, _ write: (inout ByteBuffer) -> Void) {
        let start = text.writerIndex
        write(&text)
        addChange(index, from: start)
    }

    /// Notes that what ``text`` holds from `start` on stands in the place of the line at `index`.
    mutating func addChange(_ index: Int, from start: Int) {
        guard index != Self.appended || start < text.writerIndex else { return }
        changes.append(Change(line: index, range: start..<text.writerIndex))
    }

    /// Adds what `write` appends, whole lines with their CRLF, behind the last field.
    package mutating func append(_ write: (inout ByteBuffer) -> Void) {
        replace(Self.appended, write)
    }

    /// Adds `line`, a whole line with its CRLF, behind the last field.
    package mutating func append(_ line: [UInt8]) {
        replace(Self.appended, with: line)
    }

    /// Writes the edited head, its empty line included, to `out`.
    ///
    /// - Parameters:
    ///   - head: the head's octets as they came.
    ///   - startLine: where the start line stands in `head`.
    ///   - fields: the head's fields.
    ///   - end: the octet behind the head's empty line.
    package func apply(
        to head: RawSpan, startLine: Range<Int>, fields: [Field], end: Int, into out: inout ByteBuffer
    ) {
        let text = self.text.readableBytesSpan
        var cursor = startLine.lowerBound
        for change in changes {
            let line: Range<Int>
            switch change.line {
            case Self.startLine: line = startLine
            case Self.appended: line = (end - 2)..<(end - 2)
            default: line = fields[change.line].lineRange
            }
            out.writeBytes(head, cursor..<line.lowerBound)
            out.writeBytes(text, change.range)
            cursor = line.upperBound
        }
        out.writeBytes(head, cursor..<end)
    }
}

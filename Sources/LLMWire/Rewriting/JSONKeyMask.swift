/// Finds what is to be masked in a body that comes in pieces: the values of members with certain names.
///
/// Of a string that is the inside of its quotation marks, of a number or literal all of it, of an array or object every
/// such value in it; names are never masked. Members are named by what their name means once escapes are read, whatever
/// the case of ASCII letters. Memory is constant. The text need not be JSON: what looks like a member is taken for one,
/// at any depth; below the 512th level a string that may be a name is masked like a value.
///
/// ```swift
/// var mask = JSONKeyMask(names: ["api_key"], framing: .document)
/// mask.read(piece) { range, value in … }   // ranges of this piece, in order
/// ```
package struct JSONKeyMask: Sendable {
    /// How documents follow each other in the body.
    package enum Framing: Sendable {
        /// One document, or several one behind the other.
        case document
        /// One document a line, as in NDJSON; a line begins anew whatever the one before left open.
        case lines
        /// The data of each event is a document (WHATWG HTML §9.2.6); what is not data is not looked at.
        case events
    }

    /// What a range is part of; both stay JSON when every octet of the range becomes the digit 1.
    package enum Value: Sendable {
        /// The inside of a string's quotation marks.
        case string
        /// A number, `true`, `false` or `null`.
        case scalar
    }

    /// How many octets have been read in all pieces.
    package private(set) var offset = 0

    private let framing: Framing
    private var machine: JSONMaskMachine

    // Of the line that is being read, where lines count.
    private var isEmptyLine = true
    /// How much of `data:` has been read; nil once the line is something else.
    private var fieldOctets: Int? = 0
    private var isBehindCarriageReturn = false

    /// A scanner at the beginning of a body.
    package init(names: [String], framing: Framing) {
        self.framing = framing
        machine = JSONMaskMachine(names: names)
    }

    /// A scanner for the same names, at the beginning of another body.
    package func renewed(_ framing: Framing) -> JSONKeyMask { JSONKeyMask(machine.renewed, framing) }

    private init(_ machine: JSONMaskMachine, _ framing: Framing) {
        self.framing = framing
        self.machine = machine
    }

    /// Whether there is no name, so that nothing need be read.
    package var isEmpty: Bool { machine.names.isEmpty }

    /// Reads the next piece of the body and calls `mask` with each range of it that is to be masked, in order.
    package mutating func read(_ piece: RawSpan, mask: (Range<Int>, Value) -> Void) {
        let count = piece.byteCount
        defer { offset += count }
        if isEmpty { return }
        if framing == .document { return machine.read(piece, 0..<count, mask) }
        var index = 0
        while index < count {
            let end = Self.endOfLine(piece, index)
            if index < end {
                isEmptyLine = false
                let start = framing == .events ? startOfData(piece, index..<end) : index
                if start < end { machine.read(piece, start..<end, mask) }
            }
            if end < count { endLine(piece.octet(at: end)) }
            index = end + 1
        }
    }

    private mutating func endLine(_ octet: UInt8) {
        let isSecondHalf = octet == 0x0A && isBehindCarriageReturn && isEmptyLine
        isBehindCarriageReturn = octet == 0x0D
        if isSecondHalf { return }
        if framing == .lines || isEmptyLine { machine.reset() } else { machine.endLine() }
        isEmptyLine = true
        fieldOctets = 0
    }

    /// Where the data in this part of a line begins; the part's end if it has none.
    private mutating func startOfData(_ piece: RawSpan, _ part: Range<Int>) -> Int {
        let field: InlineArray<5, UInt8> = [0x64, 0x61, 0x74, 0x61, 0x3A]
        let byteOrderMark: InlineArray<3, UInt8> = [0xEF, 0xBB, 0xBF]
        var index = part.lowerBound
        while index < part.upperBound, let read = fieldOctets, read < field.count {
            let octet = piece.octet(at: index)
            let position = offset + index
            index += 1
            if read == 0, position < byteOrderMark.count, octet == byteOrderMark[position] { continue }
            fieldOctets = octet == field[read] ? read + 1 : nil
        }
        return fieldOctets == field.count ? index : part.upperBound
    }

    /// The first line feed or carriage return from `start` on, or the end.
    private static func endOfLine(_ piece: RawSpan, _ start: Int) -> Int {
        var index = start
        while index < piece.byteCount {
            if index <= piece.byteCount &- 8 {
                let controls = Word.needsEscape(piece.word(at: index))
                if controls == 0 {
                    index &+= 8
                    continue
                }
                index &+= controls.trailingZeroBitCount &>> 3
            }
            let octet = piece.octet(at: index)
            if octet == 0x0A || octet == 0x0D { return index }
            index &+= 1
        }
        return index
    }
}

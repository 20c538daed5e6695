import HTTP1
import LLMWire

/// Reads recorded heads one after the other and writes their parts as JSON.
struct RecordedHead: Sendable {
    private var parser: HeadParser
    private(set) var octets: [UInt8] = []
    /// Whether ``octets`` is a head, whole and well-formed.
    private(set) var isReadable = false

    init(role: HeadParser.Role) {
        // What was recorded has passed the limits of the wire, or was refused by them.
        parser = HeadParser(role: role, limits: HeadParser.Limits(head: .max, fields: .max))
    }

    /// Goes on to another head; nil: there is none.
    mutating func read(_ head: [UInt8]?) {
        parser.reset()
        let head = head ?? []
        isReadable = false
        if !head.isEmpty, case .complete = parser.parse(head.span.bytes) { isReadable = true }
        octets = head
    }

    /// Its fields; none if it is not readable.
    var fields: [Field] { isReadable ? parser.fields : [] }
    /// Its request line.
    var requestLine: RequestLine { parser.requestLine }
    /// Its status, if it is a readable response.
    var status: Int { parser.statusLine.status }

    /// The values of `Content-Encoding`, those of several lines as one list.
    var contentEncoding: [UInt8] {
        var value: [UInt8] = []
        for field in fields where field.name == .contentEncoding {
            if !value.isEmpty { value.append(0x2C) }
            value.append(contentsOf: octets[field.valueRange])
        }
        return value
    }

    /// Whether a field is in it.
    func has(_ name: FieldName) -> Bool {
        fields.contains { $0.name == name }
    }

    /// Whether a field of this name, in small letters, is in it.
    func has(_ name: StaticString) -> Bool {
        let span = octets.span.bytes
        return fields.contains { span.matches($0.nameRange, name) }
    }

    /// The value of the first field of this name, in small letters, as UTF-8.
    func text(_ name: StaticString) -> String? {
        let span = octets.span.bytes
        return fields.first { span.matches($0.nameRange, name) }.map { text($0.valueRange) }
    }

    /// The fields, as text, that a provider may tell facts in: names of its own are long and begin with few letters, and
    /// most fields are none.
    var factFields: [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        for field in fields where field.nameRange.count >= 10 && field.valueRange.count <= 256 {
            switch octets[field.nameRange.lowerBound] | 0x20 {
            case 0x61, 0x72, 0x78: found.append((text(field.nameRange), text(field.valueRange)))
            default: break
            }
        }
        return found
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: octets[range], as: UTF8.self) }

    /// Writes the fields as an object: names as sent, a repeated field's values as an array under its first spelling.
    func appendFields(to line: inout JSONLineWriter) {
        let span = octets.span.bytes
        let fields = self.fields
        line.beginObject()
        let repeated = span.marksOfRepeatedNames(fields)
        for (index, field) in fields.enumerated() {
            // Most names are unlike all others at the first look.
            guard repeated & span.mark(of: field) != 0 else {
                line.key(span, field.nameRange)
                line.text(span, field.valueRange)
                continue
            }
            if fields[..<index].contains(where: { span.isSameName($0, field) }) { continue }
            line.key(span, field.nameRange)
            guard fields[(index + 1)...].contains(where: { span.isSameName($0, field) }) else {
                line.text(span, field.valueRange)
                continue
            }
            line.beginArray()
            for same in fields[index...] where span.isSameName(same, field) {
                line.nextElement()
                line.text(span, same.valueRange)
            }
            line.endArray()
        }
        line.endObject()
    }

    /// Whether two requests carry the same fields end to end: hop-by-hop, framing and `Host` lines set aside.
    func hasSameEndToEndFields(as other: borrowing RecordedHead) -> Bool {
        let (left, right) = (octets.span.bytes, other.octets.span.bytes)
        let (leftFields, rightFields) = (fields, other.fields)
        var (leftIndex, rightIndex) = (0, 0)
        while true {
            while leftIndex < leftFields.count, !leftFields[leftIndex].isEndToEnd { leftIndex += 1 }
            while rightIndex < rightFields.count, !rightFields[rightIndex].isEndToEnd { rightIndex += 1 }
            guard leftIndex < leftFields.count, rightIndex < rightFields.count else {
                return leftIndex >= leftFields.count && rightIndex >= rightFields.count
            }
            let (leftField, rightField) = (leftFields[leftIndex], rightFields[rightIndex])
            guard left.isSame(leftField.nameRange, as: right, rightField.nameRange),
                left.isSame(leftField.valueRange, as: right, rightField.valueRange)
            else { return false }
            leftIndex += 1
            rightIndex += 1
        }
    }
}

extension Field {
    /// Whether the field is meant for the other end and not for the next hop.
    fileprivate var isEndToEnd: Bool {
        switch name {
        case .host, .contentLength, .transferEncoding, .upgrade, .trailer, .expect: return false
        default: return !name.isHopByHop
        }
    }
}

extension RawSpan {
    /// Whether two fields of this head have one name, ASCII case set aside.
    fileprivate func isSameName(_ left: Field, _ right: Field) -> Bool {
        let (leftRange, rightRange) = (left.nameRange, right.nameRange)
        guard left.name == right.name, leftRange.count == rightRange.count else { return false }
        for offset in 0..<leftRange.count {
            let leftOctet = Octet.lowercased(octet(at: leftRange.lowerBound + offset))
            if leftOctet != Octet.lowercased(octet(at: rightRange.lowerBound + offset)) { return false }
        }
        return true
    }

    /// One of 64 marks, which fields of one name have in common.
    fileprivate func mark(of field: Field) -> UInt64 {
        let range = field.nameRange
        guard let first = range.first, let last = range.last else { return 1 }
        let ends = Int(Octet.lowercased(octet(at: first))) &* 7 &+ Int(Octet.lowercased(octet(at: last)))
        return 1 &<< UInt64(truncatingIfNeeded: (ends &* 5 &+ range.count) & 63)
    }

    /// The marks that more than one of the fields has.
    fileprivate func marksOfRepeatedNames(_ fields: [Field]) -> UInt64 {
        var seen: UInt64 = 0
        var repeated: UInt64 = 0
        for field in fields {
            let mark = mark(of: field)
            repeated |= seen & mark
            seen |= mark
        }
        return repeated
    }

    fileprivate func isSame(_ range: Range<Int>, as other: RawSpan, _ otherRange: Range<Int>) -> Bool {
        guard range.count == otherRange.count else { return false }
        return extracting(range).withUnsafeBytes { left in
            other.extracting(otherRange).withUnsafeBytes { right in left.elementsEqual(right) }
        }
    }
}

extension JSONLineWriter {
    /// Appends octets that nothing says the encoding of: as UTF-8 where they are, else as ISO 8859-1.
    mutating func text(_ span: RawSpan, _ range: Range<Int>) {
        if UTF8Text.isValid(span.extracting(range)) {
            string(span, range)
        } else {
            latin1String(span, range)
        }
    }
}

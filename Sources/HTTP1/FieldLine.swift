/// Reads single field lines, of heads and of trailer sections alike (RFC 9112 §5).
enum FieldLine {
    /// Reads the line in `line` (its CRLF stands between `line` and `lineEnd`).
    @inline(__always)
    static func read(_ received: RawSpan, _ line: Range<Int>, lineEnd: Int) -> Result<Field, HeadFault> {
        var index = line.lowerBound
        let first = received.octet(at: index)
        if first == Octet.space || first == Octet.horizontalTab { return .failure(.fieldLineFolded) }
        while index < line.upperBound, Octet.isTokenCharacter(received.octet(at: index)) { index &+= 1 }
        let nameEnd = index
        guard nameEnd > line.lowerBound, nameEnd < line.upperBound, received.octet(at: nameEnd) == 0x3A else {
            return .failure(.badFieldName)
        }
        let value = received.trimmingWhitespace((nameEnd &+ 1)..<line.upperBound)
        guard received.isFieldValue(value) else { return .failure(.badFieldValue) }
        return .success(
            Field(
                nameStart: line.lowerBound, nameEnd: nameEnd, valueStart: value.lowerBound, valueEnd: value.upperBound,
                lineEnd: lineEnd, name: FieldName.classify(received, line.lowerBound..<nameEnd)))
    }
}

extension RawSpan {
    private static var everyOctet: UInt64 { 0x0101_0101_0101_0101 }
    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// The offset of the first LF at or after `start`, or nil.
    func firstLineFeed(from start: Int) -> Int? {
        let count = byteCount
        var index = start
        while index &+ 8 <= count {
            // An octet that equals LF becomes zero; the lowest high bit marks the first zero octet.
            let difference = word(at: index) ^ 0x0A0A_0A0A_0A0A_0A0A
            let zeros = (difference &- Self.everyOctet) & ~difference & Self.highBits
            if zeros != 0 { return index &+ zeros.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            if octet(at: index) == Octet.lineFeed { return index }
            index &+= 1
        }
        return nil
    }

    /// The offset of the first SP in `range`, or nil.
    func firstSpace(in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if octet(at: index) == Octet.space { return index }
            index &+= 1
        }
        return nil
    }

    /// Whether `range` holds only what may stand in a field value (RFC 9110 §5.5).
    func isFieldValue(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index &+ 8 <= range.upperBound {
            let octets = word(at: index)
            let controls = (octets &- 0x2020_2020_2020_2020) & ~octets & Self.highBits
            let deletes = octets ^ 0x7F7F_7F7F_7F7F_7F7F
            let suspects = controls | ((deletes &- Self.everyOctet) & ~deletes & Self.highBits)
            if suspects != 0 {
                // The word test may also point at an octet behind a real one, and at tabs: ask one by one.
                for offset in index..<(index &+ 8) where !Octet.isFieldValueCharacter(octet(at: offset)) {
                    return false
                }
            }
            index &+= 8
        }
        while index < range.upperBound {
            if !Octet.isFieldValueCharacter(octet(at: index)) { return false }
            index &+= 1
        }
        return true
    }
}

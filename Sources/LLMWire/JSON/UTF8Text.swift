/// Well-formedness of UTF-8 (Unicode §3.9, table 3-7; RFC 3629).
package enum UTF8Text {
    /// Whether all of `text` is well-formed: no stray, missing or overlong octets, no surrogates, nothing past U+10FFFF.
    package static func isValid(_ text: RawSpan) -> Bool {
        let count = text.byteCount
        var index = 0
        while index < count {
            if index <= count &- 8 {
                let high = text.word(at: index) & Word.highs
                if high == 0 {
                    index &+= 8
                    continue
                }
                index &+= high.trailingZeroBitCount &>> 3
            }
            // A run of text beyond ASCII is read sequence by sequence before words are tried again.
            repeat {
                let length = sequenceLength(text, index, count)
                if length == 0 { return false }
                index &+= length
            } while index < count && text.octet(at: index) >= 0x80
        }
        return true
    }

    /// How many octets at the end of `text` begin a sequence that the end cuts off: 0 to 3.
    package static func incompleteTail(of text: RawSpan) -> Int {
        let count = text.byteCount
        var back = 1
        while back <= 3, back <= count {
            let octet = text.octet(at: count &- back)
            if octet >= 0xC0 {
                let needed = octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4
                return needed > back && octet < 0xF5 ? back : 0
            }
            if octet < 0x80 { return 0 }
            back &+= 1
        }
        return 0
    }

    /// The length of the sequence at `index`, 0 if it is ill-formed.
    @inline(__always)
    private static func sequenceLength(_ text: RawSpan, _ index: Int, _ count: Int) -> Int {
        if index <= count &- 4 {
            let word = text.halfWord(at: index)
            let first = word & 0xFF
            if first < 0x80 { return 1 }
            // Lead 1110xxxx and two continuations, the everyday case of CJK text.
            if word & 0x00C0_C0F0 == 0x0080_80E0 {
                let second = (word &>> 8) & 0xFF
                return (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ? 0 : 3
            }
            if word & 0x0000_C0E0 == 0x0000_80C0 { return first >= 0xC2 ? 2 : 0 }
            if word & 0xC0C0_C0F8 == 0x8080_80F0 {
                let second = (word &>> 8) & 0xFF
                return first > 0xF4 || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90) ? 0 : 4
            }
            return 0
        }
        return shortSequenceLength(text, index, count)
    }

    /// The same within the last three octets, where no four can be loaded and none of four fits.
    private static func shortSequenceLength(_ text: RawSpan, _ index: Int, _ count: Int) -> Int {
        let first = text.octet(at: index)
        if first < 0x80 { return 1 }
        guard index &+ 1 < count else { return 0 }
        let second = text.octet(at: index &+ 1)
        guard second & 0xC0 == 0x80 else { return 0 }
        if first >= 0xC2, first < 0xE0 { return 2 }
        guard first & 0xF0 == 0xE0, index &+ 2 < count, text.octet(at: index &+ 2) & 0xC0 == 0x80 else { return 0 }
        return (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ? 0 : 3
    }
}

extension RawSpan {
    /// The octet at `offset`; an offset outside the span traps.
    @inline(__always)
    func octet(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        // The line above is the proof.
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Eight octets from `offset` on, the first in the lowest bits; fewer than eight left trap.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= byteCount &- 8)
        // The line above is the proof.
        return unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Four octets from `offset` on, the first in the lowest bits; fewer than four left trap.
    @inline(__always)
    func halfWord(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset <= byteCount &- 4)
        // The line above is the proof.
        return unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    /// Whether the octets are those of `expected`.
    @inline(__always)
    func equals(_ expected: StaticString) -> Bool {
        guard byteCount == expected.utf8CodeUnitCount else { return false }
        return expected.withUTF8Buffer { expected in
            for index in 0..<expected.count where unsafe expected[index] != octet(at: index) { return false }
            return true
        }
    }

    /// Where the first backslash from `start` on stands; `end` without one.
    @inline(__always)
    func firstBackslash(from start: Int, to end: Int) -> Int {
        var index = start
        while index <= end &- 8 {
            let word = word(at: index) ^ (0x5C &* Word.ones)
            let found = (word &- Word.ones) & ~word & Word.highs
            // The lowest mark is never wrong.
            guard found == 0 else { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < end, octet(at: index) != 0x5C { index &+= 1 }
        return index
    }
}

/// Tests on eight octets at a time.
enum Word {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Marks, by its high bit, the first octet that cannot stand in a JSON string as it is: `"`, `\` or a control.
    ///
    /// Marks above the first may be wrong, because a subtraction borrows only upwards; the lowest never is.
    @inline(__always)
    static func needsEscape(_ word: UInt64) -> UInt64 {
        let quote = word ^ (0x22 &* ones)
        let backslash = word ^ (0x5C &* ones)
        let control = (word &- 0x20 &* ones) & ~word
        return (control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)) & highs
    }
}

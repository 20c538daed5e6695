extension JSONLineWriter {
    /// How much is escaped between two looks at the room that is left.
    private static let block = 4096

    /// Appends the octets of `text` in `range`, which are UTF-8, as a JSON string.
    ///
    /// Escaped are the quotation mark, the backslash and the controls below U+0020, and nothing else (RFC 8259 §7).
    package mutating func string(_ text: RawSpan, _ range: Range<Int>) {
        append(0x22)
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start &+ Self.block, range.upperBound)
            appendEscaped(text.extracting(start..<end))
            start = end
        }
        append(0x22)
    }

    /// Appends octets of no known encoding as a JSON string, each octet as the character of its number (ISO 8859-1).
    package mutating func latin1String(_ text: RawSpan, _ range: Range<Int>) {
        append(0x22)
        for index in range {
            let octet = text.octet(at: index)
            if octet >= 0x80 {
                append(0xC0 | octet &>> 6)
                append(0x80 | octet & 0x3F)
            } else {
                appendEscaped(text.extracting(index..<(index &+ 1)))
            }
        }
        append(0x22)
    }

    /// Appends `octets` as a JSON string in base 64 with padding (RFC 4648 §4).
    package mutating func base64String(_ octets: RawSpan) {
        append(0x22)
        var start = 0
        while start < octets.byteCount {
            let end = min(start &+ 3 &* Self.block, octets.byteCount)
            let part = octets.extracting(start..<end)
            // Every three octets, begun ones included, make four characters.
            unsafe write(upTo: (part.byteCount &+ 2) / 3 &* 4) { unsafe Self.encode(part, to: $0) }
            start = end
        }
        append(0x22)
    }

    /// Appends `octets` as a JSON string of hexadecimal digits.
    package mutating func hexadecimalString(_ octets: RawSpan) {
        append(0x22)
        for index in 0..<octets.byteCount {
            append(Self.hexadecimalDigit(octets.octet(at: index) &>> 4))
            append(Self.hexadecimalDigit(octets.octet(at: index) & 15))
        }
        append(0x22)
    }

    @inline(__always)
    private mutating func appendEscaped(_ text: RawSpan) {
        let count = text.byteCount
        // An octet becomes six at most (\u00XX); whole words are stored before it is known how much of them counts.
        unsafe write(upTo: count &* 6 &+ 8) { room in
            var from = 0
            var to = 0
            while from < count {
                if from <= count &- 8 {
                    let word = text.word(at: from)
                    let special = Word.needsEscape(word)
                    // `to` is at most six times `from`, so eight more octets lie within the room.
                    unsafe (room + to).storeBytes(of: word.littleEndian, as: UInt64.self)
                    if special == 0 {
                        from &+= 8
                        to &+= 8
                        continue
                    }
                    let clean = special.trailingZeroBitCount &>> 3
                    from &+= clean
                    to &+= clean
                }
                let octet = text.octet(at: from)
                from &+= 1
                // As above: at most six octets of room for this one.
                if octet == 0x22 || octet == 0x5C {
                    unsafe (room + to).storeBytes(of: (0x5C | UInt16(octet) &<< 8).littleEndian, as: UInt16.self)
                    to &+= 2
                } else if octet >= 0x20 {
                    unsafe (room + to).storeBytes(of: octet, as: UInt8.self)
                    to &+= 1
                } else {
                    let letter = Self.escapeLetter(octet)
                    if letter != 0 {
                        unsafe (room + to).storeBytes(of: (0x5C | UInt16(letter) &<< 8).littleEndian, as: UInt16.self)
                        to &+= 2
                    } else {
                        unsafe (room + to).storeBytes(of: UInt32(0x3030_755C).littleEndian, as: UInt32.self)
                        let digits =
                            UInt16(Self.hexadecimalDigit(octet &>> 4))
                            | UInt16(Self.hexadecimalDigit(octet & 15)) &<< 8
                        unsafe (room + (to &+ 4)).storeBytes(of: digits.littleEndian, as: UInt16.self)
                        to &+= 6
                    }
                }
            }
            return to
        }
    }

    /// The letter behind the backslash for a control that has one, else 0.
    @inline(__always)
    private static func escapeLetter(_ control: UInt8) -> UInt8 {
        switch control {
        case 0x0A: return 0x6E
        case 0x0D: return 0x72
        case 0x09: return 0x74
        case 0x08: return 0x62
        case 0x0C: return 0x66
        default: return 0
        }
    }

    @inline(__always)
    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 &+ value : 0x57 &+ value
    }

    /// Writes the characters of `octets` to `room`, which holds four for every three begun; returns how many.
    @unsafe
    private static func encode(_ octets: RawSpan, to room: UnsafeMutableRawPointer) -> Int {
        let count = octets.byteCount
        var from = 0
        var to = 0
        while from < count {
            let left = count &- from
            let first = UInt32(octets.octet(at: from)) &<< 16
            let second = left > 1 ? UInt32(octets.octet(at: from &+ 1)) &<< 8 : 0
            let third = left > 2 ? UInt32(octets.octet(at: from &+ 2)) : 0
            let bits = first | second | third
            var characters = UInt32(base64Digit(bits &>> 18)) | UInt32(base64Digit(bits &>> 12)) &<< 8
            characters |= (left > 1 ? UInt32(base64Digit(bits &>> 6)) : 0x3D) &<< 16
            characters |= (left > 2 ? UInt32(base64Digit(bits)) : 0x3D) &<< 24
            // `to` is four for every three octets read, which the room was measured by.
            unsafe (room + to).storeBytes(of: characters.littleEndian, as: UInt32.self)
            from &+= 3
            to &+= 4
        }
        return to
    }

    @inline(__always)
    private static func base64Digit(_ bits: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits & 63)
        if value < 26 { return 0x41 &+ value }
        if value < 52 { return 0x47 &+ value }
        if value < 62 { return value &- 4 }
        return value == 62 ? 0x2B : 0x2F
    }
}

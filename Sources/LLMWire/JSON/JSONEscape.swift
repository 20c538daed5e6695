/// What an escape in a JSON string stands for (RFC 8259 §7).
struct JSONEscape {
    /// The character; nil for a surrogate without its other half, which is no character.
    let scalar: Unicode.Scalar?
    /// The octet behind the escape, or behind the second of a surrogate pair.
    let end: Int

    /// Reads the escape whose backslash is at `start`, inside a string that has been found well-formed.
    init(_ text: RawSpan, _ start: Int) {
        let letter = text.octet(at: start &+ 1)
        guard letter == 0x75 else {
            scalar = Unicode.Scalar(Self.meaning(letter))
            end = start &+ 2
            return
        }
        let unit = Self.unit(text, start)
        guard unit & 0xFC00 == 0xD800 else {
            scalar = Unicode.Scalar(unit)
            end = start &+ 6
            return
        }
        // A well-formed string goes on for one octet at least, its closing quotation mark.
        if text.octet(at: start &+ 6) == 0x5C, text.octet(at: start &+ 7) == 0x75 {
            let low = Self.unit(text, start &+ 6)
            if low & 0xFC00 == 0xDC00 {
                scalar = Unicode.Scalar(0x1_0000 &+ (unit & 0x3FF) &<< 10 &+ (low & 0x3FF))
                end = start &+ 12
                return
            }
        }
        scalar = nil
        end = start &+ 6
    }

    /// What the escape of `letter` stands for; the letter itself where it is no control.
    static func meaning(_ letter: UInt8) -> UInt8 {
        switch letter {
        case 0x62: return 0x08
        case 0x66: return 0x0C
        case 0x6E: return 0x0A
        case 0x72: return 0x0D
        case 0x74: return 0x09
        default: return letter
        }
    }

    /// The four hexadecimal digits of the `\u` at `start`.
    private static func unit(_ text: RawSpan, _ start: Int) -> UInt32 {
        var unit: UInt32 = 0
        for index in (start &+ 2)..<(start &+ 6) {
            let octet = text.octet(at: index)
            unit = unit &<< 4 | UInt32(octet < 0x3A ? octet &- 0x30 : (octet | 0x20) &- 0x57)
        }
        return unit
    }
}

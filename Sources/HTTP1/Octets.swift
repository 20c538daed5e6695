package import NIOCore

/// Octet classes of RFC 9110 §5.6.2 and RFC 3986, as tests on single bytes.
package enum Octet {
    package static let horizontalTab: UInt8 = 0x09
    package static let lineFeed: UInt8 = 0x0A
    package static let carriageReturn: UInt8 = 0x0D
    package static let space: UInt8 = 0x20

    /// `tchar` of RFC 9110 §5.6.2, as two bit sets of 64.
    @inline(__always)
    package static func isTokenCharacter(_ octet: UInt8) -> Bool {
        // ! # $ % & ' * + - . 0-9
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        // A-Z ^ _ ` a-z | ~
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        if octet < 64 { return (low &>> UInt64(octet)) & 1 == 1 }
        return octet < 128 && (high &>> UInt64(octet &- 64)) & 1 == 1
    }

    /// What may stand in a field value: HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5).
    @inline(__always)
    package static func isFieldValueCharacter(_ octet: UInt8) -> Bool {
        octet >= 0x20 ? octet != 0x7F : octet == horizontalTab
    }

    /// What may stand in a request target: no control, no space, no DEL and no `#` (RFC 9112 §3.2 has no fragment).
    ///
    /// Octets past 0x7F are let through as they are; deciding about them is the upstream's business.
    @inline(__always)
    package static func isTargetCharacter(_ octet: UInt8) -> Bool {
        octet > 0x20 && octet != 0x7F && octet != 0x23
    }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    package static func hexadecimalValue(_ octet: UInt8) -> UInt64? {
        switch octet {
        case 0x30...0x39: return UInt64(octet &- 0x30)
        case 0x41...0x46: return UInt64(octet &- 0x41 &+ 10)
        case 0x61...0x66: return UInt64(octet &- 0x61 &+ 10)
        default: return nil
        }
    }

    /// The octet with an ASCII capital letter made small.
    @inline(__always)
    package static func lowercased(_ octet: UInt8) -> UInt8 {
        octet &- 0x41 < 26 ? octet | 0x20 : octet
    }
}

extension RawSpan {
    /// The octet at `offset`; an offset outside the span traps.
    @inline(__always)
    package func octet(at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        // The line above is the proof.
        return unsafe unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }

    /// Eight octets from `offset` on as a little-endian word; the caller keeps `offset + 8` inside the span.
    @inline(__always)
    package func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset &+ 8 <= byteCount)
        // The line above is the proof.
        return unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Whether the octets in `range` spell `lowercase`, ASCII case set aside.
    @inline(__always)
    package func matches(_ range: Range<Int>, _ lowercase: StaticString) -> Bool {
        let count = lowercase.utf8CodeUnitCount
        guard range.count == count, range.upperBound <= byteCount else { return false }
        // A static string's storage lives as long as the process and has `count` octets.
        let wanted = unsafe lowercase.utf8Start
        var index = 0
        while index < count {
            // `|` may fold a control onto a letter, never onto `-` or a digit; names are checked as tokens beforehand.
            if unsafe (octet(at: range.lowerBound &+ index) | 0x20) != wanted[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether the octets in `range` are exactly `text`.
    package func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard range.count == count, range.upperBound <= byteCount else { return false }
        // A static string's storage lives as long as the process and has `count` octets.
        let wanted = unsafe text.utf8Start
        for index in 0..<count where unsafe octet(at: range.lowerBound &+ index) != wanted[index] { return false }
        return true
    }

    /// Whether the octets in `range` are exactly `octets`.
    package func equals(_ range: Range<Int>, _ octets: [UInt8]) -> Bool {
        guard range.count == octets.count else { return false }
        for index in octets.indices where octet(at: range.lowerBound &+ index) != octets[index] { return false }
        return true
    }

    /// Whether the octets in `range` spell `lowercase`, ASCII case set aside.
    package func matches(_ range: Range<Int>, _ lowercase: [UInt8]) -> Bool {
        guard range.count == lowercase.count else { return false }
        for index in lowercase.indices
        where Octet.lowercased(octet(at: range.lowerBound &+ index)) != lowercase[index] { return false }
        return true
    }

    /// `range` without the spaces and tabs around it (OWS, RFC 9110 §5.6.3).
    package func trimmingWhitespace(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, isWhitespace(octet(at: lower)) { lower &+= 1 }
        while upper > lower, isWhitespace(octet(at: upper &- 1)) { upper &-= 1 }
        return lower..<upper
    }

    @inline(__always)
    private func isWhitespace(_ octet: UInt8) -> Bool {
        octet == Octet.space || octet == Octet.horizontalTab
    }
}

extension ByteBuffer {
    /// Appends the octets of `span` in `range`.
    @inline(__always)
    package mutating func writeBytes(_ span: RawSpan, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        writeBytes(span.extracting(range))
    }
}

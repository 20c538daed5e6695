/// An IP address as its octets; an IPv4 address that is mapped into IPv6 is the IPv4 address (RFC 4291 §2.5.5.2).
package struct IPAddress: Sendable, Hashable {
    /// Which protocol it belongs to.
    package enum Family: Sendable {
        /// Four octets.
        case v4
        /// Sixteen octets.
        case v6
    }

    /// Which protocol it belongs to.
    package let family: Family
    /// The octets 0 to 7 of an IPv6 address, the first in the high byte; 0 for IPv4.
    package let high: UInt64
    /// The octets 8 to 15 of an IPv6 address; the four of an IPv4 address in the low half.
    package let low: UInt64

    /// An IPv4 address, its first octet in the high byte.
    package init(v4 octets: UInt32) {
        family = .v4
        high = 0
        low = UInt64(octets)
    }

    /// An IPv6 address in two halves; one of `::ffff:0:0/96` becomes the IPv4 address in it.
    package init(high: UInt64, low: UInt64) {
        let isMapped = high == 0 && low >> 32 == 0xFFFF
        family = isMapped ? .v4 : .v6
        self.high = high
        self.low = isMapped ? low & 0xFFFF_FFFF : low
    }

    /// The address that `text` spells: dotted decimal without leading zeros, or RFC 4291 §2.2 without a zone; nil for
    /// anything else.
    package init?(_ text: some StringProtocol) {
        let octets = Array(text.utf8)
        let bytes = octets.span.bytes
        self.init(octets: bytes, in: 0..<octets.count)
    }

    /// The address that the octets in `range` spell, as in ``init(_:)``; it allocates nothing.
    package init?(octets: RawSpan, in range: Range<Int>) {
        if range.contains(where: { octets.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == 0x3A }) {
            guard let value = Self.parseV6(octets, range) else { return nil }
            self.init(high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
        } else {
            guard let v4 = Self.parseV4(octets, range) else { return nil }
            self.init(v4: v4)
        }
    }

    /// How many bits it has.
    package var width: Int { family == .v4 ? 32 : 128 }

    private static func parseV4(_ octets: RawSpan, _ range: Range<Int>) -> UInt32? {
        var value: UInt32 = 0
        var number: UInt32 = 0
        var digits = 0
        var parts = 0
        for index in range.lowerBound...range.upperBound {
            let octet = index < range.upperBound ? octets.unsafeLoad(fromByteOffset: index, as: UInt8.self) : 0x2E
            if octet == 0x2E {
                guard digits > 0, number <= 255, parts < 4 else { return nil }
                value = value << 8 | number
                parts += 1
                number = 0
                digits = 0
            } else {
                // A leading zero would mean octal to some.
                guard (0x30...0x39).contains(octet), digits < 3, digits == 0 || number > 0 else { return nil }
                number = number * 10 + UInt32(octet - 0x30)
                digits += 1
            }
        }
        return parts == 4 ? value : nil
    }

    private static func parseV6(_ octets: RawSpan, _ range: Range<Int>) -> UInt128? {
        func octet(_ index: Int) -> UInt8 { octets.unsafeLoad(fromByteOffset: index, as: UInt8.self) }
        var value: UInt128 = 0
        var groups = 0
        var gap: Int?
        var index = range.lowerBound
        let end = range.upperBound
        if range.count >= 2, octet(index) == 0x3A, octet(index + 1) == 0x3A {
            gap = 0
            index += 2
        }
        while index < end {
            guard groups < 8 else { return nil }
            var groupEnd = index
            while groupEnd < end, octet(groupEnd) != 0x3A { groupEnd += 1 }
            if (index..<groupEnd).contains(where: { octet($0) == 0x2E }) {
                guard groupEnd == end, groups <= 6, let v4 = parseV4(octets, index..<groupEnd) else { return nil }
                value = value << 32 | UInt128(v4)
                groups += 2
                break
            }
            guard let number = hexadecimal(octets, index..<groupEnd) else { return nil }
            value = value << 16 | UInt128(number)
            groups += 1
            guard groupEnd < end else { break }
            index = groupEnd + 1
            guard index < end else { return nil }
            if octet(index) == 0x3A {
                guard gap == nil else { return nil }
                gap = groups
                index += 1
            }
        }
        guard let gap else { return groups == 8 ? value : nil }
        guard groups < 8 else { return nil }
        let behind = UInt128(16 * (groups - gap))
        let front = value >> behind
        return front << UInt128(16 * (8 - gap)) | (value - front << behind)
    }

    private static func hexadecimal(_ octets: RawSpan, _ range: Range<Int>) -> UInt16? {
        guard (1...4).contains(range.count) else { return nil }
        var number: UInt16 = 0
        for index in range {
            let octet = octets.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            switch octet {
            case 0x30...0x39: number = number << 4 | UInt16(octet - 0x30)
            case 0x41...0x46: number = number << 4 | UInt16(octet - 0x37)
            case 0x61...0x66: number = number << 4 | UInt16(octet - 0x57)
            default: return nil
            }
        }
        return number
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address as RFC 5952 writes it, without brackets.
    package var description: String {
        switch family {
        case .v4: return [24, 16, 8, 0].map { String(low >> $0 & 0xFF) }.joined(separator: ".")
        case .v6: return Self.text(of: (0..<8).map { group($0) })
        }
    }

    private func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - index % 4 * 16))
    }

    private static func text(of groups: [UInt16]) -> String {
        var longest = 0..<0
        var start = 0
        while start < groups.count {
            var end = start
            while end < groups.count, groups[end] == 0 { end += 1 }
            if end - start > max(1, longest.count) { longest = start..<end }
            start = max(end, start + 1)
        }
        let join = { (part: ArraySlice<UInt16>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        guard !longest.isEmpty else { return join(groups[...]) }
        return join(groups[..<longest.lowerBound]) + "::" + join(groups[longest.upperBound...])
    }
}

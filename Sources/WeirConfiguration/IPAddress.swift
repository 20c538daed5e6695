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
        if octets.contains(0x3A) {
            guard let (high, low) = Self.parseV6(octets[...]) else { return nil }
            self.init(high: high, low: low)
        } else {
            guard let v4 = Self.parseV4(octets[...]) else { return nil }
            self.init(v4: v4)
        }
    }

    /// How many bits it has.
    package var width: Int { family == .v4 ? 32 : 128 }

    private static func parseV4(_ octets: ArraySlice<UInt8>) -> UInt32? {
        let parts = octets.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != 0x30 else { return nil }
            var number: UInt32 = 0
            for octet in part {
                guard (0x30...0x39).contains(octet) else { return nil }
                number = number * 10 + UInt32(octet - 0x30)
            }
            guard number <= 255 else { return nil }
            value = value << 8 | number
        }
        return value
    }

    private static func parseV6(_ octets: ArraySlice<UInt8>) -> (UInt64, UInt64)? {
        var groups: [UInt16] = []
        var gap: Int?
        var rest = octets
        if rest.starts(with: [0x3A, 0x3A]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            guard groups.count < 8 else { return nil }
            let end = rest.firstIndex(of: 0x3A) ?? rest.endIndex
            let group = rest[..<end]
            if group.contains(0x2E) {
                guard end == rest.endIndex, groups.count <= 6, let v4 = parseV4(group) else { return nil }
                groups += [UInt16(v4 >> 16), UInt16(truncatingIfNeeded: v4)]
                rest = []
                break
            }
            guard let number = hexadecimal(group) else { return nil }
            groups.append(number)
            rest = rest[end...]
            guard !rest.isEmpty else { break }
            rest = rest.dropFirst()
            if rest.first == 0x3A {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        let join = { (part: ArraySlice<UInt16>) in part.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        return (join(groups[..<4]), join(groups[4...]))
    }

    private static func hexadecimal(_ group: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(group.count) else { return nil }
        var number: UInt16 = 0
        for octet in group {
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

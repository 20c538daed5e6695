/// A block of addresses: one address, or a CIDR prefix (RFC 4632, RFC 4291 §2.3).
package struct AddressRange: Sendable, Hashable {
    /// The block's first address.
    package let first: IPAddress
    /// How many leading bits an address must share with ``first``.
    package let prefixLength: Int
    private let highMask: UInt64
    private let lowMask: UInt64

    /// The block that `text` spells, as in `10.0.0.0/8`, `2001:db8::/32` or `192.0.2.1`; nil for anything else, bits
    /// behind the prefix included.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(parts[0]) else { return nil }
        var length = address.width
        if parts.count == 2 {
            // A mapped block is one of IPv4, its length counted from the front of the IPv6 address.
            let isMapped = address.family == .v4 && parts[0].contains(":")
            let offset = isMapped ? 96 : 0
            guard let number = Int(parts[1]), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                (offset...(address.width + offset)).contains(number), parts[1] == String(number)
            else { return nil }
            length = number - offset
        }
        first = address
        prefixLength = length
        (highMask, lowMask) = Self.masks(address.family, length)
        guard contains(address) else { return nil }
    }

    /// The block of one address.
    package init(_ address: IPAddress) {
        first = address
        prefixLength = address.width
        (highMask, lowMask) = Self.masks(address.family, address.width)
    }

    /// Whether it holds `address`.
    package func contains(_ address: IPAddress) -> Bool {
        address.family == first.family && address.high & highMask == first.high && address.low & lowMask == first.low
    }

    /// The bits that addresses of the block share, of either half of an address.
    private static func masks(_ family: IPAddress.Family, _ length: Int) -> (high: UInt64, low: UInt64) {
        func leading(_ bits: Int, of width: Int) -> UInt64 {
            bits <= 0 ? 0 : .max << UInt64(width - min(bits, width))
        }
        switch family {
        case .v4: return (0, leading(length, of: 32) & 0xFFFF_FFFF)
        case .v6: return (leading(length, of: 64), leading(length - 64, of: 64))
        }
    }
}

extension AddressRange: CustomStringConvertible {
    /// As it would be configured.
    package var description: String {
        prefixLength == first.width ? "\(first)" : "\(first)/\(prefixLength)"
    }
}

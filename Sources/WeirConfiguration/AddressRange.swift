/// A block of addresses: one address, or a CIDR prefix (RFC 4632, RFC 4291 §2.3).
package struct AddressRange: Sendable, Hashable {
    /// The block's first address.
    package let first: IPAddress
    /// How many leading bits an address must share with ``first``.
    package let prefixLength: Int

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
        guard Self.masked(address, length) == address else { return nil }
    }

    /// The block of one address.
    package init(_ address: IPAddress) {
        first = address
        prefixLength = address.width
    }

    /// Whether it holds `address`.
    package func contains(_ address: IPAddress) -> Bool {
        address.family == first.family && Self.masked(address, prefixLength) == first
    }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        switch address.family {
        case .v4:
            let mask: UInt32 = length == 0 ? 0 : .max << UInt32(32 - length)
            return IPAddress(v4: UInt32(truncatingIfNeeded: address.low) & mask)
        case .v6:
            let highMask: UInt64 = length >= 64 ? .max : length == 0 ? 0 : .max << UInt64(64 - length)
            let lowMask: UInt64 = length <= 64 ? 0 : .max << UInt64(128 - length)
            return IPAddress(high: address.high & highMask, low: address.low & lowMask)
        }
    }
}

extension AddressRange: CustomStringConvertible {
    /// As it would be configured.
    package var description: String {
        prefixLength == first.width ? "\(first)" : "\(first)/\(prefixLength)"
    }
}

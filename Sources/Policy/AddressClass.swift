package import WeirConfiguration

/// What an address is good for, by IANA's registries of special-purpose addresses (RFC 6890) and RFC 4291.
package enum AddressClass: String, Sendable, CaseIterable {
    /// Anyone's on the Internet; the only class that a universal route may go to unasked.
    case `public`
    /// 0/8 (RFC 1122 §3.2.1.3) and `::`.
    case unspecified
    /// 127/8 and `::1`.
    case loopback
    /// 10/8, 172.16/12, 192.168/16 (RFC 1918); fc00::/7 (RFC 4193), fec0::/10 (RFC 3879).
    case `private`
    /// 169.254/16 (RFC 3927) and fe80::/10; clouds keep their metadata there.
    case linkLocal
    /// 100.64/10 (RFC 6598).
    case carrierGrade
    /// 168.63.129.16, where Azure answers its machines with an address that looks public.
    case metadata
    /// 224/4 and ff00::/8.
    case multicast
    /// 192.0.2/24, 198.51.100/24, 203.0.113/24 (RFC 5737); 2001:db8::/32 (RFC 3849), 3fff::/20 (RFC 9637).
    case documentation
    /// 198.18/15 (RFC 2544).
    case benchmarking
    /// Everything else that is nobody's: 192.0.0/24, 192.88.99/24 (RFC 7526), 240/4, 2001::/23 and IPv6 outside 2000::/3.
    case reserved
    /// IPv6 that stands for an IPv4 address of the Internet: 64:ff9b::/96 (RFC 6052), 2002::/16 (RFC 3056), 2001::/32
    /// (RFC 4380). One that stands for another IPv4 address has that one's class.
    case embedded

    /// The class of `address`.
    package init(_ address: IPAddress) {
        switch address.family {
        case .v4: self.init(v4: UInt32(truncatingIfNeeded: address.low))
        case .v6: self.init(high: address.high, low: address.low)
        }
    }

    private init(v4 address: UInt32) {
        switch address {
        case 0x0000_0000...0x00FF_FFFF: self = .unspecified
        case 0x0A00_0000...0x0AFF_FFFF, 0xAC10_0000...0xAC1F_FFFF, 0xC0A8_0000...0xC0A8_FFFF: self = .private
        case 0x6440_0000...0x647F_FFFF: self = .carrierGrade
        case 0x7F00_0000...0x7FFF_FFFF: self = .loopback
        case 0xA83F_8110: self = .metadata
        case 0xA9FE_0000...0xA9FE_FFFF: self = .linkLocal
        case 0xC000_0200...0xC000_02FF, 0xC633_6400...0xC633_64FF, 0xCB00_7100...0xCB00_71FF: self = .documentation
        case 0xC000_0000...0xC000_00FF, 0xC058_6300...0xC058_63FF: self = .reserved
        case 0xC612_0000...0xC613_FFFF: self = .benchmarking
        case 0xE000_0000...0xEFFF_FFFF: self = .multicast
        case 0xF000_0000...0xFFFF_FFFF: self = .reserved
        default: self = .public
        }
    }

    private init(high: UInt64, low: UInt64) {
        if high == 0, low == 0 {
            self = .unspecified
        } else if high == 0, low == 1 {
            self = .loopback
        } else if high >> 57 == 0xFC >> 1 || high >> 54 == 0xFEC0 >> 6 {
            self = .private
        } else if high >> 54 == 0xFE80 >> 6 {
            self = .linkLocal
        } else if high >> 56 == 0xFF {
            self = .multicast
        } else if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 {
            self.init(embedding: UInt32(truncatingIfNeeded: low))
        } else if high >> 48 == 0x2002 {
            self.init(embedding: UInt32(truncatingIfNeeded: high >> 16))
        } else if high >> 32 == 0x2001_0000 {
            // The client's address stands inverted (RFC 4380 §4).
            self.init(embedding: ~UInt32(truncatingIfNeeded: low))
        } else if high >> 32 == 0x2001_0DB8 || high >> 44 == 0x3FFF0 {
            self = .documentation
        } else if high >> 61 != 1 || high >> 41 == 0x2001_0000 >> 9 {
            self = .reserved
        } else {
            self = .public
        }
    }

    private init(embedding address: UInt32) {
        let own = AddressClass(v4: address)
        self = own == .public ? .embedded : own
    }
}

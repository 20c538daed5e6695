import NIOCore
import NIOSSL
import WeirConfiguration

/// Hosts that are addresses already.
enum AddressLiteral {
    /// The octets of the address that `host` spells, as certificates hold them; nil for a name.
    static func octets(of host: String) -> [UInt8]? {
        guard let address = IPAddress(host) else { return nil }
        let octets = { (half: UInt64, count: Int) in
            (0..<count).map { UInt8(truncatingIfNeeded: half >> UInt64(8 * (count - 1 - $0))) }
        }
        return address.family == .v4 ? octets(address.low, 4) : octets(address.high, 8) + octets(address.low, 8)
    }

    /// Whether a certificate is made out to the address `octets` (RFC 6125 §6, RFC 5280 §4.2.1.6).
    static func isNamed(_ octets: [UInt8], in certificate: NIOSSLCertificate) -> Bool {
        certificate._subjectAlternativeNames().contains { name in
            name.nameType == .ipAddress && name.contents.elementsEqual(octets)
        }
    }
}

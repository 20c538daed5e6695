import Foundation
import Policy
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What must hold of the targets of universal routes and of classes of addresses; shared by fuzzing and tests.
package enum UniversalInvariants {
    /// Reads an input of the fuzzer: sixteen octets of an address, then what stands behind a route's name; nil where all
    /// holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard input.count >= 16 else { return violation(inTarget: input) }
        let halves = [input[0..<8], input[8..<16]].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return violation(ofAddress: halves[0], halves[1]) ?? violation(inTarget: Array(input[16...]))
    }

    /// What reliability demands never to be public.
    private static let refused = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16", "::", "::1", "fc00::/7",
        "fe80::/10", "ff00::/8", "64:ff9b::/96", "2002::/16", "2001::/32",
    ].compactMap { AddressRange($0) }

    private static func violation(ofAddress high: UInt64, _ low: UInt64) -> String? {
        let addresses = [
            IPAddress(high: high, low: low), IPAddress(v4: UInt32(truncatingIfNeeded: low)),
            IPAddress(high: 0, low: 0xFFFF << 32 | low & 0xFFFF_FFFF),
            IPAddress(high: 0x0064_FF9B_0000_0000, low: low & 0xFFFF_FFFF),
            IPAddress(high: 0x2002 << 48 | (low & 0xFFFF_FFFF) << 16, low: high),
        ]
        for address in addresses {
            let isRefused = refused.contains { $0.contains(address) }
            if isRefused, AddressClass(address) == .public { return "\(address) is public" }
            if IPAddress(address.description) != address { return "\(address) is read as another address" }
            if AddressRange(address.description)?.contains(address) != true { return "\(address) is not in itself" }
        }
        if AddressClass(addresses[1]) != AddressClass(addresses[2]) { return "mapping changes a class" }
        return nil
    }

    /// What does not hold of a target; nil where all holds.
    package static func violation(inTarget octets: [UInt8]) -> String? {
        guard let target = try? UniversalTarget(octets.span.bytes, target: 0..<octets.count) else { return nil }
        let (url, rest) = (target.url, target.rest)
        guard rest.upperBound == octets.count, rest.isEmpty || [0x2F, 0x3F].contains(octets[rest.lowerBound]) else {
            return "the rest is no path or query"
        }
        let front = octets[..<rest.lowerBound]
        guard front.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"@\\%#".utf8.contains($0) }) else {
            return "the authority holds what others read differently"
        }
        guard (1...65_535).contains(url.port), url.scheme != .mock else { return "port or scheme" }
        let again = try? UpstreamURL(url.origin)
        guard again == url else { return "\(url.origin) is read as \(again?.origin ?? "nothing")" }
        if IPAddress(url.host) != target.address { return "\(url.host) is another address" }
        if target.address == nil {
            // Whatever the system would take for a number must have been taken for one.
            var number = in_addr()
            if inet_aton(url.host, &number) != 0 { return "\(url.host) is an address to the system" }
        }
        return differenceFromFoundation(String(decoding: front.dropFirst(), as: UTF8.self), target)
    }

    private static func differenceFromFoundation(_ text: String, _ target: UniversalTarget) -> String? {
        guard let other = URLComponents(string: text), let host = other.host else { return nil }
        // It shows such a name in Unicode.
        if target.url.host.contains("xn--") { return nil }
        guard other.user == nil, other.password == nil else { return "user information" }
        let plain = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        let isSame =
            target.address.map { IPAddress(plain) == $0 } ?? (plain.lowercased() == target.url.host)
        guard isSame else { return "another host: \(host)" }
        let port = other.port ?? (target.url.scheme == .https ? 443 : 80)
        return port == target.url.port ? nil : "another port: \(port)"
    }
}

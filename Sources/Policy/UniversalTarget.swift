import HTTP1
package import WeirConfiguration

/// Where a request on a universal route names its own target: `/{scheme}://{host}/{path}?{query}`.
///
/// Strict on purpose: a host that two readers could take for two different ones is none.
package struct UniversalTarget: Equatable {
    /// Scheme, host in lowercase, and port.
    package let url: UpstreamURL
    /// The host, where it is an address literal.
    package let address: IPAddress?
    /// Whether ``address`` was written as IPv4 mapped into IPv6.
    package let isMapped: Bool
    /// Path and query; it may lack its slash.
    package let rest: Range<Int>

    /// Takes `target`, a request's target behind the route's name, apart.
    ///
    /// - Throws: ``Refusal`` with `bad_target`.
    package init(_ head: RawSpan, target: Range<Int>) throws(Refusal) {
        let (scheme, authorityStart) = try Self.scheme(head, target)
        var end = authorityStart
        while end < target.upperBound, head.octet(at: end) != 0x2F, head.octet(at: end) != 0x3F { end += 1 }
        let authority = authorityStart..<end
        rest = end..<target.upperBound
        guard !authority.isEmpty else { throw Self.fault("it has no host") }
        guard head.firstIndex(of: 0x40, in: authority) == nil else {
            throw Self.fault("it holds a user name or password; send credentials in header fields")
        }
        let hostEnd: Int
        if head.octet(at: authority.lowerBound) == 0x5B {
            guard let close = head.firstIndex(of: 0x5D, in: authority),
                case let inner = (authority.lowerBound + 1)..<close,
                head.firstIndex(of: 0x3A, in: inner) != nil,
                let literal = IPAddress(octets: head, in: inner)
            else { throw Self.fault("what stands in brackets is no IPv6 address without a zone") }
            address = literal
            isMapped = literal.family == .v4
            hostEnd = close + 1
        } else {
            hostEnd = head.firstIndex(of: 0x3A, in: authority) ?? end
            address = try Self.checkName(head, authority.lowerBound..<hostEnd)
            isMapped = false
        }
        let port = try Self.port(head, hostEnd..<end) ?? (scheme == .https ? 443 : 80)
        let host =
            address?.description
            ?? String(
                decoding: (authority.lowerBound..<hostEnd).map { Octet.lowercased(head.octet(at: $0)) }, as: UTF8.self)
        url = UpstreamURL(scheme: scheme, host: host, port: port)
    }

    private static func scheme(_ head: RawSpan, _ target: Range<Int>) throws(Refusal) -> (UpstreamURL.Scheme, Int) {
        if let segment = head.firstSegment(of: target), segment.upperBound &+ 1 < target.upperBound,
            head.octet(at: segment.upperBound) == 0x2F, head.octet(at: segment.upperBound &+ 1) == 0x2F
        {
            let start = segment.upperBound &+ 2
            // The comparison folds case by a bit, which a colon must not be found by.
            if let colon = segment.last, head.octet(at: colon) == 0x3A {
                if head.matches(segment.lowerBound..<colon, "https") { return (.https, start) }
                if head.matches(segment.lowerBound..<colon, "http") { return (.http, start) }
            }
        }
        throw fault("it must begin with http:// or https://")
    }

    /// Checks a host that is not in brackets; it returns the address where it is one.
    private static func checkName(_ head: RawSpan, _ host: Range<Int>) throws(Refusal) -> IPAddress? {
        guard !host.isEmpty else { throw fault("it has no host") }
        guard host.count <= 253 else { throw fault("its host is longer than 253 characters") }
        var label = host.lowerBound
        var lastLabel = host
        for index in host.lowerBound...host.upperBound {
            if index == host.upperBound || head.octet(at: index) == 0x2E {
                guard (1...63).contains(index - label) else {
                    throw fault("its host has an empty or too long label, or a dot at its end")
                }
                lastLabel = label..<index
                label = index + 1
                continue
            }
            switch head.octet(at: index) {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: break
            default: throw fault("its host holds something else than letters, digits, '-', '.' and '_'")
            }
        }
        guard isNumber(head, lastLabel) else { return nil }
        // What ends in a number is an address to some readers, in octal, hexadecimal or short spellings as well.
        guard let address = IPAddress(octets: head, in: host) else {
            throw fault("its address must be spelled as four decimal numbers without leading zeros")
        }
        return address
    }

    /// Whether `label` is a number to readers of octal, decimal and hexadecimal spellings (WHATWG URL §3.5).
    private static func isNumber(_ head: RawSpan, _ label: Range<Int>) -> Bool {
        let digits = label.allSatisfy { head.octet(at: $0) &- 0x30 < 10 }
        if digits { return true }
        guard label.count >= 2, head.matches(label.lowerBound..<(label.lowerBound + 2), "0x") else { return false }
        return label.dropFirst(2).allSatisfy { Octet.hexadecimalValue(head.octet(at: $0)) != nil }
    }

    private static func port(_ head: RawSpan, _ range: Range<Int>) throws(Refusal) -> Int? {
        guard !range.isEmpty else { return nil }
        var number = 0
        guard head.octet(at: range.lowerBound) == 0x3A, (2...6).contains(range.count) else {
            throw fault("its port must be a number from 1 to 65535")
        }
        for index in range.dropFirst() {
            let digit = head.octet(at: index) &- 0x30
            guard digit < 10 else { throw fault("its port must be a number from 1 to 65535") }
            number = number * 10 + Int(digit)
        }
        guard (1...65_535).contains(number) else { throw fault("its port must be a number from 1 to 65535") }
        return number
    }

    private static func fault(_ reason: String) -> Refusal {
        let text = "What stands behind the route's name is no target: \(reason). Write /ROUTE/https://HOST/PATH."
        return Refusal(.badTarget, text)
    }
}

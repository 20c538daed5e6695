import HTTP1
import WeirConfiguration

/// Which addresses may ask, and which peers are believed about whom they ask for.
struct AccessList: Sendable {
    private let allow: [AddressRange]
    private let deny: [AddressRange]
    private let trustedProxies: [AddressRange]

    init(_ settings: AccessSettings) {
        allow = settings.allow
        deny = settings.deny
        trustedProxies = settings.trustedProxies
    }

    /// Whether it lets everyone in.
    var isOpen: Bool { allow.isEmpty && deny.isEmpty }

    /// Whether a client at `address` may ask; one without an address may where no list names those that may.
    func allows(_ address: IPAddress?) -> Bool {
        guard let address else { return allow.isEmpty }
        if deny.contains(where: { $0.contains(address) }) { return false }
        return allow.isEmpty || allow.contains { $0.contains(address) }
    }

    /// Whom a request comes from: its peer, or from a trusted proxy the right-most entry of `X-Forwarded-For` that is
    /// none itself.
    ///
    /// The field's lines are one list, in their order (RFC 9110 §5.2). What is no address ends the walk: everything to
    /// the left of it may be made up, and the last good one stands.
    func client(_ head: RawSpan, fields: [Field], peer: IPAddress?) -> IPAddress? {
        guard !trustedProxies.isEmpty, var client = peer, isTrusted(client) else { return peer }
        var line = fields.count
        while line > 0 {
            line -= 1
            let field = fields[line]
            guard field.name == .other, head.matches(field.nameRange, "x-forwarded-for") else { continue }
            let value = field.valueRange
            var end = value.upperBound
            while end >= value.lowerBound {
                var start = end
                while start > value.lowerBound, head.octet(at: start &- 1) != 0x2C { start &-= 1 }
                let entry = head.trimmingWhitespace(start..<end)
                end = start &- 1
                // An empty member counts for nothing (RFC 9110 §5.6.1).
                if entry.isEmpty { continue }
                guard let address = Self.address(head, entry) else { return client }
                client = address
                if !isTrusted(address) { return client }
            }
        }
        return client
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        trustedProxies.contains { $0.contains(address) }
    }

    /// The address of an entry: `192.0.2.1`, `192.0.2.1:1234`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:1234`;
    /// a zone behind an IPv6 address is set aside.
    static func address(_ head: RawSpan, _ entry: Range<Int>) -> IPAddress? {
        if head.octet(at: entry.lowerBound) == 0x5B {
            guard let close = head.firstIndex(of: 0x5D, in: entry) else { return nil }
            guard close &+ 1 == entry.upperBound || isPort(head, (close &+ 1)..<entry.upperBound) else { return nil }
            let inner = (entry.lowerBound &+ 1)..<close
            guard head.firstIndex(of: 0x3A, in: inner) != nil else { return nil }
            return IPAddress(octets: head, in: withoutZone(head, inner))
        }
        guard let colon = head.firstIndex(of: 0x3A, in: entry) else { return IPAddress(octets: head, in: entry) }
        if head.firstIndex(of: 0x3A, in: (colon &+ 1)..<entry.upperBound) != nil {
            return IPAddress(octets: head, in: withoutZone(head, entry))
        }
        guard isPort(head, colon..<entry.upperBound) else { return nil }
        return IPAddress(octets: head, in: entry.lowerBound..<colon)
    }

    private static func withoutZone(_ head: RawSpan, _ range: Range<Int>) -> Range<Int> {
        range.lowerBound..<(head.firstIndex(of: 0x25, in: range) ?? range.upperBound)
    }

    /// Whether `range` is a colon and a port.
    private static func isPort(_ head: RawSpan, _ range: Range<Int>) -> Bool {
        guard (2...6).contains(range.count), head.octet(at: range.lowerBound) == 0x3A else { return false }
        for index in range.dropFirst() where head.octet(at: index) &- 0x30 >= 10 { return false }
        return true
    }
}

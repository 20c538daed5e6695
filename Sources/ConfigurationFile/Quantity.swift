/// Sizes and durations as they are written.
enum Quantity {
    private static let sizes: [(unit: String, octets: UInt64)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    private static let durations: [(unit: String, milliseconds: Int128)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Octets: `512MiB`, `64KiB`, `1GiB`, or plain.
    static func size(_ text: String) -> UInt64? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard !digits.isEmpty, let number = UInt64(digits) else { return nil }
        let unit = text.dropFirst(digits.count)
        if unit.isEmpty { return number }
        guard let factor = sizes.first(where: { $0.unit == unit })?.octets else { return nil }
        let (octets, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : octets
    }

    /// A duration: `250ms`, `10s`, `1.5m`, `2h`, `30d`, or plain seconds.
    static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { ("0"..."9").contains($0) }
        var rest = text.dropFirst(digits.count)
        var fraction = Substring()
        if rest.first == "." {
            fraction = rest.dropFirst().prefix { ("0"..."9").contains($0) }
            rest = rest.dropFirst(1 + fraction.count)
            guard (1...9).contains(fraction.count) else { return nil }
        }
        guard (1...15).contains(digits.count),
            let nanoseconds = Int128(digits + fraction + String(repeating: "0", count: 9 - fraction.count)),
            let factor = rest.isEmpty ? 1000 : durations.first(where: { $0.unit == rest })?.milliseconds
        else { return nil }
        let total = nanoseconds * factor / 1000
        guard let seconds = Int64(exactly: total / 1_000_000_000) else { return nil }
        return .seconds(seconds) + .nanoseconds(Int64(total % 1_000_000_000))
    }

    /// As it would be written.
    static func text(ofSize octets: UInt64) -> String {
        guard octets > 0, let (unit, factor) = sizes.first(where: { octets.isMultiple(of: $0.octets) }) else {
            return String(octets)
        }
        return "\(octets / factor)\(unit)"
    }

    /// As it would be written; parts of a millisecond as a part of a second.
    static func text(of duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0 else {
            let nanoseconds = attoseconds / 1_000_000_000
            guard !nanoseconds.isMultiple(of: 1_000_000) else {
                return "\(Int128(seconds) * 1000 + Int128(nanoseconds / 1_000_000))ms"
            }
            let digits = String(nanoseconds)
            return "\(seconds)." + String(repeating: "0", count: 9 - digits.count) + digits + "s"
        }
        for (unit, milliseconds) in durations where seconds > 0 {
            let whole = Int64(milliseconds / 1000)
            if whole > 1, seconds.isMultiple(of: whole), whole != 60 || seconds >= 600 {
                return "\(seconds / whole)\(unit)"
            }
        }
        return "\(seconds)s"
    }
}

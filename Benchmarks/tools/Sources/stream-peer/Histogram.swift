/// Counts of values in buckets at most 1/128 of the value wide.
struct Histogram {
    private static let precisionBits = 7
    private var counts = [UInt64](repeating: 0, count: (64 - precisionBits + 1) << precisionBits)
    private(set) var total: UInt64 = 0
    private(set) var highest: UInt64 = 0

    mutating func record(_ value: UInt64) {
        counts[Self.bucket(of: value)] += 1
        total += 1
        highest = max(highest, value)
    }

    /// The value at or below which `fraction` of all values lie, 0 when there are none.
    func quantile(_ fraction: Double) -> UInt64 {
        let rank = UInt64((Double(total) * fraction).rounded(.up))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return min(Self.upperBound(of: bucket), highest) }
        }
        return highest
    }

    private static func bucket(of value: UInt64) -> Int {
        let shift = max(0, UInt64.bitWidth - value.leadingZeroBitCount - precisionBits - 1)
        return (shift << precisionBits) + Int(value >> UInt64(shift))
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        let shift = max(0, (bucket >> precisionBits) - 1)
        let low = UInt64(bucket - (shift << precisionBits)) << UInt64(shift)
        return low + ((UInt64(1) << UInt64(shift)) - 1)
    }
}

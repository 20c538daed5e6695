import HTTP1

/// Finds the configuration's secrets in a run of octets, looking at few of them (Wu and Manber's shift by block).
///
/// The shift table says, for a hash of two neighbouring octets, how far the search may go on without missing a match.
struct SecretSearch: Sendable {
    private let patterns: [[UInt8]]
    private let shortest: Int
    private let shifts: [UInt8]
    /// Pattern numbers by the hash of the block that ends their first ``shortest`` octets.
    private let buckets: [Int: [Int]]

    private static let tableSize = 4096
    static let shortestSecret = 4

    /// A search for `secrets` and for their percent-encoded forms; nil where none is long enough.
    init?(_ secrets: [String]) {
        var unique: Set<[UInt8]> = []
        for secret in secrets {
            let octets = Array(secret.utf8)
            guard octets.count >= Self.shortestSecret else { continue }
            unique.insert(octets)
            for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
                unique.insert(Self.percentEncoded(octets, digits: Array(digits.utf8)))
            }
        }
        guard !unique.isEmpty else { return nil }
        // The longest first: a secret may begin another.
        patterns = unique.sorted { $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count }
        let shortest = patterns.reduce(Int.max) { min($0, $1.count) }
        self.shortest = shortest
        var shifts = [UInt8](repeating: UInt8(clamping: shortest - 1), count: Self.tableSize)
        var buckets: [Int: [Int]] = [:]
        for (number, pattern) in patterns.enumerated() {
            for last in 1..<shortest {
                let hash = Self.hash(pattern[last - 1], pattern[last])
                shifts[hash] = min(shifts[hash], UInt8(clamping: shortest - 1 - last))
                if last == shortest - 1 { buckets[hash, default: []].append(number) }
            }
        }
        self.shifts = shifts
        self.buckets = buckets
    }

    /// Copies octets, with the mask of each secret in its place.
    func write(_ span: RawSpan, _ range: Range<Int>, into out: inout BatchBuffer) {
        var cursor = range.lowerBound
        var last = range.lowerBound + shortest - 1
        while last < range.upperBound {
            let hash = Self.hash(span[last - 1], span[last])
            let shift = Int(shifts[hash])
            if shift > 0 {
                last += shift
                continue
            }
            let start = last - shortest + 1
            guard start >= cursor, let length = match(span, start..<range.upperBound, hash: hash) else {
                last += 1
                continue
            }
            out.append(span, cursor..<start)
            RecordMask.writeMask(of: span, start..<(start + length), into: &out)
            cursor = start + length
            last = cursor + shortest - 1
        }
        out.append(span, cursor..<range.upperBound)
    }

    private func match(_ span: RawSpan, _ range: Range<Int>, hash: Int) -> Int? {
        candidates: for number in buckets[hash] ?? [] {
            let pattern = patterns[number]
            guard pattern.count <= range.count else { continue }
            for index in 0..<pattern.count where span[range.lowerBound + index] != pattern[index] {
                continue candidates
            }
            return pattern.count
        }
        return nil
    }

    @inline(__always)
    private static func hash(_ first: UInt8, _ second: UInt8) -> Int {
        (Int(first) &<< 5 ^ Int(second)) & (tableSize - 1)
    }

    private static func percentEncoded(_ octets: [UInt8], digits: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        for octet in octets {
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: encoded.append(octet)
            default: encoded += [0x25, digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return encoded
    }
}

import HTTP1

/// Routes by name, to be found by the octets of a path's first segment.
struct RouteTable: Sendable {
    private struct Slot {
        /// The name's first eight octets, padded with zeros.
        let word: UInt64
        let count: Int
        /// The route, or -1.
        let index: Int
    }

    private let slots: [Slot]
    private let names: [[UInt8]]
    private let longest: Int

    init(_ names: [[UInt8]]) {
        var size = 1
        while size < names.count * 2 + 1 { size *= 2 }
        var slots = [Slot](repeating: Slot(word: 0, count: 0, index: -1), count: size)
        for (index, name) in names.enumerated() {
            let word = Self.word(name.span.bytes, 0..<name.count)
            var place = Self.hash(word, name.count) & (size - 1)
            while slots[place].index >= 0 { place = (place + 1) & (size - 1) }
            slots[place] = Slot(word: word, count: name.count, index: index)
        }
        self.slots = slots
        self.names = names
        longest = names.map(\.count).max() ?? 0
    }

    private static func word(_ octets: RawSpan, _ range: Range<Int>) -> UInt64 {
        var word: UInt64 = 0
        for offset in 0..<min(range.count, 8) {
            word |= UInt64(octets.octet(at: range.lowerBound &+ offset)) << UInt64(offset &* 8)
        }
        return word
    }

    private static func hash(_ word: UInt64, _ count: Int) -> Int {
        let mixed = (word ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: mixed >> 40)
    }

    /// The index of the route whose name is exactly what stands in `segment`, or nil.
    func find(_ head: RawSpan, _ segment: Range<Int>) -> Int? {
        guard !segment.isEmpty, segment.count <= longest else { return nil }
        let word = Self.word(head, segment)
        var place = Self.hash(word, segment.count) & (slots.count - 1)
        while true {
            let slot = slots[place]
            if slot.index < 0 { return nil }
            if slot.word == word, slot.count == segment.count,
                segment.count <= 8 || head.equals(segment, names[slot.index])
            {
                return slot.index
            }
            place = (place + 1) & (slots.count - 1)
        }
    }
}

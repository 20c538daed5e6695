import HTTP1

extension RawSpan {
    /// The offset of the first `octet` in `range`, or nil.
    func firstIndex(of octet: UInt8, in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if self.octet(at: index) == octet { return index }
            index &+= 1
        }
        return nil
    }

    /// The part of `target` in front of its query.
    func path(of target: Range<Int>) -> Range<Int> {
        target.lowerBound..<(firstIndex(of: 0x3F, in: target) ?? target.upperBound)
    }

    /// The first segment of `target`, without the slash in front; nil where it does not begin with one.
    func firstSegment(of target: Range<Int>) -> Range<Int>? {
        guard !target.isEmpty, octet(at: target.lowerBound) == 0x2F else { return nil }
        let start = target.lowerBound &+ 1
        var end = start
        while end < target.upperBound {
            let octet = octet(at: end)
            if octet == 0x2F || octet == 0x3F { break }
            end &+= 1
        }
        return start..<end
    }

    /// What `target` has behind `prefix`, which must end where a segment does; nil where it does not begin so.
    func strip(_ prefix: [UInt8], from target: Range<Int>) -> Range<Int>? {
        guard target.count >= prefix.count else { return nil }
        let end = target.lowerBound &+ prefix.count
        guard equals(target.lowerBound..<end, prefix) else { return nil }
        if end < target.upperBound, octet(at: end) != 0x2F, octet(at: end) != 0x3F { return nil }
        return end..<target.upperBound
    }
}

/// Reads the fields of a query one by one: what stands between `&`, as it was sent.
struct QueryScanner {
    /// One field.
    struct QueryField {
        /// All of it.
        let range: Range<Int>
        /// What stands behind its `=`.
        let value: Range<Int>
        /// Whether its name is `key`, however it is percent-encoded.
        let isKey: Bool
    }

    private var next: Int
    private let end: Int

    /// A scanner of the query of `target`, which may have none.
    init(_ head: RawSpan, target: Range<Int>) {
        next = (head.firstIndex(of: 0x3F, in: target) ?? target.upperBound) &+ 1
        end = target.upperBound
    }

    /// The next field; nil behind the last.
    mutating func field(_ head: RawSpan) -> QueryField? {
        guard next <= end else { return nil }
        let start = next
        let fieldEnd = head.firstIndex(of: 0x26, in: start..<end) ?? end
        next = fieldEnd &+ 1
        let nameEnd = head.firstIndex(of: 0x3D, in: start..<fieldEnd) ?? fieldEnd
        return QueryField(
            range: start..<fieldEnd, value: min(nameEnd &+ 1, fieldEnd)..<fieldEnd,
            isKey: Self.isKey(head, start..<nameEnd))
    }

    private static func isKey(_ head: RawSpan, _ name: Range<Int>) -> Bool {
        guard (3...9).contains(name.count) else { return false }
        if name.count == 3 { return head.equals(name, "key") }
        var index = name.lowerBound
        return decode(head, name, &index) == 0x6B && decode(head, name, &index) == 0x65
            && decode(head, name, &index) == 0x79 && index == name.upperBound
    }

    /// The octet that stands at `index`, percent-encoded or not (RFC 3986 §2.1), and moves on behind it; nil at the end.
    static func decode(_ head: RawSpan, _ range: Range<Int>, _ index: inout Int) -> UInt8? {
        guard index < range.upperBound else { return nil }
        let octet = head.octet(at: index)
        if octet == 0x25, index &+ 2 < range.upperBound,
            let high = Octet.hexadecimalValue(head.octet(at: index &+ 1)),
            let low = Octet.hexadecimalValue(head.octet(at: index &+ 2))
        {
            index &+= 3
            return UInt8(truncatingIfNeeded: high << 4 | low)
        }
        index &+= 1
        return octet
    }
}

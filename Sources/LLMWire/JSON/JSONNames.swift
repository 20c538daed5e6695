/// A few names to look the inside of a JSON string up in, compared by what the string means: `mod\u0065l` is `model`.
///
/// Only well-formed strings may be asked about. An escape of a lone surrogate means no text and equals no name.
struct JSONNames: Sendable {
    /// The names' UTF-8, one behind the other.
    private var octets: [UInt8] = []
    private var ranges: [Range<Int>] = []
    /// A bit for each octet that a match can begin with, so that most strings are dismissed by one look.
    private var firsts = InlineArray<4, UInt64>(repeating: 0)

    /// Of equal names the first is found.
    init(_ names: [String]) {
        for name in names {
            let utf8 = Array(name.utf8)
            ranges.append(octets.count..<(octets.count + utf8.count))
            octets += utf8
            // The octet behind an empty string's inside is its closing quotation mark.
            allow(utf8.first ?? 0x22)
            allow(0x5C)
        }
    }

    private mutating func allow(_ first: UInt8) {
        firsts[Int(first &>> 6)] |= 1 &<< UInt64(first & 63)
    }

    /// How many names there are.
    var count: Int { ranges.count }

    /// Whether there is no name.
    var isEmpty: Bool { ranges.isEmpty }

    /// Which name the string inside is; `range` lies between two quotation marks of `text`.
    @inline(__always)
    func index(of text: RawSpan, _ range: Range<Int>) -> Int? {
        let first = text.octet(at: range.lowerBound)
        guard (firsts[Int(first &>> 6)] &>> UInt64(first & 63)) & 1 == 1 else { return nil }
        return slowIndex(of: text, range)
    }

    @inline(never)
    private func slowIndex(of text: RawSpan, _ range: Range<Int>) -> Int? {
        // Octets have no padding that could be read as data.
        let names = unsafe octets.span.bytes
        for index in ranges.indices where Self.matches(text, range, names, ranges[index]) { return index }
        return nil
    }

    private static func matches(
        _ text: RawSpan, _ range: Range<Int>, _ names: RawSpan, _ name: Range<Int>
    ) -> Bool {
        // No escape is shorter than what it stands for.
        guard range.count >= name.count else { return false }
        var from = range.lowerBound
        var at = name.lowerBound
        while from < range.upperBound {
            let octet = text.octet(at: from)
            if octet != 0x5C {
                guard at < name.upperBound, names.octet(at: at) == octet else { return false }
                from &+= 1
                at &+= 1
                continue
            }
            let escape = JSONEscape(text, from)
            guard let scalar = escape.scalar else { return false }
            from = escape.end
            for unit in scalar.utf8 {
                guard at < name.upperBound, names.octet(at: at) == unit else { return false }
                at &+= 1
            }
        }
        return at == name.upperBound
    }
}

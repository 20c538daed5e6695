/// An amount of US dollars, exact to a femtodollar (10⁻¹⁵), so that a sum is the same in whatever order it is made.
package struct Dollars: Sendable, Hashable, Comparable, CustomStringConvertible {
    let femtodollars: Int128

    /// Nothing.
    package static let zero = Dollars(femtodollars: 0)

    init(femtodollars: Int128) {
        self.femtodollars = femtodollars
    }

    /// Reads a decimal number of dollars as JSON spells numbers: `0.00123`, `1.23e-3`. What is below a femtodollar is
    /// rounded, half of one up; nil: it is no such number, or more than 10⁹ dollars.
    package init?(_ decimal: String) {
        guard let femtodollars = DecimalText.scaled(decimal, by: 15), abs(femtodollars) <= Self.most else { return nil }
        self.init(femtodollars: femtodollars)
    }

    private static let most: Int128 = 1_000_000_000_000_000_000_000_000

    /// All its digits and none more: `0.00012345`, `12`.
    package var description: String { DecimalText.text(femtodollars, scale: 15) }

    package static func < (left: Dollars, right: Dollars) -> Bool { left.femtodollars < right.femtodollars }

    static func += (left: inout Dollars, right: Dollars) {
        left = Dollars(femtodollars: left.femtodollars + right.femtodollars)
    }
}

/// The price of one token, or of one request: whole femtodollars, so that a price per million tokens is exact to nine
/// digits behind its point.
package struct Rate: Sendable, Hashable, Comparable, CustomStringConvertible {
    let femtodollars: Int64

    /// Costs nothing.
    package static let free = Rate(femtodollars: 0)
    /// US dollars for a million tokens that no price can exceed: a thousand for each.
    package static let mostPerMillion = 1_000_000_000

    private init(femtodollars: Int64) {
        self.femtodollars = femtodollars
    }

    /// Reads US dollars per million tokens; nil: no number, below 0, or more than ``mostPerMillion``.
    package init?(perMillion decimal: String) {
        self.init(DecimalText.scaled(decimal, by: 9))
    }

    /// Reads US dollars for one token or request; nil: no number, below 0, or more than a thousand.
    package init?(perUnit decimal: String) {
        self.init(DecimalText.scaled(decimal, by: 15))
    }

    private init?(_ femtodollars: Int128?) {
        guard let femtodollars, (0...1_000_000_000_000_000_000).contains(femtodollars) else { return nil }
        self.init(femtodollars: Int64(femtodollars))
    }

    /// US dollars per million tokens: `2.5`.
    package var perMillion: String { DecimalText.text(Int128(femtodollars), scale: 9) }
    /// US dollars for one: `0.0000025`.
    package var perUnit: String { DecimalText.text(Int128(femtodollars), scale: 15) }

    package var description: String { perMillion }

    package static func < (left: Rate, right: Rate) -> Bool { left.femtodollars < right.femtodollars }

    /// The price of `count`, of which there are fewer than 2⁶³: the product fits.
    static func * (rate: Rate, count: Int) -> Dollars {
        Dollars(femtodollars: Int128(rate.femtodollars) * Int128(count))
    }
}

/// Decimal numbers as text.
enum DecimalText {
    /// More digits than any price has; what stands behind them is below what is kept.
    private static let mostDigits = 30

    /// The number times 10^`scale`, rounded, half up; nil: it is no number as JSON has them, or too great.
    static func scaled(_ text: String, by scale: Int) -> Int128? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = digits(&rest)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = digits(&rest)
            guard !fraction.isEmpty else { return nil }
        }
        guard !whole.isEmpty, let exponent = exponent(&rest), rest.isEmpty else { return nil }
        let all = (Array(whole) + fraction).drop { $0 == 0x30 }
        let kept = all.prefix(mostDigits)
        let power = exponent - fraction.count + (all.count - kept.count) + scale
        let number = kept.reduce(Int128(0)) { $0 * 10 + Int128($1 - 0x30) }
        guard let magnitude = shifted(number, digits: kept.count, power) else { return nil }
        return isNegative ? -magnitude : magnitude
    }

    private static func digits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let found = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(found.count)
        return found
    }

    /// What stands behind `e`; 0 where there is none.
    private static func exponent(_ rest: inout Substring.UTF8View) -> Int? {
        guard let letter = rest.first else { return 0 }
        guard letter | 0x20 == UInt8(ascii: "e") else { return nil }
        rest.removeFirst()
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = digits(&rest)
        guard !digits.isEmpty, digits.count <= 4 else { return nil }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return isNegative ? -number : number
    }

    private static func shifted(_ number: Int128, digits: Int, _ power: Int) -> Int128? {
        guard number != 0 else { return 0 }
        guard power < 0 else { return digits + power <= 37 ? number * ten(to: power) : nil }
        guard -power <= digits else { return 0 }
        let unit = ten(to: -power)
        return (number + unit / 2) / unit
    }

    private static func ten(to power: Int) -> Int128 { (0..<power).reduce(Int128(1)) { product, _ in product * 10 } }

    /// `number` divided by 10^`scale`, without needless zeros.
    static func text(_ number: Int128, scale: Int) -> String {
        let digits = String(number.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        var fraction = padded.suffix(scale)
        while fraction.last == "0" { fraction.removeLast() }
        return (number < 0 ? "-" : "") + padded.dropLast(scale) + (fraction.isEmpty ? "" : ".") + fraction
    }
}

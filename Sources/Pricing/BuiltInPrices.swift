/// The prices in the binary, read from ``PriceList``.
package enum BuiltInPrices {
    /// The day of the prices, as in `2026-11-21`.
    package static let date = PriceList.date
    /// Where the prices are from.
    package static let sources = PriceList.sources

    /// Prices by `provider/model`.
    static let all: [String: Price] = {
        var prices: [String: Price] = [:]
        var provider = ""
        for line in logicalLines {
            if line.hasPrefix("["), line.hasSuffix("]") {
                provider = String(line.dropFirst().dropLast())
            } else if let (names, price) = entry(line) {
                for name in names { prices["\(provider)/\(name)"] = price }
            }
        }
        return prices
    }()

    /// Lines that cannot be read: a mistake in the list, which a test finds.
    static var unreadable: [String] { logicalLines.filter { !$0.hasPrefix("[") && entry($0) == nil } }

    /// Lines with those that go on with them, which are indented.
    private static var logicalLines: [String] {
        PriceList.text.split(separator: "\n").reduce(into: []) { lines, line in
            if line.hasPrefix(" "), let last = lines.popLast() {
                lines.append(last + line)
            } else {
                lines.append(String(line))
            }
        }
    }

    static func entry(_ line: String) -> (names: [Substring], price: Price)? {
        guard let colon = line.firstRange(of: ": ") else { return nil }
        let words = line[colon.upperBound...].split(separator: " ")
        guard let price = price(words[...]) else { return nil }
        return (line[..<colon.lowerBound].split(separator: " "), price)
    }

    private static func price(_ words: ArraySlice<Substring>) -> Price? {
        var price = Price()
        var words = words
        if words.first == "~" {
            price.isApproximate = true
            words.removeFirst()
        }
        let cards = words.split(omittingEmptySubsequences: false) { $0.hasPrefix("+") }
        let services = words.filter { $0.hasPrefix("+") }.map { String($0.dropFirst()) }
        guard let first = cards.first, let standard = card(first), !standard.rates.isEmpty else { return nil }
        price.standard = standard
        for (name, words) in zip(services, cards.dropFirst()) {
            guard let card = card(words) else { return nil }
            price.services[name] = card
        }
        return price
    }

    private static func card(_ words: ArraySlice<Substring>) -> RateCard? {
        let levels = words.split(omittingEmptySubsequences: false) { $0.hasPrefix(">") }
        let bounds = words.filter { $0.hasPrefix(">") }.map { Int($0.dropFirst()) }
        guard let first = levels.first, let rates = rates(first) else { return nil }
        var card = RateCard(rates)
        for (bound, words) in zip(bounds, levels.dropFirst()) {
            guard let bound, let rates = self.rates(words) else { return nil }
            card.tiers.append(RateCard.Tier(above: bound, rates: rates))
        }
        return card
    }

    /// The letters in front of a rate.
    private static let meters: [(mark: String, meter: Meter)] = [
        ("ai", .audioInput), ("ao", .audioOutput), ("i", .input), ("o", .output), ("c", .cachedInput),
        ("w", .cacheWrite), ("l", .longCacheWrite), ("r", .reasoning),
    ]

    private static func rates(_ words: ArraySlice<Substring>) -> Rates? {
        var rates = Rates()
        for word in words {
            guard let (mark, meter) = meters.first(where: { word.hasPrefix($0.mark) }),
                let rate = Rate(perMillion: String(word.dropFirst(mark.count)))
            else { return nil }
            rates[meter] = rate
        }
        return rates
    }
}

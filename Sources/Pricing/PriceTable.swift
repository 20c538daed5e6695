/// Prices by provider and model.
///
/// No price is better than a wrong one. A model is looked for by the name that the answer gives, then by the one that
/// the request gives; of each in this order:
///
/// 1. Configured models: the exact name, with or without `provider/` in front; then the pattern with the longest text
///    before its first `*`; then the name that the model is a dated version of.
/// 2. The table, in which a configured file's entries take the place of the built-in ones: the exact name at this
///    provider; then the one that it is a dated version of (`-2024-08-06`, `-20250929`, `-latest`, `-preview-05-20`).
///
/// Nothing else counts as the same model: `gpt-4o-mini` is no `gpt-4o`. A provider is not searched for another's
/// models. Azure, Vertex AI, OpenRouter and hosts that the table does not know sell models of other makers: there the
/// maker's list price stands in, as an estimate, for names that no one but their maker uses (`gpt-`, `o1`, `o3`, `o4-`,
/// `claude-`, `gemini-`, `grok-`), and models of open weights, whose price is another everywhere, have none.
package struct PriceTable: Sendable {
    /// What was found.
    package struct Match: Sendable, Hashable {
        /// The price's name: `openai/gpt-4o`, or the configured pattern.
        package let name: String
        /// The price.
        package let price: Price
        /// Whether it is from the configuration, of its file or its models.
        package let isConfigured: Bool
        /// Whether the price may be another here.
        package let isEstimated: Bool
    }

    private struct Entry {
        var price: Price
        var isConfigured: Bool
    }

    private var exact: [String: NamedPrice] = [:]
    private var patterns: [(pattern: NamePattern, price: NamedPrice)] = []
    private var entries: [String: Entry]

    /// The built-in table, with what the configuration changes in it.
    ///
    /// - Parameters:
    ///   - models: configured models; of two with one pattern the last counts.
    ///   - file: entries of a configured file.
    package init(models: [NamedPrice] = [], file: PriceFile? = nil) {
        entries = BuiltInPrices.all.mapValues { Entry(price: $0, isConfigured: false) }
        for (name, price) in file?.prices ?? [:] { entries[name] = Entry(price: price, isConfigured: true) }
        for model in models {
            let pattern = NamePattern(model.pattern)
            if pattern.isExact { exact[pattern.text] = model } else { patterns.append((pattern, model)) }
        }
        // A later pattern wins over an equal one, and the sort keeps the order of equals.
        patterns = patterns.reversed().sorted { $0.pattern.rank > $1.pattern.rank }
    }

    /// Finds a model's price; nil: it is not known.
    ///
    /// - Parameters:
    ///   - provider: who answered; nil: that is not known.
    ///   - answered: the model that the answer names.
    ///   - asked: the model that the request names.
    package func price(provider: Provider?, answered: String?, asked: String?) -> Match? {
        // Bedrock's answers leave out the region, which its prices depend on.
        let names = provider == .bedrock ? [asked, answered] : [answered, asked]
        let known = names.compactMap { $0 }.filter { !$0.isEmpty }.map { ModelName($0) }
        for (index, name) in known.enumerated() {
            if let found = configured(name, provider) { return found }
            guard index == 0 || provider?.answersWhatIsAsked == true else { continue }
            if let found = listed(name, provider) { return found }
        }
        return nil
    }

    private func configured(_ name: ModelName, _ provider: Provider?) -> Match? {
        guard !exact.isEmpty || !patterns.isEmpty else { return nil }
        var spellings = [name.text]
        if let provider {
            let id = name.id(at: provider)
            spellings += [id, "\(provider.name)/\(id)"]
        }
        func match(_ found: NamedPrice, isEstimated: Bool = false) -> Match {
            Match(name: found.pattern, price: found.price, isConfigured: true, isEstimated: isEstimated)
        }
        for spelling in spellings { if let found = exact[spelling] { return match(found) } }
        for (pattern, price) in patterns where spellings.contains(where: pattern.matches) { return match(price) }
        for spelling in spellings {
            guard let base = Snapshot.base(of: spelling), let found = exact[base.name] else { continue }
            return match(found, isEstimated: base.isPreview)
        }
        return nil
    }

    private func listed(_ name: ModelName, _ provider: Provider?) -> Match? {
        guard provider?.isPriced != false else { return nil }
        let candidates = name.entries(at: provider)
        for (key, isMaker) in candidates {
            guard let entry = entries[key] else { continue }
            return Match(
                name: key, price: entry.price, isConfigured: entry.isConfigured, isEstimated: isMaker)
        }
        for (key, isMaker) in candidates {
            guard let base = Snapshot.base(of: key), let entry = entries[base.name] else { continue }
            return Match(
                name: base.name, price: entry.price, isConfigured: entry.isConfigured,
                isEstimated: isMaker || base.isPreview)
        }
        if name.isFreeOfCharge, provider == nil || provider == .openRouter {
            return Match(name: name.text, price: .free, isConfigured: false, isEstimated: provider == nil)
        }
        return nil
    }
}

/// A configured model's name, in which `*` stands for any text.
struct NamePattern {
    /// In lower case.
    let text: String
    private let pieces: [String]

    init(_ pattern: String) {
        text = pattern.lowercased()
        pieces = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    }

    /// Whether there is no `*` in it.
    var isExact: Bool { pieces.count == 1 }

    /// The longer the text before the first `*`, and then the longer all of it, the more it says.
    var rank: (Int, Int) { (pieces[0].utf8.count, pieces.reduce(0) { $0 + $1.utf8.count }) }

    func matches(_ name: String) -> Bool {
        guard !isExact else { return name == text }
        guard name.hasPrefix(pieces[0]) else { return false }
        var rest = name.dropFirst(pieces[0].count)
        let last = pieces[pieces.count - 1]
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.firstRange(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

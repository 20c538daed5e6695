import LLMWire

/// The rates that one answer is charged by, the most specific first.
struct Tariff {
    private let levels: [Rates]
    /// How many of the levels belong to the class of service that the answer had.
    private let own: Int
    private let request: Rate?
    private let isEstimated: Bool

    /// - Parameters:
    ///   - service: the class of service that the answer names.
    ///   - input: the tokens of its input, by which the tier is chosen.
    init(_ price: Price, service: String?, input: Int) {
        request = price.request
        let standard = [price.standard.tier(input: input), price.standard.rates].compactMap { $0 }
        let name = service?.lowercased() ?? ""
        if Self.standardNames.contains(name) {
            (levels, own, isEstimated) = (standard, standard.count, price.isApproximate)
        } else if let card = price.services[name] ?? (name == "fast" ? price.services["priority"] : nil) {
            let tier = card.tier(input: input)
            let special = [tier, card.rates].compactMap { $0 }
            (levels, own) = (special + standard, special.count)
            // Long requests cost more, and how much in this class is not known.
            isEstimated = price.isApproximate || tier == nil && standard.count > 1
        } else {
            (levels, own, isEstimated) = (standard, standard.count, true)
        }
    }

    /// What providers call the usual class: OpenAI, Anthropic and Gemini, Groq.
    private static let standardNames: Set<String> = ["", "default", "auto", "standard", "on_demand"]

    /// A count of tokens past which it cannot be meant; every sum of prices fits below it.
    private static let mostTokens = 1_000_000_000_000

    /// The cost of what was used; nil: there is no rate for some of it, or nothing was counted.
    func cost(of usage: Usage) -> (amount: Dollars, isEstimated: Bool)? {
        guard usage.input != nil || usage.output != nil, let counts = Counts(usage, most: Self.mostTokens) else {
            return nil
        }
        var amount = request.map { $0 * 1 } ?? .zero
        var isEstimated = isEstimated || usage.source == .estimated || isHalfCounted(usage)
        for (meter, count) in counts.all where count > 0 {
            guard let charged = rate(meter) else { return nil }
            amount += charged.rate * count
            isEstimated = isEstimated || charged.isEstimated
        }
        return (amount, isEstimated)
    }

    /// Whether the usage leaves out tokens that cost something: embeddings have no output, and no rate for one.
    private func isHalfCounted(_ usage: Usage) -> Bool {
        func costs(_ meter: Meter) -> Bool { rate(meter).map { $0.rate > .free } ?? false }
        return usage.input == nil && costs(.input) || usage.output == nil && costs(.output)
    }

    /// A kind's rate. Thinking without one costs what output costs; anything else what plain tokens cost, which is an
    /// estimate, and so is a rate taken from behind one that knows better what plain tokens cost.
    func rate(_ meter: Meter) -> (rate: Rate, isEstimated: Bool)? {
        var isOvertaken = false
        for (index, level) in levels.enumerated() {
            if let rate = level[meter] { return (rate, isOvertaken || index >= own) }
            guard meter != meter.general, let general = level[meter.general] else { continue }
            if meter == .reasoning { return (general, index >= own) }
            isOvertaken = true
        }
        guard meter != meter.general else { return nil }
        let next = meter == .longCacheWrite ? Meter.cacheWrite : meter.general
        return rate(next).map { ($0.rate, true) }
    }
}

/// Tokens by kind, no token in two of them.
private struct Counts {
    private(set) var all: [(Meter, Int)] = []

    /// Parts greater than their whole are cut to it, so that a provider's slip in one count is not paid for twice.
    init?(_ usage: Usage, most: Int) {
        let input = max(0, usage.input ?? 0)
        let output = max(0, usage.output ?? 0)
        guard input <= most, output <= most else { return nil }
        var rest = input
        let cached = Self.take(usage.cachedInput, from: &rest)
        var written = Self.take(usage.cacheWrite, from: &rest)
        let long = Self.take(usage.longCacheWrite, from: &written)
        let audioInput = Self.take(usage.audioInput, from: &rest)
        all = [(.cachedInput, cached), (.cacheWrite, written), (.longCacheWrite, long), (.audioInput, audioInput)]
        all.append((.input, rest))
        rest = output
        let audioOutput = Self.take(usage.audioOutput, from: &rest)
        let reasoning = Self.take(usage.reasoning, from: &rest)
        all += [(.audioOutput, audioOutput), (.reasoning, reasoning), (.output, rest)]
    }

    private static func take(_ count: Int?, from whole: inout Int) -> Int {
        let part = min(max(0, count ?? 0), whole)
        whole -= part
        return part
    }
}

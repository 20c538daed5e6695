package import LLMWire

/// What an exchange cost.
///
/// Token prices only: what providers charge for searches, containers, images, storage of caches, and discounts of one's
/// own, are in it only where the provider reports the cost itself.
package struct Cost: Sendable, Hashable {
    /// Who says so.
    package enum Source: String, Sendable {
        /// The provider, in the answer.
        case reported
        /// The table in the binary.
        case table
        /// The configuration's `prices`: its models or its file.
        case configured
    }

    /// US dollars, exact.
    package var amount: Dollars
    /// Who says so.
    package var source: Source
    /// Whether the usage was estimated, or a price was not known exactly: a kind of token without a rate of its own, a
    /// class of service without one, a reseller's or unknown host's, prices by the time of day.
    package var isEstimated: Bool
    /// The name of the price: `openai/gpt-4o`, or the pattern of the configuration; nil: the provider reported it.
    package var price: String?

    /// A cost.
    package init(amount: Dollars, source: Source, isEstimated: Bool, price: String?) {
        self.amount = amount
        self.source = source
        self.isEstimated = isEstimated
        self.price = price
    }
}

extension Cost {
    /// What the provider says itself that an answer cost; nil: it says nothing.
    package static func reported(_ answer: Answer) -> Cost? {
        guard let amount = answer.reportedCost.flatMap({ Dollars($0) }), amount >= .zero else { return nil }
        return Cost(amount: amount, source: .reported, isEstimated: false, price: nil)
    }

    /// What tokens cost by a price that was found; nil: it has no rate for them.
    ///
    /// - Parameter service: the class of service that the answer was given.
    package init?(_ usage: Usage, service: String?, by found: PriceTable.Match) {
        let tariff = Tariff(found.price, service: service, input: usage.input ?? 0)
        guard let (amount, isEstimated) = tariff.cost(of: usage) else { return nil }
        self.init(
            amount: amount, source: found.isConfigured ? .configured : .table,
            isEstimated: isEstimated || found.isEstimated, price: found.name)
    }
}

extension PriceTable {
    /// What an answer cost: what its provider reports, else what its tokens cost by the table; nil: that is not known.
    ///
    /// - Parameters:
    ///   - asked: the model that the request names.
    ///   - provider: who answered; nil: that is not known.
    ///   - operation: what was asked; counting tokens costs nothing, whatever the answer counts.
    package func cost(of answer: Answer, asked: String?, provider: Provider?, operation: Operation) -> Cost? {
        if let reported = Cost.reported(answer) { return reported }
        guard !operation.countsTokens, let usage = answer.usage,
            let found = price(provider: operation.isLocal ? .ollama : provider, answered: answer.model, asked: asked)
        else { return nil }
        return Cost(usage, service: answer.serviceTier, by: found)
    }
}

extension Operation {
    /// Whether only servers of one's own speak it.
    fileprivate var isLocal: Bool {
        switch self {
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed: true
        default: false
        }
    }
}

/// What a token may be counted as; its raw value is the key of the configuration.
package enum Meter: String, Sendable, CaseIterable {
    /// Read, and not of another kind.
    case input
    /// Written, and not of another kind.
    case output
    /// Read from a cache.
    case cachedInput = "cached_input"
    /// Read, and written to a cache for the shortest time (five minutes at Anthropic).
    case cacheWrite = "cache_write"
    /// Read, and written to a cache for longer (an hour at Anthropic).
    case longCacheWrite = "cache_write_1h"
    /// Thought.
    case reasoning
    /// Sound that is read.
    case audioInput = "audio_input"
    /// Sound that is written.
    case audioOutput = "audio_output"

    /// What a token of this kind is besides: every price has a rate for that, if it has one for anything.
    var general: Meter {
        switch self {
        case .input, .cachedInput, .cacheWrite, .longCacheWrite, .audioInput: .input
        case .output, .reasoning, .audioOutput: .output
        }
    }
}

/// A rate for each kind of token, as far as it is given.
package struct Rates: Sendable, Hashable {
    private var input: Rate?
    private var output: Rate?
    private var cachedInput: Rate?
    private var cacheWrite: Rate?
    private var longCacheWrite: Rate?
    private var reasoning: Rate?
    private var audioInput: Rate?
    private var audioOutput: Rate?

    /// No rate at all.
    package init() {}

    /// Rates of plain tokens.
    package init(input: Rate?, output: Rate?) {
        self.input = input
        self.output = output
    }

    /// The rate of a kind of token.
    package subscript(meter: Meter) -> Rate? {
        get { self[keyPath: Self.path(meter)] }
        set { self[keyPath: Self.path(meter)] = newValue }
    }

    /// Whether no rate is given.
    package var isEmpty: Bool { Meter.allCases.allSatisfy { self[$0] == nil } }

    private static func path(_ meter: Meter) -> WritableKeyPath<Rates, Rate?> {
        switch meter {
        case .input: \.input
        case .output: \.output
        case .cachedInput: \.cachedInput
        case .cacheWrite: \.cacheWrite
        case .longCacheWrite: \.longCacheWrite
        case .reasoning: \.reasoning
        case .audioInput: \.audioInput
        case .audioOutput: \.audioOutput
        }
    }
}

/// Rates, and others for long requests.
package struct RateCard: Sendable, Hashable {
    /// Rates of a request whose input exceeds a number of tokens: of all its tokens, not only of those above.
    package struct Tier: Sendable, Hashable {
        /// The tokens that the input must exceed, those from and for caches included.
        package var above: Int
        /// The rates then; what is not given is as without the tier.
        package var rates: Rates

        /// A tier.
        package init(above: Int, rates: Rates = Rates()) {
            self.above = above
            self.rates = rates
        }
    }

    /// The rates of a request that is in no tier.
    package var rates: Rates
    /// Rates of long requests; the one with the greatest ``Tier/above`` that fits counts.
    package var tiers: [Tier] = []

    /// Rates of plain tokens.
    package init(_ rates: Rates = Rates()) {
        self.rates = rates
    }

    /// The rates of the tier that an input is in; nil: it is in none.
    func tier(input: Int) -> Rates? {
        tiers.filter { input > $0.above }.max { $0.above < $1.above }?.rates
    }
}

/// What a model costs.
package struct Price: Sendable, Hashable {
    /// Rates of the usual class of service.
    package var standard: RateCard
    /// Rates of other classes, by the name that the answer gives them: `flex`, `priority`, `batch`.
    package var services: [String: RateCard] = [:]
    /// What each request costs besides its tokens.
    package var request: Rate?
    /// Whether the provider charges by something that cannot be told from an exchange, such as the time of day.
    package var isApproximate = false

    /// A price.
    package init(_ standard: RateCard = RateCard()) {
        self.standard = standard
    }

    /// A price of plain tokens.
    package init(input: Rate?, output: Rate?) {
        self.init(RateCard(Rates(input: input, output: output)))
    }

    /// What is free of charge.
    package static let free = Price(input: .free, output: .free)
}

/// A price with the model, or pattern of models, that it is for.
package struct NamedPrice: Sendable, Hashable {
    /// A model's name, with or without `provider/` in front; `*` stands for any text.
    package var pattern: String
    /// Its price.
    package var price: Price

    /// A price for `pattern`.
    package init(_ pattern: String, _ price: Price) {
        self.pattern = pattern
        self.price = price
    }
}

/// What an answer used, counted by one rule for all providers: what came from or went to a cache is part of the input,
/// reasoning is part of the output.
package struct Usage: Sendable, Equatable {
    /// Where the counts are from.
    package enum Source: String, Sendable {
        /// The provider's last word on a whole answer.
        case reported
        /// Counted from the text, at least in part: the provider said nothing, or not to the end.
        case estimated
    }

    /// Tokens read, those from and for caches included.
    package var input: Int?
    /// Tokens written, reasoning included.
    package var output: Int?
    /// Tokens in all, as the provider counts them, else the sum of both.
    package var total: Int?
    /// Tokens of the input that came from a cache.
    package var cachedInput: Int?
    /// Tokens of the input that were written to a cache.
    package var cacheWrite: Int?
    /// Of those written to a cache the ones kept for longer than the shortest time (an hour at Anthropic).
    package var longCacheWrite: Int?
    /// Tokens of the output that were thought and perhaps not shown.
    package var reasoning: Int?
    /// Tokens of the input that are sound.
    package var audioInput: Int?
    /// Tokens of the output that are sound.
    package var audioOutput: Int?
    /// Where the counts are from.
    package var source = Source.reported

    /// Nothing counted.
    package init(input: Int? = nil, output: Int? = nil, total: Int? = nil) {
        self.input = input
        self.output = output
        self.total = total
    }

    /// Fills ``total`` in where the provider gave none.
    package mutating func complete() {
        if total == nil { total = Self.sum(input, output) }
    }

    /// The sum of the counts that there are; nil where there is none. What no `Int` can hold is the largest it can.
    package static func sum(_ counts: Int?...) -> Int? {
        counts.reduce(nil) { sum, count in
            guard let count else { return sum }
            let (total, isTooLarge) = (sum ?? 0).addingReportingOverflow(count)
            return isTooLarge ? .max : total
        }
    }
}

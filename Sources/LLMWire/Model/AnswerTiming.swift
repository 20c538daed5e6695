/// When what of an answer came, in nanoseconds by whatever clock the pieces' times are by.
package struct AnswerTiming: Sendable, Equatable {
    /// The first that the model said, thought or asked for; what only names a role, counts or keeps alive is none of it.
    package var firstToken: Int64?
    /// The first text thought.
    package var firstReasoning: Int64?
    /// The first text said.
    package var firstText: Int64?
    /// The first tool asked for.
    package var firstToolCall: Int64?
    /// The last that the model said, thought or asked for.
    package var lastToken: Int64?
    /// The longest time between two pieces of it.
    package var longestGap: Int64 = 0

    /// Nothing has come.
    package init() {}

    /// What a piece brought.
    enum Kind {
        case text
        case reasoning
        case toolCall
    }

    mutating func note(_ kind: Kind, at time: Int64) {
        if firstToken == nil { firstToken = time }
        switch kind {
        case .text: if firstText == nil { firstText = time }
        case .reasoning: if firstReasoning == nil { firstReasoning = time }
        case .toolCall: if firstToolCall == nil { firstToolCall = time }
        }
        if let lastToken { longestGap = max(longestGap, time - lastToken) }
        lastToken = time
    }

    /// Tokens a second, counted from the first one's coming to the last one's; nil where that took no time.
    package func tokensPerSecond(_ tokens: Int) -> Double? {
        guard let firstToken, let lastToken, lastToken > firstToken, tokens > 1 else { return nil }
        // The first token's own time lies before the span.
        return Double(tokens - 1) / (Double(lastToken - firstToken) / 1e9)
    }
}

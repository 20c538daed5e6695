package import LLMWire
package import Pricing

/// What an exchange says, in no provider's own form.
package struct ExchangeReading: Sendable {
    /// The API that it speaks.
    package var dialect = Dialect.other
    /// What it asks for.
    package var operation = Operation.other
    /// What the request says; of its messages only those that the turn before it in the same conversation did not have.
    package var request: ModelRequest?
    /// How many messages stand in front of those.
    package var inheritedMessages = 0
    /// What the provider answered; nil where nothing came, or Weir answered in its stead.
    package var answer: Answer?
    /// When what of a streamed answer came, in nanoseconds since the exchange began; nil for one that came whole.
    package var timing: AnswerTiming?
    /// What it used: reported, or estimated where the provider did not say to the end.
    package var usage: Usage?
    /// What it cost; nil where no price is known.
    package var cost: Cost?
    /// What the provider's fields say of the request and of limits.
    package var facts = ResponseFacts()

    /// Nothing read.
    package init() {}
}

/// What a request asks of a model, in no provider's own form.
package struct ModelRequest: Sendable, Equatable {
    /// The model asked for, as the client spells it; nil where the request names none.
    package var model: String?
    /// Whether the answer is asked for as a stream.
    package var isStream = false
    /// What is said to the model, instructions first, in order.
    package var messages: [Message] = []
    /// The names of the tools that the model may ask for.
    package var tools: [String] = []
    /// Settings of the generation, by the provider's own names: the JSON text of each value. An outline has none.
    package var parameters: [String: String] = [:]
    /// Where the settings stand that have not been read.
    var settings: [SettingPlace] = []
    /// The answer that this request goes on from, where the provider keeps the conversation.
    package var previousAnswer: String?

    /// A request that says nothing.
    package init() {}
}

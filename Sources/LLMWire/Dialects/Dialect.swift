/// The API that an exchange speaks.
package enum Dialect: String, Sendable, CaseIterable {
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"
    case anthropicMessages = "anthropic-messages"
    case gemini
    case ollama
    case other
}

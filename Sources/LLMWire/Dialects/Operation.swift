/// What an exchange asks of a provider, in the form that the provider's own API has for it.
package enum Operation: String, Sendable, CaseIterable {
    /// OpenAI's Chat Completions.
    case chatCompletion = "chat.completion"
    /// OpenAI's legacy Completions.
    case textCompletion = "text.completion"
    /// OpenAI's Responses.
    case response
    /// OpenAI's `responses/input_tokens`.
    case responseTokens = "response.tokens"
    /// OpenAI's Embeddings.
    case embedding
    /// OpenAI's `audio/transcriptions` and `audio/translations`.
    case transcription
    /// OpenAI's `audio/speech`.
    case speech
    /// Anthropic's Messages.
    case message
    /// Anthropic's `messages/count_tokens`.
    case messageTokens = "message.tokens"
    /// Gemini's `generateContent` and `streamGenerateContent`.
    case generateContent = "generate.content"
    /// Gemini's `countTokens`.
    case contentTokens = "content.tokens"
    /// Gemini's `embedContent` and `batchEmbedContents`.
    case embedContent = "embed.content"
    /// Ollama's `/api/chat`.
    case ollamaChat = "ollama.chat"
    /// Ollama's `/api/generate`.
    case ollamaGenerate = "ollama.generate"
    /// Ollama's `/api/embed` and `/api/embeddings`.
    case ollamaEmbed = "ollama.embed"
    /// Lists, files, whatever else: nothing of it is read but errors.
    case other

    /// Tells the operation from a request's dialect and path (without its query).
    ///
    /// OpenAI's paths count in every dialect, because most providers serve them beside their own.
    package init(_ dialect: Dialect, path: RawSpan) {
        self = OperationPath(path).operation(dialect)
    }
}

extension Operation {
    /// Whether somebody says something to a model, and it answers token by token.
    package var isConversation: Bool {
        switch self {
        case .chatCompletion, .textCompletion, .response, .message, .generateContent, .ollamaChat, .ollamaGenerate: true
        case .embedding, .transcription, .speech, .responseTokens, .messageTokens, .contentTokens, .embedContent,
            .ollamaEmbed, .other:
            false
        }
    }

    /// Whether it counts tokens and uses none.
    package var countsTokens: Bool { self == .responseTokens || self == .messageTokens || self == .contentTokens }
}

/// The last segments of a path, which are what names an operation, whatever stands in front of them.
private struct OperationPath {
    private var last = ""
    private var beforeLast = ""

    init(_ path: RawSpan) {
        // Octets that are not UTF-8 stand in no name of an operation.
        let text = path.text
        for segment in text.split(separator: "/") { (beforeLast, last) = (last, String(segment)) }
        // Some clients escape the colon in front of Gemini's verbs.
        if last.contains("%") { last = last.replacing("%3A", with: ":").replacing("%3a", with: ":") }
    }

    func operation(_ dialect: Dialect) -> Operation {
        switch dialect {
        case .openAIChat, .openAIResponses, .other: return openAI
        case .anthropicMessages:
            if last == "messages" { return .message }
            // Vertex's verbs; what it counts with stands in the model's place.
            if last.hasSuffix(":rawPredict") || last.hasSuffix(":streamRawPredict") {
                return last.hasPrefix("count-tokens:") ? .messageTokens : .message
            }
            return beforeLast == "messages" && last == "count_tokens" ? .messageTokens : openAI
        case .gemini: return gemini
        case .ollama: return ollama
        }
    }

    private var openAI: Operation {
        switch (beforeLast, last) {
        case ("chat", "completions"): return .chatCompletion
        case (_, "completions"): return .textCompletion
        case (_, "responses"), ("responses", "compact"): return .response
        case ("responses", "input_tokens"): return .responseTokens
        case ("responses", _) where last.hasPrefix("resp_"): return .response
        case (_, "embeddings"): return .embedding
        case ("audio", "transcriptions"), ("audio", "translations"): return .transcription
        case ("audio", "speech"): return .speech
        case (_, "messages"): return .message
        default: return .other
        }
    }

    private var gemini: Operation {
        guard let colon = last.lastIndex(of: ":") else { return openAI }
        switch last[last.index(after: colon)...] {
        case "generateContent", "streamGenerateContent": return .generateContent
        case "countTokens": return .contentTokens
        case "embedContent", "batchEmbedContents": return .embedContent
        default: return .other
        }
    }

    private var ollama: Operation {
        guard beforeLast == "api" else { return openAI }
        switch last {
        case "chat": return .ollamaChat
        case "generate": return .ollamaGenerate
        case "embed", "embeddings": return .ollamaEmbed
        default: return .other
        }
    }
}

extension RawSpan {
    /// The octets as text.
    fileprivate var text: String {
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

extension Dialect {
    /// The dialect that the operation's bodies are written in, where that is known of it.
    package init?(of operation: Operation) {
        switch operation {
        case .chatCompletion, .textCompletion, .embedding, .transcription, .speech: self = .openAIChat
        case .response, .responseTokens: self = .openAIResponses
        case .message, .messageTokens: self = .anthropicMessages
        case .generateContent, .contentTokens, .embedContent: self = .gemini
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed: self = .ollama
        case .other: return nil
        }
    }
}

extension Operation {
    /// What reads its answers.
    var answerDialect: any AnswerDialect {
        switch self {
        case .chatCompletion: ChatAnswer()
        case .textCompletion: TextCompletionAnswer()
        case .embedding: EmbeddingAnswer()
        case .transcription: TranscriptionAnswer()
        case .speech: SpeechAnswer()
        case .message: MessagesAnswer()
        case .messageTokens, .responseTokens: TokenCountAnswer()
        case .response: ResponsesAnswer()
        case .generateContent: GenerateContentAnswer()
        case .contentTokens: ContentTokensAnswer()
        case .embedContent: EmbedContentAnswer()
        case .ollamaChat, .ollamaGenerate: OllamaAnswer()
        case .ollamaEmbed: OllamaEmbedAnswer()
        case .other: OtherAnswer()
        }
    }

    /// What reads its requests; nil where nothing is read of them.
    var requestDialect: (any RequestDialect.Type)? {
        switch self {
        case .chatCompletion: ChatRequest.self
        case .textCompletion: TextCompletionRequest.self
        case .embedding: EmbeddingRequest.self
        case .transcription: TranscriptionRequest.self
        case .speech: SpeechRequest.self
        case .message, .messageTokens: MessagesRequest.self
        case .response, .responseTokens: ResponsesRequest.self
        case .generateContent, .contentTokens: GenerateContentRequest.self
        case .embedContent: EmbedContentRequest.self
        case .ollamaChat: OllamaChatRequest.self
        case .ollamaGenerate: OllamaGenerateRequest.self
        case .ollamaEmbed: OllamaEmbedRequest.self
        case .other: nil
        }
    }

    /// Tells what a request says, its messages by their places; nil where nothing is read of it.
    package func outline(_ document: JSONDocument) -> RequestOutline? { requestDialect?.outline(document) }

    /// Reads a message that ``outline(_:)`` has told of.
    package func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        requestDialect?.message(source, document) ?? Message(source.role, [])
    }

    /// Reads all that a request says; nil where nothing is read of it.
    package func request(_ document: JSONDocument) -> ModelRequest? {
        guard var outline = outline(document) else { return nil }
        outline.request.messages = outline.messages.map { message($0, document) }
        outline.request.readSettings(document)
        return outline.request
    }

    /// Reads all that a request in `multipart/form-data` says; nil where nothing is read of it.
    package func request(multipart fields: MultipartFields) -> ModelRequest? {
        self == .transcription ? TranscriptionRequest.request(fields) : nil
    }
}

/// What is read of answers that no dialect knows: their errors, in whatever form they have.
struct OtherAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        draft.answer.error = ProviderError(document, document.root) ?? draft.answer.error
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        _ = draft.takePlain(name: name, data)
        return true
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = true
    }
}

extension ProviderError {
    /// Reads an error in any of the forms that providers have: OpenAI's, Anthropic's, Gemini's (also in an array),
    /// Ollama's text, FastAPI's `detail`; nil where the value holds none, as a null, empty text or empty object is.
    init?(_ document: JSONDocument, _ node: JSONDocument.Node) {
        if document.kind(node) == .array {
            guard let first = document.elements(node).first(where: { _ in true }) else { return nil }
            self.init(document, first)
            return
        }
        let error = document[node, "error"]
        if document.hasText(error) {
            self.init(
                message: document.string(error) ?? "", type: document.string(document[node, "error_type"]),
                code: document.word(document[node, "code"]))
        } else if let error, document.kind(error) == .object, document.members(error).contains(where: { _ in true }) {
            let message = document.first(error, "message")
            self.init(
                message: document.string(message) ?? document.raw(message ?? error),
                type: document.string(
                    document.first(error, "type", "status") ?? document[document[error, "metadata"], "error_type"]),
                code: document.word(document[error, "code"]))
        } else if document.kind(error) == .array, let first = document.elements(error).first(where: { _ in true }),
            document.kind(first) == .object
        {
            // Cloudflare's.
            self.init(
                message: document.string(document[first, "message"]) ?? document.raw(first),
                code: document.word(document[first, "code"]))
        } else if document.equals(document[node, "object"], "error") {
            self.init(
                message: document.string(document[node, "message"]) ?? document[node, "message"].map(document.raw)
                    ?? "",
                type: document.string(document[node, "type"]), code: document.word(document[node, "code"]))
        } else if let detail = document[node, "detail"], document.isPresent(detail) {
            self.init(message: document.string(detail) ?? document.raw(detail))
        } else {
            return nil
        }
    }
}

extension ProviderError {
    /// Reads an error that is no member but the whole object, as gateways in front of providers send it; nil where the
    /// object has no message.
    init?(bare document: JSONDocument) {
        let root = document.root
        guard let message = document.nonEmptyString(document.first(root, "message", "error_msg", "msg")) else {
            return nil
        }
        self.init(
            message: message, type: document.string(document[root, "type"]),
            code: document.word(document.first(root, "code", "error_code")))
    }
}

extension AnswerDraft {
    /// Takes a whole answer for an error that is the whole object, where nothing else was said.
    mutating func takeBareError(_ document: JSONDocument) {
        guard answer.error == nil, !hasChoices, answer.usage == nil, answer.embeddings == nil else { return }
        answer.error = ProviderError(bare: document)
    }
}

extension JSONDocument {
    /// A string's text, or the JSON of another value, as arguments are written in both ways; nil for what is absent or
    /// `null`.
    func textOrJSON(_ node: Node?) -> String? {
        guard let node, isPresent(node) else { return nil }
        return string(node) ?? raw(node)
    }

    /// A code, which some providers write as text and some as a number; nil for anything else.
    func word(_ node: Node?) -> String? {
        if let text = string(node) { return text }
        guard let node, kind(node) == .number else { return nil }
        return raw(node)
    }
}

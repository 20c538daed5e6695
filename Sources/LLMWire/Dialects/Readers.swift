extension Operation {
    /// What reads its answers.
    var answerDialect: any AnswerDialect {
        switch self {
        case .chatCompletion: ChatAnswer()
        case .message: MessagesAnswer()
        case .messageTokens, .responseTokens: TokenCountAnswer()
        case .response: ResponsesAnswer()
        default: OtherAnswer()
        }
    }

    /// What reads its requests; nil where nothing is read of them.
    var requestDialect: (any RequestDialect.Type)? {
        switch self {
        case .chatCompletion: ChatRequest.self
        case .message, .messageTokens: MessagesRequest.self
        case .response, .responseTokens: ResponsesRequest.self
        default: nil
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
        return outline.request
    }
}

/// What is read of answers that no dialect knows: their errors, in whatever form they have.
struct OtherAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        draft.answer.error = ProviderError(document, document.root) ?? draft.answer.error
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool { true }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = true
    }
}

extension ProviderError {
    /// Reads an error in any of the forms that providers have: OpenAI's, Anthropic's, Gemini's (also in an array),
    /// Ollama's text, FastAPI's `detail`; nil where the value holds none.
    init?(_ document: JSONDocument, _ node: JSONDocument.Node) {
        if document.kind(node) == .array {
            guard let first = document.elements(node).first(where: { _ in true }) else { return nil }
            self.init(document, first)
            return
        }
        let error = document[node, "error"]
        if let text = document.string(error) {
            guard !text.isEmpty else { return nil }
            self.init(message: text)
        } else if document.kind(error) == .object {
            self.init(
                message: document.string(document[error, "message"]) ?? error.map(document.raw) ?? "",
                type: document.string(document.first(error, "type", "status")),
                code: Self.word(document, document[error, "code"]))
        } else if document.equals(document[node, "object"], "error") {
            self.init(
                message: document.string(document[node, "message"]) ?? "",
                type: document.string(document[node, "type"]), code: Self.word(document, document[node, "code"]))
        } else if let detail = document[node, "detail"], document.isPresent(detail) {
            self.init(message: document.string(detail) ?? document.raw(detail))
        } else {
            return nil
        }
    }

    private static func word(_ document: JSONDocument, _ node: JSONDocument.Node?) -> String? {
        if let text = document.string(node) { return text }
        guard let node, document.kind(node) == .number else { return nil }
        return document.raw(node)
    }
}

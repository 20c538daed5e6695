/// Reads answers of OpenAI's legacy Completions, and of Mistral's `fim/completions` and `agents/completions`, which
/// share the path's end but answer as Chat does.
struct TextCompletionAnswer: AnswerDialect {
    private var chat = ChatAnswer()

    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        chat.takeEvent(name: name, document, into: &draft)
        takeText(document, into: &draft)
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        chat.takeText(name: name, data, into: &draft)
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        chat.takeWhole(document, into: &draft)
        takeText(document, into: &draft)
    }

    mutating func finish(into draft: inout AnswerDraft) { chat.finish(into: &draft) }

    private func takeText(_ document: JSONDocument, into draft: inout AnswerDraft) {
        var place = 0
        for choice in document.elements(document[document.root, "choices"]) {
            let index = document.count(document[choice, "index"]) ?? place
            place += 1
            // Together says the same in both.
            let message = document.first(choice, "delta", "message")
            guard !document.hasText(document[message, "content"]) else { continue }
            draft.append(.text, document, document[choice, "text"], choice: index)
        }
    }
}

/// Reads requests of OpenAI's legacy Completions; those with messages are Chat's.
enum TextCompletionRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        let root = document.root
        var outline = ChatRequest.outline(document)
        outline.request.leaveOut(["prompt"])
        guard let prompt = document[root, "prompt"], document.isPresent(prompt) else { return outline }
        outline.messages += prompts(document, prompt).map { MessageSource(.user, $0) }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        switch document.kind(source.node) {
        case .object: ChatRequest.message(source, document)
        case .string: Message(source.role, ChatParts.read(document, source.node))
        default: Message(source.role, [.other(type: "tokens", json: document.raw(source.node))])
        }
    }

    /// A text, an array of tokens, or each element of an array of those.
    static func prompts(_ document: JSONDocument, _ prompt: JSONDocument.Node) -> [JSONDocument.Node] {
        guard document.kind(prompt) == .array else { return [prompt] }
        var isTokens = false
        for element in document.elements(prompt) {
            isTokens = document.kind(element) == .number
            break
        }
        return isTokens ? [prompt] : Array(document.elements(prompt))
    }
}

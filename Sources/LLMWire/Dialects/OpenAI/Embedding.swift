/// Reads answers of OpenAI's Embeddings: how many vectors, and what they used.
struct EmbeddingAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if let error = ProviderError(document, root) { draft.answer.error = error }
        draft.answer.id = document.nonEmptyString(document[root, "id"])
        draft.answer.model = document.nonEmptyString(document[root, "model"])
        let usage = document[root, "usage"]
        draft.answer.usage = Usage(openAI: document, usage)
        draft.answer.takeCost(document, usage)
        if let data = document[root, "data"], document.kind(data) == .array {
            var count = 0
            for _ in document.elements(data) { count += 1 }
            draft.answer.embeddings = count
        }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.takeBareError(document)
        draft.answer.isComplete = true
    }
}

/// Reads requests of OpenAI's Embeddings; what is to be embedded is the user's.
enum EmbeddingRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        let root = document.root
        var outline = ChatRequest.outline(document)
        outline.request.leaveOut(["input"])
        guard let input = document[root, "input"], document.isPresent(input) else { return outline }
        outline.messages = TextCompletionRequest.prompts(document, input).map { MessageSource(.user, $0) }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        guard document.kind(source.node) == .object else { return TextCompletionRequest.message(source, document) }
        return Message(source.role, ChatParts.part(document, source.node))
    }
}

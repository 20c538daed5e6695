/// Reads answers of Gemini's `embedContent` and `batchEmbedContents`.
struct EmbedContentAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if document.kind(document[root, "embeddings"]) == .array {
            draft.answer.embeddings = document.elements(document[root, "embeddings"]).reduce(0) { count, _ in count + 1
            }
        } else if document.kind(document[root, "embedding"]) == .object {
            draft.answer.embeddings = 1
        }
        if let usage = Usage(gemini: document, document[root, "usageMetadata"]) { draft.answer.usage = usage }
        if let error = ProviderError(document, root) { draft.answer.error = error }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = true
    }
}

/// Reads requests of Gemini's `embedContent` and `batchEmbedContents`: each content is a message.
enum EmbedContentRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        let batch = document[root, "requests"]
        let requests = document.kind(batch) == .array ? Array(document.elements(batch)) : [root]
        for (place, request) in requests.enumerated() {
            if let content = document[request, "content"], document.isPresent(content) {
                outline.messages.append(MessageSource(.user, content))
            }
            // Those of a batch are for one model, and mostly alike.
            guard place == 0 else { continue }
            outline.request.model = document.string(document[request, "model"]).map(GenerateContentRequest.modelName)
            outline.request.takeParameters(document, request, except: ["content", "model", "requests"])
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        Message(source.role, GenerateContentRequest.parts(of: source.node, document))
    }
}

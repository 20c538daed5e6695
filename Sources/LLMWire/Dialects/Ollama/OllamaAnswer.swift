/// Reads answers of Ollama's `/api/chat` and `/api/generate`, streamed and whole: both have the same form, a stream's
/// last line the counts.
struct OllamaAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if draft.answer.model == nil { draft.answer.model = document.string(document[root, "model"]) }
        if let error = ProviderError(document, root) { draft.answer.error = error }
        let message = document[root, "message"]
        take(.reasoning, document, document.first(message, "thinking") ?? document[root, "thinking"], into: &draft)
        take(.text, document, document.first(message, "content") ?? document[root, "response"], into: &draft)
        for call in document.elements(document.first(message, "tool_calls") ?? document[root, "tool_calls"]) {
            take(call: call, document, into: &draft)
        }
        for image in document.elements(document[message, "images"]) { take(image: image, document, into: &draft) }
        if let image = document[root, "image"] { take(image: image, document, into: &draft) }
        if message != nil || document[root, "response"] != nil { draft.name(choice: 0) }
        guard document.boolean(document[root, "done"]) == true else { return }
        let native = document.string(document[root, "done_reason"]).flatMap { $0.isEmpty ? nil : $0 }
        draft.finish(native.map(Self.reason), native: native)
        draft.answer.usage = Usage(ollama: document, root) ?? draft.answer.usage
        draft.answer.isComplete = true
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        if draft.answer.error != nil { draft.answer.isComplete = true }
    }

    mutating func finish(into draft: inout AnswerDraft) {
        // An error in place of an answer is all there is to come.
        if draft.answer.error != nil, !draft.hasChoices { draft.answer.isComplete = true }
    }

    private static func reason(_ native: String) -> FinishReason {
        switch native {
        case "stop": .stop
        case "length": .length
        default: .other
        }
    }

    private func take(
        _ kind: AnswerDraft.PartKind, _ document: JSONDocument, _ text: JSONDocument.Node?,
        into draft: inout AnswerDraft
    ) {
        guard let text, document.kind(text) == .string, !document.isEmptyString(text) else { return }
        draft.append(kind, document, text, key: draft.lastKey(kind) ?? draft.partCount())
    }

    /// Calls come whole, their arguments as an object; servers that imitate OpenAI write them as text.
    private func take(call: JSONDocument.Node, _ document: JSONDocument, into draft: inout AnswerDraft) {
        let key = draft.partCount()
        let function = document[call, "function"]
        draft.toolCall(document, id: document[call, "id"], name: document[function, "name"], key: key)
        let arguments = document[function, "arguments"]
        switch document.kind(arguments) {
        case .string: draft.append(.toolCall, document, arguments, key: key)
        case .null, nil: draft.completeArguments(key: key)
        default: draft.setArguments(document, arguments, key: key)
        }
    }

    private func take(image: JSONDocument.Node, _ document: JSONDocument, into draft: inout AnswerDraft) {
        guard document.kind(image) == .string, !document.isEmptyString(image) else { return }
        draft.add(Media(kind: .image, size: document.base64Size(image)))
    }
}

/// Reads answers of Ollama's `/api/embed` and of the older `/api/embeddings`.
struct OllamaEmbedAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if draft.answer.model == nil { draft.answer.model = document.string(document[root, "model"]) }
        if document.kind(document[root, "embeddings"]) == .array {
            draft.answer.embeddings = document.elements(document[root, "embeddings"]).reduce(0) { count, _ in count + 1
            }
        } else if document.kind(document[root, "embedding"]) == .array {
            draft.answer.embeddings = 1
        }
        if let usage = Usage(ollama: document, root) { draft.answer.usage = usage }
        if let error = ProviderError(document, root) { draft.answer.error = error }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = true
    }
}

extension Usage {
    /// Reads Ollama's counts, which stand beside the answer: thoughts are part of the output; a prompt that came from
    /// the cache whole has no count.
    init?(ollama document: JSONDocument, _ node: JSONDocument.Node) {
        let input = document.count(document[node, "prompt_eval_count"])
        let output = document.count(document[node, "eval_count"])
        guard input != nil || output != nil else { return nil }
        self.init(input: input, output: output)
    }
}

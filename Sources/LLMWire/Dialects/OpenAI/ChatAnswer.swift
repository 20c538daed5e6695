/// Reads answers of OpenAI's Chat Completions, with what compatible providers add to them.
///
/// Tool calls are keyed by their index; servers that leave it out send whole calls, which get keys of their own.
struct ChatAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        takeCommon(document, into: &draft)
        for choice in document.elements(document[document.root, "choices"]) {
            let index = document.count(document[choice, "index"]) ?? 0
            takeMessage(document, document[choice, "delta"], choice: index, into: &draft)
            takeFinish(document, choice, index, into: &draft)
        }
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        guard data == Array("[DONE]".utf8) else { return false }
        draft.answer.isComplete = true
        return true
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeCommon(document, into: &draft)
        for choice in document.elements(document[document.root, "choices"]) {
            let index = document.count(document[choice, "index"]) ?? 0
            draft.name(choice: index)
            takeMessage(document, document[choice, "message"], choice: index, into: &draft)
            takeFinish(document, choice, index, into: &draft)
        }
        draft.answer.isComplete = true
    }

    private func takeCommon(_ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if draft.answer.id == nil { draft.answer.id = document.string(document[root, "id"]) }
        if draft.answer.model == nil { draft.answer.model = document.string(document[root, "model"]) }
        if let usage = Usage(openAI: document, document[root, "usage"]) { draft.answer.usage = usage }
        if let error = ProviderError(document, root) { draft.answer.error = error }
    }

    private func takeMessage(
        _ document: JSONDocument, _ message: JSONDocument.Node?, choice: Int, into draft: inout AnswerDraft
    ) {
        draft.append(
            .reasoning, document, document.first(message, "reasoning_content", "reasoning"), choice: choice)
        draft.append(.text, document, document[message, "content"], choice: choice)
        draft.append(.refusal, document, document[message, "refusal"], choice: choice)
        for (place, call) in document.elements(document[message, "tool_calls"]).enumerated() {
            let key = document.count(document[call, "index"]) ?? place
            let function = document[call, "function"]
            draft.toolCall(
                document, id: document[call, "id"], name: document[function, "name"], choice: choice, key: key)
            draft.append(.toolCall, document, document[function, "arguments"], choice: choice, key: key)
        }
    }

    private func takeFinish(
        _ document: JSONDocument, _ choice: JSONDocument.Node, _ index: Int, into draft: inout AnswerDraft
    ) {
        guard let native = document.string(document[choice, "finish_reason"]) else { return }
        draft.finish(FinishReason(rawValue: native) ?? .other, native: native, choice: index)
    }
}

extension Usage {
    /// Reads usage as Chat Completions and Responses count it: caches are part of the input, reasoning of the output.
    init?(openAI document: JSONDocument, _ node: JSONDocument.Node?) {
        guard document.kind(node) == .object else { return nil }
        self.init(
            input: document.count(document.first(node, "prompt_tokens", "input_tokens")),
            output: document.count(document.first(node, "completion_tokens", "output_tokens")),
            total: document.count(document[node, "total_tokens"]))
        let inputDetails = document.first(node, "prompt_tokens_details", "input_tokens_details")
        cachedInput = document.count(document[inputDetails, "cached_tokens"])
        cacheWrite = document.count(document[inputDetails, "cache_write_tokens"])
        audioInput = document.count(document[inputDetails, "audio_tokens"])
        let outputDetails = document.first(node, "completion_tokens_details", "output_tokens_details")
        reasoning = document.count(document[outputDetails, "reasoning_tokens"])
        audioOutput = document.count(document[outputDetails, "audio_tokens"])
    }
}

/// Reads answers of OpenAI's Responses, with what compatible servers make of them.
///
/// What deltas bring is said again when a part, an item and the answer end; each time it takes the place of what was
/// said before, so that what was not streamed comes in and what was is there once.
struct ResponsesAnswer: AnswerDialect {
    private var items = ResponsesItems()

    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        let delta = document[root, "delta"]
        let event = EventType(document, document[root, "type"], name: name)
        switch event {
        case "response.output_text.delta":
            draft.append(.text, document, delta, key: items.key(document, "content_index"))
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            draft.append(.toolCall, document, delta, key: items.key(document, "content_index"))
        case "response.reasoning_summary_text.delta":
            draft.append(.reasoning, document, delta, key: items.key(document, "summary_index"))
        case "response.reasoning_text.delta":
            draft.append(.reasoning, document, delta, key: items.key(document, "content_index", isThought: true))
        case "response.refusal.delta":
            draft.append(.refusal, document, delta, key: items.key(document, "content_index"))
        case "response.output_item.added": items.begin(document, document[root, "item"], into: &draft)
        case "response.output_item.done": items.end(document, document[root, "item"], into: &draft)
        case "error": draft.answer.error = ProviderError(event: document)
        default: if !takeDone(event, document, into: &draft) { takeResponseEvent(event, document, into: &draft) }
        }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        let status = document.string(document[root, "status"])
        if document.equals(document[root, "type"], "error") { draft.answer.error = ProviderError(event: document) }
        takeResponse(document, root, into: &draft)
        if let status, status == "queued" || status == "in_progress" {
            // It goes on in the background, and this is no answer yet.
            draft.answer.isComplete = false
            return
        }
        if let status { takeEnd(status, document, root, into: &draft) }
        draft.takeBareError(document)
        draft.answer.isComplete = true
    }

    /// Takes an event that says a part once more as a whole.
    ///
    /// - Returns: whether it was one.
    private mutating func takeDone(
        _ event: EventType, _ document: JSONDocument, into draft: inout AnswerDraft
    ) -> Bool {
        let root = document.root
        switch event {
        case "response.output_text.done":
            draft.replace(.text, document, document[root, "text"], key: items.key(document, "content_index"))
        case "response.refusal.done":
            draft.replace(.refusal, document, document[root, "refusal"], key: items.key(document, "content_index"))
        case "response.reasoning_summary_text.done":
            draft.replace(.reasoning, document, document[root, "text"], key: items.key(document, "summary_index"))
        case "response.reasoning_text.done":
            let key = items.key(document, "content_index", isThought: true)
            draft.replace(.reasoning, document, document[root, "text"], key: key)
        case "response.function_call_arguments.done":
            draft.replace(.toolCall, document, document[root, "arguments"], key: items.key(document, "content_index"))
        case "response.custom_tool_call_input.done":
            draft.replace(.toolCall, document, document[root, "input"], key: items.key(document, "content_index"))
        default: return false
        }
        return true
    }

    // MARK: The response

    private mutating func takeResponseEvent(
        _ event: EventType, _ document: JSONDocument, into draft: inout AnswerDraft
    ) {
        let root = document.root
        let response = document[root, "response"]
        switch event {
        case "response.completed": takeTerminal("completed", document, response, into: &draft)
        case "response.incomplete": takeTerminal("incomplete", document, response, into: &draft)
        case "response.failed": takeTerminal("failed", document, response, into: &draft)
        case "response.created", "response.queued", "response.in_progress":
            takeResponse(document, response, into: &draft)
        default:
            if document.equals(document[root, "object"], "response") {
                takeWhole(document, into: &draft)
            } else if !document.isPresent(document[root, "type"]), let error = ProviderError(document, root) {
                draft.answer.error = error
            }
        }
    }

    private mutating func takeTerminal(
        _ status: String, _ document: JSONDocument, _ response: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        takeResponse(document, response, into: &draft)
        takeEnd(status, document, response, into: &draft)
        draft.answer.isComplete = true
    }

    private mutating func takeResponse(
        _ document: JSONDocument, _ response: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        guard let response else { return }
        draft.answer.id = document.string(document[response, "id"]) ?? draft.answer.id
        draft.answer.model = document.string(document[response, "model"]) ?? draft.answer.model
        draft.answer.serviceTier = document.string(document[response, "service_tier"]) ?? draft.answer.serviceTier
        if let error = ProviderError(document, response) { draft.answer.error = error }
        let usage = document[response, "usage"]
        draft.answer.takeCost(document, usage)
        if var counts = Usage(openAI: document, usage) {
            let details = document[document[usage, "input_tokens_details"], "cache_write_tokens_details"]
            counts.longCacheWrite = document.count(document[details, "ttl_12h_tokens"])
            draft.answer.usage = counts
        }
        items.takeOutput(document, document[response, "output"], into: &draft)
    }

    private func takeEnd(
        _ status: String, _ document: JSONDocument, _ response: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        switch status {
        case "completed": draft.finish(.stop, native: status)
        case "incomplete":
            let reason = document.string(document[document[response, "incomplete_details"], "reason"])
            draft.finish(FinishReason(incomplete: reason), native: reason ?? status)
        case "failed": draft.finish(.error, native: status)
        default: draft.finish(.other, native: status)
        }
    }
}

extension FinishReason {
    /// The meaning of the reason for which an answer of Responses is incomplete.
    fileprivate init(incomplete reason: String?) {
        switch reason {
        case "max_output_tokens", "max_tokens": self = .length
        case "content_filter": self = .contentFilter
        default: self = .other
        }
    }
}

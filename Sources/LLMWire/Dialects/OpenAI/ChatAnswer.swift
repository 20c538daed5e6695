/// Reads answers of OpenAI's Chat Completions, with what compatible providers add to them.
///
/// Text between `<think>` and `</think>` stays text: only the model's own template knows whether it is thinking.
struct ChatAnswer: AnswerDialect {
    private var toolCalls = ChatToolCalls()
    /// Whether usage has been reported, and not taken from timings.
    private var hasUsage = false

    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        takeCommon(document, into: &draft)
        // SDKs take an event of this name for an error whatever its data is.
        if !name.isEmpty, name.elementsEqual("error".utf8), draft.answer.error == nil {
            draft.answer.error = ProviderError(bare: document)
        }
        var place = 0
        for choice in document.elements(document[document.root, "choices"]) {
            defer { place += 1 }
            guard document.kind(choice) == .object else { continue }
            let index = document.count(document[choice, "index"]) ?? place
            draft.name(choice: index)
            let delta = document[choice, "delta"]
            if document.kind(delta) == .object {
                takeMessage(document, delta, choice: index, isWhole: false, into: &draft)
            } else if draft.partCount(choice: index) == 0 {
                takeMessage(document, document[choice, "message"], choice: index, isWhole: true, into: &draft)
            }
            takeFinish(document, choice, index, into: &draft)
        }
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        let event = draft.takePlain(name: name, data)
        if event == .done { draft.answer.isComplete = true }
        return event != .other
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeCommon(document, into: &draft)
        var place = 0
        for choice in document.elements(document[document.root, "choices"]) {
            defer { place += 1 }
            guard document.kind(choice) == .object else { continue }
            let index = document.count(document[choice, "index"]) ?? place
            draft.name(choice: index)
            let message = document[choice, "message"] ?? document[choice, "delta"]
            takeMessage(document, message, choice: index, isWhole: true, into: &draft)
            takeFinish(document, choice, index, into: &draft)
        }
        draft.takeBareError(document)
        draft.answer.isComplete = true
    }

    mutating func finish(into draft: inout AnswerDraft) {
        // Servers that send no `[DONE]` are through when every choice is.
        if draft.isEachChoiceFinished { draft.answer.isComplete = true }
    }

    // MARK: The whole

    private mutating func takeCommon(_ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        // Azure's first chunk has both empty.
        if draft.answer.id == nil { draft.answer.id = document.nonEmptyString(document[root, "id"]) }
        if draft.answer.model == nil { draft.answer.model = document.nonEmptyString(document[root, "model"]) }
        if draft.answer.serviceTier == nil {
            draft.answer.serviceTier = document.nonEmptyString(document[root, "service_tier"])
        }
        let groq = document[root, "x_groq"]
        let usage = document[root, "usage"]
        takeUsage(document, document.isPresent(usage) ? usage : document[groq, "usage"], into: &draft)
        if !hasUsage, let usage = Usage(timings: document, document[root, "timings"]) { draft.answer.usage = usage }
        if let error = ProviderError(document, root) {
            draft.answer.error = error
        } else if let groq, let error = ProviderError(document, groq) {
            draft.answer.error = error
        }
    }

    private mutating func takeUsage(
        _ document: JSONDocument, _ node: JSONDocument.Node?, into draft: inout AnswerDraft
    ) {
        guard document.kind(node) == .object else { return }
        draft.answer.takeCost(document, node)
        guard let usage = Usage(openAI: document, node) else { return }
        draft.answer.usage = usage
        hasUsage = true
    }

    // MARK: Choices

    private mutating func takeMessage(
        _ document: JSONDocument, _ message: JSONDocument.Node?, choice: Int, isWhole: Bool,
        into draft: inout AnswerDraft
    ) {
        guard document.kind(message) == .object else { return }
        takeReasoning(document, message, choice, into: &draft)
        let content = document[message, "content"]
        if document.kind(content) == .string {
            draft.append(.text, document, content, choice: choice)
        } else if document.kind(content) == .array {
            for part in document.elements(content) { takePart(document, part, choice, into: &draft) }
        }
        draft.append(.refusal, document, document[message, "refusal"], choice: choice)
        let audio = document[message, "audio"]
        if document.kind(audio) == .object {
            draft.appendSound(digits: document.base64Digits(document[audio, "data"]), choice: choice)
            draft.append(.text, document, document[audio, "transcript"], choice: choice)
        }
        if let images = document[message, "images"] {
            for image in document.elements(images) {
                for part in ChatParts.part(document, image) { draft.add(part, choice: choice) }
            }
        }
        if let calls = document[message, "tool_calls"] {
            var place = 0
            for call in document.elements(calls) {
                let index = isWhole ? place : document.count(document[call, "index"])
                toolCalls.take(document, call, index: index, choice: choice, into: &draft)
                place += 1
            }
        }
        if let call = document[message, "function_call"], document.kind(call) == .object {
            toolCalls.take(document, call, index: -1, choice: choice, into: &draft)
        }
    }

    /// Takes what is shown of the thinking: from one of the members that servers have for it, because those that fill
    /// several say the same in them.
    private func takeReasoning(
        _ document: JSONDocument, _ message: JSONDocument.Node?, _ choice: Int, into draft: inout AnswerDraft
    ) {
        var text = document[message, "reasoning_content"]
        if !document.hasText(text) { text = document[message, "reasoning"] }
        if document.hasText(text) {
            draft.append(.reasoning, document, text, choice: choice)
            return
        }
        var details = document[message, "reasoning_details"]
        if !document.isPresent(details) { details = document[message, "thinking_blocks"] }
        guard document.isPresent(details) else { return }
        for detail in document.elements(details) {
            let text = document.first(detail, "text", "summary", "thinking")
            draft.append(.reasoning, document, text, choice: choice)
        }
    }

    /// Takes a part of a content that is an array.
    private func takePart(
        _ document: JSONDocument, _ node: JSONDocument.Node, _ choice: Int, into draft: inout AnswerDraft
    ) {
        let type = document[node, "type"]
        if document.equals(type, "text") || document.equals(type, "output_text") {
            append(.text, document, document[node, "text"], choice, into: &draft)
        } else if document.equals(type, "thinking") {
            for text in ChatParts.thinking(document, node) {
                append(.reasoning, document, text, choice, into: &draft)
            }
        } else {
            for part in ChatParts.part(document, node) { draft.add(part, choice: choice) }
        }
    }

    /// Appends to the last part, where that is of `kind`, else to a new one.
    private func append(
        _ kind: AnswerDraft.PartKind, _ document: JSONDocument, _ text: JSONDocument.Node?, _ choice: Int,
        into draft: inout AnswerDraft
    ) {
        // A string's key is 0.
        let key = draft.lastKey(kind, choice: choice) ?? draft.partCount(choice: choice)
        draft.append(kind, document, text, choice: choice, key: key)
    }

    private mutating func takeFinish(
        _ document: JSONDocument, _ choice: JSONDocument.Node, _ index: Int, into draft: inout AnswerDraft
    ) {
        // Moonshot counts in the choice.
        takeUsage(document, document[choice, "usage"], into: &draft)
        guard let reason = document.nonEmptyString(document[choice, "finish_reason"]) else { return }
        let native = document.nonEmptyString(document[choice, "native_finish_reason"])
        draft.finish(FinishReason(chat: reason), native: native ?? reason, choice: index)
    }
}

extension FinishReason {
    /// The reason that Chat Completions and servers compatible with it call `word`.
    init(chat word: String) {
        switch word {
        case "stop", "eos", "eos_token", "stop_sequence", "end_turn", "end": self = .stop
        case "length", "max_tokens", "model_length": self = .length
        case "tool_calls", "function_call", "tool_use": self = .toolCalls
        case "content_filter", "sensitive": self = .contentFilter
        case "error", "abort", "insufficient_system_resource", "network_error": self = .error
        default: self = .other
        }
    }
}

/// Reads answers of Gemini's `generateContent` and `streamGenerateContent`, also in the wrapper of Code Assist.
///
/// A stream's pieces are whole answers, whose parts have no numbers: text goes on in the part in front where that is of
/// its kind. Nothing marks a stream's end but that every candidate has a reason to have ended.
struct GenerateContentAnswer: AnswerDialect {
    /// Calls whose arguments are still coming in pieces.
    private var open: [OpenCall] = []

    private struct OpenCall: Sendable {
        var choice: Int
        var key: Int
        var name: String
        var arguments = PartialArguments()
    }

    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        guard document.kind(document.root) == .array else {
            take(document, document.root, into: &draft)
            return
        }
        for element in document.elements(document.root) { take(document, element, into: &draft) }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = document.kind(document.root) == .object
    }

    mutating func finish(into draft: inout AnswerDraft) {
        for call in open { end(call, into: &draft) }
        open.removeAll()
        // An error in place of an answer is all there is to come.
        let isEnded = draft.hasChoices ? draft.isEachChoiceFinished : draft.answer.error != nil
        if isEnded { draft.answer.isComplete = true }
    }

    private mutating func take(_ document: JSONDocument, _ outer: JSONDocument.Node, into draft: inout AnswerDraft) {
        let root = document.kind(document[outer, "response"]) == .object ? document[outer, "response"] : outer
        if draft.answer.id == nil { draft.answer.id = document.string(document[root, "responseId"]) }
        if draft.answer.model == nil { draft.answer.model = document.string(document[root, "modelVersion"]) }
        for (place, candidate) in document.elements(document[root, "candidates"]).enumerated() {
            let choice = document.count(document[candidate, "index"]) ?? place
            draft.name(choice: choice)
            for part in document.elements(document[document[candidate, "content"], "parts"]) {
                take(part, document, choice, into: &draft)
            }
            if let native = document.string(document[candidate, "finishReason"]), native != Self.unspecified {
                draft.finish(FinishReason(gemini: native), native: native, choice: choice)
            }
        }
        if let native = document.string(document[document[root, "promptFeedback"], "blockReason"]), !draft.hasChoices {
            draft.finish(.contentFilter, native: native)
        }
        let usage = document[root, "usageMetadata"]
        draft.answer.serviceTier = document.nonEmptyString(document[usage, "serviceTier"]) ?? draft.answer.serviceTier
        if let usage = Usage(gemini: document, usage) { draft.answer.usage = usage }
        if let error = ProviderError(document, outer) { draft.answer.error = error }
    }

    private static let unspecified = "FINISH_REASON_UNSPECIFIED"

    private mutating func take(
        _ part: JSONDocument.Node, _ document: JSONDocument, _ choice: Int, into draft: inout AnswerDraft
    ) {
        if let text = document[part, "text"], document.kind(text) == .string {
            let kind = document.boolean(document[part, "thought"]) == true ? AnswerDraft.PartKind.reasoning : .text
            let key = draft.lastKey(kind, choice: choice) ?? draft.partCount(choice: choice)
            draft.append(kind, document, text, choice: choice, key: key)
        } else if let call = document[part, "functionCall"], document.kind(call) == .object {
            take(call: call, document, choice, into: &draft)
        } else {
            for part in ContentPart.read(part, document) {
                if case .media(let media) = part {
                    draft.add(media, choice: choice)
                } else {
                    draft.add(part, choice: choice)
                }
            }
        }
    }

    private mutating func take(
        call: JSONDocument.Node, _ document: JSONDocument, _ choice: Int, into draft: inout AnswerDraft
    ) {
        let goesOn = document.boolean(document[call, "willContinue"]) ?? false
        let pieces = document[call, "partialArgs"]
        let name = document.string(document[call, "name"]) ?? ""
        var current = open.firstIndex { $0.choice == choice }
        if let place = current, document.isPresent(document[call, "args"]) || !name.isEmpty && name != open[place].name
        {
            end(open.remove(at: place), into: &draft)
            current = nil
        }
        guard current != nil || goesOn || pieces != nil else {
            let key = draft.partCount(choice: choice)
            draft.toolCall(document, id: document[call, "id"], name: document[call, "name"], choice: choice, key: key)
            if let arguments = document.first(call, "args") {
                draft.setArguments(document, arguments, choice: choice, key: key)
            }
            draft.completeArguments(choice: choice, key: key)
            return
        }
        var openCall =
            current.map { open.remove(at: $0) }
            ?? OpenCall(choice: choice, key: draft.partCount(choice: choice), name: name)
        draft.toolCall(
            document, id: document[call, "id"], name: document[call, "name"], choice: choice, key: openCall.key)
        for piece in document.elements(pieces) { openCall.arguments.take(piece, document) }
        // Each piece looks its call up among those that are open.
        if goesOn, open.count < AnswerDraft.mostChoices {
            open.append(openCall)
        } else {
            end(openCall, into: &draft)
        }
    }

    private func end(_ call: OpenCall, into draft: inout AnswerDraft) {
        draft.setArguments(call.arguments.json, choice: call.choice, key: call.key)
    }
}

extension FinishReason {
    /// Gemini's reasons. A call of tools ends with `STOP` like any other answer.
    init(gemini native: String) {
        switch native {
        case "STOP": self = .stop
        case "MAX_TOKENS": self = .length
        case "SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "MODEL_ARMOR":
            self = .contentFilter
        case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE",
            "MALFORMED_RESPONSE":
            self = .error
        default: self = .other
        }
    }
}

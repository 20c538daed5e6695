/// Reads answers that only count a request's tokens: Anthropic's `count_tokens`, OpenAI's `responses/input_tokens`.
struct TokenCountAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        takeWhole(document, into: &draft)
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        draft.answer.error = ProviderError(document, document.root) ?? draft.answer.error
        if let tokens = document.count(document[document.root, "input_tokens"]) {
            draft.answer.usage = Usage(input: tokens)
        }
        draft.answer.isComplete = true
    }
}

/// Reads answers of Gemini's `countTokens`: what was counted stands as input.
struct ContentTokensAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if let total = document.count(document[root, "totalTokens"]) {
            var usage = Usage(input: total)
            usage.cachedInput = document.count(document[root, "cachedContentTokenCount"])
            draft.answer.usage = usage
        }
        if let error = ProviderError(document, root) { draft.answer.error = error }
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = true
    }
}

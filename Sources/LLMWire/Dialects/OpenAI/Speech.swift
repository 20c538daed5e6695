/// Reads answers of OpenAI's `audio/speech`: sound as it is, or in base 64 in a stream's events.
struct SpeechAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if let error = ProviderError(document, root) { draft.answer.error = error }
        let type = document[root, "type"]
        if document.equals(type, "speech.audio.delta") {
            draft.appendSound(digits: document.base64Digits(document[root, "audio"]))
        } else if document.equals(type, "speech.audio.done") {
            let usage = document[root, "usage"]
            draft.answer.takeCost(document, usage)
            if let usage = Usage(openAI: document, usage) { draft.answer.usage = usage }
            draft.answer.isComplete = true
        }
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        guard draft.takePlain(name: name, data) == .other else { return true }
        // A broken event looks like JSON; else it is sound whose reader took it for a document.
        if data.first == 0x7B { return false }
        takeBinary(data.count, into: &draft)
        return true
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        takeEvent(name: [], document, into: &draft)
        draft.answer.isComplete = true
    }

    mutating func takeBinary(_ count: Int, into draft: inout AnswerDraft) {
        if count > 0 { draft.add(.media(Media(kind: .audio, size: count))) }
        draft.answer.isComplete = true
    }
}

/// Reads requests of OpenAI's `audio/speech`: how to say it is an instruction, what to say the user's.
enum SpeechRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        let root = document.root
        var outline = ChatRequest.outline(document)
        outline.request.isStream = document.equals(document[root, "stream_format"], "sse") || outline.request.isStream
        outline.request.leaveOut(["input", "instructions"])
        if let text = document[root, "instructions"], document.hasText(text) {
            outline.messages.append(MessageSource(.system, text))
        }
        if let text = document[root, "input"], document.isPresent(text) {
            outline.messages.append(MessageSource(.user, text))
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        Message(source.role, ChatParts.read(document, source.node))
    }
}

import NIOHTTP1

/// OpenAI's endpoints, with or without `/v1` before them. https://platform.openai.com/docs/api-reference
enum OpenAI {
    /// The answer to an inquiry.
    static func answer(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        switch inquiry.target.path {
        case "/chat/completions":
            try inquiry.allow(.POST)
            return try OpenAIChat.script(inquiry)
        case "/responses":
            if inquiry.request.fields.contains(name: "upgrade") {
                throw MockRefusal(
                    status: 426, message: "The mock speaks Responses over HTTP alone, not over WebSocket.",
                    type: "invalid_request_error")
            }
            try inquiry.allow(.POST)
            return try OpenAIResponses.script(inquiry)
        case "/responses/input_tokens":
            try inquiry.allow(.POST)
            return try OpenAIResponses.count(inquiry)
        case "/completions":
            try inquiry.allow(.POST)
            return try OpenAICompletions.script(inquiry)
        case "/embeddings":
            try inquiry.allow(.POST)
            return try OpenAIEmbeddings.script(inquiry)
        case "/models":
            try inquiry.allow(.GET, .HEAD)
            return OpenAIModels.list(inquiry.settings)
        case "/audio/speech":
            try inquiry.allow(.POST)
            return try OpenAIAudio.speech(inquiry)
        case "/audio/transcriptions", "/audio/translations":
            try inquiry.allow(.POST)
            return try OpenAIAudio.transcription(inquiry)
        case "/files":
            try inquiry.allow(.GET, .HEAD, .POST)
            return inquiry.request.method == .POST ? try OpenAIFiles.upload(inquiry) : OpenAIFiles.list(inquiry)
        default:
            if let id = inquiry.target.rest(after: "/models/") {
                try inquiry.allow(.GET, .HEAD)
                return try OpenAIModels.one(id, inquiry)
            }
            if let id = inquiry.target.rest(after: "/files/") {
                return try OpenAIFiles.one(id, inquiry)
            }
            throw inquiry.unknown
        }
    }
}

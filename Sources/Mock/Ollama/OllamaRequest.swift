/// What the mock reads of Ollama's chat and generate requests; other members are ignored.
/// https://docs.ollama.com/api/chat
struct OllamaRequest: Decodable {
    var model: String
    var messages: [Message]?
    var prompt: String?
    var system: String?
    /// Absent means streamed.
    var isStreamed: Bool?
    var think: JSONValue?
    var options: Options?
    var tools: [ChatRequest.Tool]?

    private enum CodingKeys: String, CodingKey {
        case model, messages, prompt, system, think, options, tools
        case isStreamed = "stream"
    }

    struct Message: Decodable {
        var role: String
        var content: String?
    }

    struct Options: Decodable {
        var limit: Int?

        private enum CodingKeys: String, CodingKey { case limit = "num_predict" }
    }

    /// Whether there is something to answer; without, the request asks to load the model.
    var asks: Bool { self.messages?.isEmpty == false || self.prompt?.isEmpty == false }

    /// The request without its form.
    var neutral: Prompt {
        var prompt = Prompt(model: self.model)
        if let system = self.system { prompt.addInstructions(system) }
        if let text = self.prompt { prompt.add(.user, text) }
        for message in self.messages ?? [] {
            let role: Prompt.Role =
                switch message.role {
                case "user": .user
                case "assistant": .assistant
                case "tool": .tool
                default: .system
                }
            prompt.add(role, message.content ?? "")
        }
        prompt.tools = (self.tools ?? []).compactMap(\.function).map {
            Prompt.Tool(name: $0.name, parameters: $0.parameters)
        }
        // Below zero means without end.
        prompt.limit = self.options?.limit.flatMap { $0 >= 0 ? $0 : nil }
        switch self.think {
        case .bool(true), .string: prompt.asksForReasoning = true
        default: break
        }
        return prompt
    }
}

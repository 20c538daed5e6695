/// What the mock reads of a Chat Completions request; other members are ignored.
/// https://platform.openai.com/docs/api-reference/chat/create
struct ChatRequest: Decodable {
    var model: String
    var messages: [Message]
    var isStreamed: Bool?
    var streamOptions: StreamOptions?
    var maxCompletionTokens: Int?
    var maxTokens: Int?
    var choices: Int?
    var tools: [Tool]?
    var toolChoice: ToolChoice?
    var allowsParallelToolCalls: Bool?
    var reasoningEffort: String?

    private enum CodingKeys: String, CodingKey {
        case model, messages, tools
        case isStreamed = "stream"
        case streamOptions = "stream_options"
        case maxCompletionTokens = "max_completion_tokens"
        case maxTokens = "max_tokens"
        case choices = "n"
        case toolChoice = "tool_choice"
        case allowsParallelToolCalls = "parallel_tool_calls"
        case reasoningEffort = "reasoning_effort"
    }

    struct StreamOptions: Decodable {
        var includesUsage: Bool?

        private enum CodingKeys: String, CodingKey { case includesUsage = "include_usage" }
    }

    /// A message: its role and its text, the texts of several parts joined by line feeds.
    struct Message: Decodable {
        var role: String
        var text: String

        private enum CodingKeys: String, CodingKey { case role, content }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            self.role = try fields.decode(String.self, forKey: .role)
            self.text = try fields.decodeIfPresent(PartedText.self, forKey: .content)?.text ?? ""
        }
    }

    /// A tool; only functions can be called.
    struct Tool: Decodable {
        var function: Function?

        struct Function: Decodable {
            var name: String
            var parameters: ToolSchema?
        }
    }

    /// `tool_choice` in its several forms.
    struct ToolChoice: Decodable {
        var choice: Prompt.ToolChoice

        private struct Named: Decodable { var name: String }
        private struct Object: Decodable {
            var type: String
            var function: Named?
            var allowedTools: Allowed?

            enum CodingKeys: String, CodingKey {
                case type, function
                case allowedTools = "allowed_tools"
            }

            struct Allowed: Decodable {
                var mode: String
                var tools: [Entry]
            }

            struct Entry: Decodable { var function: Named? }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let choice = try Prompt.ToolChoice(word: container) {
                self.choice = choice
                return
            }
            let object = try container.decode(Object.self)
            if let function = object.function {
                self.choice = .named(function.name)
            } else if let allowed = object.allowedTools {
                self.choice = .allowed(
                    isRequired: allowed.mode == "required", names: allowed.tools.compactMap(\.function?.name))
            } else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "the mock knows the types function and allowed_tools")
            }
        }
    }

    /// Reads a body; throws what OpenAI would answer, with the field at fault as `param`.
    static func read(_ inquiry: Inquiry) throws(MockRefusal) -> ChatRequest {
        let request = try inquiry.body(ChatRequest.self)
        if request.messages.isEmpty {
            throw .body("messages is empty: it needs at least one message.", param: "messages")
        }
        if request.streamOptions != nil, request.isStreamed != true {
            throw .body("stream_options is only allowed when stream is true.", param: "stream_options")
        }
        if let choices = request.choices, !(1...8).contains(choices) {
            throw .body("n is \(choices); the mock answers 1 to 8 choices.", param: "n")
        }
        if let limit = request.limit, limit < 1 {
            throw .body("The limit of tokens is \(limit); it must be at least 1.", param: "max_completion_tokens")
        }
        return request
    }

    /// How many tokens an answer may have.
    private var limit: Int? { self.maxCompletionTokens ?? self.maxTokens }

    /// The request without its form.
    var prompt: Prompt {
        var prompt = Prompt(model: self.model)
        for message in self.messages {
            let role: Prompt.Role =
                switch message.role {
                case "user": .user
                case "assistant": .assistant
                case "tool", "function": .tool
                default: .system
                }
            prompt.add(role, message.text)
        }
        prompt.tools = (self.tools ?? []).compactMap(\.function).map {
            Prompt.Tool(name: $0.name, parameters: $0.parameters)
        }
        prompt.toolChoice = self.toolChoice?.choice ?? .auto
        prompt.allowsParallelToolCalls = self.allowsParallelToolCalls ?? true
        prompt.limit = self.limit
        prompt.asksForReasoning = self.reasoningEffort.map { $0 != "none" } ?? false
        return prompt
    }
}

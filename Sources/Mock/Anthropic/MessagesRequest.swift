/// What the mock reads of an Anthropic Messages request; other members are ignored.
/// https://platform.claude.com/docs/en/api/messages
struct MessagesRequest: Decodable {
    var model: String
    var messages: [Message]
    var limit: Int?
    var system: PartedText?
    var isStreamed: Bool?
    var tools: [Tool]?
    var toolChoice: ToolChoice?
    var thinking: Thinking?

    private enum CodingKeys: String, CodingKey {
        case model, messages, system, tools, thinking
        case limit = "max_tokens"
        case isStreamed = "stream"
        case toolChoice = "tool_choice"
    }

    /// A message: its role and its text; results of tools count apart from it.
    struct Message: Decodable {
        var role: Prompt.Role
        var text: String
        var results: [String]

        private enum CodingKeys: String, CodingKey { case role, content }

        private struct Block: Decodable {
            var type: String
            var text: String?
            var content: PartedText?

            private enum CodingKeys: String, CodingKey { case type, text, content }

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                self.type = try fields.decode(String.self, forKey: .type)
                switch self.type {
                case "text": self.text = try fields.decode(String.self, forKey: .text)
                case "tool_result": self.content = try fields.decodeIfPresent(PartedText.self, forKey: .content)
                default: break
                }
            }
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let role = try fields.decode(String.self, forKey: .role)
            switch role {
            case "user": self.role = .user
            case "assistant": self.role = .assistant
            case "system": self.role = .system
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: .role, in: fields, debugDescription: "\"\(role)\" is none of user, assistant, system")
            }
            if let text = try? fields.decode(String.self, forKey: .content) {
                self.text = text
                self.results = []
            } else {
                let blocks = try fields.decode([Block].self, forKey: .content)
                self.text = blocks.compactMap(\.text).joined(separator: "\n")
                self.results = blocks.filter { $0.type == "tool_result" }.map { $0.content?.text ?? "" }
            }
        }
    }

    /// A tool; those that Anthropic runs itself (with a `type` other than `custom`) are never called.
    struct Tool: Decodable {
        var name: String?
        var type: String?
        var schema: ToolSchema?

        private enum CodingKeys: String, CodingKey {
            case name, type
            case schema = "input_schema"
        }
    }

    struct ToolChoice: Decodable {
        var choice: Prompt.ToolChoice
        var forbidsParallel: Bool

        private enum CodingKeys: String, CodingKey {
            case type, name
            case forbidsParallel = "disable_parallel_tool_use"
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let type = try fields.decode(String.self, forKey: .type)
            switch type {
            case "auto": self.choice = .auto
            case "any": self.choice = .required
            case "none": self.choice = .none
            case "tool": self.choice = .named(try fields.decode(String.self, forKey: .name))
            default:
                throw DecodingError.dataCorruptedError(
                    forKey: .type, in: fields, debugDescription: "\"\(type)\" is none of auto, any, tool, none")
            }
            self.forbidsParallel = try fields.decodeIfPresent(Bool.self, forKey: .forbidsParallel) ?? false
        }
    }

    struct Thinking: Decodable {
        var type: String
        /// `omitted`: the block comes with its signature and without its text.
        var display: String?
    }

    /// Reads a body; `needsLimit` for all but the counting of tokens.
    static func read(_ inquiry: Inquiry, needsLimit: Bool) throws(MockRefusal) -> MessagesRequest {
        let request = try inquiry.body(MessagesRequest.self)
        if request.messages.isEmpty {
            throw .body("messages is empty: it needs at least one message.", param: "messages")
        }
        switch request.limit {
        case nil where needsLimit: throw .body("max_tokens is missing.", param: "max_tokens")
        case .some(..<0): throw .body("max_tokens must not be negative.", param: "max_tokens")
        default: return request
        }
    }

    /// The request without its form.
    var prompt: Prompt {
        var prompt = Prompt(model: self.model)
        if let system = self.system { prompt.addInstructions(system.text) }
        for message in self.messages {
            // Results come first in a message, but a text after them is a reminder rather than a question.
            if message.results.isEmpty || !message.text.isEmpty { prompt.add(message.role, message.text) }
            for result in message.results { prompt.add(.tool, result) }
        }
        prompt.tools = (self.tools ?? []).compactMap { tool in
            guard let name = tool.name, tool.type == nil || tool.type == "custom" else { return nil }
            return Prompt.Tool(name: name, parameters: tool.schema)
        }
        prompt.toolChoice = self.toolChoice?.choice ?? .auto
        prompt.allowsParallelToolCalls = self.toolChoice?.forbidsParallel != true
        prompt.limit = self.limit
        prompt.asksForReasoning = self.thinking.map { $0.type != "disabled" } ?? false
        return prompt
    }
}

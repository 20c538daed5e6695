/// What the mock reads of a Responses request; other members are ignored.
/// https://platform.openai.com/docs/api-reference/responses/create
struct ResponsesRequest: Decodable {
    var model: String
    var input: Input
    var instructions: PartedText?
    var isStreamed: Bool?
    var limit: Int?
    var tools: [Tool]?
    var toolChoice: ToolChoice?
    var allowsParallelToolCalls: Bool?
    var reasoning: Reasoning?
    /// What the answer's objects repeat.
    var echo: Echo

    private enum CodingKeys: String, CodingKey {
        case model, input, instructions, tools, reasoning
        case isStreamed = "stream"
        case limit = "max_output_tokens"
        case toolChoice = "tool_choice"
        case allowsParallelToolCalls = "parallel_tool_calls"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.model = try fields.decode(String.self, forKey: .model)
        self.input = try fields.decode(Input.self, forKey: .input)
        self.instructions = try fields.decodeIfPresent(PartedText.self, forKey: .instructions)
        self.isStreamed = try fields.decodeIfPresent(Bool.self, forKey: .isStreamed)
        self.limit = try fields.decodeIfPresent(Int.self, forKey: .limit)
        self.tools = try fields.decodeIfPresent([Tool].self, forKey: .tools)
        self.toolChoice = try fields.decodeIfPresent(ToolChoice.self, forKey: .toolChoice)
        self.allowsParallelToolCalls = try fields.decodeIfPresent(Bool.self, forKey: .allowsParallelToolCalls)
        self.reasoning = try fields.decodeIfPresent(Reasoning.self, forKey: .reasoning)
        self.echo = try Echo(from: decoder)
    }

    struct Reasoning: Decodable {
        var effort: String?
        var summary: String?
    }

    /// Members that the response repeats as they came.
    struct Echo: Decodable {
        var instructions: JSONValue?
        var tools: JSONValue?
        var toolChoice: JSONValue?
        var metadata: JSONValue?
        var text: JSONValue?
        var previous: JSONValue?

        private enum CodingKeys: String, CodingKey {
            case instructions, tools, metadata, text
            case toolChoice = "tool_choice"
            case previous = "previous_response_id"
        }
    }

    /// A string, or items of which messages and results of calls count.
    struct Input: Decodable {
        var messages: [(role: Prompt.Role, text: String)]

        private struct Item: Decodable {
            var role: Prompt.Role?
            var text = ""

            private enum CodingKeys: String, CodingKey { case type, role, content, output }

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                switch try fields.decodeIfPresent(String.self, forKey: .type) ?? "message" {
                case "message":
                    switch try fields.decode(String.self, forKey: .role) {
                    case "user": self.role = .user
                    case "assistant": self.role = .assistant
                    default: self.role = .system
                    }
                    self.text = try fields.decode(PartedText.self, forKey: .content).text
                case "function_call_output", "custom_tool_call_output":
                    self.role = .tool
                    self.text = try fields.decode(PartedText.self, forKey: .output).text
                default:
                    // Calls, reasoning and the like say nothing to answer.
                    break
                }
            }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.messages = [(.user, text)]
            } else {
                self.messages = try container.decode([Item].self).compactMap { item in
                    item.role.map { ($0, item.text) }
                }
            }
        }
    }

    /// A tool; only functions can be called.
    struct Tool: Decodable {
        var type: String
        var name: String?
        var parameters: ToolSchema?
    }

    /// `tool_choice` in its several forms; one that names a hosted tool counts as `auto`.
    struct ToolChoice: Decodable {
        var choice: Prompt.ToolChoice

        private struct Object: Decodable {
            struct Entry: Decodable { var name: String? }

            var type: String
            var name: String?
            var mode: String?
            var tools: [Entry]?
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let choice = try Prompt.ToolChoice(word: container) {
                self.choice = choice
                return
            }
            let object = try container.decode(Object.self)
            switch (object.type, object.name) {
            case ("function", let name?):
                self.choice = .named(name)
            case ("allowed_tools", _):
                self.choice = .allowed(
                    isRequired: object.mode == "required", names: (object.tools ?? []).compactMap(\.name))
            default:
                self.choice = .auto
            }
        }
    }

    /// Reads a body; throws what OpenAI would answer, with the field at fault as `param`.
    static func read(_ inquiry: Inquiry) throws(MockRefusal) -> ResponsesRequest {
        let request = try inquiry.body(ResponsesRequest.self)
        if request.input.messages.isEmpty {
            throw .body("input has nothing to answer: it needs a text, a message or a call's output.", param: "input")
        }
        if let limit = request.limit, limit < 1 {
            throw .body("max_output_tokens is \(limit); it must be at least 1.", param: "max_output_tokens")
        }
        return request
    }

    /// The request without its form.
    var prompt: Prompt {
        var prompt = Prompt(model: self.model)
        if let instructions = self.instructions { prompt.addInstructions(instructions.text) }
        for message in self.input.messages { prompt.add(message.role, message.text) }
        prompt.tools = (self.tools ?? []).compactMap { tool in
            guard tool.type == "function", let name = tool.name else { return nil }
            return Prompt.Tool(name: name, parameters: tool.parameters)
        }
        prompt.toolChoice = self.toolChoice?.choice ?? .auto
        prompt.allowsParallelToolCalls = self.allowsParallelToolCalls ?? true
        prompt.limit = self.limit
        prompt.asksForReasoning = self.reasoning.map { $0.effort.map { $0 != "none" } ?? ($0.summary != nil) } ?? false
        return prompt
    }
}

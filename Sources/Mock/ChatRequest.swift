import FoundationEssentials
import NIOCore

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

    private enum CodingKeys: String, CodingKey {
        case model, messages, tools
        case isStreamed = "stream"
        case streamOptions = "stream_options"
        case maxCompletionTokens = "max_completion_tokens"
        case maxTokens = "max_tokens"
        case choices = "n"
        case toolChoice = "tool_choice"
        case allowsParallelToolCalls = "parallel_tool_calls"
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

        private struct Part: Decodable { var text: String? }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            self.role = try fields.decode(String.self, forKey: .role)
            if let text = try? fields.decodeIfPresent(String.self, forKey: .content) {
                self.text = text
            } else {
                let parts = try fields.decodeIfPresent([Part].self, forKey: .content) ?? []
                self.text = parts.compactMap(\.text).joined(separator: "\n")
            }
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
    enum ToolChoice: Decodable {
        case none, auto, required
        case function(String)
        case allowed(isRequired: Bool, names: [String])

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
            if let word = try? container.decode(String.self) {
                switch word {
                case "none": self = .none
                case "auto": self = .auto
                case "required": self = .required
                default:
                    throw DecodingError.dataCorruptedError(
                        in: container, debugDescription: "\"\(word)\" is none of none, auto, required")
                }
                return
            }
            let object = try container.decode(Object.self)
            if let function = object.function {
                self = .function(function.name)
            } else if let allowed = object.allowedTools {
                self = .allowed(
                    isRequired: allowed.mode == "required", names: allowed.tools.compactMap(\.function?.name))
            } else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "the mock knows the types function and allowed_tools")
            }
        }
    }

    /// Reads a body; throws what OpenAI would answer, with the field at fault as `param`.
    static func read(_ body: ByteBuffer) throws(MockRefusal) -> ChatRequest {
        let request: ChatRequest
        do {
            request = try JSONDecoder().decode(ChatRequest.self, from: Data(body.readableBytesView))
        } catch let error as DecodingError {
            throw MockRefusal(error)
        } catch {
            throw .body("The body could not be read: \(error)", param: nil)
        }
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
    var limit: Int? { self.maxCompletionTokens ?? self.maxTokens }
}

extension MockRefusal {
    /// A body that is no JSON, or not of the form of a request.
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            let param = Self.path(context.codingPath + [key])
            self = .body("\(param) is missing.", param: param)
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            let param = Self.path(context.codingPath)
            self = .body(
                param.isEmpty
                    ? "The body must be a JSON object."
                    : "\(param) has the wrong type: \(Self.name(type)) is expected.",
                param: param.isEmpty ? nil : param)
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            let param = Self.path(context.codingPath)
            self = .body("\(param) cannot be read: \(context.debugDescription).", param: param)
        default:
            self = .body("The body is not valid JSON.", param: nil)
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.reduce(into: "") { path, key in
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }

    private static func name(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "a boolean"
        case is Int.Type: "a whole number"
        case is [Any].Type: "an array"
        default: "another"
        }
    }
}

import LLMWire

/// A value of JSON, for comparing.
indirect enum Tree: Equatable, Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([Tree])
    case object([String: Tree])

    init(_ document: JSONDocument, _ node: JSONDocument.Node) {
        switch document.kind(node) {
        case .object:
            var members: [String: Tree] = [:]
            for (name, value) in document.members(node) { members[name] = Tree(document, value) }
            self = .object(members)
        case .array: self = .array(document.elements(node).map { Tree(document, $0) })
        case .string: self = .string(document.string(node) ?? "")
        case .number: self = .number(document.raw(node))
        case .boolean: self = .boolean(document.boolean(node) ?? false)
        case .null, nil: self = .null
        }
    }

    /// An object of what is there: members that are `null` are left out.
    static func of(_ members: [String: Tree]) -> Tree { .object(members.filter { $0.value != .null }) }

    static func of(_ text: String?) -> Tree { text.map { .string($0) } ?? .null }

    static func of(_ number: Int?) -> Tree { number.map { .number(String($0)) } ?? .null }
}

extension Tree: CustomStringConvertible {
    var description: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): "\"" + text.map { Self.escaped($0) }.joined() + "\""
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
        }
    }

    private static func escaped(_ character: Character) -> String {
        switch character {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        default: String(character)
        }
    }
}

extension Tree {
    /// What has been read of an answer, as the cases write it.
    init(_ answer: Answer) {
        self = .of([
            "id": .of(answer.id),
            "model": .of(answer.model),
            "choices": .array(answer.choices.map(Tree.init)),
            "usage": answer.usage.map(Tree.init) ?? .null,
            "error": answer.error.map {
                .of(["message": .string($0.message), "type": .of($0.type), "code": .of($0.code)])
            } ?? .null,
            "service_tier": .of(answer.serviceTier),
            "reported_cost": .of(answer.reportedCost),
            "embeddings": .of(answer.embeddings),
            "complete": .boolean(answer.isComplete),
            "malformed": answer.malformed.count == 0 ? .null : .array(answer.malformed.first.map { .string($0) }),
        ])
    }

    private init(_ choice: Choice) {
        self = .of([
            "index": .number(String(choice.index)),
            "role": choice.role == .assistant ? .null : .string(choice.role.text),
            "parts": .array(choice.parts.map(Tree.init)),
            "finish_reason": .of(choice.finishReason?.rawValue),
            "native_finish_reason": .of(choice.nativeFinishReason),
        ])
    }

    private init(_ usage: Usage) {
        self = .of([
            "input": .of(usage.input), "output": .of(usage.output), "total": .of(usage.total),
            "cached_input": .of(usage.cachedInput), "cache_write": .of(usage.cacheWrite),
            "long_cache_write": .of(usage.longCacheWrite), "reasoning": .of(usage.reasoning),
            "audio_input": .of(usage.audioInput), "audio_output": .of(usage.audioOutput),
        ])
    }

    private init(_ part: Part) {
        switch part {
        case .text(let text): self = .object(["text": .string(text)])
        case .reasoning(let text): self = .object(["reasoning": .string(text)])
        case .refusal(let text): self = .object(["refusal": .string(text)])
        case .toolCall(let call):
            self = .object([
                "tool_call": .of(["id": .of(call.id), "name": .string(call.name), "arguments": .string(call.arguments)])
            ])
        case .toolResult(let result):
            self = .object([
                "tool_result": .of([
                    "id": .of(result.id), "name": .of(result.name), "content": .string(result.content),
                    "is_error": result.isError ? .boolean(true) : .null,
                ])
            ])
        case .media(let media):
            self = .object([
                "media": .of([
                    "kind": .string(media.kind.rawValue), "type": .of(media.type), "location": .of(media.location),
                    "size": media.size == 0 ? .null : .number(String(media.size)),
                ])
            ])
        case .other(let type, let json): self = .object(["other": .string(type), "json": .string(json)])
        }
    }

    /// What has been read of a request, as the cases write it.
    init(_ request: ModelRequest) {
        self = .of([
            "model": .of(request.model),
            "stream": request.isStream ? .boolean(true) : .null,
            "messages": .array(
                request.messages.map { message in
                    .object(["role": .string(message.role.text), "parts": .array(message.parts.map(Tree.init))])
                }),
            "tools": request.tools.isEmpty ? .null : .array(request.tools.map { .string($0) }),
            "parameters": request.parameters.isEmpty ? .null : .object(request.parameters.mapValues { .string($0) }),
            "previous_answer": .of(request.previousAnswer),
        ])
    }
}

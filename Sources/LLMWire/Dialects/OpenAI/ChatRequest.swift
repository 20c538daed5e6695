/// Reads requests of OpenAI's Chat Completions, with what compatible providers add to them.
enum ChatRequest: RequestDialect {
    /// Members that are no settings of the generation; LiteLLM takes credentials among them.
    static let notSettings: Set<String> = [
        "model", "models", "messages", "tools", "functions", "stream", "stream_options", "metadata", "user",
        "safety_identifier", "store", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention",
        "session_id", "trace", "extra_headers", "api_key", "api_base",
    ]

    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        outline.request.model = document.nonEmptyString(document[root, "model"])
        outline.request.isStream = document.boolean(document[root, "stream"]) ?? false
        for message in document.elements(document[root, "messages"]) {
            outline.messages.append(MessageSource(Role(document.string(document[message, "role"]) ?? ""), message))
        }
        for tool in document.elements(document[root, "tools"]) {
            let holder = document.first(tool, "function", "custom") ?? tool
            if let name = document.nonEmptyString(document.first(holder, "name") ?? document[tool, "type"]) {
                outline.request.tools.append(name)
            }
        }
        for function in document.elements(document[root, "functions"]) {
            if let name = document.nonEmptyString(document[function, "name"]) { outline.request.tools.append(name) }
        }
        outline.request.takeParameters(document, root, except: notSettings)
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        let node = source.node
        let parts = ChatParts.read(document, document[node, "content"])
        if source.role == .tool { return Message(.tool, result(document, node, parts)) }
        var message = Message(source.role, reasoning(document, node) + parts)
        if let refusal = document.nonEmptyString(document[node, "refusal"]) { message.parts.append(.refusal(refusal)) }
        if let id = document.nonEmptyString(document[document[node, "audio"], "id"]) {
            message.parts.append(.media(Media(kind: .audio, location: id)))
        }
        for call in document.elements(document[node, "tool_calls"]) where document.kind(call) == .object {
            let function = document.first(call, "function", "custom") ?? call
            message.parts.append(toolCall(document, function, id: document.nonEmptyString(document[call, "id"])))
        }
        if let call = document[node, "function_call"], document.kind(call) == .object {
            message.parts.append(toolCall(document, call, id: nil))
        }
        return message
    }

    /// What a tool gave back: all text as one, images and the like behind it.
    private static func result(_ document: JSONDocument, _ node: JSONDocument.Node, _ parts: [Part]) -> [Part] {
        var content = ""
        var others: [Part] = []
        for part in parts {
            if case .text(let text) = part { content += text } else { others.append(part) }
        }
        let result = ToolResult(
            id: document.nonEmptyString(document[node, "tool_call_id"]),
            name: document.nonEmptyString(document[node, "name"]), content: content)
        return [.toolResult(result)] + others
    }

    private static func reasoning(_ document: JSONDocument, _ node: JSONDocument.Node) -> [Part] {
        var text =
            document.nonEmptyString(document[node, "reasoning_content"])
            ?? document.nonEmptyString(document[node, "reasoning"]) ?? ""
        if text.isEmpty {
            let details = document.first(node, "reasoning_details", "thinking_blocks")
            for detail in document.elements(details) {
                text += document.string(document.first(detail, "text", "summary", "thinking")) ?? ""
            }
        }
        return text.isEmpty ? [] : [.reasoning(text)]
    }

    private static func toolCall(_ document: JSONDocument, _ function: JSONDocument.Node, id: String?) -> Part {
        return .toolCall(
            ToolCall(
                id: id, name: document.string(document[function, "name"]) ?? "",
                arguments: document.textOrJSON(document.first(function, "arguments", "input")) ?? ""))
    }
}

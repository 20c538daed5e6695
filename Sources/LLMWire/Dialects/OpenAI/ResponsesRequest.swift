/// Reads requests of OpenAI's Responses. Every item of the input is a message of its own.
enum ResponsesRequest: RequestDialect {
    private static let settings: [StaticString] = [
        "max_output_tokens", "max_tool_calls", "temperature", "top_p", "top_logprobs", "parallel_tool_calls",
        "tool_choice", "text", "reasoning", "include", "truncation", "service_tier", "store", "background",
        "context_management", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "stream_options",
    ]

    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        outline.request.model = document.string(document[root, "model"])
        outline.request.isStream = document.boolean(document[root, "stream"]) ?? false
        outline.request.previousAnswer = document.string(document[root, "previous_response_id"])
        outline.request.takeSettings(document, root, settings)
        addItems(document, document[root, "instructions"], .system, into: &outline)
        addItems(document, document[root, "input"], .user, into: &outline)
        for tool in document.elements(document[root, "tools"]) {
            // Tools of OpenAI's own have only a type.
            if let name = document.string(document.first(tool, "name", "server_label", "type")) {
                outline.request.tools.append(name)
            }
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        Message(source.role, ResponsesParts(document).item(source.node))
    }

    private static func addItems(
        _ document: JSONDocument, _ node: JSONDocument.Node?, _ role: Role, into outline: inout RequestOutline
    ) {
        guard let node, document.isPresent(node) else { return }
        guard document.kind(node) == .array else {
            outline.messages.append(MessageSource(role, node))
            return
        }
        for item in document.elements(node) where !isSecret(document, item) {
            outline.messages.append(MessageSource(speaker(document, item), item))
        }
    }

    /// Whether an item is reasoning of which nothing is shown.
    private static func isSecret(_ document: JSONDocument, _ item: JSONDocument.Node) -> Bool {
        guard document.equals(document[item, "type"], "reasoning") else { return false }
        return ResponsesParts(document).item(item).isEmpty
    }

    /// Who speaks in an item: whom it names, else whoever makes items of its type.
    private static func speaker(_ document: JSONDocument, _ item: JSONDocument.Node) -> Role {
        if let role = document.string(document[item, "role"]) { return Role(role) }
        let type = document.string(document[item, "type"]) ?? ""
        if type.hasSuffix("_output") { return .tool }
        return type == "mcp_approval_response" || document.kind(item) == .string ? .user : .assistant
    }
}

/// Reads requests of Anthropic's Messages and of `count_tokens`, as Bedrock and Vertex take them too.
enum MessagesRequest: RequestDialect {
    private static let settings: [StaticString] = [
        "max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "thinking", "output_config", "output_format",
        "tool_choice", "service_tier", "speed", "context_management", "inference_geo",
    ]

    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        outline.request.model = document.string(document[root, "model"])
        outline.request.isStream = document.boolean(document[root, "stream"]) ?? false
        outline.request.takeSettings(document, root, settings)
        if let system = document[root, "system"], document.isPresent(system) {
            outline.messages.append(MessageSource(.system, system))
        }
        for message in document.elements(document[root, "messages"]) {
            outline.messages.append(MessageSource(Role(document.string(document[message, "role"]) ?? ""), message))
        }
        for tool in document.elements(document[root, "tools"]) {
            // A set of tools of an MCP server has that server's name, some of Anthropic's own only a type.
            if let name = document.string(document.first(tool, "name", "mcp_server_name", "type")) {
                outline.request.tools.append(name)
            }
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        let isMessage = document.kind(source.node) == .object
        let content = isMessage ? document[source.node, "content"] : source.node
        return Message(source.role, MessagesBlocks(document).parts(content))
    }
}

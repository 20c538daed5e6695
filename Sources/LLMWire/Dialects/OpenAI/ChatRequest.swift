/// Reads requests of OpenAI's Chat Completions.
enum ChatRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        outline.request.model = document.string(document[root, "model"])
        outline.request.isStream = document.boolean(document[root, "stream"]) ?? false
        for message in document.elements(document[root, "messages"]) {
            outline.messages.append(MessageSource(Role(document.string(document[message, "role"]) ?? ""), message))
        }
        for tool in document.elements(document[root, "tools"]) {
            if let name = document.string(document[document.first(tool, "function", "custom"), "name"]) {
                outline.request.tools.append(name)
            }
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        var message = Message(source.role, [])
        if let text = document.string(document[source.node, "content"]) { message.parts.append(.text(text)) }
        return message
    }
}

/// Reads requests of Ollama's `/api/chat`. They ask for a stream unless they say otherwise.
enum OllamaChatRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        outline.request.readOllama(document, streams: true)
        for message in document.elements(document[document.root, "messages"]) {
            outline.messages.append(MessageSource(Role(document.string(document[message, "role"]) ?? ""), message))
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        let node = source.node
        var message = Message(source.role, [])
        if let text = document.string(document[node, "thinking"]), !text.isEmpty {
            message.parts.append(.reasoning(text))
        }
        let text = document.string(document[node, "content"]) ?? ""
        if source.role == .tool {
            let name = document.string(document.first(node, "tool_name", "name"))
            message.parts.append(
                .toolResult(ToolResult(id: document.string(document[node, "tool_call_id"]), name: name, content: text)))
        } else if !text.isEmpty {
            message.parts.append(.text(text))
        }
        message.parts += document.ollamaImages(node)
        for call in document.elements(document[node, "tool_calls"]) {
            let function = document[call, "function"]
            message.parts.append(
                .toolCall(
                    ToolCall(
                        id: document.string(document[call, "id"]),
                        name: document.string(document[function, "name"]) ?? "",
                        arguments: document.textOrJSON(document[function, "arguments"]) ?? "{}")))
        }
        return message
    }
}

/// Reads requests of Ollama's `/api/generate`. They ask for a stream unless they say otherwise.
enum OllamaGenerateRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        outline.request.readOllama(document, streams: true)
        if let system = document[root, "system"], document.kind(system) == .string, !document.isEmptyString(system) {
            outline.messages.append(MessageSource(.system, system))
        }
        if document.isPresent(document[root, "prompt"]) || document.isPresent(document[root, "images"]) {
            outline.messages.append(MessageSource(.user, root))
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        if let text = document.string(source.node) { return Message(source.role, [.text(text)]) }
        var message = Message(source.role, [])
        if let text = document.string(document[source.node, "prompt"]), !text.isEmpty {
            message.parts.append(.text(text))
        }
        if let suffix = document[source.node, "suffix"], document.isPresent(suffix), !document.isEmptyString(suffix) {
            message.parts.append(.other(type: "suffix", json: document.raw(suffix)))
        }
        message.parts += document.ollamaImages(source.node)
        return message
    }
}

/// Reads requests of Ollama's `/api/embed` and of the older `/api/embeddings`: each text is a message.
enum OllamaEmbedRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        outline.request.readOllama(document, streams: false)
        let input = document.first(document.root, "input", "prompt")
        let texts = document.kind(input) == .array ? Array(document.elements(input)) : [input].compactMap { $0 }
        for text in texts where document.kind(text) == .string {
            outline.messages.append(MessageSource(.user, text))
        }
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        Message(source.role, document.string(source.node).map { [.text($0)] } ?? [])
    }
}

extension ModelRequest {
    /// Reads what Ollama's requests have in common; the members of `options` are parameters like those beside it.
    fileprivate mutating func readOllama(_ document: JSONDocument, streams: Bool) {
        let root = document.root
        model = document.string(document[root, "model"])
        isStream = streams && document.boolean(document[root, "stream"]) ?? true
        for tool in document.elements(document[root, "tools"]) {
            if let name = document.string(document[document[tool, "function"], "name"]) { tools.append(name) }
        }
        takeParameters(document, root, except: Self.noOllamaParameters)
        takeParameters(document, document[root, "options"], except: [])
    }

    private static let noOllamaParameters: Set<String> = [
        "model", "stream", "tools", "messages", "system", "prompt", "suffix", "images", "input", "context", "options",
    ]
}

extension JSONDocument {
    /// The images beside a message's text: base 64 without a type.
    fileprivate func ollamaImages(_ node: Node) -> [Part] {
        elements(self[node, "images"]).compactMap { image in
            kind(image) == .string ? .media(Media(kind: .image, size: base64Size(image))) : nil
        }
    }
}

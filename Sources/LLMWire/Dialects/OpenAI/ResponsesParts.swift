/// Reads the items and parts that Responses is made of, in requests and in answers.
struct ResponsesParts {
    let document: JSONDocument

    init(_ document: JSONDocument) {
        self.document = document
    }

    // MARK: Items

    /// What one item says. Reasoning that only its provider can read says nothing.
    func item(_ item: JSONDocument.Node) -> [Part] {
        if document.kind(item) == .string { return content(item) }
        let type = document.string(document[item, "type"]) ?? ""
        switch type {
        case "message": return content(document[item, "content"])
        case "" where document.isPresent(document[item, "role"]): return content(document[item, "content"])
        case "reasoning": return reasoning(document[item, "summary"]) + reasoning(document[item, "content"])
        case "mcp_call": return hostedCall(item)
        case "image_generation_call": return image(item)
        case "compaction", "compaction_summary":
            // All it has is what only its provider can read.
            return [.other(type: type, json: "{}")]
        case _ where type.hasSuffix("_output") && document.isPresent(document[item, "call_id"]): return result(item)
        case _ where type.hasSuffix("_call") && document.isPresent(document[item, "call_id"]):
            return [call(item, type)]
        default: return [.other(type: type, json: document.raw(item))]
        }
    }

    private func reasoning(_ texts: JSONDocument.Node?) -> [Part] {
        document.elements(texts).compactMap { part in
            let text = document.string(document[part, "text"]) ?? document.string(part) ?? ""
            return text.isEmpty ? nil : .reasoning(text)
        }
    }

    /// A call that the client is to make: by its own name, or by what its type says of it.
    private func call(_ item: JSONDocument.Node, _ type: String) -> Part {
        let arguments = document.first(item, "arguments", "input", "action", "actions", "operation")
        let text = document.textOrJSON(arguments) ?? ""
        return .toolCall(
            ToolCall(
                id: document.string(document[item, "call_id"]),
                name: document.string(document[item, "name"]) ?? String(type.dropLast("_call".count)),
                arguments: text.isEmpty && type != "custom_tool_call" ? "{}" : text))
    }

    private func result(_ item: JSONDocument.Node) -> [Part] {
        let output = document[item, "output"] ?? document[item, "tools"]
        let isReadable = document.kind(output) == .array || document.isPresent(document[output, "image_url"])
        let parts =
            document.kind(output) == .array ? content(output) : isReadable ? output.map { part($0) } ?? [] : []
        let text = document.textOrJSON(output) ?? ""
        let read = isReadable ? ToolOutput(parts, json: text) : nil
        return [
            .toolResult(
                ToolResult(
                    id: document.string(document[item, "call_id"]), name: document.string(document[item, "name"]),
                    content: read?.text ?? text))
        ] + (read?.media ?? [])
    }

    /// A call that the provider has made itself, and what came of it.
    private func hostedCall(_ item: JSONDocument.Node) -> [Part] {
        let id = document.string(document[item, "id"])
        let name = document.string(document[item, "name"]) ?? ""
        let arguments = document.textOrJSON(document[item, "arguments"]) ?? ""
        let failure = document[item, "error"]
        let isFailed = document.isPresent(failure)
        let output = isFailed ? failure : document[item, "output"]
        let content = document.textOrJSON(output) ?? ""
        return [
            .toolCall(ToolCall(id: id, name: name, arguments: arguments.isEmpty ? "{}" : arguments)),
            .toolResult(ToolResult(id: id, name: name, content: content, isError: isFailed)),
        ]
    }

    private func image(_ item: JSONDocument.Node) -> [Part] {
        let size = document.base64Size(document[item, "result"])
        guard size > 0 else { return [] }
        let format = document.string(document[item, "output_format"])
        return [.media(Media(kind: .image, type: format.map { "image/" + $0 }, size: size))]
    }

    // MARK: Parts

    /// What a content says: text, or an array of parts.
    func content(_ content: JSONDocument.Node?) -> [Part] {
        if let text = document.string(content) { return text.isEmpty ? [] : [.text(text)] }
        return document.elements(content).flatMap { part($0) }
    }

    /// What one part says. Empty texts say nothing.
    func part(_ part: JSONDocument.Node) -> [Part] {
        if document.kind(part) == .string { return content(part) }
        let type = document.string(document[part, "type"]) ?? ""
        switch type {
        case "input_text", "output_text", "text", "summary_text":
            return content(document[part, "text"])
        case "reasoning_text":
            guard let text = document.string(document[part, "text"]), !text.isEmpty else { return [] }
            return [.reasoning(text)]
        case "refusal":
            guard let text = document.string(document[part, "refusal"]), !text.isEmpty else { return [] }
            return [.refusal(text)]
        case "input_image", "computer_screenshot":
            let image = document[part, "image_url"]
            return [media(.image, url: document[image, "url"] ?? image, part)]
        case "input_file": return [file(part)]
        case "input_audio":
            let audio = document[part, "input_audio"] ?? part
            let format = document.string(document[audio, "format"])
            let size = document.base64Size(document[audio, "data"])
            return [.media(Media(kind: .audio, type: format.map { "audio/" + $0 }, size: size))]
        default: return [.other(type: type, json: document.raw(part))]
        }
    }

    private func media(_ kind: Media.Kind, url: JSONDocument.Node?, _ part: JSONDocument.Node) -> Part {
        if let inline = document.dataURL(url) {
            let name = document.string(document[part, "filename"])
            return .media(Media(kind: kind, type: inline.type, location: name, size: inline.size))
        }
        let name = document.string(document.first(part, "file_id", "filename"))
        return .media(Media(kind: kind, location: document.string(url) ?? name))
    }

    private func file(_ part: JSONDocument.Node) -> Part {
        let data = document[part, "file_data"]
        guard document.kind(data) == .string, document.dataURL(data) == nil else {
            return media(.document, url: document.first(part, "file_data", "file_url"), part)
        }
        let name = document.string(document[part, "filename"])
        return .media(Media(kind: .document, location: name, size: document.base64Size(data)))
    }
}

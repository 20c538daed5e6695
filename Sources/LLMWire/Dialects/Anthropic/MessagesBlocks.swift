/// Reads the blocks that Anthropic's messages are made of, in requests and in answers.
struct MessagesBlocks {
    let document: JSONDocument

    init(_ document: JSONDocument) {
        self.document = document
    }

    /// What a content says: text, or an array of blocks.
    func parts(_ content: JSONDocument.Node?) -> [Part] {
        if let text = document.string(content) { return text.isEmpty ? [] : [.text(text)] }
        return document.elements(content).flatMap { block($0) }
    }

    /// What one block says. What is thought in secret, signatures and empty texts say nothing.
    func block(_ block: JSONDocument.Node) -> [Part] {
        if document.kind(block) == .string { return parts(block) }
        let type = document.string(document[block, "type"]) ?? ""
        switch type {
        case "text":
            guard let text = document.string(document[block, "text"]), !text.isEmpty else { return [] }
            return [.text(text)]
        case "thinking":
            guard let text = document.string(document[block, "thinking"]), !text.isEmpty else { return [] }
            return [.reasoning(text)]
        case "redacted_thinking": return []
        case "image", "document": return [media(block, type)]
        case _ where type.hasSuffix("tool_use"): return [call(block)]
        case _ where type.hasSuffix("tool_result"): return result(block)
        default: return [.other(type: type, json: document.raw(block))]
        }
    }

    private func call(_ block: JSONDocument.Node) -> Part {
        return .toolCall(
            ToolCall(
                id: document.string(document[block, "id"]), name: document.string(document[block, "name"]) ?? "",
                arguments: document.textOrJSON(document[block, "input"]) ?? "{}"))
    }

    // MARK: Results

    /// A tool's result, behind it the images and documents that came with it.
    private func result(_ block: JSONDocument.Node) -> [Part] {
        let content = document[block, "content"]
        let (text, media) = resultContent(content)
        let isFailure = document.string(document[content, "type"])?.hasSuffix("_error") ?? false
        return [
            .toolResult(
                ToolResult(
                    id: document.string(document[block, "tool_use_id"]),
                    name: document.string(document[block, "name"]), content: text,
                    isError: document.boolean(document[block, "is_error"]) ?? isFailure))
        ] + media
    }

    private func resultContent(_ content: JSONDocument.Node?) -> (text: String, media: [Part]) {
        switch document.kind(content) {
        case nil, .null: return ("", [])
        case .array:
            let output = ToolOutput(parts(content), json: content.map(document.raw) ?? "")
            return (output.text, output.media)
        case .object:
            // What was fetched from the web: a document with its address.
            let fetched = document[content, "content"]
            if document.equals(document[fetched, "type"], "document"), let fetched {
                return (document.string(document[content, "url"]) ?? "", [media(fetched, "document")])
            }
            fallthrough
        default: return (document.string(content) ?? content.map(document.raw) ?? "", [])
        }
    }

    // MARK: Media

    private func media(_ block: JSONDocument.Node, _ type: String) -> Part {
        let source = document[block, "source"]
        var media = Media(kind: type == "image" ? .image : .document)
        media.type = document.string(document[source, "media_type"])
        let url = document[source, "url"]
        if let inline = document.dataURL(url) {
            media.type = media.type ?? inline.type
            media.size = inline.size
        } else {
            media.location = document.string(url) ?? document.string(document[source, "file_id"])
        }
        if document.equals(document[source, "type"], "base64") {
            media.size = document.base64Size(document[source, "data"])
        } else if let text = document.first(source, "data", "content") {
            media.size = textSize(text)
        }
        media.location = media.location ?? document.string(document[block, "title"])
        return .media(media)
    }

    /// Octets of a document's text, which stands there as it is or in blocks.
    private func textSize(_ node: JSONDocument.Node) -> Int {
        if let text = document.string(node) { return text.utf8.count }
        return document.elements(node).reduce(0) {
            $0 + (document.string(document[$1, "text"])?.utf8.count ?? 0)
        }
    }
}

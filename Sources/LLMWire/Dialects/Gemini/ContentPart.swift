/// Reads the parts of Gemini's contents, whose kind is told by the member that is there. Names in camel case and in
/// snake case are taken alike, as Google's servers do.
enum ContentPart {
    /// What a part says: mostly one part; none where it is empty or has only a signature; several where a function gave
    /// back media.
    static func read(_ part: JSONDocument.Node, _ document: JSONDocument) -> [Part] {
        if let text = document.string(document[part, "text"]) {
            guard !text.isEmpty else { return [] }
            return [document.boolean(document[part, "thought"]) == true ? .reasoning(text) : .text(text)]
        }
        if let media = media(part, document) { return [.media(media)] }
        if let call = object(document.first(part, "functionCall", "function_call"), document) {
            return [.toolCall(self.call(call, document))]
        }
        if let response = object(document.first(part, "functionResponse", "function_response"), document) {
            let media = document.elements(document[response, "parts"]).compactMap { self.media($0, document) }
            return [.toolResult(result(response, document))] + media.map(Part.media)
        }
        // What only qualifies another member names no kind.
        for (name, value) in document.members(part) where document.isPresent(value) && !qualifiers.contains(name) {
            return [.other(type: name, json: document.raw(value))]
        }
        return []
    }

    private static let qualifiers: Set<String> = [
        "text", "thought", "thoughtSignature", "thought_signature", "videoMetadata", "video_metadata",
        "mediaResolution", "media_resolution", "partMetadata", "part_metadata",
    ]

    private static func media(_ part: JSONDocument.Node, _ document: JSONDocument) -> Media? {
        if let data = object(document.first(part, "inlineData", "inline_data"), document) {
            let type = document.string(document.first(data, "mimeType", "mime_type"))
            return Media(type: type, size: document.base64Size(document[data, "data"]))
        }
        guard let file = object(document.first(part, "fileData", "file_data"), document) else { return nil }
        return Media(
            type: document.string(document.first(file, "mimeType", "mime_type")),
            location: document.string(document.first(file, "fileUri", "file_uri")))
    }

    private static func object(_ node: JSONDocument.Node?, _ document: JSONDocument) -> JSONDocument.Node? {
        document.kind(node) == .object ? node : nil
    }

    private static func call(_ call: JSONDocument.Node, _ document: JSONDocument) -> ToolCall {
        return ToolCall(
            id: document.string(document[call, "id"]), name: document.string(document[call, "name"]) ?? "",
            arguments: document.textOrJSON(document[call, "args"]) ?? "{}")
    }

    private static func result(_ response: JSONDocument.Node, _ document: JSONDocument) -> ToolResult {
        let value = document[response, "response"]
        var content = value.map(document.raw) ?? ""
        // A result that is no object is wrapped in one by clients, in a member that the API names so.
        let members = Array(document.members(value).prefix(2))
        if members.count == 1, ["output", "result", "error"].contains(members[0].name) {
            content = document.string(members[0].value) ?? document.raw(members[0].value)
        }
        return ToolResult(
            id: document.string(document[response, "id"]), name: document.string(document[response, "name"]),
            content: content, isError: document.isPresent(document[value, "error"]))
    }
}

extension Media {
    /// Media of the media type `type`, told from its first half; what is neither image, sound nor film is a document.
    fileprivate init(type: String?, location: String? = nil, size: Int = 0) {
        let kind = Kind(rawValue: type?.prefix { $0 != "/" }.lowercased() ?? "") ?? .document
        self.init(kind: kind, type: type, location: location, size: size)
    }
}

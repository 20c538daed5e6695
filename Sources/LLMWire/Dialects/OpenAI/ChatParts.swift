/// Reads what Chat Completions' messages are made of, in requests and answers, with compatible providers' kinds.
enum ChatParts {
    /// Reads a content: a string, an array of parts or strings, or nothing.
    static func read(_ document: JSONDocument, _ content: JSONDocument.Node?) -> [Part] {
        if let text = document.string(content) { return text.isEmpty ? [] : [.text(text)] }
        if document.kind(content) == .object { return content.map { part(document, $0) } ?? [] }
        return document.elements(content).flatMap { part(document, $0) }
    }

    /// Reads one part; none where it says nothing, as empty text and reasoning that is not shown.
    static func part(_ document: JSONDocument, _ node: JSONDocument.Node) -> [Part] {
        if let text = document.string(node) { return text.isEmpty ? [] : [.text(text)] }
        let type = document.string(document[node, "type"]) ?? ""
        switch type {
        case "text", "input_text", "output_text", "":
            if let text = document.string(document[node, "text"]) { return text.isEmpty ? [] : [.text(text)] }
        case "refusal":
            if let text = document.string(document[node, "refusal"]) { return text.isEmpty ? [] : [.refusal(text)] }
        case "thinking", "reasoning":
            let text = thinking(document, node).compactMap { document.string($0) }.joined()
            return text.isEmpty ? [] : [.reasoning(text)]
        default:
            if let media = media(document, node, type: type) { return [.media(media)] }
        }
        return [.other(type: type, json: document.raw(node))]
    }

    /// The strings in a part of Mistral's that shows thinking, which is one or an array of text parts.
    static func thinking(_ document: JSONDocument, _ node: JSONDocument.Node) -> [JSONDocument.Node] {
        guard let inner = document.first(node, "thinking", "text") else { return [] }
        if document.kind(inner) == .string { return [inner] }
        return document.elements(inner).compactMap { document[$0, "text"] }
    }

    /// Reads a part that is an image, sound, film or document; nil for others.
    static func media(_ document: JSONDocument, _ node: JSONDocument.Node, type: String) -> Media? {
        switch type {
        case "image_url", "input_image": return located(document, node, "image_url", .image)
        case "video_url": return located(document, node, "video_url", .video)
        case "audio_url": return located(document, node, "audio_url", .audio)
        case "document_url": return located(document, node, "document_url", .document)
        case "input_audio": return sound(document, document[node, "input_audio"])
        case "file", "input_file": return file(document, document[node, "file"] ?? node)
        default: return nil
        }
    }

    /// Reads media at a URL, which stands in an object, or itself as some servers have it.
    private static func located(
        _ document: JSONDocument, _ node: JSONDocument.Node, _ name: StaticString, _ kind: Media.Kind
    ) -> Media? {
        let holder = document[node, name]
        let url = document.kind(holder) == .object ? document[holder, "url"] : holder
        guard document.kind(url) == .string else { return nil }
        if let data = document.dataURL(url) { return Media(kind: kind, type: data.type, size: data.size) }
        return Media(kind: kind, location: document.string(url))
    }

    private static func sound(_ document: JSONDocument, _ node: JSONDocument.Node?) -> Media? {
        // Mistral's is the data itself.
        let data = document.kind(node) == .string ? node : document[node, "data"]
        guard document.kind(data) == .string else { return nil }
        if let inline = document.dataURL(data) { return Media(kind: .audio, type: inline.type, size: inline.size) }
        let format = document.nonEmptyString(document[node, "format"]).map { "audio/\($0)" }
        return Media(kind: .audio, type: format, size: document.base64Size(data))
    }

    private static func file(_ document: JSONDocument, _ node: JSONDocument.Node) -> Media? {
        let name = document.nonEmptyString(document.first(node, "file_id", "filename", "file_url"))
        let data = document[node, "file_data"]
        guard name != nil || document.hasText(data) else { return nil }
        if let inline = document.dataURL(data) {
            return Media(kind: kind(of: inline.type), type: inline.type, location: name, size: inline.size)
        }
        return Media(kind: .document, location: name, size: document.base64Size(data))
    }

    private static func kind(of type: String?) -> Media.Kind {
        switch type?.split(separator: "/").first {
        case "image": .image
        case "audio": .audio
        case "video": .video
        default: .document
        }
    }
}

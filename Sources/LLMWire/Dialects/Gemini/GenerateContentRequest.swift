/// Reads requests of Gemini's `generateContent`, `streamGenerateContent` and `countTokens`, also in the wrapper of Code
/// Assist; names in camel case and in snake case alike.
///
/// Model and streaming are in the path: ``Operation/model(inPath:)``, ``Operation/isStream(path:)``.
enum GenerateContentRequest: RequestDialect {
    static func outline(_ document: JSONDocument) -> RequestOutline {
        var outline = RequestOutline()
        let root = document.root
        let inner = document.first(root, "request", "generateContentRequest", "generate_content_request")
        let body = document.kind(inner) == .object ? inner : root
        let model = document.string(document[root, "model"]) ?? document.string(document[body, "model"])
        outline.request.model = model.map(Self.modelName)
        if let instruction = document.first(body, "systemInstruction", "system_instruction") {
            outline.messages.append(MessageSource(.system, instruction))
        }
        for content in list(document[body, "contents"], document) {
            outline.messages.append(MessageSource(role(content, document), content))
        }
        readTools(document[body, "tools"], document, into: &outline.request)
        outline.request.takeParameters(document, body, except: Self.noParameters)
        let configuration = document.first(body, "generationConfig", "generation_config")
        outline.request.takeParameters(document, configuration, except: [])
        return outline
    }

    private static let noParameters: Set<String> = [
        "contents", "systemInstruction", "system_instruction", "tools", "model", "generationConfig",
        "generation_config",
    ]

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        Message(source.role, parts(of: source.node, document))
    }

    /// The parts of a content; a text in place of one, and parts without one, are taken as such.
    static func parts(of content: JSONDocument.Node, _ document: JSONDocument) -> [Part] {
        if let text = document.string(content) { return text.isEmpty ? [] : [.text(text)] }
        let parts = document.kind(content) == .array ? content : document[content, "parts"]
        return list(parts, document).flatMap { part in
            document.string(part).map { [.text($0)] } ?? ContentPart.read(part, document)
        }
    }

    /// A model's name without the collection that it stands in.
    static func modelName(_ name: String) -> String {
        name.hasPrefix("models/") ? String(name.dropFirst(7)) : name
    }

    private static func role(_ content: JSONDocument.Node, _ document: JSONDocument) -> Role {
        document.string(document[content, "role"]).map { $0.isEmpty ? .user : Role($0) } ?? .user
    }

    /// The elements of an array; what is none counts as an array of itself.
    private static func list(_ node: JSONDocument.Node?, _ document: JSONDocument) -> [JSONDocument.Node] {
        guard let node, document.isPresent(node) else { return [] }
        return document.kind(node) == .array ? Array(document.elements(node)) : [node]
    }

    /// Functions by their names, the provider's own tools by the names of their settings.
    private static func readTools(
        _ tools: JSONDocument.Node?, _ document: JSONDocument, into request: inout ModelRequest
    ) {
        for tool in list(tools, document) {
            for (name, value) in document.members(tool) where document.isPresent(value) {
                guard name == "functionDeclarations" || name == "function_declarations" else {
                    request.tools.append(name)
                    continue
                }
                request.tools += list(value, document).compactMap { document.string(document[$0, "name"]) }
            }
        }
    }
}

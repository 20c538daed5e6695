/// Reads answers of OpenAI's `audio/transcriptions` and `audio/translations`: JSON, plain text (also as SRT or VTT), or
/// a stream of events; and Mistral's, whose events have names of their own.
struct TranscriptionAnswer: AnswerDialect {
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        takeCommon(document, into: &draft)
        let type = document[root, "type"]
        if document.equals(type, "transcript.text.delta") {
            draft.append(.text, document, document[root, "delta"])
        } else if document.equals(type, "transcription.text.delta") {
            draft.append(.text, document, document[root, "text"])
        } else if document.equals(type, "transcript.text.done") || document.equals(type, "transcription.done") {
            draft.replace(.text, document, document[root, "text"])
            draft.answer.isComplete = true
        }
    }

    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        guard draft.takePlain(name: name, data) == .other else { return true }
        // A broken event or document; no transcript begins so.
        if data.first == 0x7B { return false }
        takePlain(data, into: &draft)
        return true
    }

    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        switch document.kind(root) {
        case .object:
            takeCommon(document, into: &draft)
            draft.append(.text, document, document[root, "text"])
            draft.takeBareError(document)
        case .string:
            draft.append(.text, document, root)
        default:
            // Plain text that happens to be JSON, as a number is.
            var plain: [UInt8] = []
            document.appendRaw(root, to: &plain)
            takePlain(plain, into: &draft)
        }
        draft.answer.isComplete = true
    }

    private func takeCommon(_ document: JSONDocument, into draft: inout AnswerDraft) {
        let root = document.root
        if let error = ProviderError(document, root) { draft.answer.error = error }
        if draft.answer.id == nil {
            draft.answer.id = document.nonEmptyString(document[document[root, "x_groq"], "id"])
        }
        if draft.answer.model == nil { draft.answer.model = document.nonEmptyString(document[root, "model"]) }
        let usage = document[root, "usage"]
        draft.answer.takeCost(document, usage)
        // By duration, nothing is counted in tokens.
        if let usage = Usage(openAI: document, usage) { draft.answer.usage = usage }
    }

    private func takePlain(_ text: [UInt8], into draft: inout AnswerDraft) {
        let end = text.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
        draft.append(.text, octets: Array(text[..<end]))
        draft.answer.isComplete = true
    }
}

/// Reads requests of OpenAI's `audio/transcriptions` and `audio/translations`: forms, and JSON at servers that take a
/// URL in a file's place.
enum TranscriptionRequest: RequestDialect {
    private static let notSettings: Set<String> = ["model", "stream", "prompt", "file", "file_url", "url", "file_id"]

    static func outline(_ document: JSONDocument) -> RequestOutline {
        let root = document.root
        var outline = RequestOutline()
        outline.request.model = document.nonEmptyString(document[root, "model"])
        outline.request.isStream = document.boolean(document[root, "stream"]) ?? false
        outline.request.takeParameters(document, root, except: notSettings)
        outline.messages = [MessageSource(.user, root)]
        return outline
    }

    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message {
        var message = Message(source.role, ChatParts.read(document, document[source.node, "prompt"]))
        if let place = document.nonEmptyString(document.first(source.node, "file_url", "url", "file_id")) {
            message.parts.append(.media(Media(kind: .audio, location: place)))
        }
        return message
    }

    /// Reads a form.
    static func request(_ fields: MultipartFields) -> ModelRequest {
        var request = ModelRequest()
        var message = Message(.user, [])
        for field in fields.fields {
            switch field.name {
            case "model": request.model = field.value.isEmpty ? nil : field.value
            case "stream": request.isStream = ["true", "True", "1"].contains(field.value)
            case "prompt": if !field.value.isEmpty { message.parts.append(.text(field.value)) }
            case "file_url", "url", "file_id":
                message.parts.append(.media(Media(kind: .audio, location: field.value)))
            default: break
            }
        }
        for file in fields.files {
            message.parts.append(
                .media(Media(kind: .audio, type: file.type, location: file.fileName, size: file.size)))
        }
        request.messages = [message]
        takeParameters(fields, into: &request)
        return request
    }

    /// Takes what is left of a form's fields; one that is there several times, or may be, is an array.
    private static func takeParameters(_ fields: MultipartFields, into request: inout ModelRequest) {
        var values: [String: [String]] = [:]
        for field in fields.fields
        where !notSettings.contains(field.name) && !field.isCut && ModelRequest.mayKeep(field.name) {
            values[field.name, default: []].append(field.value)
        }
        for (name, values) in values {
            var writer = JSONLineWriter()
            if values.count == 1, !name.hasSuffix("[]") {
                write(values[0], to: &writer)
            } else {
                writer.array(values) { write($1, to: &$0) }
            }
            let octets = writer.octets
            guard octets.count <= ModelRequest.longestParameter else { continue }
            request.parameters[name] = String(decoding: octets, as: UTF8.self)
        }
    }

    /// A form has text only: numbers, objects and the like are taken for what they look like.
    private static func write(_ value: String, to writer: inout JSONLineWriter) {
        let octets = Array(value.utf8)
        // Octets have no padding that could be read as data.
        guard octets.first != 0x22, (try? unsafe writer.appendJSON(octets.span.bytes)) != nil else {
            writer.string(value)
            return
        }
    }
}

package import LLMWire

/// What must hold of the reading of requests, whatever the input; shared by fuzzing and tests.
package enum RequestInvariants {
    /// The octet that chooses an operation in an input of the fuzzer.
    package static func choice(_ operation: Operation) -> UInt8? {
        Operation.allCases.firstIndex(of: operation).flatMap { UInt8(exactly: $0) }
    }

    /// Reads an input of the fuzzer: an octet that chooses the operation, or what else is read of a request, then body
    /// or path; nil where all holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard let choice = input.first else { return nil }
        let rest = Array(input.dropFirst())
        switch choice {
        case 0xFF: return violation(inPath: rest)
        case 0xFE: return violation(inMultipart: rest)
        default:
            return violation(in: rest, Operation.allCases[Int(choice) % Operation.allCases.count])
        }
    }

    private static func violation(in body: [UInt8], _ operation: Operation) -> String? {
        var document = JSONDocument()
        do throws(JSONFault) {
            try document.read(body.span.bytes, maximumDepth: 128)
        } catch {
            let said = operation.request(document)?.messages.flatMap(\.parts) ?? []
            return said.isEmpty ? nil : "\(operation) reads a message in what is no JSON"
        }
        guard let request = operation.request(document), let outline = operation.outline(document) else {
            return (operation.request(document) == nil) == (operation.outline(document) == nil) ? nil : "half is read"
        }
        if request.messages != outline.messages.map({ operation.message($0, document) }) { return "other messages" }
        if request.messages.map(\.role) != outline.messages.map(\.role) { return "other roles" }
        return violation(of: request, body.count)
    }

    private static func violation(of request: ModelRequest, _ length: Int) -> String? {
        for (name, value) in request.parameters {
            if ["messages", "tools", "model", "stream"].contains(name) { return "\(name) is a parameter" }
            if value.utf8.count > 1024 { return "the parameter \(name) is too long" }
            var document = JSONDocument()
            guard (try? document.read(Array(value.utf8).span.bytes)) != nil else { return "\(name) is no JSON" }
        }
        var room = 8 * length + 64
        for part in request.messages.flatMap(\.parts) {
            switch part {
            case .text(let text), .reasoning(let text), .refusal(let text): room -= text.utf8.count
            case .toolCall(let call): room -= call.name.utf8.count + call.arguments.utf8.count
            case .toolResult(let result): room -= result.content.utf8.count
            case .media(let media):
                if media.size < 0 || media.size > length { return "media of \(media.size) octets" }
            case .other(let type, let json): room -= type.utf8.count + json.utf8.count
            }
        }
        if request.tools.count > length { return "more tools than octets" }
        return room < 0 ? "more is said than was read" : nil
    }

    private static func violation(inMultipart body: [UInt8]) -> String? {
        let whole = multipart([body[...]])
        let cut = body.count / 3
        let pieces = [body[..<cut], body[cut..<min(cut + 1, body.count)], body[min(cut + 1, body.count)...]]
        let again = multipart(pieces)
        if whole.fields != again.fields || whole.files != again.files || whole.isComplete != again.isComplete {
            return "other fields in pieces"
        }
        if whole.files.contains(where: { $0.size > body.count }) { return "a file larger than the body" }
        for operation in Operation.allCases {
            guard let request = operation.request(multipart: whole) else { continue }
            if let violation = violation(of: request, body.count) { return violation }
        }
        return nil
    }

    private static func multipart(_ pieces: [ArraySlice<UInt8>]) -> MultipartFields {
        var fields = MultipartFields(boundary: "b")
        for piece in pieces { fields.read(Array(piece).span.bytes) }
        fields.finish()
        return fields
    }

    private static func violation(inPath path: [UInt8]) -> String? {
        let model = Operation.model(inPath: path.span.bytes)
        if model?.isEmpty == true { return "a model without a name" }
        if (model?.utf8.count ?? 0) > 3 * path.count { return "a model longer than the path" }
        for dialect in Dialect.allCases { _ = Operation(dialect, path: path.span.bytes) }
        return Operation.isStream(path: path.span.bytes) == nil && model != nil && path.contains(0x3A)
            && !path.contains(0x25) && String(decoding: path, as: UTF8.self).hasSuffix(":generateContent")
            ? "a verb is not seen" : nil
    }
}

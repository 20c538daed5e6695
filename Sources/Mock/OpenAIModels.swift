import NIOCore

/// OpenAI's list of models. https://platform.openai.com/docs/api-reference/models
enum OpenAIModels {
    /// `GET /models`.
    static func list(_ settings: MockSettings) -> MockScript {
        let models = settings.models.map { self.object($0, settings) }.joined(separator: ",")
        return MockScript(json: ByteBuffer(string: "{\"object\":\"list\",\"data\":[\(models)]}"))
    }

    /// `GET /models/{id}`; the id may hold slashes and colons, in the clear or percent-encoded.
    static func one(_ id: Substring, _ settings: MockSettings) throws(MockRefusal) -> MockScript {
        let id = self.percentDecoded(id)
        guard settings.models.contains(id) else {
            throw MockRefusal(
                status: 404, message: "The model \"\(id)\" does not exist; the mock lists its models at /v1/models.",
                type: "invalid_request_error", param: "model", code: "model_not_found")
        }
        return MockScript(json: ByteBuffer(string: self.object(id, settings)))
    }

    private static func object(_ id: String, _ settings: MockSettings) -> String {
        "{\"id\":\(JSONText.quoted(id)),\"object\":\"model\",\"created\":\(settings.created),\"owned_by\":\"weir-mock\"}"
    }

    /// Undoes percent-encoding (RFC 3986 section 2.1); what is none stays as it is.
    private static func percentDecoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

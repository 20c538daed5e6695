import FoundationEssentials

/// OpenAI's embeddings, as numbers or as base64 of little-endian floats.
/// https://platform.openai.com/docs/api-reference/embeddings
enum OpenAIEmbeddings {
    private struct Request: Decodable {
        enum Format: String, Decodable {
            case float, base64
        }

        var model: String
        var input: TokenizedInput
        var format: Format?
        var dimensions: Int?

        private enum CodingKeys: String, CodingKey {
            case model, input, dimensions
            case format = "encoding_format"
        }
    }

    /// `POST /embeddings`.
    static func script(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(Request.self)
        let inputs = request.input.inputs
        guard (1...2_048).contains(inputs.count) else {
            throw .body("input has \(inputs.count) texts; it must have 1 to 2048.", param: "input")
        }
        let dimensions = try Embedding.check(request.dimensions, inputs: inputs.count, param: "dimensions")
        let data = inputs.enumerated().map { index, input in
            let vector = Embedding.vector(input.text, dimensions: dimensions)
            let value = request.format == .base64 ? JSONText.quoted(self.base64(vector)) : Embedding.json(vector)
            return #"{"object":"embedding","index":\#(index),"embedding":\#(value)}"#
        }
        let tokens = inputs.reduce(0) { $0 + $1.tokens }
        return MockScript(
            json: #"{"object":"list","data":[\#(data.joined(separator: ","))],"#
                + #""model":\#(JSONText.quoted(request.model)),"#
                + #""usage":{"prompt_tokens":\#(tokens),"total_tokens":\#(tokens)}}"#)
    }

    private static func base64(_ vector: [Float]) -> String {
        var bytes = Data()
        for number in vector {
            let bits = number.bitPattern
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        }
        return bytes.base64EncodedString()
    }
}

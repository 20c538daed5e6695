import NIOHTTP1

/// Gemini's endpoints under `/v1`, `/v1beta` and their kin. https://ai.google.dev/api
enum Gemini {
    /// The answer to an inquiry.
    static func answer(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        if inquiry.target.path == "/models" {
            try inquiry.allow(.GET, .HEAD)
            let models = inquiry.settings.models.map(self.model).joined(separator: ",")
            return MockScript(json: #"{"models":[\#(models)]}"#)
        }
        guard let target = GeminiTarget(inquiry.target) else { throw inquiry.unknown }
        guard let verb = target.verb else {
            try inquiry.allow(.GET, .HEAD)
            return MockScript(json: self.model(try inquiry.model(target.model)))
        }
        try inquiry.allow(.POST)
        switch verb {
        case .generateContent, .streamGenerateContent:
            return try GeminiContent.script(inquiry, model: target.model, isStreamed: verb == .streamGenerateContent)
        case .countTokens: return try self.count(inquiry, target.model)
        case .embedContent: return try self.embed(inquiry)
        case .batchEmbedContents: return try self.embedSeveral(inquiry)
        }
    }

    private static func model(_ id: String) -> String {
        #"{"name":\#(JSONText.quoted("models/\(id)")),"version":"1","displayName":\#(JSONText.quoted(id)),"#
            + #""description":"The mock","inputTokenLimit":1048576,"outputTokenLimit":65536,"#
            + #""supportedGenerationMethods":["generateContent","countTokens","embedContent"]}"#
    }

    // MARK: Counting

    private struct CountRequest: Decodable {
        var contents: [GeminiRequest.Content]?
        var generateContentRequest: GeminiRequest?
    }

    private static func count(_ inquiry: Inquiry, _ model: String) throws(MockRefusal) -> MockScript {
        let request = try RequestBody.read(CountRequest.self, inquiry.request.body, takesSnakeCase: true)
        guard let whole = request.generateContentRequest ?? request.contents.map({ GeminiRequest(contents: $0) }) else {
            throw .body("contents is missing.", param: "contents")
        }
        try whole.check()
        let tokens = whole.prompt(model: model).tokens
        return MockScript(
            json: #"{"totalTokens":\#(tokens),"#
                + #""promptTokensDetails":[{"modality":"TEXT","tokenCount":\#(tokens)}]}"#)
    }

    // MARK: Embeddings

    private struct EmbedRequest: Decodable {
        var content: GeminiRequest.Content
        var outputDimensionality: Int?

        func values(of inputs: Int) throws(MockRefusal) -> String {
            let dimensions = try Embedding.check(
                self.outputDimensionality, inputs: inputs, param: "outputDimensionality")
            return #"{"values":\#(Embedding.json(Embedding.vector(self.content.text, dimensions: dimensions)))}"#
        }
    }

    private struct BatchRequest: Decodable { var requests: [EmbedRequest] }

    private static func embed(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try RequestBody.read(EmbedRequest.self, inquiry.request.body, takesSnakeCase: true)
        return MockScript(json: #"{"embedding":\#(try request.values(of: 1))}"#)
    }

    private static func embedSeveral(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let requests = try RequestBody.read(BatchRequest.self, inquiry.request.body, takesSnakeCase: true).requests
        guard (1...100).contains(requests.count) else {
            throw .body("requests has \(requests.count) elements; it must have 1 to 100.", param: "requests")
        }
        var values: [String] = []
        for request in requests { values.append(try request.values(of: requests.count)) }
        return MockScript(json: #"{"embeddings":[\#(values.joined(separator: ","))]}"#)
    }
}

extension GeminiRequest {
    /// A request of turns alone.
    init(contents: [Content]) {
        self.contents = contents
    }
}

/// What the mock reads of a Gemini request; other members are ignored. https://ai.google.dev/api/generate-content
struct GeminiRequest: Decodable {
    var contents: [Content]
    var systemInstruction: Content?
    var tools: [Tools]?
    var toolConfig: ToolConfig?
    var generationConfig: GenerationConfig?

    /// A turn: its role, its text, and the results of calls that it brings.
    struct Content: Decodable {
        var role: String?
        var text: String
        var results: [String]

        private enum CodingKeys: String, CodingKey { case role, parts }

        private struct Part: Decodable {
            var text: String?
            var thought: Bool?
            var functionResponse: FunctionResponse?
        }

        private struct FunctionResponse: Decodable {
            var response: [String: JSONValue]?

            /// The member that SDKs put a bare result into, else the whole object.
            var text: String {
                let response = self.response ?? [:]
                if response.count == 1, let only = response.first?.value { return only.text }
                return (response["result"] ?? response["output"])?.text ?? JSONValue.object(response).json
            }
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            self.role = try fields.decodeIfPresent(String.self, forKey: .role)
            let parts = try fields.decodeIfPresent([Part].self, forKey: .parts) ?? []
            self.text = parts.filter { $0.thought != true }.compactMap(\.text).joined(separator: "\n")
            self.results = parts.compactMap { $0.functionResponse?.text }
        }
    }

    struct Tools: Decodable {
        var functionDeclarations: [Function]?

        struct Function: Decodable {
            var name: String
            var parameters: ToolSchema?
            var parametersJsonSchema: ToolSchema?
        }
    }

    struct ToolConfig: Decodable {
        var functionCallingConfig: FunctionCallingConfig?

        struct FunctionCallingConfig: Decodable {
            var mode: String?
            var allowedFunctionNames: [String]?
        }
    }

    struct GenerationConfig: Decodable {
        var candidateCount: Int?
        var maxOutputTokens: Int?
        var thinkingConfig: ThinkingConfig?

        struct ThinkingConfig: Decodable { var includeThoughts: Bool? }
    }

    /// Reads a body; throws what is wrong with it.
    static func read(_ inquiry: Inquiry) throws(MockRefusal) -> GeminiRequest {
        let request = try RequestBody.read(GeminiRequest.self, inquiry.request.body, takesSnakeCase: true)
        try request.check()
        return request
    }

    /// Refuses what cannot be answered.
    func check() throws(MockRefusal) {
        if self.contents.isEmpty {
            throw .body("contents is empty: it needs at least one content.", param: "contents")
        }
        if let count = self.generationConfig?.candidateCount, !(1...8).contains(count) {
            throw .body("candidateCount is \(count); the mock answers 1 to 8 candidates.", param: "candidateCount")
        }
        if let limit = self.generationConfig?.maxOutputTokens, limit < 1 {
            throw .body("maxOutputTokens is \(limit); it must be at least 1.", param: "maxOutputTokens")
        }
        if let mode = self.toolConfig?.functionCallingConfig?.mode,
            !["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"].contains(mode.uppercased())
        {
            throw .body(
                "toolConfig.functionCallingConfig.mode is \"\(mode)\"; it must be AUTO, ANY, NONE or VALIDATED.",
                param: "toolConfig")
        }
    }

    /// The request without its form.
    func prompt(model: String) -> Prompt {
        var prompt = Prompt(model: model)
        if let system = self.systemInstruction { prompt.addInstructions(system.text) }
        for content in self.contents {
            if content.results.isEmpty || !content.text.isEmpty {
                prompt.add(content.role == "model" ? .assistant : .user, content.text)
            }
            for result in content.results { prompt.add(.tool, result) }
        }
        prompt.tools = (self.tools ?? []).flatMap { $0.functionDeclarations ?? [] }.map {
            Prompt.Tool(name: $0.name, parameters: $0.parameters ?? $0.parametersJsonSchema)
        }
        prompt.toolChoiceField = "toolConfig"
        let config = self.toolConfig?.functionCallingConfig
        let mode = config?.mode?.uppercased() ?? "AUTO"
        if mode == "NONE" {
            prompt.toolChoice = .none
        } else if let names = config?.allowedFunctionNames, !names.isEmpty {
            prompt.toolChoice = .allowed(isRequired: mode == "ANY", names: names)
        } else if mode == "ANY" {
            prompt.toolChoice = .required
        }
        prompt.limit = self.generationConfig?.maxOutputTokens
        prompt.asksForReasoning = self.generationConfig?.thinkingConfig?.includeThoughts == true
        return prompt
    }
}

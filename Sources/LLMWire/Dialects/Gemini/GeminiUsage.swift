extension Usage {
    /// Reads `usageMetadata`: caches are inside the prompt's count, thoughts outside the candidates', and what tools
    /// brought into the prompt outside both. Each of a stream's pieces has the counts so far.
    init?(gemini document: JSONDocument, _ node: JSONDocument.Node?) {
        guard document.kind(node) == .object else { return nil }
        let prompt = document.count(document[node, "promptTokenCount"])
        let tools = document.count(document[node, "toolUsePromptTokenCount"])
        let candidates = document.count(document[node, "candidatesTokenCount"])
        let thoughts = document.count(document[node, "thoughtsTokenCount"])
        let total = document.count(document[node, "totalTokenCount"])
        let input = Self.sum(prompt, tools)
        var output = Self.sum(candidates, thoughts)
        // At Vertex the candidates of some models hold the thoughts; their total tells.
        if let candidates, thoughts ?? 0 > 0, total != nil, Self.sum(input, candidates) == total { output = candidates }
        // Counts of zero are left out.
        if output == nil, let input, input == total { output = 0 }
        guard input != nil || output != nil || total != nil else { return nil }
        self.init(input: input, output: output, total: total)
        cachedInput = document.count(document[node, "cachedContentTokenCount"])
        reasoning = thoughts
        audioInput = Self.audio(document, document[node, "promptTokensDetails"])
        audioOutput = Self.audio(document, document[node, "candidatesTokensDetails"])
    }

    private static func audio(_ document: JSONDocument, _ details: JSONDocument.Node?) -> Int? {
        for detail in document.elements(details) where document.equals(document[detail, "modality"], "AUDIO") {
            return document.count(document[detail, "tokenCount"])
        }
        return nil
    }
}

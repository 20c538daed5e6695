import Testing

@testable import LLMWire

/// What comes of `text`, whole and in pieces of every size.
private func check(
    _ text: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ read: ([[UInt8]]) -> [String]
) {
    let octets = Array(text.utf8)
    for size in 1...max(1, octets.count) {
        let pieces = stride(from: 0, to: octets.count, by: size).map {
            Array(octets[$0..<min($0 + size, octets.count)])
        }
        #expect(read(pieces) == expected, "pieces of \(size)", sourceLocation: sourceLocation)
    }
}

private func events(_ pieces: [[UInt8]]) -> [String] {
    var parser = EventStreamParser()
    var found: [String] = []
    func take() {
        found.append(String(decoding: parser.name, as: UTF8.self) + "|" + String(decoding: parser.data, as: UTF8.self))
    }
    for piece in pieces {
        var index = 0
        while parser.advance(piece.span.bytes, &index) { take() }
        #expect(index == piece.count)
    }
    if parser.finish() { take() }
    return found
}

private func lines(_ pieces: [[UInt8]]) -> [String] {
    var parser = LineParser()
    var found: [String] = []
    for piece in pieces {
        var index = 0
        while parser.advance(piece.span.bytes, &index) { found.append(String(decoding: parser.line, as: UTF8.self)) }
    }
    if parser.finish() { found.append(String(decoding: parser.line, as: UTF8.self)) }
    return found
}

private func elements(_ pieces: [[UInt8]]) -> [String] {
    var parser = ArrayParser()
    var found: [String] = []
    for piece in pieces {
        var index = 0
        while parser.advance(piece.span.bytes, &index) { found.append(String(decoding: parser.element, as: UTF8.self)) }
    }
    if parser.finish() { found.append(String(decoding: parser.element, as: UTF8.self)) }
    return found
}

@Suite struct StreamParserTests {
    @Test(arguments: ["\n", "\r\n", "\r"])
    func eventsInEveryLineEnd(end: String) {
        let text = [
            ": comment", "data: one", "", "event: named", "data:two", "data:  three", "id: 7", "retry: 3", "", "",
            "data", "",
            "event: bare", "", ": x", "", "nonsense: y", "data: last",
        ].joined(separator: end)
        check(text, ["|one", "named|two\n three", "|", "bare|", "|last"], events)
    }

    @Test func aMarkInFrontAndMixedLineEnds() {
        check("\u{FEFF}data: a\r\ndata: b\n\rdata: c\r\r", ["|a\nb", "|c"], events)
        check("data: \u{FEFF}a\n\n", ["|\u{FEFF}a"], events)
        check("database: x\neventual: y\n\n", [], events)
    }

    @Test func linesWithoutEmptyOnes() {
        check("{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":3}", ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}"], lines)
        check("\n\r\n", [], lines)
    }

    @Test func elementsOfAnArrayAsTheyCome() {
        check(
            "[{\"a\":\"],[\"}\n,\r\n{\"b\":[1,[2]]} , 3 ]\n", ["{\"a\":\"],[\"}", "{\"b\":[1,[2]]}", "3"], elements)
        check("[]", [], elements)
        check(" {\"error\":{\"code\":1}} ", ["{\"error\":{\"code\":1}}"], elements)
        check("[{\"a\":\"\\\"]\"},{\"cut", ["{\"a\":\"\\\"]\"}", "{\"cut"], elements)
    }
}

@Suite struct OperationTests {
    @Test(arguments: [
        ("/v1/chat/completions", Dialect.openAIChat, Operation.chatCompletion),
        ("/openai/deployments/d/chat/completions", .openAIChat, .chatCompletion),
        ("/v1beta/openai/chat/completions", .gemini, .chatCompletion),
        ("/v1/completions", .openAIChat, .textCompletion),
        ("/v1/responses", .openAIResponses, .response), ("/v1/responses/resp_1", .openAIResponses, .response),
        ("/v1/responses/resp_1/input_items", .openAIResponses, .other), ("/v1/x/resp_1", .openAIResponses, .other),
        ("/v1/embeddings", .openAIChat, .embedding), ("/v1/audio/speech", .openAIChat, .speech),
        ("/v1/audio/translations", .openAIChat, .transcription), ("/v1/models", .openAIChat, .other),
        ("/v1/messages", .anthropicMessages, .message), ("//v1//messages/", .anthropicMessages, .message),
        ("/v1/messages/count_tokens", .anthropicMessages, .messageTokens),
        ("/v1/messages/batches", .anthropicMessages, .other),
        ("/v1/publishers/anthropic/models/c@1:streamRawPredict", .anthropicMessages, .message),
        ("/v1/publishers/anthropic/models/count-tokens%3ArawPredict", .anthropicMessages, .messageTokens),
        ("/v1beta/models/gemini-2.5-pro:generateContent", .gemini, .generateContent),
        ("/v1/models/g:streamGenerateContent", .gemini, .generateContent),
        ("/v1/models/g:countTokens", .gemini, .contentTokens),
        ("/v1/models/g:batchEmbedContents", .gemini, .embedContent), ("/v1beta/models", .gemini, .other),
        ("/api/chat", .ollama, .ollamaChat), ("/api/generate", .ollama, .ollamaGenerate),
        ("/api/embed", .ollama, .ollamaEmbed),
        ("/api/tags", .ollama, .other), ("", .other, .other), ("/", .other, .other),
    ])
    func pathsNameOperations(path: String, dialect: Dialect, expected: LLMWire.Operation) {
        #expect(LLMWire.Operation(dialect, path: Array(path.utf8).span.bytes) == expected)
    }
}

@Suite struct TokenEstimateTests {
    @Test(arguments: [("", 0), ("four", 1), ("fivee", 2), ("日本語テ", 3), ("éé", 1), ("😀", 2)])
    func scriptsCountByTheirOctets(text: String, expected: Int) {
        var estimate = TokenEstimate()
        estimate.add(text.utf8)
        #expect(estimate.tokens == expected)
    }

    @Test func textOfScriptsWithoutSpacesIsText() throws {
        let chinese = String(repeating: "好", count: 400)
        for text in [chinese, String(repeating: #"\u597d"#, count: 400)] {
            var document = JSONDocument()
            try document.read(Array(#"{"content":"\#(text)"}"#.utf8).span.bytes)
            var estimate = TokenEstimate()
            estimate.add(document)
            #expect(estimate.tokens == 300)
        }
    }

    @Test func dataIsNoText() throws {
        var document = JSONDocument()
        let image = "data:image/png;base64," + String(repeating: "A", count: 400_000)
        try document.read(Array(#"{"messages":[{"content":[{"text":"four"},{"url":"\#(image)"}]}]}"#.utf8).span.bytes)
        var estimate = TokenEstimate()
        estimate.add(document)
        #expect(estimate.tokens == 1)
    }
}

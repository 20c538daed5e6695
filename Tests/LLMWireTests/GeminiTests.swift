import LLMWire
import Testing

@Suite struct GeminiTests {
    /// Feeds pieces a millisecond apart.
    private func read(_ pieces: [String], _ framing: AnswerReader.Framing = .eventStream) -> (Answer, AnswerTiming) {
        var reader = AnswerReader(.generateContent, framing)
        for (place, piece) in pieces.enumerated() {
            let octets = Array(piece.utf8)
            reader.read(octets.span.bytes, at: Int64(place) * 1_000_000)
        }
        let (answer, timing) = reader.finish()
        return (answer, timing)
    }

    private func event(_ parts: String, _ more: String = "") -> String {
        "data: {\"candidates\":[{\"content\":{\"parts\":[\(parts)],\"role\":\"model\"}\(more)}]}\r\n\r\n"
    }

    @Test func onlyWhatTheModelSaysIsTimed() {
        let (_, timing) = read([
            "data: {\"usageMetadata\":{\"promptTokenCount\":3}}\r\n\r\n",
            event(""),
            event("{\"text\":\"\"}"),
            event("{\"text\":\"Hm\",\"thought\":true}"),
            "\r\n",
            event("{\"text\":\"So\"}"),
            event("{\"functionCall\":{\"name\":\"f\"}}"),
            event("{\"text\":\"\",\"thoughtSignature\":\"Zm9v\"}", ",\"finishReason\":\"STOP\""),
        ])
        #expect(timing.firstToken == 3_000_000)
        #expect(timing.firstReasoning == 3_000_000)
        #expect(timing.firstText == 5_000_000)
        #expect(timing.firstToolCall == 6_000_000)
        #expect(timing.lastToken == 6_000_000)
        #expect(timing.longestGap == 2_000_000)
    }

    @Test func aBlockedPromptSaysNothing() {
        let (answer, timing) = read(["data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\r\n\r\n"])
        #expect(timing == AnswerTiming())
        #expect(answer.choices.map(\.parts) == [[]])
    }

    @Test func aLateBlockReasonDoesNotChangeWhatWasSaid() {
        let (answer, _) = read([
            event("{\"text\":\"a\"}", ",\"finishReason\":\"STOP\""),
            "data: {\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}\r\n\r\n",
        ])
        #expect(answer.choices.first?.finishReason == .stop)
    }

    @Test func anElementThatClosesTooMuchHarmsNoOther() {
        let (answer, _) = read(
            ["[}},", "{\"responseId\":\"r\"}", "\n,\r\n{\"modelVersion\":\"m\"}\n]", "trailing"], .array)
        #expect(answer.id == "r")
        #expect(answer.model == "m")
        #expect(answer.malformed.first == ["}}"])
    }

    @Test func everyDepthOfWrongNestingIsMalformed() {
        let deep = String(repeating: "{\"candidates\":[", count: 200)
        let (answer, _) = read(["data: \(deep)\r\n\r\n", event("{\"text\":\"a\"}")])
        #expect(answer.malformed.count == 1)
        #expect(answer.choices.first?.text == "a")
    }

    @Test func partialArgumentsAreBounded() {
        let many = (0..<700).map { "{\"jsonPath\":\"$.a[\($0)]\",\"numberValue\":\($0)}" }.joined(separator: ",")
        let far = "{\"jsonPath\":\"$.b[1000000000]\",\"stringValue\":\"x\"}"
        let long = "{\"jsonPath\":\"$\(String(repeating: ".a", count: 100))\",\"stringValue\":\"x\"}"
        let clash = "{\"jsonPath\":\"$.a.b\",\"stringValue\":\"x\"},{\"jsonPath\":\"$.a\",\"boolValue\":true}"
        let pieces = "\(many),\(far),\(long),\(clash)"
        let (answer, _) = read([event("{\"functionCall\":{\"name\":\"f\",\"partialArgs\":[\(pieces)]}}")])
        let arguments = answer.choices.first?.toolCalls.first?.arguments ?? ""
        #expect(arguments == "{\"a\":[\((0..<512).map(String.init).joined(separator: ","))],\"b\":[]}")
    }

    @Test(arguments: [
        ("$.a", "{\"a\":1}"), ("a", "{}"), ("", "{}"), ("$", "{}"), ("$.", "{}"), ("$..a", "{}"), ("$[", "{}"),
        ("$[0]", "{}"), ("$.a[", "{}"), ("$.a[x]", "{}"), ("$.a[-1]", "{}"), ("$['a b'].c", "{\"a b\":{\"c\":1}}"),
        ("$['a\\\\'b']", "{\"a'b\":1}"), ("$[\\\"é\\\"]", "{\"é\":1}"), ("$['a'", "{}"), ("$['a", "{}"),
        ("$.a[0][0]", "{\"a\":[[1]]}"),
    ])
    func paths(_ path: String, _ expected: String) {
        let call = "{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"\(path)\",\"numberValue\":1}]}}"
        let (answer, _) = read([event(call)])
        let arguments = answer.choices.first?.toolCalls.first?.arguments
        #expect(arguments == expected)
    }

    @Test func countsBeyondWholeNumbersAreNone() {
        let (answer, _) = read([
            "data: {\"usageMetadata\":{\"promptTokenCount\":9223372036854775807,\"toolUsePromptTokenCount\":1,"
                + "\"candidatesTokenCount\":1e400,\"totalTokenCount\":12.0}}\r\n\r\n"
        ])
        #expect(answer.usage?.input == .max)
        #expect(answer.usage?.output == nil)
        #expect(answer.usage?.total == 12)
    }
}

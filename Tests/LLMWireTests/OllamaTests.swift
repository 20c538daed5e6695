import LLMWire
import Testing

@Suite struct OllamaTests {
    @Test func onlyWhatTheModelSaysIsTimed() {
        let lines = [
            "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n",
            "\n",
            "{\"message\":{\"content\":\"\",\"thinking\":\"Hm\"}}\n",
            "{\"message\":{\"content\":\"So\"}}\n",
            "{\"message\":{\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}}\n",
            "{\"message\":{\"content\":\"\"},\"done\":true,\"eval_count\":4}\n",
        ]
        var reader = AnswerReader(.ollamaChat, .lines)
        for (place, line) in lines.enumerated() {
            for octet in line.utf8 {
                let octets = [octet]
                reader.read(octets.span.bytes, at: Int64(place))
            }
        }
        let (answer, timing) = reader.finish()
        #expect(timing.firstToken == 2)
        #expect(timing.firstReasoning == 2)
        #expect(timing.firstText == 3)
        #expect(timing.firstToolCall == 4)
        #expect(timing.lastToken == 4)
        #expect(answer.isComplete)
        #expect(answer.choices.first?.finishReason == nil)
        #expect(answer.usage == Usage(input: nil, output: 4, total: 4))
    }

    @Test func repeatedEndsAreOne() {
        var reader = AnswerReader(.ollamaGenerate, .lines)
        let octets = Array(
            """
            {"response":"a","done":true,"done_reason":"stop","eval_count":1}
            {"response":"","done":true,"done_reason":"","eval_count":2,"prompt_eval_count":3}
            """.utf8)
        reader.read(octets.span.bytes, at: 0)
        let answer = reader.finish().answer
        #expect(answer.choices.first?.finishReason == .stop)
        #expect(answer.choices.first?.nativeFinishReason == "stop")
        #expect(answer.usage == Usage(input: 3, output: 2, total: 5))
    }

    @Test(arguments: [
        ("{}", true), ("{\"stream\":true}", true), ("{\"stream\":false}", false), ("{\"stream\":0}", true),
    ])
    func chatStreamsUnlessItSaysOtherwise(_ body: String, _ isStream: Bool) throws {
        var document = JSONDocument()
        try document.read(Array(body.utf8).span.bytes)
        #expect(Operation.ollamaChat.request(document)?.isStream == isStream)
        #expect(Operation.ollamaGenerate.request(document)?.isStream == isStream)
        #expect(Operation.ollamaEmbed.request(document)?.isStream == false)
    }
}

import LLMWire
import Testing

/// What the conformance kit's files cannot show of Chat's family: times, single octets, hostile values.
@Suite struct ChatTests {
    private func read(
        _ pieces: [(Int64, String)], _ operation: LLMWire.Operation = .chatCompletion,
        _ framing: AnswerReader.Framing = .eventStream
    ) -> (answer: Answer, timing: AnswerTiming) {
        var reader = AnswerReader(operation, framing)
        for (time, text) in pieces {
            let octets = Array(text.utf8)
            reader.read(octets.span.bytes, at: time)
        }
        return reader.finish()
    }

    private func event(_ delta: String) -> String { "data: {\"choices\":[{\"index\":0,\"delta\":\(delta)}]}\n\n" }

    @Test func marksWhenTokensCame() {
        let (answer, timing) = read([
            (1, ": waiting\n\n"),
            (2, event("{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[],\"reasoning\":\"\"}")),
            (3, event("{\"content\":null,\"tool_calls\":[{\"index\":0}],\"audio\":{\"expires_at\":3}}")),
            (10, event("{\"reasoning\":\"Hm\"}")),
            (20, event("{\"content\":\"A\"}")),
            (90, event("{\"content\":\"B\"}")),
            (
                95,
                event("{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}")
            ),
            (99, event("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}")),
            (120, "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
            (130, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n"),
        ])
        #expect(timing.firstToken == 10)
        #expect(timing.firstReasoning == 10)
        #expect(timing.firstText == 20)
        #expect(timing.firstToolCall == 95)
        #expect(timing.lastToken == 99)
        #expect(timing.longestGap == 70)
        #expect(answer.choices.first?.toolCalls == [ToolCall(id: "t", name: "f", arguments: "{}")])
    }

    @Test func singleOctetsSayTheSame() {
        let stream =
            event("{\"content\":\"\\ud83d\\ude00\"}") + event("{\"content\":\"é\"}")
            + event("{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}")
            + "data: [DONE]\n\n"
        var reader = AnswerReader(.chatCompletion, .eventStream)
        for octet in Array(stream.utf8) { reader.read([octet].span.bytes, at: 0) }
        let answer = reader.finish().answer
        #expect(answer == read([(0, stream)]).answer)
        #expect(answer.choices.first?.text == "😀é")
        #expect(answer.isComplete)
    }

    @Test func argumentsInManyPiecesAreOneText() {
        var stream = event(
            "{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}")
        // Text that looks like a repetition of what came before, but for its ends.
        for piece in ["{", "}", "{}", "[", "{}}"] {
            stream += event("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\(piece)\"}}]}")
        }
        #expect(read([(0, stream)]).answer.choices.first?.toolCalls.map(\.arguments) == ["{}{}{}[{}}"])
    }

    @Test func hostileValuesAreNoTrap() {
        let deep = String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
        let numbers = [
            "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "1e400", "-0", "1.5", "1e3", "true",
            "\"1\"",
            "{}", "[]", "null",
        ]
        for number in numbers {
            let body = """
                {"id":\(number),"model":\(number),"choices":[{"index":\(number),"delta":{"content":"a","reasoning":\(number),\
                "refusal":\(number),"audio":{"data":\(number)},"images":\(number),"function_call":\(number),\
                "tool_calls":[{"index":\(number),"id":\(number),"function":{"name":\(number),"arguments":\(number)}}]},\
                "finish_reason":\(number)}],"usage":{"prompt_tokens":\(number),"completion_tokens":\(number),\
                "total_tokens":\(number),"completion_tokens_details":{"reasoning_tokens":\(number)},\
                "cost":\(number),"cost_in_usd_ticks":\(number)},"timings":{"prompt_n":\(number),"cache_n":\(number)}}
                """
            let stream = read([(0, "data: \(body)\n\n")]).answer
            #expect(stream.choices.map(\.text) == ["a"], "\(number)")
            #expect(stream.malformed.count == 0)
            for operation in Operation.allCases {
                #expect(read([(0, body)], operation, .document).answer.malformed.count == 0, "\(operation) \(number)")
            }
        }
        #expect(read([(0, event("{\"content\":\(deep)}") + event("{\"content\":\"b\"}"))]).answer.malformed.count == 1)
    }

    @Test func requestsOfAnyShapeAreNoTrap() throws {
        let values = ["null", "7", "\"\"", "\"x\"", "[]", "{}", "[null,1,\"\",[],{}]", "{\"a\":{\"b\":[1]}}"]
        for operation in Operation.allCases {
            for value in values {
                let text = """
                    {"model":\(value),"messages":[\(value),{"role":\(value),"content":\(value),"tool_calls":\(value),\
                    "audio":\(value),"function_call":\(value)},{"role":"user","content":[\(value),{"type":\(value)},\
                    {"type":"image_url","image_url":\(value)},{"type":"file","file":\(value)},\
                    {"type":"input_audio","input_audio":\(value)},{"type":"thinking","thinking":\(value)}]}],\
                    "tools":\(value),"functions":[\(value)],"prompt":\(value),"input":\(value),"instructions":\(value),\
                    "stream":\(value),"temperature":\(value)}
                    """
                for text in [text, value] {
                    var document = JSONDocument()
                    try document.read(Array(text.utf8).span.bytes)
                    let outline = operation.outline(document)
                    let request = operation.request(document)
                    #expect(request?.messages.count == outline?.messages.count)
                }
            }
        }
    }

    @Test func reasoningCountedBesideTheOutputIsAdded() {
        func usage(_ json: String) -> Usage? {
            read([(0, "{\"choices\":[],\"usage\":\(json)}")], .chatCompletion, .document).answer.usage
        }
        let beside = usage(
            """
            {"prompt_tokens":10,"completion_tokens":2,"total_tokens":17,"completion_tokens_details":{"reasoning_tokens":5}}
            """)
        #expect(beside?.output == 7)
        let within = usage(
            """
            {"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"completion_tokens_details":{"reasoning_tokens":5}}
            """)
        #expect(within?.output == 7)
        #expect(usage("{}") == nil)
        #expect(usage("{\"seconds\":3}") == nil)
    }

    @Test(arguments: [
        (0, "0"), (1, "0.0000000001"), (232_856_000, "0.0232856"), (10_000_000_000, "1"), (12_500_000_000, "1.25"),
    ])
    func ticksAreDollars(_ ticks: Int, _ dollars: String) {
        let body = "{\"choices\":[],\"usage\":{\"total_tokens\":1,\"cost_in_usd_ticks\":\(ticks)}}"
        #expect(read([(0, body)], .chatCompletion, .document).answer.reportedCost == dollars)
    }

    @Test(arguments: [
        ("stop", FinishReason.stop), ("eos_token", .stop), ("length", .length), ("function_call", .toolCalls),
        ("content_filter", .contentFilter), ("abort", .error), ("tired", .other),
    ])
    func reasonsHaveOneWord(_ native: String, _ reason: FinishReason) {
        let body = "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"\(native)\"}]}"
        let choice = read([(0, body)], .chatCompletion, .document).answer.choices.first
        #expect(choice?.finishReason == reason)
        #expect(choice?.nativeFinishReason == native)
    }

    @Test func soundIsMeasuredNotKept() {
        let (answer, timing) = read([(4, "abc"), (9, String(repeating: "x", count: 1000))], .speech, .binary)
        #expect(answer.choices.map(\.parts) == [[.media(Media(kind: .audio, size: 1003))]])
        #expect(timing.firstToken == 9)
        #expect(read([(0, "abc")], .other, .binary).answer.isComplete)
    }

    @Test func tooManyCallsAndChoicesAreCounted() {
        var stream = ""
        for index in 0..<4100 {
            stream += event("{\"tool_calls\":[{\"index\":\(index),\"function\":{\"name\":\"f\"}}]}")
        }
        stream += event("{\"content\":\"lost\"}") + event("{\"content\":\"lost\"}")
        let calls = read([(0, stream)]).answer
        #expect(calls.choices.map(\.parts.count) == [4096])
        #expect(calls.choices.map(\.text) == [""])
        #expect(calls.dropped >= 5)

        stream = ""
        for index in 0..<1030 {
            stream += "data: {\"choices\":[{\"index\":\(index),\"delta\":{\"content\":\"\(index)\"}}]}\n\n"
        }
        let choices = read([(0, stream)]).answer
        #expect(choices.choices.map(\.text) == (0..<1024).map { String($0) })
        #expect(choices.dropped >= 6)
    }
}

import LLMWire
import Testing

@Suite struct MessagesTests {
    private static let stream = [
        #"{"type":"message_start","message":{"id":"m","role":"assistant","model":"c","usage":{"input_tokens":5,"#
            + #""cache_creation":{"ephemeral_1h_input_tokens":2},"cache_creation_input_tokens":3,"output_tokens":1}}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
        #"{"type":"ping"}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"cw=="}}"#,
        #"{"type":"content_block_stop","index":0}"#,
        #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":""}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"So"}}"#,
        #"{"type":"content_block_stop","index":1}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"n","input":{}}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        #"{"type":"content_block_stop","index":2}"#,
        #"{"type":"content_block_start","index":3,"content_block":{"type":"a_tool_result","tool_use_id":"t","#
            + #""content":[{"type":"document","source":{"type":"base64","data":"YQ=="}}]}}"#,
        #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_details":{"explanation":"No"}},"#
            + #""usage":{"output_tokens":4}}"#,
        #"{"type":"message_stop"}"#,
    ]
    /// What is read of it whatever stands in front.
    private static let sentinel = #"{"type":"content_block_delta","index":77,"delta":{"type":"text_delta","text":"@"}}"#

    @Test func onlyWhatTheModelWritesCountsAsToken() {
        let (answer, timing) = readEvents(.message, zip(Self.stream.indices, Self.stream).map { (Int64($0) * 10, $1) })
        #expect(timing.firstToken == 30)
        #expect(timing.firstReasoning == 30)
        #expect(timing.firstText == 80)
        #expect(timing.firstToolCall == 100)
        #expect(timing.longestGap == 50)
        #expect(answer.isComplete)
    }

    @Test func nothingSaidIsNoToken() {
        let silent = [0, 1, 2, 4, 5, 6, 7, 15].map { (Int64($0), Self.stream[$0]) }
        let (answer, timing) = readEvents(.message, silent)
        #expect(timing == AnswerTiming())
        #expect(answer.choices == [Choice(index: 0)])
    }

    @Test func hostileValuesHarmNothingElse() throws {
        try expectHarmless(.message, Self.stream, sentinel: Self.sentinel)
    }

    @Test func anyOrderIsRead() {
        expectReadInAnyOrder(.message, Self.stream + Self.stream, sentinel: Self.sentinel) { answer in
            #expect(answer.usage?.output != nil)
        }
    }

    @Test func hostileWholeAnswersAreRead() throws {
        let body =
            #"{"id":"m","role":"assistant","content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"b"},"#
            + #"{"type":"tool_use","id":"t","input":{"c":[1]}}],"stop_reason":"tool_use","usage":{"input_tokens":1}}"#
        for variant in try HostileValues.variants(of: body) {
            let answer = readWhole(.message, variant)
            #expect(answer.isComplete, "\(variant)")
            #expect(answer.malformed.count == 0, "\(variant)")
        }
    }

    @Test func hostileRequestsAreRead() throws {
        let body =
            #"{"model":"c","system":[{"type":"text","text":"s"}],"tools":[{"name":"n"}],"max_tokens":5,"#
            + #""messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"YQ=="}},"#
            + #"{"type":"document","source":{"type":"content","content":[{"type":"text","text":"d"}]}},"#
            + #"{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"r"}]}]}]}"#
        for variant in try HostileValues.variants(of: body) {
            var document = JSONDocument()
            let octets = Array(variant.utf8)
            try document.read(octets.span.bytes)
            _ = try #require(Operation.message.request(document))
        }
    }

    @Test func manyBlocksEachHaveTheirText() {
        let events = (0..<3000).map { index in
            (Int64(0), #"{"type":"content_block_delta","index":\#(index),"delta":{"type":"text_delta","text":"x"}}"#)
        }
        let answer = readEvents(.message, events).answer
        #expect(answer.choices.first?.parts == Array(repeating: .text("x"), count: 3000))
    }

    @Test func deepBlocksAreMalformed() {
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        let answer = readEvents(
            .message, [(0, #"{"type":"content_block_start","content_block":\#(deep)}"#), (0, Self.sentinel)]
        ).answer
        #expect(answer.malformed.count == 1)
        #expect(answer.choices.first?.parts == [.text("@")])
    }
}

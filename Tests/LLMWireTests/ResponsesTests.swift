import LLMWire
import Testing

@Suite struct ResponsesTests {
    private static let reasoning =
        #"{"type":"reasoning","id":"r","summary":[{"type":"summary_text","text":"Hm"}],"#
        + #""content":[{"type":"reasoning_text","text":"Um"}]}"#
    private static let call = #"{"type":"function_call","id":"f","call_id":"c","name":"n","arguments":"{}"}"#
    private static let message = #"{"type":"message","id":"m","content":[{"type":"output_text","text":"So"}]}"#
    private static let hosted = #"{"type":"mcp_call","id":"p","name":"n","arguments":"{}","output":"o","error":null}"#

    private static let stream = [
        #"{"type":"response.created","response":{"id":"r","status":"in_progress","model":"g","output":[]}}"#,
        #"{"type":"response.in_progress","response":{"id":"r","usage":null}}"#,
        #"{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"r","summary":[]}}"#,
        #"{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"Hm"}"#,
        #"{"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"Um"}"#,
        #"{"type":"response.output_item.done","output_index":0,"item":\#(reasoning)}"#,
        #"{"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"m","content":[]}}"#,
        #"{"type":"response.content_part.added","output_index":1,"content_index":0,"part":{"type":"output_text"}}"#,
        #"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":""}"#,
        #"{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"So"}"#,
        #"{"type":"response.output_text.done","output_index":1,"content_index":0,"text":"So"}"#,
        #"{"type":"response.output_item.done","output_index":1,"item":\#(message)}"#,
        #"{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"f","call_id":"c"}}"#,
        #"{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{}"}"#,
        #"{"type":"response.output_item.done","output_index":2,"item":\#(call)}"#,
        #"{"type":"response.output_item.done","output_index":3,"item":\#(hosted)}"#,
        #"{"type":"response.completed","response":{"id":"r","status":"completed","model":"g","#
            + #""output":[\#(reasoning),\#(message),\#(call),\#(hosted)],"usage":{"input_tokens":1,"output_tokens":2,"#
            + #""input_tokens_details":{"cached_tokens":1}}}}"#,
    ]
    /// What is read of it whatever stands in front.
    private static let sentinel = #"{"type":"response.output_text.delta","output_index":77,"delta":"@"}"#

    @Test func theStreamIsToldOnce() {
        let answer = readEvents(.response, Self.stream.map { (0, $0) }).answer
        #expect(
            answer.choices.first?.parts == [
                .reasoning("Hm"), .reasoning("Um"), .text("So"),
                .toolCall(ToolCall(id: "c", name: "n", arguments: "{}")),
                .toolCall(ToolCall(id: "p", name: "n", arguments: "{}")),
                .toolResult(ToolResult(id: "p", name: "n", content: "o")),
            ])
        #expect(answer.choices.first?.finishReason == .toolCalls)
        #expect(answer.usage?.cachedInput == 1)
        #expect(answer.isComplete)
    }

    @Test func wholeAndStreamedAreOne() {
        var document = JSONDocument()
        let octets = Array(Self.stream[16].utf8)
        #expect(throws: Never.self) { try document.read(octets.span.bytes) }
        let whole = readWhole(.response, document[document.root, "response"].map(document.raw) ?? "")
        #expect(whole == readEvents(.response, Self.stream.map { (0, $0) }).answer)
    }

    @Test func onlyWhatTheModelWritesCountsAsToken() {
        let timed = zip(Self.stream.indices, Self.stream).map { (Int64($0) * 10, $1) }
        let timing = readEvents(.response, timed.filter { $0.0 != 150 }).timing
        #expect(timing.firstToken == 30)
        #expect(timing.firstReasoning == 30)
        #expect(timing.firstText == 90)
        #expect(timing.firstToolCall == 120)
        // The hosted call comes with the end here; what was streamed before does not count once more.
        #expect(timing.longestGap == 50)
        let repeated = readEvents(.response, timed.filter { $0.0 != 150 && $0.0 != 160 }).timing
        #expect(repeated.lastToken == 130)
    }

    @Test func hostileValuesHarmNothingElse() throws {
        try expectHarmless(.response, Self.stream, sentinel: Self.sentinel)
    }

    @Test func anyOrderIsRead() {
        expectReadInAnyOrder(.response, Self.stream + Self.stream, sentinel: Self.sentinel) { answer in
            #expect(answer.usage?.total == 3)
        }
    }

    @Test func hostileWholeAnswersAreRead() throws {
        let body =
            #"{"id":"r","status":"completed","error":null,"incomplete_details":{"reason":"x"},"#
            + #""output":[\#(Self.reasoning),\#(Self.message),\#(Self.call),\#(Self.hosted)]}"#
        for variant in try HostileValues.variants(of: body) {
            #expect(readWhole(.response, variant).malformed.count == 0, "\(variant)")
        }
    }

    @Test func hostileRequestsAreRead() throws {
        let body =
            #"{"model":"g","instructions":"i","tools":[{"type":"function","name":"n"}],"top_p":1,"input":["#
            + #"{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,YQ=="},"#
            + #"{"type":"input_file","file_data":"YQ==","filename":"f"},{"type":"input_audio","data":"YQ=="}]},"#
            + #"{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"t"}]},\#(Self.hosted)]}"#
        for variant in try HostileValues.variants(of: body) {
            var document = JSONDocument()
            let octets = Array(variant.utf8)
            try document.read(octets.span.bytes)
            _ = try #require(Operation.response.request(document))
        }
    }

    @Test func manyItemsEachHaveTheirText() {
        let events = (0..<3000).map { index in
            (Int64(0), #"{"type":"response.output_text.delta","output_index":\#(index),"delta":"x"}"#)
        }
        let answer = readEvents(.response, events).answer
        #expect(answer.choices.first?.parts == Array(repeating: .text("x"), count: 3000))
    }
}

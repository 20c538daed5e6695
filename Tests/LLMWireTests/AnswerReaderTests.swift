import LLMWire
import Testing

@Suite struct AnswerReaderTests {
    private struct Body {
        var operation: LLMWire.Operation
        var framing: AnswerReader.Framing
        var text: String
    }

    /// Answers of which each leaves another state behind.
    private static let bodies = [
        Body(
            operation: .chatCompletion, framing: .eventStream,
            text: """
                data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}

                data: {"choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f"}}]}}]}

                data: no JSON

                """),
        Body(
            operation: .message, framing: .document,
            text: #"{"id":"b","content":[{"type":"text","text":"Ho"}],"usage":{"input_tokens":1,"output_tokens":2}}"#),
        Body(operation: .chatCompletion, framing: .document, text: #"{"error":{"message":"no"}}"#),
        Body(operation: .chatCompletion, framing: .document, text: "<html>"),
        Body(operation: .chatCompletion, framing: .document, text: " "),
        Body(operation: .ollamaChat, framing: .lines, text: #"{"message":{"content":"He"}}"# + "\n" + #"{"done":true"#),
        Body(operation: .speech, framing: .binary, text: "sound"),
        Body(operation: .generateContent, framing: .array, text: #"[{"candidates":[{"finishReason":"STOP"}]},{"#),
    ]

    @Test func oneReadsOneAnswerAfterTheOther() {
        var reader = AnswerReader()
        for first in Self.bodies {
            for second in Self.bodies {
                for body in [first, second] {
                    let octets = Array(body.text.utf8)
                    var fresh = AnswerReader(body.operation, body.framing)
                    fresh.read(octets.span.bytes, at: 7)
                    reader.begin(body.operation, body.framing)
                    reader.read(octets.span.bytes, at: 7)
                    let (expected, found) = (fresh.finish(), reader.finish())
                    #expect(found.answer == expected.answer, "\(body.text)")
                    #expect(found.timing == expected.timing, "\(body.text)")
                }
            }
        }
    }

    @Test func anAnswerAtHandIsReadLikeOneThatComes() {
        for body in Self.bodies where body.framing == .document {
            let octets = Array(body.text.utf8)
            var whole = AnswerReader(body.operation, .document)
            whole.readWhole(octets.span.bytes, at: 7)
            var piecewise = AnswerReader(body.operation, .document)
            for index in octets.indices { piecewise.read(octets.span.bytes.extracting(index..<index + 1), at: 7) }
            #expect(whole.finish().answer == piecewise.finish().answer, "\(body.text)")
        }
    }

    @Test func anAnswerIsToldOnce() {
        var reader = AnswerReader(.message, .document)
        let octets = Array(Self.bodies[1].text.utf8)
        reader.read(octets.span.bytes, at: 0)
        #expect(reader.finish().answer.id == "b")
        #expect(reader.finish().answer == Answer())
    }
}

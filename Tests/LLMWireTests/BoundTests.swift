import Testing

@testable import LLMWire

/// What hostile bodies may cost.
@Suite struct BoundTests {
    @Test func memoryOfALargeTextIsGivenBack() throws {
        var document = JSONDocument()
        let large = Array("\"\(String(repeating: "a", count: 5 << 20))\"".utf8)
        try document.read(large.span.bytes)
        #expect(document.text.capacity >= 5 << 20)
        try document.read(Array("[1]".utf8).span.bytes)
        #expect(document.text.capacity < 5 << 20)
        #expect(document.raw(document.root) == "[1]")
    }

    @Test func whatIsNoJSONKeepsTheMemoryOfSmallTexts() throws {
        var document = JSONDocument()
        try document.read(Array("\"\(String(repeating: "a", count: 4096))\"".utf8).span.bytes)
        #expect(throws: JSONFault.self) { try document.read(Array("[".utf8).span.bytes) }
        #expect(document.text.capacity >= 4096)
        #expect(document.kind(document.root) == .null)
    }

    @Test func callsThatAreOpenAreBounded() {
        let events = (0..<1100).map { index in
            let call = "{\"functionCall\":{\"name\":\"f\",\"willContinue\":true}}"
            return (Int64(0), "{\"candidates\":[{\"index\":\(index),\"content\":{\"parts\":[\(call)]}}]}")
        }
        let answer = readEvents(.generateContent, events).answer
        #expect(answer.choices.count == AnswerDraft.mostChoices)
        #expect(answer.choices.allSatisfy { $0.toolCalls.map(\.arguments) == ["{}"] })
        #expect(answer.dropped > 0)
    }

    @Test func anErrorWithoutAMessageIsCut() throws {
        let event = "{\"type\":\"error\",\"code\":5,\"more\":\"\(String(repeating: "a", count: 9000))\"}"
        let error = try #require(readEvents(.message, [(0, event)]).answer.error)
        #expect(error.message.utf8.count == 4096)
        #expect(error.code == "5")
    }

    @Test func countsThatNoIntHoldsTellNoThought() {
        let most = Int.max
        let usage = "{\"prompt_tokens\":\(most),\"completion_tokens\":2,\"total_tokens\":\(most)}"
        let answer = readWhole(.chatCompletion, "{\"choices\":[],\"usage\":\(usage)}")
        #expect(answer.usage?.output == 2)
        #expect(answer.usage?.reasoning == nil)
    }

    @Test(arguments: ["\"cache_read_input_tokens\":90", "\"cached_tokens\":60,\"cache_creation_input_tokens\":30"])
    func cachesBesideTheInputAreNoThought(_ caches: String) {
        let usage = "{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_tokens\":102,\(caches)}"
        let answer = readWhole(.chatCompletion, "{\"choices\":[],\"usage\":\(usage)}")
        #expect(answer.usage?.output == 2)
        #expect(answer.usage?.reasoning == nil)
    }

    @Test func aFormsSecretsAreNoSettings() {
        var fields = MultipartFields(boundary: "b")
        let form = ["api_key", "temperature", "access_token"].map {
            "--b\r\nContent-Disposition: form-data; name=\"\($0)\"\r\n\r\n1\r\n"
        }
        fields.read(Array((form.joined() + "--b--\r\n").utf8).span.bytes)
        fields.finish()
        #expect(LLMWire.Operation.transcription.request(multipart: fields)?.parameters == ["temperature": "1"])
    }

    @Test func aLongPreambleHidesNoPart() {
        var fields = MultipartFields(boundary: "b")
        let preamble = String(repeating: "x\n--", count: 2000) + String(repeating: "y", count: 9000)
        for octet in Array("\(preamble)\r\n--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n--b--".utf8) {
            fields.read([octet].span.bytes)
        }
        fields.finish()
        #expect(fields.fields.map(\.value) == ["v"])
    }
}

import NIOHTTP1
import Testing

@testable import Mock

@Suite struct GeminiTests {
    private static let tools =
        #","tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","#
        + #""properties":{"city":{"type":"STRING"},"days":{"type":"INTEGER"}}}},"#
        + #"{"name":"stop","parametersJsonSchema":{"properties":{"now":{"type":"boolean"}}}}]}]"#

    private func chunks(_ stream: String) throws -> [JSONValue] {
        #expect(stream.hasSuffix("\r\n\r\n"))
        #expect(!stream.contains("event:") && !stream.contains("[DONE]"))
        return try namedEvents(stream, separator: "\r\n\r\n").map(\.data)
    }

    private func expectRisingUsage(_ chunks: [JSONValue], sourceLocation: SourceLocation = #_sourceLocation) {
        var last = 0
        for usage in chunks.map({ $0["usageMetadata"] }) {
            let parts = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount"].map { usage[$0].int ?? 0 }
            let total = usage["totalTokenCount"].int ?? -1
            #expect(total == parts.reduce(0, +), sourceLocation: sourceLocation)
            #expect(total >= last, sourceLocation: sourceLocation)
            last = total
        }
    }

    @Test func streamsThoughtsThenText() throws {
        let fields: HTTPHeaders = ["x-mock-reasoning": "2"]
        let answer = Speaker.gemini.answer(isStreamed: true, fields: fields)
        #expect(answer.fields["content-type"] == ["text/event-stream"])
        let chunks = try self.chunks(answer.bodyText)
        let parts = chunks.map { $0["candidates"][0]["content"]["parts"][0] }
        #expect(parts.prefix(2).allSatisfy { $0["thought"] == .bool(true) })
        let text = parts.dropFirst(2).compactMap { $0["text"].string }.joined()
        #expect(text == "This is the mock speaking. You said: Hello")
        #expect(parts.last?["thoughtSignature"].string?.isEmpty == false)
        #expect(chunks.dropLast().allSatisfy { $0["candidates"][0]["finishReason"] == .null })
        #expect(chunks.last?["candidates"][0]["finishReason"].string == "STOP")
        self.expectRisingUsage(chunks)
        let plain = try json(Speaker.gemini.answer(fields: fields).bodyText)
        #expect(chunks.last?["usageMetadata"] == plain["usageMetadata"])
        #expect(plain["candidates"][0]["content"]["parts"][1]["thoughtSignature"] == parts.last?["thoughtSignature"])
    }

    @Test func answersSeveralCandidates() throws {
        let more = #","generationConfig":{"candidateCount":3}"#
        let fields: HTTPHeaders = ["x-mock-reasoning": "2", "x-mock-tokens": "4"]
        let chunks = try self.chunks(Speaker.gemini.answer(isStreamed: true, more: more, fields: fields).bodyText)
        self.expectRisingUsage(chunks)
        #expect(chunks.last?["usageMetadata"]["candidatesTokenCount"].int == 12)
        for index in 0..<3 {
            let text = chunks.map { $0["candidates"][0] }.filter { $0["index"].int == index }
                .map { $0["content"]["parts"][0] }.filter { $0["thought"] == .null }
                .compactMap { $0["text"].string }.joined()
            #expect(text == "This is the mock")
        }
        let plain = try json(Speaker.gemini.answer(more: more, fields: fields).bodyText)
        #expect(plain["candidates"].elements.count == 3)
        #expect(plain["usageMetadata"] == chunks.last?["usageMetadata"])
    }

    @Test(arguments: ["", "?alt=json", "?key=k"])
    func streamsAnArrayWithoutSSE(query: String) throws {
        let target = "/v1/models/m:streamGenerateContent\(query)"
        let answer = script(.POST, target, Speaker.gemini.body())
        #expect(answer.fields["content-type"] == ["application/json; charset=UTF-8"])
        let array = try json(answer.bodyText)
        #expect(array.elements == (try self.chunks(Speaker.gemini.answer(isStreamed: true).bodyText)))
        for after in ["0", "1", "5"] {
            let fields: HTTPHeaders = ["x-mock-fault": "error-event", "x-mock-fault-after": after]
            let failed = script(.POST, target, Speaker.gemini.body(), fields: fields)
            let elements = try json(failed.playedText).elements
            #expect(elements.last?["error"]["status"].string == "INTERNAL")
            #expect("\(elements.count - 1)" == after)
        }
        let refused = try json(script(.POST, target, "{}").bodyText)
        #expect(refused[0]["error"]["status"].string == "INVALID_ARGUMENT")
    }

    @Test func callsTools() throws {
        let answer = Speaker.gemini.answer("get_weather and stop", more: Self.tools)
        let candidate = try json(answer.bodyText)["candidates"][0]
        #expect(candidate["finishReason"].string == "STOP")
        let calls = candidate["content"]["parts"].elements.map { $0["functionCall"] }
        #expect(calls.map { $0["name"].string } == ["get_weather", "stop"])
        #expect(calls[0]["args"] == .object(["city": .string("mock"), "days": .integer(1)]))
        #expect(calls[1]["args"] == .object(["now": .bool(true)]))
        let chunks = try self.chunks(
            Speaker.gemini.answer("get_weather and stop", isStreamed: true, more: Self.tools).bodyText)
        #expect(chunks.count == 1)
        #expect(chunks[0]["candidates"][0]["content"] == candidate["content"])
    }

    @Test(
        arguments: [
            (#"{"mode":"ANY"}"#, "Hi", ["get_weather"]), (#"{"mode":"NONE"}"#, "stop", []),
            (#"{"mode":"ANY","allowedFunctionNames":["stop"]}"#, "get_weather", ["stop"]),
            (#"{"mode":"AUTO"}"#, "stop", ["stop"]),
        ])
    func followsToolConfig(config: String, text: String, names: [String]) throws {
        let more = Self.tools + #","toolConfig":{"functionCallingConfig":\#(config)}"#
        let parts = try json(Speaker.gemini.answer(text, more: more).bodyText)["candidates"][0]["content"]["parts"]
        #expect(parts.elements.compactMap { $0["functionCall"]["name"].string } == names)
    }

    @Test(arguments: [
        (#"{"result":"sunny"}"#, "sunny"), (#"{"a":1,"b":[true]}"#, #"{"a":1,"b":[true]}"#),
        (#"{"output":{"t":20}}"#, #"{"t":20}"#),
    ])
    func answersResults(response: String, text: String) throws {
        let body =
            #"{"contents":[{"role":"user","parts":[{"text":"get_weather"}]},{"role":"model","parts":[{"functionCall":"#
            + #"{"name":"get_weather","args":{}}}]},{"role":"user","parts":[{"functionResponse":"#
            + #"{"name":"get_weather","response":\#(response)}}]}]\#(Self.tools)}"#
        let answer = script(.POST, "/v1beta/models/m:generateContent", body)
        #expect(try Speaker.gemini.read(answer.bodyText).text == "The tool answered: \(text)")
    }

    @Test func takesSnakeCaseAndLeavesNamesAlone() throws {
        let tools =
            #","tools":[{"function_declarations":[{"name":"find_it","parameters":{"type":"OBJECT","properties":"#
            + #"{"at_home":{"type":"BOOLEAN"}}}}]}],"tool_config":{"function_calling_config":{"mode":"ANY"}}"#
        let parts = try json(Speaker.gemini.answer(more: tools).bodyText)["candidates"][0]["content"]["parts"]
        #expect(parts[0]["functionCall"]["args"] == .object(["at_home": .bool(true)]))
        let body =
            #"{"contents":[{"parts":[{"function_response":{"name":"f","response":{"a_b":1,"c_d":{"e_f":2}}}}]}]}"#
        let answer = script(.POST, "/v1beta/models/m:generateContent", body)
        #expect(try Speaker.gemini.read(answer.bodyText).text == #"The tool answered: {"a_b":1,"c_d":{"e_f":2}}"#)
    }

    @Test(arguments: [
        "/v1beta/models/m%3AgenerateContent", "/models/a/b:generateContent",
        "/v1beta1/projects/p/locations/l/publishers/google/models/m:generateContent",
    ])
    func answersAtEachPath(target: String) throws {
        #expect(script(.POST, target, Speaker.gemini.body()).bodyText.contains("usageMetadata"))
    }

    @Test func countsListsAndEmbeds() throws {
        let contents = #""contents":[{"parts":[{"text":"Hello world"}]}]"#
        for body in ["{\(contents)}", #"{"generateContentRequest":{"model":"models/m",\#(contents)}}"#] {
            #expect(try json(script(.POST, "/v1/models/m:countTokens", body).bodyText)["totalTokens"].int == 3)
        }
        let models = try json(script(.GET, "/v1beta/models?pageSize=5").bodyText)["models"]
        #expect(models.elements.count == MockSettings().models.count)
        let one = try json(script(.GET, "/v1beta/models/weir/mock-1:free").bodyText)
        #expect(one["name"].string == "models/weir/mock-1:free")
        let request = #"{"model":"models/m","content":{"parts":[{"text":"a"}]},"outputDimensionality":4}"#
        let single = try json(script(.POST, "/v1beta/models/m:embedContent", request).bodyText)["embedding"]
        #expect(single["values"].elements.count == 4)
        let batch = try json(
            script(.POST, "/v1beta/models/m:batchEmbedContents", #"{"requests":[\#(request),\#(request)]}"#).bodyText)
        #expect(batch["embeddings"].elements == [single, single])
    }

    @Test(
        arguments: [
            (#"{"contents":[]}"#, "contents"), (#"{"contents":"x"}"#, "contents"),
            (#"{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"candidateCount":9}}"#, "candidateCount"),
            (#"{"contents":[{"parts":[]}],"toolConfig":{"functionCallingConfig":{"mode":"ODD"}}}"#, "ODD"),
        ])
    func refusesABodyThatIsNone(body: String, word: String) throws {
        let answer = script(.POST, "/v1beta/models/m:generateContent", body)
        #expect(answer.status == .badRequest)
        let error = try json(answer.bodyText)["error"]
        #expect(error["status"].string == "INVALID_ARGUMENT")
        #expect(error["message"].string?.contains(word) == true)
    }
}

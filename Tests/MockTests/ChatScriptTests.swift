import NIOCore
import NIOHTTP1
import Testing

@testable import Mock

@Suite struct ChatScriptTests {
    @Test(arguments: [
        "/chat/completions", "/v1/chat/completions", "/v1/chat/completions?a=b", "http://mock:1/v1/chat/completions",
    ])
    func answersAtEachPath(target: String) throws {
        let script = script(.POST, target, chat())
        #expect(script.status == .ok)
        #expect(script.fields["content-type"] == ["application/json"])
        #expect(script.fields["content-length"] == ["\(script.bodyText.utf8.count)"])
        let answer = try decode(Completion.self, script.bodyText)
        #expect(answer.object == "chat.completion")
        #expect(answer.model == "m")
        #expect(answer.created == MockSettings().created)
        #expect(answer.choices.first?.message?.role == "assistant")
        #expect(answer.choices.first?.message?.content == "This is the mock speaking. You said: Hello there")
        #expect(answer.choices.first?.finishReason == "stop")
        // 11 bytes of prompt are 3 tokens; the answer has 9 words.
        #expect(answer.usage == .init(promptTokens: 3, completionTokens: 9, totalTokens: 12))
    }

    @Test func isAFunctionOfTheRequest() throws {
        let other = try decode(Completion.self, script(.POST, "/v1/chat/completions", chat("Other")).bodyText)
        let one = script(.POST, "/v1/chat/completions", chat())
        #expect(one == script(.POST, "/v1/chat/completions", chat()))
        #expect(try decode(Completion.self, one.bodyText).id != other.id)
    }

    @Test func streamsTheSameText() throws {
        let text = "Zeile \"eins\"\n\tzwei \\ 天气怎么样今天天气很好 👩‍👩‍👧‍👦 \u{1}\u{1f}"
        let plain = try decode(Completion.self, script(.POST, "/v1/chat/completions", chat(text)).bodyText)
        let stream = script(.POST, "/v1/chat/completions", chat(text, #","stream":true"#))
        #expect(stream.fields["content-type"] == ["text/event-stream; charset=utf-8"])
        #expect(!stream.fields.contains(name: "content-length"))
        let chunks = try chunks(stream.bodyText)
        #expect(Completion.text(chunks) == plain.choices[0].message?.content)
        #expect(Completion.text(chunks).hasSuffix(text))
        #expect(chunks.first?.choices.first?.delta?.role == "assistant")
        #expect(chunks.last?.choices.first?.finishReason == "stop")
        #expect(Set(chunks.map(\.id)) == [plain.id])
        #expect(chunks.allSatisfy { $0.usage == nil && $0.object == "chat.completion.chunk" && $0.model == "m" })
        #expect(stream.bodyText.hasSuffix("data: [DONE]\n\n"))
        // The role, each token, the finish.
        #expect(chunks.count == 2 + (plain.usage?.completionTokens ?? 0))
    }

    @Test func reportsUsageWhenAsked() throws {
        let body = chat("Hi", #","stream":true,"stream_options":{"include_usage":true}"#)
        let stream = script(.POST, "/v1/chat/completions", body).bodyText
        let chunks = try chunks(stream)
        #expect(chunks.last?.choices.isEmpty == true)
        #expect(chunks.last?.usage == .init(promptTokens: 1, completionTokens: 8, totalTokens: 9))
        #expect(eventData(stream).dropLast(2).allSatisfy { $0.hasSuffix(#","usage":null}"#) })
    }

    @Test func answersSeveralChoices() throws {
        let plain = try decode(
            Completion.self, script(.POST, "/v1/chat/completions", chat("Hi", #","n":3"#)).bodyText)
        #expect(plain.choices.map(\.index) == [0, 1, 2])
        #expect(plain.usage?.completionTokens == 24)
        let stream = try chunks(script(.POST, "/chat/completions", chat("Hi", #","n":3,"stream":true"#)).bodyText)
        for choice in 0..<3 {
            #expect(Completion.text(stream, choice: choice) == plain.choices[0].message?.content)
        }
        #expect(stream.suffix(3).map { $0.choices[0].finishReason } == ["stop", "stop", "stop"])
    }

    @Test(arguments: [0, 1, 8, 9, 300])
    func hasAsManyTokensAsAsked(count: Int) throws {
        let fields: HTTPHeaders = ["x-mock-tokens": "\(count)"]
        let stream = try chunks(
            script(.POST, "/v1/chat/completions", chat("Hi", #","stream":true"#), fields: fields).bodyText)
        #expect(stream.count == count + 2)
        let plain = try decode(
            Completion.self, script(.POST, "/v1/chat/completions", chat("Hi"), fields: fields).bodyText)
        #expect(plain.usage?.completionTokens == count)
        #expect(plain.choices[0].message?.content == Completion.text(stream))
    }

    @Test(arguments: ["max_tokens", "max_completion_tokens"])
    func stopsAtTheLimit(field: String) throws {
        let answer = try decode(
            Completion.self, script(.POST, "/v1/chat/completions", chat("Hi", ",\"\(field)\":3")).bodyText)
        #expect(answer.choices[0].message?.content == "This is the")
        #expect(answer.choices[0].finishReason == "length")
    }

    @Test func readsPartsAndEchoesABoundedText() throws {
        let body =
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"one"},"#
            + #"{"type":"image_url","image_url":{"url":"data:,"}},{"type":"text","text":"two"}]}]}"#
        let answer = try decode(Completion.self, script(.POST, "/v1/chat/completions", body).bodyText)
        #expect(answer.choices[0].message?.content?.hasSuffix("You said: one\ntwo") == true)
        let long = try decode(
            Completion.self,
            script(.POST, "/v1/chat/completions", chat(String(repeating: "x", count: 5_000))).bodyText)
        #expect(long.choices[0].message?.content?.filter { $0 == "x" }.count == Reply.longestEcho)
        #expect(long.usage?.promptTokens == 1_250)
    }

    // MARK: Tools

    private func call(_ text: String, _ more: String = "", fields: HTTPHeaders = [:]) throws -> Completion.Choice {
        let body = chat(text, weatherTool + more)
        let answer = script(.POST, "/v1/chat/completions", body, fields: fields)
        try #require(answer.status == .ok, "\(answer.bodyText)")
        return try decode(Completion.self, answer.bodyText).choices[0]
    }

    @Test func callsAToolThatTheUserNames() throws {
        let choice = try self.call("Please use get_weather, now.")
        #expect(choice.finishReason == "tool_calls")
        #expect(choice.message?.content == nil)
        let call = try #require(choice.message?.toolCalls?.first)
        #expect(call.function.name == "get_weather")
        #expect(call.function.arguments == #"{"city":"mock","days":1,"unit":"C"}"#)
        #expect(call.id?.isEmpty == false)
        #expect(call.type == "function")
        // A name inside another word is none.
        #expect(try self.call("forget_weather, nonstop").message?.toolCalls == nil)
    }

    @Test func followsToolChoice() throws {
        func names(_ text: String, _ more: String) throws -> [String?]? {
            try self.call(text, more).message?.toolCalls?.map(\.function.name)
        }
        #expect(try names("Hi", "") == nil)
        #expect(try names("get_weather", #","tool_choice":"none""#) == nil)
        #expect(try names("Hi", #","tool_choice":"required""#) == ["get_weather"])
        #expect(try names("stop", #","tool_choice":"required""#) == ["stop"])
        #expect(try names("stop get_weather", "") == ["get_weather", "stop"])
        #expect(try names("stop get_weather", #","parallel_tool_calls":false"#) == ["get_weather"])
        let allowed =
            #"{"type":"allowed_tools","allowed_tools":{"mode":"required","#
            + #""tools":[{"type":"function","function":{"name":"stop"}}]}}"#
        #expect(try names("get_weather", #","tool_choice":\#(allowed)"#) == ["stop"])
    }

    @Test func endsAForcedCallWithStop() throws {
        let forced = #","tool_choice":{"type":"function","function":{"name":"stop"}}"#
        let choice = try self.call("Hi", forced)
        #expect(choice.message?.toolCalls?.first?.function.arguments == "{}")
        #expect(choice.finishReason == "stop")
    }

    @Test func callsTheToolsOfTheHeader() throws {
        let choice = try self.call("Hi", fields: ["X-Mock-Tool-Call": "stop, get_weather"])
        #expect(choice.message?.toolCalls?.map(\.function.name) == ["stop", "get_weather"])
        #expect(Set(choice.message?.toolCalls?.map(\.id) ?? []).count == 2)
        let unknown = script(.POST, "/v1/chat/completions", chat(), fields: ["x-mock-tool-call": "stop"])
        #expect(unknown.status == .badRequest)
        #expect(try unknown.error.param == "x-mock-tool-call")
    }

    @Test func streamsCalls() throws {
        let body = chat("get_weather and stop", weatherTool + #","stream":true"#)
        let chunks = try chunks(script(.POST, "/v1/chat/completions", body).bodyText)
        #expect(Completion.arguments(chunks, call: 0) == #"{"city":"mock","days":1,"unit":"C"}"#)
        #expect(Completion.arguments(chunks, call: 1) == "{}")
        let calls = chunks.flatMap(\.choices).flatMap { $0.delta?.toolCalls ?? [] }
        #expect(calls.compactMap(\.function.name) == ["get_weather", "stop"])
        #expect(calls.filter { $0.id != nil }.allSatisfy { $0.function.arguments.isEmpty && $0.type == "function" })
        #expect(calls.filter { $0.index == 0 }.count > 3)
        #expect(chunks.last?.choices[0].finishReason == "tool_calls")
    }

    @Test func answersInTextFromAToolsResult() throws {
        let body =
            #"{"model":"m","messages":[{"role":"user","content":"get_weather"},{"role":"assistant","tool_calls":[]},"#
            + #"{"role":"tool","tool_call_id":"c","content":"sunny"}]\#(weatherTool),"tool_choice":"required"}"#
        let choice = try decode(Completion.self, script(.POST, "/v1/chat/completions", body).bodyText).choices[0]
        #expect(choice.message?.content == "The tool answered: sunny")
        #expect(choice.message?.toolCalls == nil)
        #expect(choice.finishReason == "stop")
    }

    // MARK: Refusals

    @Test(
        arguments: [
            ("", nil), ("{", nil), ("[]", nil), ("\"x\"", nil), (#"{"model":"m" "messages":[]}"#, nil),
            (#"{"messages":[]}"#, "model"), (#"{"model":1,"messages":[]}"#, "model"), (#"{"model":"m"}"#, "messages"),
            (#"{"model":"m","messages":[]}"#, "messages"), (#"{"model":"m","messages":"x"}"#, "messages"),
            (#"{"model":"m","messages":[{"content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","messages":[{"role":"user","content":1}]}"#, "messages[0].content"),
            (chat("x", #","stream":"yes""#), "stream"), (chat("x", #","n":0"#), "n"),
            (chat("x", #","stream_options":{}"#), "stream_options"),
            (chat("x", #","tool_choice":"maybe""#), "tool_choice"),
            (chat("x", #","tool_choice":"required""#), "tool_choice"),
            (chat("x", #","max_tokens":0"#), "max_completion_tokens"),
            (chat("x", #","tool_choice":{"type":"function","function":{"name":"f"}}"#), "tool_choice"),
        ] as [(String, String?)])
    func refusesABodyThatIsNone(body: String, param: String?) throws {
        let script = script(.POST, "/v1/chat/completions", body)
        #expect(script.status == .badRequest)
        let error = try script.error
        #expect(error.type == "invalid_request_error")
        #expect(error.param == param, "\(error.message)")
        #expect(!error.message.isEmpty)
    }

    @Test func survivesOddToolSchemas() throws {
        for schema in ["true", "[]", #"{"type":["integer","null"]}"#, #"{"properties":{"a":true,"b":{"type":7}}}"#] {
            let body = chat("f", #","tools":[{"type":"function","function":{"name":"f","parameters":\#(schema)}}]"#)
            let answer = script(.POST, "/v1/chat/completions", body)
            #expect(answer.status == .ok, "\(schema): \(answer.bodyText)")
        }
    }
}

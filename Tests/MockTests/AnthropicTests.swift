import NIOHTTP1
import Testing

@testable import Mock

@Suite struct AnthropicTests {
    private static let tools =
        #","tools":[{"name":"get_weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}},"#
        + #"{"name":"stop","input_schema":{"type":"object"}},{"type":"web_search_20250305","name":"web_search"}]"#

    /// Puts a stream together as a client does, by its grammar.
    private func assemble(_ stream: String) throws -> (blocks: [JSONValue], texts: [String], last: JSONValue) {
        let events = try namedEvents(stream)
        #expect(events.allSatisfy { $0.name == $0.data["type"].string })
        #expect(events.first?.name == "message_start")
        #expect(events.suffix(2).map(\.name) == ["message_delta", "message_stop"])
        var blocks: [JSONValue] = []
        var texts: [String] = []
        var isOpen = false
        for event in events.dropFirst().dropLast(2) {
            switch event.name {
            case "ping": break
            case "content_block_start":
                #expect(!isOpen)
                #expect(event.data["index"].int == blocks.count)
                isOpen = true
                blocks.append(event.data["content_block"])
                texts.append("")
            case "content_block_delta":
                #expect(isOpen)
                #expect(event.data["index"].int == blocks.count - 1)
                let delta = event.data["delta"]
                texts[texts.count - 1] +=
                    (delta["text"].string ?? delta["thinking"].string ?? delta["partial_json"].string
                        ?? delta["signature"].string.map { "<\($0)>" }) ?? "?"
            case "content_block_stop":
                #expect(isOpen)
                isOpen = false
            default: Issue.record("an event \(event.name ?? "without a name")")
            }
        }
        #expect(!isOpen)
        let start = events.first?.data["message"]["usage"]["output_tokens"].int ?? -1
        let end = events.dropLast().last?.data ?? .null
        #expect(start <= end["usage"]["output_tokens"].int ?? -1)
        return (blocks, texts, end)
    }

    @Test func streamsThinkingThenText() throws {
        let fields: HTTPHeaders = ["x-mock-reasoning": "2", "x-mock-cached-tokens": "1"]
        let answer = Speaker.messages.answer("Hello", isStreamed: true, fields: fields)
        let (blocks, texts, end) = try self.assemble(answer.bodyText)
        #expect(blocks.map { $0["type"].string } == ["thinking", "text"])
        let plain = try json(Speaker.messages.answer("Hello", fields: fields).bodyText)
        let signature = try #require(plain["content"][0]["signature"].string)
        #expect(texts == ["The mock<\(signature)>", "This is the mock speaking. You said: Hello"])
        #expect(end["delta"]["stop_reason"].string == "end_turn")
        #expect(end["usage"] == plain["usage"])
        #expect(end["usage"]["input_tokens"].int == 1)
    }

    @Test func omitsThinkingButNotItsSignature() throws {
        let more = #","thinking":{"type":"adaptive","display":"omitted"}"#
        let (_, texts, end) = try self.assemble(
            Speaker.messages.answer(isStreamed: true, more: more).bodyText)
        #expect(texts[0].hasPrefix("<"))
        #expect(end["usage"]["output_tokens_details"]["thinking_tokens"].int == 14)
        let plain = try json(Speaker.messages.answer(more: more).bodyText)
        #expect(plain["content"][0]["thinking"].string == "")
    }

    @Test func callsTools() throws {
        let plain = try json(Speaker.messages.answer("get_weather, stop", more: Self.tools).bodyText)
        #expect(plain["stop_reason"].string == "tool_use")
        #expect(plain["content"].elements.map { $0["name"].string } == ["get_weather", "stop"])
        #expect(plain["content"][0]["input"] == .object(["city": .string("mock")]))
        let (blocks, texts, end) = try self.assemble(
            Speaker.messages.answer("get_weather, stop", isStreamed: true, more: Self.tools).bodyText)
        #expect(blocks.allSatisfy { $0["input"] == .object([:]) })
        #expect(blocks.map { $0["id"] } == plain["content"].elements.map { $0["id"] })
        #expect(texts == [#"{"city":"mock"}"#, "{}"])
        #expect(end["delta"]["stop_reason"].string == "tool_use")
    }

    @Test(
        arguments: [
            (#"{"type":"any"}"#, "Hi", ["get_weather"]), (#"{"type":"none"}"#, "stop", []),
            (#"{"type":"tool","name":"stop"}"#, "Hi", ["stop"]), (#"{"type":"auto"}"#, "web_search", []),
            (#"{"type":"auto","disable_parallel_tool_use":true}"#, "stop get_weather", ["get_weather"]),
        ])
    func followsToolChoice(choice: String, text: String, names: [String]) throws {
        let more = Self.tools + #","tool_choice":\#(choice)"#
        let content = try json(Speaker.messages.answer(text, more: more).bodyText)["content"].elements
        #expect(content.compactMap { $0["name"].string } == names)
    }

    @Test func answersResultsEvenBeforeAReminder() throws {
        let body =
            #"{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"get_weather"},{"role":"assistant","#
            + #""content":[{"type":"thinking","thinking":"x","signature":"s"},{"type":"tool_use","id":"t","#
            + #""name":"get_weather","input":{}}]},{"role":"user","content":[{"type":"tool_result","#
            + #""tool_use_id":"t","content":[{"type":"text","text":"sunny"}]},{"type":"text","text":"be brief"}]}]"#
            + Self.tools + "}"
        let answer = try json(script(.POST, "/v1/messages", body).bodyText)
        #expect(answer["content"][0]["text"].string == "The tool answered: sunny")
    }

    @Test func takesALimitOfNothing() throws {
        let body = #"{"model":"m","max_tokens":0,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#
        let (blocks, _, end) = try self.assemble(script(.POST, "/v1/messages", body).bodyText)
        #expect(blocks.isEmpty)
        #expect(end["delta"]["stop_reason"].string == "max_tokens")
        #expect(end["usage"]["output_tokens"].int == 0)
    }

    @Test(
        arguments: [
            (#"{"model":"m","messages":[{"role":"user","content":"x"}]}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":1,"messages":[]}"#, "messages"),
            (#"{"model":"m","max_tokens":1,"messages":[{"role":"tool","content":"x"}]}"#, "messages[0].role"),
            (#"{"model":"m","max_tokens":-1,"messages":[{"role":"user","content":"x"}]}"#, "max_tokens"),
            (#"{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "text"),
        ])
    func refusesABodyThatIsNone(body: String, word: String) throws {
        let answer = script(.POST, "/v1/messages", body)
        #expect(answer.status == .badRequest)
        let error = try json(answer.bodyText)["error"]
        #expect(error["type"].string == "invalid_request_error")
        #expect(error["message"].string?.contains(word) == true)
    }

    @Test func countsTokens() throws {
        let body = #"{"model":"m","system":"Be kind","messages":[{"role":"user","content":"Hello world"}]}"#
        let count = try json(script(.POST, "/v1/messages/count_tokens", body).bodyText)
        #expect(count == .object(["input_tokens": .integer(5)]))
    }
}

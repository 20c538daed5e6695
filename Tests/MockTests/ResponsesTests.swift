import NIOHTTP1
import Testing

@testable import Mock

@Suite struct ResponsesTests {
    private static let tools =
        #","tools":[{"type":"function","name":"get_weather","strict":true,"parameters":{"type":"object","#
        + #""properties":{"city":{"type":"string"}}}},{"type":"web_search"},{"type":"function","name":"stop"}]"#

    /// The places of an event's item, content and summary, for the grammar.
    private struct Item {
        var id: String
        var type: String
        var text = ""
        var deltas: [String] = []
        var isTextDone = false
    }

    /// Reads a stream by its grammar, and returns the last event's response and the items as their ends gave them.
    private func follow(_ stream: String) throws -> (end: NamedEvent, items: [JSONValue]) {
        let events = try namedEvents(stream)
        #expect(events.map { $0.data["sequence_number"].int } == Array(0..<events.count))
        #expect(events.allSatisfy { $0.name == $0.data["type"].string })
        #expect(events.prefix(2).map(\.name) == ["response.created", "response.in_progress"])
        var open: Item?
        var done: [JSONValue] = []
        for event in events.dropFirst(2).dropLast() {
            let data = event.data
            let index = data["output_index"].int
            #expect(index == done.count)
            let name = try #require(event.name)
            switch name {
            case "response.output_item.added":
                #expect(open == nil)
                open = Item(id: data["item"]["id"].text, type: data["item"]["type"].text)
            case "response.output_item.done":
                let item = try #require(open)
                #expect(data["item"]["id"].string == item.id)
                #expect(item.isTextDone)
                open = nil
                done.append(data["item"])
            default:
                #expect(data["item_id"].string == open?.id)
                if name.hasSuffix(".delta") {
                    open?.deltas.append(data["delta"].text)
                } else if name.hasSuffix("text.done") || name.hasSuffix("arguments.done") {
                    let whole = data["text"].string ?? data["arguments"].string
                    #expect(open?.deltas.joined() == whole)
                    open?.isTextDone = true
                }
            }
        }
        #expect(open == nil)
        return (try #require(events.last), done)
    }

    @Test func followsTheGrammarOfEvents() throws {
        let answer = Speaker.responses.answer(isStreamed: true, fields: ["x-mock-reasoning": "4"])
        #expect(answer.fields["content-type"] == ["text/event-stream; charset=utf-8"])
        #expect(!answer.bodyText.contains("[DONE]"))
        let (end, items) = try self.follow(answer.bodyText)
        #expect(end.name == "response.completed")
        #expect(items.map { $0["type"].string } == ["reasoning", "message"])
        #expect(end.data["response"]["output"].elements == items)
        let usage = end.data["response"]["usage"]
        #expect(usage["output_tokens"].int == 12)
        // But for what tells the two apart, the end is the plain answer.
        let plain = try json(Speaker.responses.answer(fields: ["x-mock-reasoning": "4"]).bodyText)
        #expect(end.data["response"] == plain)
        let names = try namedEvents(answer.bodyText).compactMap(\.name)
        #expect(
            names.filter { !$0.hasSuffix(".delta") } == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.done",
                "response.reasoning_summary_part.done", "response.output_item.done", "response.output_item.added",
                "response.content_part.added", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.completed",
            ])
    }

    @Test func streamsCalls() throws {
        let answer = Speaker.responses.answer("get_weather and stop", isStreamed: true, more: Self.tools)
        let (end, items) = try self.follow(answer.bodyText)
        #expect(end.name == "response.completed")
        #expect(items.map { $0["name"].string } == ["get_weather", "stop"])
        #expect(items.map { $0["arguments"].string } == [#"{"city":"mock"}"#, "{}"])
        #expect(items.allSatisfy { $0["status"].string == "completed" && $0["id"] != $0["call_id"] })
        #expect(end.data["response"]["tools"].elements.count == 3)
        #expect(end.data["response"]["tools"][0]["strict"] == .bool(true))
    }

    @Test func endsIncompleteAtTheLimit() throws {
        let answer = Speaker.responses.answer(isStreamed: true, more: #","max_output_tokens":2"#)
        let (end, items) = try self.follow(answer.bodyText)
        #expect(end.name == "response.incomplete")
        #expect(end.data["response"]["incomplete_details"]["reason"].string == "max_output_tokens")
        #expect(items[0]["status"].string == "incomplete")
        #expect(end.data["response"]["usage"]["output_tokens"].int == 2)
    }

    private func calls(_ text: String, _ more: String) throws -> [String?] {
        let body = try json(Speaker.responses.answer(text, more: Self.tools + more).bodyText)
        return body["output"].elements.filter { $0["type"].string == "function_call" }.map { $0["name"].string }
    }

    @Test func followsToolChoice() throws {
        #expect(try self.calls("Hi", "").isEmpty)
        #expect(try self.calls("stop", #","tool_choice":"none""#).isEmpty)
        #expect(try self.calls("Hi", #","tool_choice":"required""#) == ["get_weather"])
        #expect(try self.calls("Hi", #","tool_choice":{"type":"function","name":"stop"}"#) == ["stop"])
        #expect(try self.calls("stop", #","tool_choice":{"type":"web_search"}"#) == ["stop"])
        let allowed = #"{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"stop"}]}"#
        #expect(try self.calls("get_weather", #","tool_choice":\#(allowed)"#) == ["stop"])
        #expect(try self.calls("stop get_weather", #","parallel_tool_calls":false"#) == ["get_weather"])
        let unknown = Speaker.responses.answer(more: #","tool_choice":{"type":"function","name":"none"}"#)
        #expect(try unknown.error.param == "tool_choice")
    }

    @Test func answersItems() throws {
        func text(_ input: String, _ more: String = "") throws -> String? {
            let body = #"{"model":"m","input":\#(input)\#(more)}"#
            return try Speaker.responses.read(script(.POST, "/v1/responses", body).bodyText).text
        }
        let parts = #"[{"role":"user","content":[{"type":"input_text","text":"one"},{"type":"input_image"}]}]"#
        #expect(try text(parts)?.hasSuffix("said: one") == true)
        let result =
            #"[{"role":"user","content":"Hi"},{"type":"reasoning","summary":[]},{"type":"function_call","name":"f","#
            + #""call_id":"c","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"sunny"}]"#
        #expect(try text(result, Self.tools) == "The tool answered: sunny")
    }

    @Test(
        arguments: [
            (#"{"input":"x"}"#, "model"), (#"{"model":"m"}"#, "input"), (#"{"model":"m","input":[]}"#, "input"),
            (#"{"model":"m","input":[{"role":"user"}]}"#, "input[0].content"),
            (#"{"model":"m","input":"x","max_output_tokens":0}"#, "max_output_tokens"),
            (#"{"model":"m","input":"x","tool_choice":"maybe"}"#, "tool_choice"),
        ])
    func refusesABodyThatIsNone(body: String, param: String) throws {
        let answer = script(.POST, "/v1/responses", body)
        #expect(answer.status == .badRequest)
        #expect(try answer.error.param == param)
    }

    @Test func countsAndRefusesWebSockets() throws {
        let body = #"{"model":"m","input":"Hello world","instructions":"Be kind"}"#
        let count = try json(script(.POST, "/v1/responses/input_tokens", body).bodyText)
        #expect(count["input_tokens"].int == 5)
        let upgrade: HTTPHeaders = ["upgrade": "websocket", "connection": "upgrade"]
        #expect(script(.GET, "/v1/responses", fields: upgrade).status == .upgradeRequired)
        #expect(script(.GET, "/v1/responses").status == .methodNotAllowed)
    }
}

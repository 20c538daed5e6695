import NIOHTTP1
import Testing

@testable import Mock

@Suite struct OllamaTests {
    private static let tools =
        #","tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","#
        + #""properties":{"city":{"type":"string"}}}}}]"#

    private func lines(_ stream: String) throws -> [JSONValue] {
        #expect(stream.hasSuffix("\n"))
        return try stream.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { try json($0) }
    }

    @Test(arguments: [Speaker.ollamaChat, .ollamaGenerate])
    func streamsUnlessToldNotTo(speaker: Speaker) throws {
        let body =
            speaker == .ollamaChat
            ? #"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"# : #"{"model":"m","prompt":"Hello"}"#
        let answer = script(
            .POST, speaker.target(isStreamed: true), body, fields: ["x-mock-reasoning": "2"])
        #expect(answer.fields["content-type"] == ["application/x-ndjson"])
        let lines = try self.lines(answer.bodyText)
        func text(_ name: String) -> String {
            lines.compactMap { (speaker == .ollamaChat ? $0["message"][name] : $0[name]).string }.joined()
        }
        #expect(text("thinking") == "The mock")
        #expect(
            text(speaker == .ollamaChat ? "content" : "response") == "This is the mock speaking. You said: Hello")
        #expect(lines.dropLast().allSatisfy { $0["done"] == .bool(false) && $0["eval_count"] == .null })
        let last = try #require(lines.last)
        #expect(last["done"] == .bool(true))
        #expect(last["done_reason"].string == "stop")
        #expect(last["eval_count"].int == 10)
        let durations = ["load_duration", "prompt_eval_duration", "eval_duration"].map { last[$0].int ?? -1 }
        #expect(last["total_duration"].int == durations.reduce(0, +))
        let plain = try json(speaker.answer(fields: ["x-mock-reasoning": "2"]).bodyText)
        #expect(plain["eval_count"] == last["eval_count"])
        #expect(plain["created_at"].string == "2026-01-01T00:00:00Z")
    }

    @Test func callsToolsWithObjects() throws {
        let plain = try json(Speaker.ollamaChat.answer("get_weather", more: Self.tools).bodyText)
        let call = plain["message"]["tool_calls"][0]["function"]
        #expect(call["name"].string == "get_weather")
        #expect(call["arguments"] == .object(["city": .string("mock")]))
        let lines = try self.lines(
            Speaker.ollamaChat.answer("get_weather", isStreamed: true, more: Self.tools).bodyText)
        #expect(lines.count == 2)
        #expect(lines[0]["message"]["tool_calls"] == plain["message"]["tool_calls"])
        let result =
            #"{"model":"m","stream":false,"messages":[{"role":"user","content":"get_weather"},"#
            + #"{"role":"tool","tool_name":"get_weather","content":"sunny"}]\#(Self.tools)}"#
        let answer = try json(script(.POST, "/api/chat", result).bodyText)
        #expect(answer["message"]["content"].string == "The tool answered: sunny")
    }

    @Test func loadsAModelWithoutAQuestion() throws {
        for (target, body) in [("/api/chat", #"{"model":"m","messages":[]}"#), ("/api/generate", #"{"model":"m"}"#)] {
            let answer = try json(script(.POST, target, body).bodyText)
            #expect(answer["done_reason"].string == "load")
        }
    }

    @Test func tellsOfItself() throws {
        #expect(script(.GET, "/").bodyText == "Ollama is running")
        #expect(script(.HEAD, "/").status == .ok)
        #expect(try json(script(.GET, "/api/version").bodyText)["version"].string?.isEmpty == false)
        let tags = try json(script(.GET, "/api/tags").bodyText)["models"].elements
        #expect(tags.map { $0["model"].string } == MockSettings().models)
        #expect(Set(tags.map { $0["digest"].string?.count }) == [64])
        #expect(try json(script(.GET, "/api/ps").bodyText)["models"].elements.count == 1)
        let show = try json(script(.POST, "/api/show", #"{"model":"mock-1"}"#).bodyText)
        #expect(show["capabilities"].elements.contains(.string("tools")))
    }

    @Test func embeds() throws {
        let answer = try json(
            script(.POST, "/api/embed", #"{"model":"m","input":["a","b"],"dimensions":5}"#).bodyText)
        #expect(answer["embeddings"].elements.map(\.elements.count) == [5, 5])
        #expect(answer["embeddings"][0] != answer["embeddings"][1])
        let one = try json(script(.POST, "/api/embeddings", #"{"model":"m","prompt":"a"}"#).bodyText)
        #expect(one["embedding"].elements.count == Embedding.dimensions)
    }
}

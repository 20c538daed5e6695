import NIOCore

/// OpenAI Chat Completions: a reply in the form of that API, plain and streamed.
/// https://platform.openai.com/docs/api-reference/chat
struct OpenAIChat {
    private let request: ChatRequest
    private let reply: Reply
    private let created: Int
    /// The model as a JSON string.
    private let model: String

    /// `POST /chat/completions`.
    static func script(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try ChatRequest.read(inquiry)
        let reply = try Reply(to: request.prompt, controls: inquiry.controls)
        let chat = OpenAIChat(
            request: request, reply: reply, created: inquiry.settings.created, model: JSONText.quoted(request.model))
        return request.isStreamed == true
            ? MockScript(events: chat.events, pace: inquiry.pace) : MockScript(json: chat.completion)
    }

    private var choices: Range<Int> { 0..<(self.request.choices ?? 1) }

    /// Ends with `stop` where the request named the one tool to call, as OpenAI does.
    private var finishReason: String {
        switch self.reply.stop {
        case .complete, .calls(isForced: true): "stop"
        case .limit: "length"
        case .calls: "tool_calls"
        }
    }

    private var identity: String { "\"id\":\"chatcmpl-mock-\(self.reply.fingerprint)\"" }

    private func callID(_ choice: Int, _ call: Int) -> String {
        "call_mock_\(self.reply.fingerprint)_\(choice)_\(call)"
    }

    private var usage: String {
        let usage = self.reply.usage
        let completion = usage.output * self.choices.count
        return "{\"prompt_tokens\":\(usage.prompt),\"completion_tokens\":\(completion),"
            + "\"total_tokens\":\(usage.prompt + completion),"
            + "\"prompt_tokens_details\":{\"cached_tokens\":\(usage.cached),\"audio_tokens\":0},"
            + "\"completion_tokens_details\":{\"reasoning_tokens\":\(usage.reasoning * self.choices.count),"
            + "\"audio_tokens\":0,"
            + "\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}"
    }

    // MARK: Plain

    private var completion: ByteBuffer {
        var json = ByteBuffer()
        json.writeString(
            "{\(self.identity),\"object\":\"chat.completion\",\"created\":\(self.created),\"model\":\(self.model),"
                + "\"choices\":[")
        for choice in self.choices {
            if choice > 0 { json.writeStaticString(",") }
            json.writeString("{\"index\":\(choice),\"message\":{\"role\":\"assistant\",")
            self.writeMessage(choice, into: &json)
            json.writeString(
                ",\"refusal\":null,\"annotations\":[]},\"logprobs\":null,"
                    + "\"finish_reason\":\"\(self.finishReason)\"}")
        }
        json.writeString(
            "],\"usage\":\(self.usage),\"service_tier\":\"default\",\"system_fingerprint\":\"fp_mock\"}")
        return json
    }

    private func writeMessage(_ choice: Int, into json: inout ByteBuffer) {
        if self.reply.reasoning.count > 0 {
            json.writeStaticString("\"reasoning_content\":\"")
            self.reply.reasoning.write(into: &json)
            json.writeStaticString("\",")
        }
        json.writeStaticString("\"content\":")
        switch self.reply.content {
        case .text(let text):
            json.writeStaticString("\"")
            text.write(into: &json)
            json.writeStaticString("\"")
        case .calls(let calls):
            json.writeStaticString("null,\"tool_calls\":[")
            for (index, call) in calls.enumerated() {
                json.writeString(
                    (index > 0 ? "," : "") + "{\"id\":\"\(self.callID(choice, index))\",\"type\":\"function\","
                        + "\"function\":{\"name\":\(JSONText.quoted(call.name)),\"arguments\":\"")
                call.arguments.write(into: &json)
                json.writeStaticString("\"}}")
            }
            json.writeStaticString("]")
        }
    }

    // MARK: Streamed

    private var events: EventTrack {
        var segments: [EventTrack.Segment] = []
        func event(_ text: String) { segments.append(.event(ByteBuffer(string: text))) }

        for choice in self.choices {
            event(self.chunk(choice, "{\"role\":\"assistant\",\"content\":\(self.opening),\"refusal\":null}"))
        }
        if self.reply.reasoning.count > 0 {
            segments.append(
                .tokens(
                    self.reply.reasoning,
                    frames: self.choices.map { self.frame($0, "{\"reasoning_content\":\"", "\"}") }))
        }
        switch self.reply.content {
        case .text(let text):
            segments.append(
                .tokens(text, frames: self.choices.map { self.frame($0, "{\"content\":\"", "\"}") }))
        case .calls(let calls):
            for choice in self.choices {
                for (index, call) in calls.enumerated() {
                    let name = JSONText.quoted(call.name)
                    event(
                        self.chunk(
                            choice,
                            "{\"tool_calls\":[{\"index\":\(index),\"id\":\"\(self.callID(choice, index))\","
                                + "\"type\":\"function\",\"function\":{\"name\":\(name),\"arguments\":\"\"}}]}"))
                    let before = "{\"tool_calls\":[{\"index\":\(index),\"function\":{\"arguments\":\""
                    segments.append(.tokens(call.arguments, frames: [self.frame(choice, before, "\"}}]}")]))
                }
            }
        }
        for choice in self.choices {
            event(self.chunk(choice, "{}", finish: "\"\(self.finishReason)\""))
        }
        if self.includesUsage {
            event("\(self.chunkHead)\"choices\":[],\"usage\":\(self.usage)}\n\n")
        }
        event("data: [DONE]\n\n")
        return EventTrack(segments, error: "data: \(Dialect.openAI.failure)\n\n")
    }

    private var opening: String {
        switch self.reply.content {
        case .text: "\"\""
        case .calls: "null"
        }
    }

    private var includesUsage: Bool { self.request.streamOptions?.includesUsage == true }

    private var chunkHead: String {
        "data: {\(self.identity),\"object\":\"chat.completion.chunk\",\"created\":\(self.created),"
            + "\"model\":\(self.model),\"service_tier\":\"default\",\"system_fingerprint\":\"fp_mock\","
    }

    private func chunkStart(_ choice: Int) -> String {
        "\(self.chunkHead)\"choices\":[{\"index\":\(choice),\"delta\":"
    }

    private func chunkEnd(finish: String = "null") -> String {
        // With include_usage every chunk but the last says null.
        ",\"logprobs\":null,\"finish_reason\":\(finish)}]\(self.includesUsage ? ",\"usage\":null" : "")}\n\n"
    }

    private func chunk(_ choice: Int, _ delta: String, finish: String = "null") -> String {
        self.chunkStart(choice) + delta + self.chunkEnd(finish: finish)
    }

    private func frame(_ choice: Int, _ before: String, _ after: String) -> EventTrack.Frame {
        EventTrack.Frame(self.chunkStart(choice) + before, after + self.chunkEnd())
    }
}

/// Ollama's chat and generate: a reply in the form of those APIs, plain and as lines of JSON.
/// https://docs.ollama.com/api/chat, https://docs.ollama.com/api/generate
struct OllamaChat {
    private let request: OllamaRequest
    private let reply: Reply
    private let isChat: Bool
    /// The members that every object begins with.
    private let head: String

    /// How long the mock says that loading took, in nanoseconds.
    static let load = 1_000_000
    /// How long it says that a token of the prompt took.
    static let promptToken = 100_000
    /// How long it says that a token of the answer took.
    private static let answerToken = 10_000_000

    /// `POST /api/chat` and `POST /api/generate`.
    static func script(_ inquiry: Inquiry, isChat: Bool) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(OllamaRequest.self)
        let head = #"{"model":\#(JSONText.quoted(request.model)),"created_at":"\#(inquiry.created)","#
        guard request.asks else {
            let content = isChat ? #""message":{"role":"assistant","content":""}"# : #""response":"""#
            return MockScript(json: "\(head)\(content),\"done\":true,\"done_reason\":\"load\"}")
        }
        let chat = OllamaChat(
            request: request, reply: try Reply(to: request.neutral, controls: inquiry.controls), isChat: isChat,
            head: head)
        return request.isStreamed == false
            ? MockScript(json: chat.plain)
            : MockScript(events: chat.events, pace: inquiry.pace, type: "application/x-ndjson")
    }

    /// The members of a message's or a generation's content.
    private func content(_ text: EventTrack.Frame, thinking: EventTrack.Frame?, calls: String = "")
        -> EventTrack.Frame
    {
        let thinking: EventTrack.Frame = thinking.map { #","thinking":"\#($0)""# } ?? ""
        return self.isChat
            ? #""message":{"role":"assistant","content":"\#(text)"\#(thinking)\#(calls)}"#
            : #""response":"\#(text)"\#(thinking)\#(calls)"#
    }

    private func calls(_ calls: [Reply.Call]) -> String {
        let list = calls.enumerated().map { index, call in
            #"{"id":"call_mock_\#(self.reply.fingerprint)_\#(index)","function":{"index":\#(index),"#
                + #""name":\#(JSONText.quoted(call.name)),"arguments":\#(call.argumentsJSON)}}"#
        }
        return #","tool_calls":[\#(list.joined(separator: ","))]"#
    }

    /// The members that end an answer. Durations are in nanoseconds; the count of the answer has the reasoning in it.
    private var end: String {
        let usage = self.reply.usage
        let prompt = usage.prompt * Self.promptToken
        let answer = usage.output * Self.answerToken
        return #""done":true,"done_reason":"\#(self.reply.stop == .limit ? "length" : "stop")","#
            + #""total_duration":\#(Self.load + prompt + answer),"load_duration":\#(Self.load),"#
            + #""prompt_eval_count":\#(usage.prompt),"prompt_eval_duration":\#(prompt),"#
            + #""eval_count":\#(usage.output),"eval_duration":\#(answer)}"#
    }

    private var plain: String {
        let thinking: EventTrack.Frame? = self.reply.reasoning.count > 0 ? "\(self.reply.reasoning.joined)" : nil
        let content: EventTrack.Frame =
            switch self.reply.content {
            case .text(let text): self.content("\(text.joined)", thinking: thinking)
            case .calls(let calls): self.content("", thinking: thinking, calls: self.calls(calls))
            }
        return "\(self.head)\(content.text),\(self.end)"
    }

    private var events: EventTrack {
        var segments: [EventTrack.Segment] = []
        func line(_ content: EventTrack.Frame) -> EventTrack.Frame {
            "\(self.head)\(content),\"done\":false}\n"
        }
        if self.reply.reasoning.count > 0 {
            segments.append(
                .tokens(self.reply.reasoning, frames: [line(self.content("", thinking: "\(.token)"))]))
        }
        switch self.reply.content {
        case .text(let text):
            segments.append(.tokens(text, frames: [line(self.content("\(.token)", thinking: nil))]))
        case .calls(let calls):
            segments.append(line(self.content("", thinking: nil, calls: self.calls(calls))).event)
        }
        segments.append(.event("\(self.head)\(self.content("", thinking: nil).text),\(self.end)\n"))
        return EventTrack(segments, error: "\(Dialect.ollama.failure)\n")
    }
}

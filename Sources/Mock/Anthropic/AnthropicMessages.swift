import FoundationEssentials

/// Anthropic Messages: a reply in the form of that API, plain and streamed.
/// https://platform.claude.com/docs/en/build-with-claude/streaming
struct AnthropicMessages {
    private let request: MessagesRequest
    private let reply: Reply

    /// `POST /messages`.
    static func script(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try MessagesRequest.read(inquiry, needsLimit: true)
        let messages = AnthropicMessages(
            request: request, reply: try Reply(to: request.prompt, controls: inquiry.controls))
        return request.isStreamed == true
            ? MockScript(events: messages.events, pace: inquiry.pace) : MockScript(json: messages.plain)
    }

    private func message(content: [String], stopReason: String, usage: String) -> String {
        #"{"id":"msg_mock_\#(self.reply.fingerprint)","type":"message","role":"assistant","#
            + #""model":\#(JSONText.quoted(self.request.model)),"content":[\#(content.joined(separator: ","))],"#
            + #""stop_reason":\#(stopReason),"stop_sequence":null,"stop_details":null,"usage":\#(usage)}"#
    }

    private var stopReason: String {
        switch self.reply.stop {
        case .complete: #""end_turn""#
        case .limit: #""max_tokens""#
        case .calls: #""tool_use""#
        }
    }

    /// What was read from cache stands beside the input, not in it.
    private func usage(output: Int, isFinal: Bool) -> String {
        let usage = self.reply.usage
        let details = isFinal ? #","output_tokens_details":{"thinking_tokens":\#(usage.reasoning)}"# : ""
        return #"{"input_tokens":\#(usage.prompt - usage.cached),"cache_creation_input_tokens":0,"#
            + #""cache_read_input_tokens":\#(usage.cached),"#
            + #""cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"#
            + #""output_tokens":\#(output),"service_tier":"standard","inference_geo":"not_available"\#(details)}"#
    }

    private var signature: String {
        Data("mock signature \(self.reply.fingerprint)".utf8).base64EncodedString()
    }

    private var showsThinking: Bool { self.request.thinking?.display != "omitted" }

    private func toolUse(_ index: Int, _ call: Reply.Call, input: String) -> String {
        #"{"type":"tool_use","id":"toolu_mock_\#(self.reply.fingerprint)_\#(index)","#
            + #""name":\#(JSONText.quoted(call.name)),"input":\#(input)}"#
    }

    // MARK: Plain

    private var plain: String {
        var content: [String] = []
        if self.reply.reasoning.count > 0 {
            let thinking = self.showsThinking ? self.reply.reasoning.joined : ""
            content.append(#"{"type":"thinking","thinking":"\#(thinking)","signature":"\#(self.signature)"}"#)
        }
        switch self.reply.content {
        case .text(let text):
            if text.count > 0 { content.append(#"{"type":"text","text":"\#(text.joined)"}"#) }
        case .calls(let calls):
            for (index, call) in calls.enumerated() {
                content.append(self.toolUse(index, call, input: call.argumentsJSON))
            }
        }
        return self.message(
            content: content, stopReason: self.stopReason,
            usage: self.usage(output: self.reply.usage.output, isFinal: true))
    }

    // MARK: Streamed

    private var events: EventTrack {
        var track = Track()
        let start = self.message(
            content: [], stopReason: "null", usage: self.usage(output: min(1, self.reply.usage.output), isFinal: false))
        track.event("message_start", #","message":\#(start)"#)
        track.event("ping", "")
        if self.reply.reasoning.count > 0 {
            track.begin(#"{"type":"thinking","thinking":"","signature":""}"#)
            if self.showsThinking { track.deltas("thinking_delta", "thinking", self.reply.reasoning) }
            track.delta("signature_delta", "signature", self.signature)
            track.end()
        }
        switch self.reply.content {
        case .text(let text):
            if text.count > 0 {
                track.begin(#"{"type":"text","text":""}"#)
                track.deltas("text_delta", "text", text)
                track.end()
            }
        case .calls(let calls):
            for (index, call) in calls.enumerated() {
                track.begin(self.toolUse(index, call, input: "{}"))
                track.delta("input_json_delta", "partial_json", "")
                track.deltas("input_json_delta", "partial_json", call.arguments)
                track.end()
            }
        }
        track.event(
            "message_delta",
            #","delta":{"stop_reason":\#(self.stopReason),"stop_sequence":null,"stop_details":null},"#
                + #""usage":\#(self.usage(output: self.reply.usage.output, isFinal: true))"#)
        track.event("message_stop", "")
        return EventTrack(track.segments, error: "event: error\ndata: \(Dialect.anthropic.failure)\n\n")
    }

    /// Events with their names, and blocks one after the other.
    private struct Track {
        var segments: [EventTrack.Segment] = []
        private var index = 0

        /// An event; `members` begin with a comma.
        mutating func event(_ type: String, _ members: String) {
            self.segments.append(.event("event: \(type)\ndata: {\"type\":\"\(type)\"\(members)}\n\n"))
        }

        mutating func begin(_ block: String) {
            self.event("content_block_start", #","index":\#(self.index),"content_block":\#(block)"#)
        }

        mutating func end() {
            self.event("content_block_stop", #","index":\#(self.index)"#)
            self.index += 1
        }

        mutating func delta(_ type: String, _ member: String, _ text: String) {
            self.event(
                "content_block_delta", #","index":\#(self.index),"delta":{"type":"\#(type)","\#(member)":"\#(text)"}"#)
        }

        mutating func deltas(_ type: String, _ member: String, _ pieces: Pieces) {
            let frame = EventTrack.Frame(
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":\(self.index),"
                    + "\"delta\":{\"type\":\"\(type)\",\"\(member)\":\"", "\"}}\n\n")
            self.segments.append(.tokens(pieces, frames: [frame]))
        }
    }
}

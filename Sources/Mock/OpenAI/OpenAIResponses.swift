import FoundationEssentials

/// OpenAI Responses: a reply in the form of that API, plain and streamed.
/// https://platform.openai.com/docs/api-reference/responses
struct OpenAIResponses {
    private let request: ResponsesRequest
    private let reply: Reply
    private let created: Int

    /// `POST /responses`.
    static func script(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try ResponsesRequest.read(inquiry)
        let responses = OpenAIResponses(
            request: request, reply: try Reply(to: request.prompt, controls: inquiry.controls),
            created: inquiry.settings.created)
        return request.isStreamed == true
            ? MockScript(events: responses.events, pace: inquiry.pace) : MockScript(json: responses.complete)
    }

    /// `POST /responses/input_tokens`.
    static func count(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let tokens = try ResponsesRequest.read(inquiry).prompt.tokens
        return MockScript(json: #"{"object":"response.input_tokens","input_tokens":\#(tokens)}"#)
    }

    // MARK: Objects

    private enum Status: String {
        case inProgress = "in_progress"
        case completed, incomplete
    }

    private func response(_ status: Status, output: [String]) -> String {
        let isOver = status != .inProgress
        let echo = self.request.echo
        let reason = status == .incomplete ? #"{"reason":"max_output_tokens"}"# : "null"
        let reasoning = self.request.reasoning
        return #"{"id":"resp_mock_\#(self.reply.fingerprint)","object":"response","created_at":\#(self.created),"#
            + #""status":"\#(status.rawValue)","background":false,"#
            + (status == .completed ? #""completed_at":\#(self.created),"# : "")
            + #""error":null,"incomplete_details":\#(reason),"instructions":\#(echo.instructions?.json ?? "null"),"#
            + #""max_output_tokens":\#(self.request.limit.map { "\($0)" } ?? "null"),"#
            + #""model":\#(JSONText.quoted(self.request.model)),"output":[\#(output.joined(separator: ","))],"#
            + #""parallel_tool_calls":\#(self.request.allowsParallelToolCalls ?? true),"#
            + #""previous_response_id":\#(echo.previous?.json ?? "null"),"#
            + #""reasoning":{"effort":\#(JSONText.quotedOrNull(reasoning?.effort)),"#
            + #""summary":\#(JSONText.quotedOrNull(reasoning?.summary))},"service_tier":"default","store":false,"#
            + #""temperature":1.0,"text":\#(echo.text?.json ?? #"{"format":{"type":"text"}}"#),"#
            + #""tool_choice":\#(echo.toolChoice?.json ?? #""auto""#),"tools":\#(echo.tools?.json ?? "[]"),"#
            + #""top_p":1.0,"truncation":"disabled","usage":\#(isOver ? self.usage : "null"),"user":null,"#
            + #""metadata":\#(echo.metadata?.json ?? "{}")}"#
    }

    private var usage: String {
        let usage = self.reply.usage
        return #"{"input_tokens":\#(usage.prompt),"#
            + #""input_tokens_details":{"cached_tokens":\#(usage.cached),"cache_write_tokens":0},"#
            + #""output_tokens":\#(usage.output),"output_tokens_details":{"reasoning_tokens":\#(usage.reasoning)},"#
            + #""total_tokens":\#(usage.prompt + usage.output)}"#
    }

    private var complete: String {
        var output: [String] = []
        if self.reply.reasoning.count > 0 { output.append(self.reasoningItem(self.reply.reasoning.joined)) }
        switch self.reply.content {
        case .text(let text): output.append(self.messageItem(text.joined))
        case .calls(let calls):
            for (index, call) in calls.enumerated() {
                output.append(self.callItem(index, call, isDone: true))
            }
        }
        return self.response(self.end, output: output)
    }

    private var end: Status { self.reply.stop == .limit ? .incomplete : .completed }

    private var reasoningID: String { "rs_mock_\(self.reply.fingerprint)" }

    /// A whole item, or its beginning without a summary.
    private func reasoningItem(_ text: String?) -> String {
        let sealed = Data("mock reasoning \(self.reply.fingerprint)".utf8).base64EncodedString()
        let summary = text.map { #"[\#(self.summaryPart($0))]"# } ?? "[]"
        return #"{"id":"\#(self.reasoningID)","type":"reasoning","summary":\#(summary),"#
            + #""encrypted_content":"\#(sealed)"}"#
    }

    private func summaryPart(_ text: String) -> String { #"{"type":"summary_text","text":"\#(text)"}"# }

    private var messageID: String { "msg_mock_\(self.reply.fingerprint)" }

    /// A whole item, or its beginning without content.
    private func messageItem(_ text: String?) -> String {
        let status: Status = text == nil ? .inProgress : self.end
        return #"{"id":"\#(self.messageID)","type":"message","status":"\#(status.rawValue)","role":"assistant","#
            + #""content":[\#(text.map(self.textPart) ?? "")]}"#
    }

    private func textPart(_ text: String) -> String {
        #"{"type":"output_text","text":"\#(text)","annotations":[],"logprobs":[]}"#
    }

    private func callItem(_ index: Int, _ call: Reply.Call, isDone: Bool) -> String {
        #"{"id":"fc_mock_\#(self.reply.fingerprint)_\#(index)","type":"function_call","#
            + #""status":"\#(isDone ? "completed" : "in_progress")","#
            + #""call_id":"call_mock_\#(self.reply.fingerprint)_\#(index)","name":\#(JSONText.quoted(call.name)),"#
            + #""arguments":"\#(isDone ? call.arguments.joined : "")"}"#
    }

    // MARK: Events

    private var events: EventTrack {
        var track = Track()
        track.event("created", #""response":\#(self.response(.inProgress, output: []))"#)
        track.event("in_progress", #""response":\#(self.response(.inProgress, output: []))"#)
        var output: [String] = []
        if self.reply.reasoning.count > 0 {
            let text = self.reply.reasoning.joined
            let place = #""item_id":"\#(self.reasoningID)","output_index":0,"summary_index":0"#
            let item = self.reasoningItem(text)
            track.event("output_item.added", #""output_index":0,"item":\#(self.reasoningItem(nil))"#)
            track.event("reasoning_summary_part.added", #"\#(place),"part":\#(self.summaryPart(""))"#)
            track.deltas("reasoning_summary_text.delta", place, self.reply.reasoning)
            track.event("reasoning_summary_text.done", #"\#(place),"text":"\#(text)""#)
            track.event("reasoning_summary_part.done", #"\#(place),"part":\#(self.summaryPart(text))"#)
            track.event("output_item.done", #""output_index":0,"item":\#(item)"#)
            output.append(item)
        }
        switch self.reply.content {
        case .text(let pieces):
            let text = pieces.joined
            let index = output.count
            let item = self.messageItem(text)
            let place = #""item_id":"\#(self.messageID)","output_index":\#(index),"content_index":0"#
            track.event("output_item.added", #""output_index":\#(index),"item":\#(self.messageItem(nil))"#)
            track.event("content_part.added", #"\#(place),"part":\#(self.textPart(""))"#)
            track.deltas("output_text.delta", #"\#(place),"logprobs":[]"#, pieces)
            track.event("output_text.done", #"\#(place),"logprobs":[],"text":"\#(text)""#)
            track.event("content_part.done", #"\#(place),"part":\#(self.textPart(text))"#)
            track.event("output_item.done", #""output_index":\#(index),"item":\#(item)"#)
            output.append(item)
        case .calls(let calls):
            for (number, call) in calls.enumerated() {
                let index = output.count
                let item = self.callItem(number, call, isDone: true)
                let place = #""item_id":"fc_mock_\#(self.reply.fingerprint)_\#(number)","output_index":\#(index)"#
                track.event(
                    "output_item.added",
                    #""output_index":\#(index),"item":\#(self.callItem(number, call, isDone: false))"#)
                track.deltas("function_call_arguments.delta", place, call.arguments)
                track.event(
                    "function_call_arguments.done",
                    #"\#(place),"name":\#(JSONText.quoted(call.name)),"arguments":"\#(call.arguments.joined)""#)
                track.event("output_item.done", #""output_index":\#(index),"item":\#(item)"#)
                output.append(item)
            }
        }
        track.event(self.end.rawValue, #""response":\#(self.response(self.end, output: output))"#)
        return EventTrack(track.segments, error: Self.failure)
    }

    /// An event named `error` with an error object in it; its number is that of the events before it.
    private static let failure: EventTrack.Frame =
        "event: error\ndata: {\"type\":\"error\",\"sequence_number\":\(.number(0, step: 1)),\(Self.errorMember)}\n\n"

    /// The member `error` of the error object.
    private static let errorMember = String(Dialect.openAI.failure.dropFirst().dropLast())

    /// Events with their names and rising sequence numbers.
    private struct Track {
        var segments: [EventTrack.Segment] = []
        private var sequence = 0

        private static func start(_ type: String, _ members: String) -> String {
            "event: response.\(type)\ndata: {\"type\":\"response.\(type)\",\(members),"
        }

        mutating func event(_ type: String, _ members: String) {
            self.segments.append(.event(Self.start(type, members) + "\"sequence_number\":\(self.sequence)}\n\n"))
            self.sequence += 1
        }

        mutating func deltas(_ type: String, _ members: String, _ pieces: Pieces) {
            let frame: EventTrack.Frame =
                "\(Self.start(type, members))\"delta\":\"\(.token)\",\"sequence_number\":\(.number(self.sequence, step: 1))}\n\n"
            self.segments.append(.tokens(pieces, frames: [frame]))
            self.sequence += pieces.count
        }
    }
}

import FoundationEssentials

/// Gemini's generateContent: a reply in the form of that API, plain, as server-sent events and as a JSON array.
/// https://ai.google.dev/api/generate-content
struct GeminiContent {
    private let reply: Reply
    private let candidates: Int
    private let model: String

    /// `POST /models/MODEL:generateContent` and `:streamGenerateContent`; the latter with `alt=sse` as server-sent
    /// events, else as one JSON array.
    static func script(_ inquiry: Inquiry, model: String, isStreamed: Bool) throws(MockRefusal) -> MockScript {
        let request = try GeminiRequest.read(inquiry)
        let content = GeminiContent(
            reply: try Reply(to: request.prompt(model: model), controls: inquiry.controls),
            candidates: request.generationConfig?.candidateCount ?? 1, model: model)
        guard isStreamed else { return MockScript(json: content.plain) }
        return inquiry.target.member("alt") == "sse"
            ? MockScript(events: content.events, pace: inquiry.pace, type: "text/event-stream")
            : MockScript(events: content.array, pace: inquiry.pace, type: "application/json; charset=UTF-8")
    }

    // MARK: Objects

    /// A response with some candidates; the counts are frames, as they grow with a stream's tokens.
    private func response(_ candidates: [EventTrack.Frame], usage: EventTrack.Frame) -> EventTrack.Frame {
        var list: EventTrack.Frame = ""
        for (index, candidate) in candidates.enumerated() {
            list = index == 0 ? candidate : "\(list),\(candidate)"
        }
        return """
            {"candidates":[\(list)],"usageMetadata":\(usage),"modelVersion":\(JSONText.quoted(self.model)),\
            "responseId":"mock-\(self.reply.fingerprint)"}
            """
    }

    private func candidate(_ index: Int, _ parts: EventTrack.Frame, isLast: Bool) -> EventTrack.Frame {
        """
        {"content":{"parts":[\(parts)],"role":"model"}\(isLast ? self.finish : ""),"index":\(index)}
        """
    }

    private var finish: String {
        switch self.reply.stop {
        case .complete: #","finishReason":"STOP""#
        case .limit: #","finishReason":"MAX_TOKENS""#
        case .calls: #","finishReason":"STOP","finishMessage":"Model generated function call(s).""#
        }
    }

    /// What was thought stands beside the candidates' tokens, what was read from cache within the prompt's.
    private func usage(
        content: EventTrack.Frame?, reasoning: EventTrack.Frame, total: EventTrack.Frame
    ) -> EventTrack.Frame {
        let usage = self.reply.usage
        let cached = usage.cached > 0 ? #","cachedContentTokenCount":\#(usage.cached)"# : ""
        let content: EventTrack.Frame = content.map { #","candidatesTokenCount":\#($0)"# } ?? ""
        let thoughts: EventTrack.Frame = usage.reasoning > 0 ? #","thoughtsTokenCount":\#(reasoning)"# : ""
        return """
            {"promptTokenCount":\(usage.prompt)\(cached)\(content)\(thoughts),"totalTokenCount":\(total),\
            "promptTokensDetails":[{"modality":"TEXT","tokenCount":\(usage.prompt)}]}
            """
    }

    private var finalUsage: EventTrack.Frame {
        let usage = self.reply.usage
        return self.usage(
            content: "\(usage.content * self.candidates)", reasoning: "\(usage.reasoning * self.candidates)",
            total: "\(usage.prompt + usage.output * self.candidates)")
    }

    /// The member that belongs to the part after the thoughts; empty without thoughts.
    private var signature: String {
        guard self.reply.reasoning.count > 0 else { return "" }
        let signature = Data("mock signature \(self.reply.fingerprint)".utf8).base64EncodedString()
        return #","thoughtSignature":"\#(signature)""#
    }

    private func callParts(_ calls: [Reply.Call], _ candidate: Int) -> String {
        calls.enumerated().map { index, call in
            #"{"functionCall":{"id":"call_mock_\#(self.reply.fingerprint)_\#(candidate)_\#(index)","#
                + #""name":\#(JSONText.quoted(call.name)),"args":\#(call.argumentsJSON)}"#
                + (index == 0 ? self.signature : "") + "}"
        }.joined(separator: ",")
    }

    // MARK: Plain

    private var plain: String {
        var thoughts = ""
        if self.reply.reasoning.count > 0 {
            thoughts = #"{"text":"\#(self.reply.reasoning.joined)","thought":true},"#
        }
        let candidates = (0..<self.candidates).map { index -> EventTrack.Frame in
            let parts: String
            switch self.reply.content {
            case .text(let text): parts = #"{"text":"\#(text.joined)"\#(self.signature)}"#
            case .calls(let calls): parts = self.callParts(calls, index)
            }
            return self.candidate(index, "\(thoughts)\(parts)", isLast: true)
        }
        return self.response(candidates, usage: self.finalUsage).text
    }

    // MARK: Streamed

    private var events: EventTrack {
        EventTrack(
            self.segments { "data: \($0)\r\n\r\n" }, error: "data: \(Dialect.gemini.failure)\r\n\r\n")
    }

    private var array: EventTrack {
        EventTrack(self.segments { $0 }, framing: .array, error: "\(Dialect.gemini.failure)")
    }

    /// The events, each put into its framing by `framed`. The usage in each is that of all so far.
    private func segments(_ framed: (EventTrack.Frame) -> EventTrack.Frame) -> [EventTrack.Segment] {
        let usage = self.reply.usage
        let step = self.candidates
        var segments: [EventTrack.Segment] = []
        if self.reply.reasoning.count > 0 {
            let frames = (0..<step).map { index in
                let usage = self.usage(
                    content: nil, reasoning: "\(.number(index + 1, step: step))",
                    total: "\(.number(usage.prompt + index + 1, step: step))")
                let part: EventTrack.Frame = #"{"text":"\#(.token)","thought":true}"#
                return framed(self.response([self.candidate(index, part, isLast: false)], usage: usage))
            }
            segments.append(.tokens(self.reply.reasoning, frames: frames))
        }
        switch self.reply.content {
        case .text(let text):
            let before = usage.prompt + usage.reasoning * step
            let frames = (0..<step).map { index in
                let usage = self.usage(
                    content: "\(.number(index + 1, step: step))", reasoning: "\(usage.reasoning * step)",
                    total: "\(.number(before + index + 1, step: step))")
                let part: EventTrack.Frame = #"{"text":"\#(.token)"}"#
                return framed(self.response([self.candidate(index, part, isLast: false)], usage: usage))
            }
            segments.append(.tokens(text, frames: frames))
            for index in 0..<step {
                let last = self.candidate(index, #"{"text":""\#(self.signature)}"#, isLast: true)
                segments.append(framed(self.response([last], usage: self.finalUsage)).event)
            }
        case .calls(let calls):
            for index in 0..<step {
                let last = self.candidate(index, "\(self.callParts(calls, index))", isLast: true)
                segments.append(framed(self.response([last], usage: self.finalUsage)).event)
            }
        }
        return segments
    }
}

import NIOCore

/// OpenAI's legacy Completions, plain and streamed. https://platform.openai.com/docs/api-reference/completions
struct OpenAICompletions {
    private struct Request: Decodable {
        var model: String
        var prompt: TokenizedInput
        var isStreamed: Bool?
        var streamOptions: ChatRequest.StreamOptions?
        var limit: Int?
        var choices: Int?

        private enum CodingKeys: String, CodingKey {
            case model, prompt
            case isStreamed = "stream"
            case streamOptions = "stream_options"
            case limit = "max_tokens"
            case choices = "n"
        }
    }

    private struct Choice {
        var text: Pieces
        var finishReason: String
    }

    private let choices: [Choice]
    private let usage: String
    /// The members that every object begins with.
    private let head: String

    /// `POST /completions`: `n` choices for every prompt.
    static func script(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(Request.self)
        let perPrompt = request.choices ?? 1
        let count = perPrompt.multipliedReportingOverflow(by: request.prompt.inputs.count)
        guard perPrompt > 0, !count.overflow, (1...64).contains(count.partialValue) else {
            throw .body("n times the number of prompts must be from 1 to 64.", param: "n")
        }
        if let limit = request.limit, limit < 0 {
            throw .body("max_tokens is \(limit); it must not be negative.", param: "max_tokens")
        }
        // This API shows no reasoning, and counts over all prompts what was read from cache.
        var controls = inquiry.controls
        controls.reasoning = 0
        controls.cachedTokens = 0
        var choices: [Choice] = []
        let promptTokens = request.prompt.inputs.reduce(0) { $0 + $1.tokens }
        var usage = Reply.Usage(
            prompt: promptTokens, cached: try Reply.cached(of: promptTokens, inquiry.controls), reasoning: 0, content: 0
        )
        var fingerprint = ""
        for input in request.prompt.inputs {
            var prompt = Prompt(model: request.model)
            prompt.add(.user, input.text)
            prompt.limit = request.limit
            let reply = try Reply(to: prompt, controls: controls)
            guard case .text(let text) = reply.content else { continue }
            usage.content += reply.usage.content * perPrompt
            if fingerprint.isEmpty { fingerprint = reply.fingerprint }
            let choice = Choice(text: text, finishReason: reply.stop == .limit ? "length" : "stop")
            choices += Array(repeating: choice, count: perPrompt)
        }
        let completions = OpenAICompletions(
            choices: choices,
            usage: #"{"prompt_tokens":\#(usage.prompt),"completion_tokens":\#(usage.content),"#
                + #""total_tokens":\#(usage.prompt + usage.content),"#
                + #""prompt_tokens_details":{"cached_tokens":\#(usage.cached)}}"#,
            head: #"{"id":"cmpl-mock-\#(fingerprint)","object":"text_completion","#
                + #""created":\#(inquiry.settings.created),"model":\#(JSONText.quoted(request.model)),"#
                + #""system_fingerprint":"fp_mock","#)
        guard request.isStreamed == true else { return MockScript(json: completions.plain) }
        return MockScript(
            events: completions.events(includesUsage: request.streamOptions?.includesUsage == true),
            pace: inquiry.pace)
    }

    private var plain: String {
        let choices = self.choices.enumerated().map { index, choice in
            #"{"index":\#(index),"text":"\#(choice.text.joined)","logprobs":null,"#
                + #""finish_reason":"\#(choice.finishReason)"}"#
        }
        return self.head + #""choices":[\#(choices.joined(separator: ","))],"usage":\#(self.usage)}"#
    }

    private func events(includesUsage: Bool) -> EventTrack {
        let end = includesUsage ? #"],"usage":null}"# : "]}"
        var segments: [EventTrack.Segment] = []
        for (index, choice) in self.choices.enumerated() {
            let start = #"data: \#(self.head)"choices":[{"index":\#(index),"text":""#
            segments.append(
                .tokens(
                    choice.text,
                    frames: [EventTrack.Frame(start, #"","logprobs":null,"finish_reason":null}\#(end)"# + "\n\n")]))
            segments.append(
                .event(start + #"","logprobs":null,"finish_reason":"\#(choice.finishReason)"}\#(end)"# + "\n\n"))
        }
        if includesUsage {
            segments.append(.event(#"data: \#(self.head)"choices":[],"usage":\#(self.usage)}"# + "\n\n"))
        }
        segments.append(.event("data: [DONE]\n\n"))
        return EventTrack(segments, error: "data: \(Dialect.openAI.failure)\n\n")
    }
}

/// A string, several, an array of token numbers, or several of those.
struct TokenizedInput: Decodable {
    /// One input: its text (token numbers are written out) and its number of tokens.
    struct Input: Equatable {
        var text: String
        var tokens: Int

        init(_ text: String) {
            self.text = text
            self.tokens = (text.utf8.count + 3) / 4
        }

        init(_ tokens: [Int]) {
            self.text = tokens.map { String($0) }.joined(separator: " ")
            self.tokens = tokens.count
        }
    }

    var inputs: [Input]

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.inputs = [Input(text)]
        } else if let tokens = try? container.decode([Int].self), !tokens.isEmpty {
            self.inputs = [Input(tokens)]
        } else if let lists = try? container.decode([[Int]].self), !lists.isEmpty {
            self.inputs = lists.map { Input($0) }
        } else {
            self.inputs = try container.decode([String].self).map { Input($0) }
        }
    }
}

import NIOCore
import NIOHTTP1
import Testing

@testable import Mock

/// What holds in every dialect alike.
@Suite struct DialectTests {
    private let spoken = "This is the mock speaking. You said: "

    @Test(arguments: Speaker.allCases)
    func speaksAndThinks(speaker: Speaker) throws {
        let odd = "Zeile \"eins\"\n\tzwei \\ 天气怎么样 👩‍👩‍👧‍👦 \u{1}"
        let plain = speaker.answer(odd)
        #expect(plain.status == .ok)
        #expect(plain.fields["content-type"] == ["application/json"])
        let said = try speaker.read(plain.bodyText)
        #expect(said.text == self.spoken + odd)
        #expect(said.reasoning == nil)
        let thought = try speaker.read(speaker.answer(fields: ["x-mock-reasoning": "3"]).bodyText)
        #expect(thought.text == self.spoken + "Hello")
        #expect(thought.reasoning == "The mock looks")
    }

    @Test(
        arguments: [
            (.chat, #","reasoning_effort":"low""#, true), (.chat, #","reasoning_effort":"none""#, false),
            (.responses, #","reasoning":{"effort":"high"}"#, true),
            (.responses, #","reasoning":{"effort":"none","summary":"auto"}"#, false),
            (.messages, #","thinking":{"type":"enabled","budget_tokens":1024}"#, true),
            (.messages, #","thinking":{"type":"adaptive"}"#, true),
            (.messages, #","thinking":{"type":"disabled"}"#, false),
            (.gemini, #","generationConfig":{"thinkingConfig":{"includeThoughts":true}}"#, true),
            (.gemini, #","generation_config":{"thinking_config":{"include_thoughts":true}}"#, true),
            (.gemini, #","generationConfig":{"thinkingConfig":{"thinkingBudget":0}}"#, false),
            (.ollamaChat, #","think":true"#, true), (.ollamaChat, #","think":"high""#, true),
            (.ollamaGenerate, #","think":false"#, false),
        ] as [(Speaker, String, Bool)])
    func thinksWhenTheRequestAsks(speaker: Speaker, more: String, thinks: Bool) throws {
        let said = try speaker.read(speaker.answer(more: more).bodyText)
        #expect((said.reasoning == Reply.thought) == thinks)
        #expect((said.reasoning == nil) == !thinks)
        let silenced = try speaker.read(speaker.answer(more: more, fields: ["x-mock-reasoning": "0"]).bodyText)
        #expect(silenced.reasoning == nil)
    }

    @Test(arguments: Speaker.allCases)
    func errsInItsOwnForm(speaker: Speaker) throws {
        let fields: HTTPHeaders = ["x-mock-status": "429", "x-mock-retry-after": "7"]
        for isStreamed in [false, true] {
            let answer = speaker.answer(isStreamed: isStreamed, fields: fields)
            #expect(answer.status == .tooManyRequests)
            #expect(answer.fields["retry-after"] == ["7"])
            let body = try json(answer.bodyText)
            switch speaker.dialect {
            case .openAI:
                #expect(body["error"].names == ["message", "type", "param", "code"])
            case .anthropic:
                #expect(body["type"].string == "error")
                #expect(body["error"]["type"].string == "rate_limit_error")
                #expect(body["request_id"].string == answer.fields.first(name: "request-id"))
            case .gemini:
                #expect(body["error"]["code"].int == 429)
                #expect(body["error"]["status"].string == "RESOURCE_EXHAUSTED")
                #expect(body["error"]["details"][0]["retryDelay"].string == "7s")
            case .ollama:
                #expect(body["error"].string?.contains("429") == true)
            }
        }
    }

    @Test(arguments: [
        (401, "authentication_error", "UNAUTHENTICATED"), (403, "permission_error", "PERMISSION_DENIED"),
        (404, "not_found_error", "NOT_FOUND"), (413, "request_too_large", "INVALID_ARGUMENT"),
        (500, "api_error", "INTERNAL"), (503, "overloaded_error", "UNAVAILABLE"),
        (504, "timeout_error", "DEADLINE_EXCEEDED"), (529, "overloaded_error", "UNAVAILABLE"),
    ])
    func namesErrorsByStatus(status: Int, anthropic: String, gemini: String) throws {
        let fields: HTTPHeaders = ["x-mock-status": "\(status)"]
        let message = try json(Speaker.messages.answer(fields: fields).bodyText)
        #expect(message["error"]["type"].string == anthropic)
        let content = try json(Speaker.gemini.answer(fields: fields).bodyText)
        #expect(content["error"]["status"].string == gemini)
    }

    @Test(arguments: Speaker.allCases)
    func refusesABadBodyInItsOwnForm(speaker: Speaker) throws {
        for body in ["", "[]", "{}", "no JSON"] {
            let answer = script(.POST, speaker.target(isStreamed: false), body)
            #expect(answer.status == .badRequest, "\(body)")
            let error = try json(answer.bodyText)["error"]
            #expect((error["message"].string ?? error.string)?.isEmpty == false)
        }
        let wrong = script(.GET, speaker.target(isStreamed: false))
        #expect(wrong.status == .methodNotAllowed)
        #expect(wrong.fields["allow"] == ["POST"])
    }

    @Test(arguments: Speaker.allCases)
    func failsInTheMiddleInItsOwnForm(speaker: Speaker) throws {
        let answer = speaker.answer(
            isStreamed: true, fields: ["x-mock-fault": "error-event", "x-mock-fault-after": "4"])
        let text = answer.playedText
        let last: JSONValue
        switch speaker.dialect {
        case .openAI, .anthropic:
            let events = try namedEvents(text)
            #expect(events.count == 5)
            #expect(events.last?.name == (speaker == .chat ? nil : "error"))
            last = events.last?.data ?? .null
        case .gemini:
            let events = try namedEvents(text, separator: "\r\n\r\n")
            #expect(events.count == 5)
            #expect(events.last?.name == nil)
            last = events.last?.data ?? .null
        case .ollama:
            let lines = try text.split(separator: "\n").map { try json($0) }
            #expect(lines.count == 5)
            last = lines.last ?? .null
        }
        let error = last["error"]
        #expect((error["message"].string ?? error.string)?.contains("middle of the stream") == true)
        if speaker == .responses { #expect(last["sequence_number"].int == 4) }
        if speaker.dialect == .anthropic { #expect(last["error"]["type"].string == "api_error") }
    }

    // MARK: Usage

    /// Prompt, cached, reasoning, output in all, and total of a plain answer, as its dialect counts; what it does not
    /// tell is -1.
    private func usage(_ speaker: Speaker, _ answer: MockScript) throws -> [Int] {
        let value = try json(answer.bodyText)
        let members: [JSONValue]
        switch speaker {
        case .chat:
            let usage = value["usage"]
            members = [
                usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"],
                usage["completion_tokens_details"]["reasoning_tokens"], usage["completion_tokens"],
                usage["total_tokens"],
            ]
        case .responses:
            let usage = value["usage"]
            members = [
                usage["input_tokens"], usage["input_tokens_details"]["cached_tokens"],
                usage["output_tokens_details"]["reasoning_tokens"], usage["output_tokens"], usage["total_tokens"],
            ]
        case .messages:
            let usage = value["usage"]
            members = [
                usage["input_tokens"], usage["cache_read_input_tokens"],
                usage["output_tokens_details"]["thinking_tokens"], usage["output_tokens"], .null,
            ]
        case .gemini:
            let usage = value["usageMetadata"]
            members = [
                usage["promptTokenCount"], usage["cachedContentTokenCount"], usage["thoughtsTokenCount"],
                usage["candidatesTokenCount"], usage["totalTokenCount"],
            ]
        case .ollamaChat, .ollamaGenerate:
            members = [value["prompt_eval_count"], .null, .null, value["eval_count"], .null]
        }
        return members.map { $0.int ?? -1 }
    }

    @Test(
        arguments: [
            // Ten tokens of prompt, seven of them from cache; three of reasoning and eight of text.
            (.chat, [10, 7, 3, 11, 21]), (.responses, [10, 7, 3, 11, 21]), (.messages, [3, 7, 3, 11, -1]),
            (.gemini, [10, 7, 3, 8, 21]), (.ollamaChat, [10, -1, -1, 11, -1]),
            (.ollamaGenerate, [10, -1, -1, 11, -1]),
        ] as [(Speaker, [Int])])
    func countsAsItsDialectDoes(speaker: Speaker, expected: [Int]) throws {
        let text = String(repeating: "x", count: 40)
        let fields: HTTPHeaders = [
            "x-mock-cached-tokens": "7", "x-mock-reasoning": "3", "x-mock-tokens": "8",
        ]
        #expect(try self.usage(speaker, speaker.answer(text, fields: fields)) == expected)
        let all = speaker.answer(text, fields: ["x-mock-cached-tokens": "10"])
        #expect(all.status == .ok)
        let more = speaker.answer(text, fields: ["x-mock-cached-tokens": "11"])
        #expect(more.status == .badRequest)
        #expect(more.bodyText.contains("x-mock-cached-tokens"))
    }

    @Test(
        arguments: [
            (.chat, #","max_completion_tokens":5"#, "length"), (.responses, #","max_output_tokens":5"#, "incomplete"),
            (.gemini, #","generationConfig":{"maxOutputTokens":5}"#, "MAX_TOKENS"),
            (.ollamaChat, #","options":{"num_predict":5}"#, "length"),
            (.ollamaGenerate, #","options":{"num_predict":5}"#, "length"),
        ] as [(Speaker, String, String)])
    func limitsReasoningAndTextTogether(speaker: Speaker, more: String, reason: String) throws {
        let answer = speaker.answer(more: more, fields: ["x-mock-reasoning": "3"])
        #expect(try speaker.read(answer.bodyText).text == "This is")
        #expect(answer.bodyText.contains("\"\(reason)\""))
        let eaten = speaker.answer(more: more, fields: ["x-mock-reasoning": "9"])
        #expect(try speaker.read(eaten.bodyText).text == "")
        #expect(try speaker.read(eaten.bodyText).reasoning == "The mock looks at the")
    }

    // MARK: Which dialect

    @Test func sharesPathsByHeaderFields() throws {
        let targets = ["/v1/models", "/v1/models/mock-1"]
        for target in targets {
            let openAI = try json(script(.GET, target).bodyText)
            #expect(openAI["object"].string != nil)
            let anthropic = try json(script(.GET, target, fields: ["anthropic-version": "2026-10-21"]).bodyText)
            #expect(anthropic["has_more"] == .bool(false) || anthropic["display_name"].string == "mock-1")
            for name in ["x-goog-api-key", "x-goog-api-client"] {
                let gemini = try json(script(.GET, target, fields: [name: "k"]).bodyText)
                #expect((gemini["models"][0]["name"].string ?? gemini["name"].string) == "models/mock-1")
            }
        }
        // The path decides where it tells.
        #expect(Speaker.chat.answer(fields: ["anthropic-version": "2026-10-21", "x-goog-api-key": "k"]).status == .ok)
        #expect(Speaker.messages.answer(fields: ["x-goog-api-key": "k"]).status == .ok)
    }

    @Test(
        arguments: [
            ("/v1/nothing", [:], "code"), ("/v1beta/nothing", [:], "status"), ("/api/nothing", [:], ""),
            ("/v1/messages/batches", [:], "type"), ("/v1/nothing", ["anthropic-version": "x"], "type"),
            ("/v1/nothing", ["x-goog-api-key": "x"], "status"),
            ("/v1/models/none", ["anthropic-version": "x"], "type"), ("/v1beta/models/none", [:], "status"),
        ] as [(String, HTTPHeaders, String)])
    func saysNotFoundInTheDialectOfThePath(target: String, fields: HTTPHeaders, member: String) throws {
        let answer = script(.GET, target, fields: fields)
        #expect(answer.status == .notFound)
        let error = try json(answer.bodyText)["error"]
        #expect(member.isEmpty ? error.string != nil : error[member].string != nil, "\(answer.bodyText)")
    }

    @Test func sendsTheFieldsOfEachProvider() {
        let chat = Speaker.chat.answer().fields
        #expect(chat.first(name: "x-request-id")?.hasPrefix("req-mock-") == true)
        #expect(chat.first(name: "x-ratelimit-remaining-tokens") == "1999000")
        #expect(chat == Speaker.chat.answer().fields)
        #expect(chat.first(name: "x-request-id") != Speaker.chat.answer("Other").fields.first(name: "x-request-id"))
        let messages = Speaker.messages.answer().fields
        #expect(messages.first(name: "anthropic-ratelimit-tokens-reset") == "2026-01-01T00:01:00Z")
        #expect(!messages.contains(name: "x-request-id"))
        for speaker in [Speaker.gemini, .ollamaChat] {
            #expect(
                !speaker.answer().fields.contains { $0.name.contains("ratelimit") || $0.name.contains("request-id") })
        }
    }

    @Test(arguments: [100, 500, 100_000])
    func survivesDeepNesting(depth: Int) {
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let objects =
            String(repeating: #"{"properties":{"a":"#, count: depth / 2) + "1"
            + String(repeating: "}}", count: depth / 2)
        for (target, body) in [
            ("/v1/responses", #"{"model":"m","input":"x","metadata":\#(arrays)}"#),
            (
                "/v1/responses",
                #"{"model":"m","input":"x","tools":[{"type":"function","name":"x","parameters":\#(objects)}]}"#
            ),
            ("/v1/messages", #"{"model":"m","max_tokens":9,"messages":\#(arrays)}"#),
            (
                "/v1beta/models/m:generateContent",
                #"{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"a":\#(arrays)}}}]}]}"#
            ),
            ("/api/chat", #"{"model":"m","messages":[],"think":\#(arrays)}"#),
        ] {
            #expect([200, 400].contains(script(.POST, target, body).status.code))
        }
    }

    @Test(arguments: Speaker.allCases)
    func answersEveryChangedByteWithJSON(speaker: Speaker) throws {
        let body = Array(speaker.body().utf8)
        for index in body.indices {
            for byte in [UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "0"), 0xff, 0] {
                var changed = body
                changed[index] = byte
                var request = MockRequest(
                    method: .POST, target: speaker.target(isStreamed: false), fields: [:], body: ByteBuffer())
                request.body.writeBytes(changed)
                let answer = MockProvider.script(for: request, settings: MockSettings())
                #expect([200, 400].contains(answer.status.code))
                for line in answer.bodyText.split(separator: "\n") { _ = try json(line) }
            }
        }
    }

    @Test func refusesALongBodyInTheDialectOfItsHead() throws {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/v1/messages")
        let answer = MockProvider.tooLong(head, settings: MockSettings())
        #expect(answer.status == .payloadTooLarge)
        #expect(try json(answer.bodyText)["error"]["type"].string == "request_too_large")
        #expect(answer.fields.contains(name: "request-id"))
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
        (1_767_225_600, "2026-01-01T00:00:00Z"), (4_107_542_399, "2100-02-28T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
    ])
    func writesTimes(seconds: Int, text: String) {
        #expect(MockTime.text(seconds) == text)
    }
}

import LLMWire

extension Samples {
    static var everything: [Samples] { [chat, responses, messages, gemini(.eventStream), gemini(.array), ollama] }

    private static func named(_ name: String, _ data: String) -> String { "event: \(name)\ndata: \(data)" }

    private static func plainRole(_ text: String, _ place: Int) -> String {
        #"{"role":"\#(place % 2 == 0 ? "user" : "assistant")","content":"\#(text)"}"#
    }

    private static var chat: Samples {
        let chunk = { (delta: String) in
            #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1790000000,"model":"gpt-5-mini","#
                + #""service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{\#(delta)},"#
                + #""logprobs":null,"finish_reason":null}],"usage":null}"#
        }
        let usage = #""usage":{"prompt_tokens":900,"completion_tokens":300,"total_tokens":1200}"#
        return Samples(
            operation: .chatCompletion, framing: .eventStream,
            text: { chunk(#""content":"\#($0)""#) },
            tool: { chunk(#""tool_calls":[{"index":0,"function":{"arguments":"\#($0)"}}]"#) },
            toolStart: [
                chunk(#""tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":""}}]"#)
            ],
            end: [#"data: {"id":"chatcmpl-1","model":"gpt-5-mini","choices":[],\#(usage)}"#, "data: [DONE]"],
            whole: {
                #"{"id":"chatcmpl-1","model":"gpt-5-mini","choices":[{"index":0,"message":{"role":"assistant","#
                    + #""content":"\#($0)","refusal":null},"finish_reason":"stop"}],\#(usage)}"#
            },
            request: { #"{"model":"gpt-5-mini","stream":true,"messages":[\#($0)]}"# }, message: plainRole)
    }

    private static var responses: Samples {
        let delta = { (type: String, delta: String) in
            named(
                type,
                #"{"type":"\#(type)","item_id":"msg_1","output_index":0,"content_index":0,"delta":"\#(delta)","#
                    + #""sequence_number":7,"logprobs":[]}"#)
        }
        let usage = #""usage":{"input_tokens":900,"output_tokens":300,"total_tokens":1200}"#
        let call = #"{"type":"function_call","id":"fc_1","call_id":"c","name":"f","arguments":""}"#
        let completed =
            #"{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[],\#(usage)}}"#
        return Samples(
            operation: .response, framing: .eventStream,
            text: { delta("response.output_text.delta", $0) },
            tool: { delta("response.function_call_arguments.delta", $0) },
            toolStart: [
                named(
                    "response.output_item.added",
                    #"{"type":"response.output_item.added","output_index":0,"item":\#(call)}"#)
            ],
            end: [named("response.completed", completed)],
            whole: {
                #"{"id":"resp_1","model":"gpt-5-mini","status":"completed","output":[{"type":"message","id":"msg_1","#
                    + #""role":"assistant","content":[{"type":"output_text","text":"\#($0)"}]}],\#(usage)}"#
            },
            request: { #"{"model":"gpt-5-mini","stream":true,"input":[\#($0)]}"# }, message: plainRole)
    }

    private static var messages: Samples {
        let delta = { (delta: String) in
            named("content_block_delta", #"{"type":"content_block_delta","index":0,"delta":{\#(delta)}}"#)
        }
        let block = #"{"type":"tool_use","id":"toolu_1","name":"f","input":{}}"#
        let end = #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":300}}"#
        return Samples(
            operation: .message, framing: .eventStream,
            text: { delta(#""type":"text_delta","text":"\#($0)""#) },
            tool: { delta(#""type":"input_json_delta","partial_json":"\#($0)""#) },
            toolStart: [
                named(
                    "content_block_start",
                    #"{"type":"content_block_start","index":0,"content_block":\#(block)}"#)
            ],
            end: [named("message_delta", end), named("message_stop", #"{"type":"message_stop"}"#)],
            whole: {
                #"{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{"type":"text","#
                    + #""text":"\#($0)"}],"stop_reason":"end_turn","usage":{"input_tokens":900,"output_tokens":300}}"#
            },
            request: { #"{"model":"claude-sonnet-5","max_tokens":1024,"stream":true,"messages":[\#($0)]}"# },
            message: plainRole)
    }

    private static func gemini(_ framing: AnswerReader.Framing) -> Samples {
        let prefix = framing == .eventStream ? "data: " : ""
        let answer = { (part: String, more: String) in
            #"{"candidates": [{"content": {"parts": [{\#(part)}],"role": "model"}\#(more),"index": 0}],"#
                + #""usageMetadata": {"promptTokenCount": 900,"candidatesTokenCount": 300,"totalTokenCount": 1200,"#
                + #""promptTokensDetails": [{"modality": "TEXT","tokenCount": 900}]},"#
                + #""modelVersion": "gemini-2.5-flash","responseId": "r1"}"#
        }
        return Samples(
            operation: .generateContent, framing: framing,
            text: { prefix + answer(#""text": "\#($0)""#, "") },
            tool: { prefix + answer(#""functionCall": {"name": "f","args": {"path": "\#($0)"}}"#, "") },
            end: [prefix + answer(#""text": """#, #","finishReason": "STOP""#)],
            whole: { answer(#""text": "\#($0)""#, #","finishReason": "STOP""#) },
            request: { #"{"contents":[\#($0)],"generationConfig":{"temperature":0.5}}"# },
            message: { text, place in
                #"{"role":"\#(place % 2 == 0 ? "user" : "model")","parts":[{"text":"\#(text)"}]}"#
            })
    }

    private static var ollama: Samples {
        let line = { (message: String, more: String) in
            #"{"model":"llama3.2","created_at":"2026-08-04T08:52:19.385406455-07:00","#
                + #""message":{"role":"assistant",\#(message)},"done":\#(more)}"#
        }
        let counts = #"true,"done_reason":"stop","total_duration":48,"prompt_eval_count":900,"eval_count":300"#
        return Samples(
            operation: .ollamaChat, framing: .lines,
            text: { line(#""content":"\#($0)""#, "false") },
            tool: {
                let call = #"{"function":{"name":"f","arguments":{"path":"\#($0)"}}}"#
                return line(#""content":"","tool_calls":[\#(call)]"#, "false")
            },
            end: [line(#""content":"""#, counts)],
            whole: { line(#""content":"\#($0)""#, counts) },
            request: { #"{"model":"llama3.2","messages":[\#($0)]}"# }, message: plainRole)
    }
}

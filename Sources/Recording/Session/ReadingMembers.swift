import LLMWire
import Pricing

/// What of an exchange's reading stands in its line: contract 8.2, the keys in `docs/records.md`.
extension JSONLineWriter {
    /// Appends the assembled answer, and what the provider says went wrong.
    mutating func appendAnswer(_ reading: ExchangeReading) {
        append(reading.facts)
        guard let answer = reading.answer else { return }
        if answer.dropped > 0 {
            key("response_dropped")
            integer(answer.dropped)
        }
        if let first = answer.choices.first {
            key("response_message")
            append(first)
        }
        if answer.choices.count > 1 {
            key("response_messages")
            array(answer.choices) { $0.append($1) }
        }
        if let error = answer.error {
            key("provider_error")
            beginObject()
            member("message", error.message)
            member("type", error.type)
            member("code", error.code)
            endObject()
        }
        if answer.malformed.count > 0 {
            key("response_malformed")
            beginObject()
            key("count")
            integer(answer.malformed.count)
            key("first")
            array(answer.malformed.first) { $0.string($1) }
            endObject()
        }
    }

    /// Appends what was asked for and used, and when it came.
    mutating func appendMeasures(_ reading: ExchangeReading) {
        member("model", reading.request?.model)
        member("response_model", reading.answer?.model)
        key("usage")
        if let usage = reading.usage { append(usage) } else { null() }
        key("cost")
        if let cost = reading.cost { append(cost) } else { null() }
        guard let timing = reading.timing, timing.firstToken != nil else { return }
        key("timing")
        append(timing, tokens: reading.usage?.output)
    }

    private mutating func append(_ choice: Choice) {
        beginObject()
        member("role", choice.role.text)
        var content: String?
        var reasoning: String?
        var refusal: String?
        var calls: [ToolCall] = []
        var others: [String] = []
        for part in choice.parts {
            switch part {
            case .text(let text): Self.join(text, to: &content)
            case .reasoning(let text): Self.join(text, to: &reasoning)
            case .refusal(let text): Self.join(text, to: &refusal)
            case .toolCall(let call): calls.append(call)
            case .toolResult: others.append("tool_result")
            case .media(let media): others.append(media.kind.rawValue)
            case .other(let type, _): others.append(type)
            }
        }
        member("content", content)
        member("reasoning", reasoning)
        if let refusal { member("refusal", refusal) }
        key("tool_calls")
        beginArray()
        for call in calls {
            nextElement()
            beginObject()
            member("id", call.id)
            member("name", call.name)
            member("arguments", call.arguments)
            endObject()
        }
        endArray()
        if !others.isEmpty {
            key("other_parts")
            array(others) { $0.string($1) }
        }
        member("finish_reason", choice.finishReason?.rawValue)
        if let native = choice.nativeFinishReason, native != choice.finishReason?.rawValue {
            member("native_finish_reason", native)
        }
        endObject()
    }

    private static func join(_ text: String, to whole: inout String?) {
        if whole == nil { whole = text } else { whole?.append(text) }
    }

    private mutating func append(_ usage: Usage) {
        beginObject()
        member("input_tokens", usage.input)
        member("output_tokens", usage.output)
        member("total_tokens", usage.total)
        member("cached_input_tokens", usage.cachedInput)
        member("cache_write_tokens", usage.cacheWrite)
        member("reasoning_tokens", usage.reasoning)
        member("source", usage.source.rawValue)
        endObject()
    }

    private mutating func append(_ cost: Cost) {
        beginObject()
        member("amount", cost.amount.description)
        member("currency", "USD")
        member("source", cost.source.rawValue)
        key("estimated")
        bool(cost.isEstimated)
        member("price", cost.price)
        endObject()
    }

    private mutating func append(_ facts: ResponseFacts) {
        if let id = facts.requestID { member("provider_request_id", id) }
        if let wait = facts.retryAfter { member("retry_after", wait) }
        guard !facts.limits.isEmpty else { return }
        key("rate_limits")
        array(facts.limits) { line, limit in
            line.beginObject()
            line.member("name", limit.name)
            line.member("limit", limit.limit)
            line.member("remaining", limit.remaining)
            line.member("reset", limit.reset)
            if let utilization = limit.utilization { line.member("utilization", "\(utilization)") }
            if let status = limit.status { line.member("status", status) }
            line.endObject()
        }
    }

    private mutating func append(_ timing: AnswerTiming, tokens: Int?) {
        beginObject()
        time("first_token_ms", timing.firstToken)
        time("first_reasoning_ms", timing.firstReasoning)
        time("first_text_ms", timing.firstText)
        time("first_tool_call_ms", timing.firstToolCall)
        time("last_token_ms", timing.lastToken)
        time("longest_gap_ms", timing.longestGap)
        key("tokens_per_second")
        if let rate = tokens.flatMap(timing.tokensPerSecond) { decimal(rate) } else { null() }
        endObject()
    }

    private mutating func time(_ name: StaticString, _ nanoseconds: Int64?) {
        key(name)
        if let nanoseconds { milliseconds(nanoseconds) } else { null() }
    }

    private mutating func member(_ name: StaticString, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    private mutating func member(_ name: StaticString, _ number: Int?) {
        key(name)
        if let number { integer(number) } else { null() }
    }

    /// Writes a number with one decimal.
    private mutating func decimal(_ value: Double) {
        // Far above what any model does, and far below what an Int64 holds.
        let tenths = Int((min(max(value, 0), 1e12) * 10).rounded())
        integer(tenths / 10)
        literal(".")
        append(UInt8(0x30 + tenths % 10))
    }
}

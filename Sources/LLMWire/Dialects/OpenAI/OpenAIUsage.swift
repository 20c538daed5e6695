extension Usage {
    /// Reads usage as Chat Completions and Responses count it: caches are part of the input, reasoning of the output.
    ///
    /// Read as well are DeepSeek's, Together's, Moonshot's and LiteLLM's own members for caches, and xAI's output, which
    /// leaves reasoning out (its total tells). Nil where nothing is counted in tokens.
    init?(openAI document: JSONDocument, _ node: JSONDocument.Node?) {
        guard document.kind(node) == .object else { return nil }
        self.init(
            input: document.count(document.first(node, "prompt_tokens", "input_tokens")),
            output: document.count(document.first(node, "completion_tokens", "output_tokens")),
            total: document.count(document[node, "total_tokens"]))
        guard input != nil || output != nil || total != nil else { return nil }
        let inputDetails = document.first(
            node, "prompt_tokens_details", "input_tokens_details", "input_token_details")
        cachedInput = document.count(
            document.first(inputDetails, "cached_tokens")
                ?? document.first(node, "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"))
        cacheWrite = document.count(
            document.first(inputDetails, "cache_write_tokens", "cache_creation_tokens")
                ?? document[node, "cache_creation_input_tokens"])
        audioInput = document.count(document[inputDetails, "audio_tokens"])
        let outputDetails = document.first(
            node, "completion_tokens_details", "output_tokens_details", "output_token_details")
        reasoning = document.count(document[outputDetails, "reasoning_tokens"])
        audioOutput = document.count(document[outputDetails, "audio_tokens"])
        addReasoningBesideOutput()
    }

    /// Reads the counts of llama.cpp's `timings`; nil where it has none.
    init?(timings document: JSONDocument, _ node: JSONDocument.Node?) {
        guard document.kind(node) == .object else { return nil }
        let fresh = document.count(document[node, "prompt_n"])
        output = document.count(document[node, "predicted_n"])
        guard fresh != nil || output != nil else { return nil }
        cachedInput = document.count(document[node, "cache_n"])
        input = fresh.map { $0.addingReportingOverflow(cachedInput ?? 0) }.flatMap {
            $0.overflow ? nil : $0.partialValue
        }
    }

    /// Adds reasoning to the output where the provider's total shows that it is counted beside it, or not at all: what
    /// an answer cost beyond its input and its text was thought.
    private mutating func addReasoningBesideOutput() {
        guard let input, let output, let total else { return }
        guard let reasoning else {
            let (said, isTooLarge) = input.addingReportingOverflow(output)
            guard output > 0, !isTooLarge, total > said else { return }
            // Caches that were counted beside the input are no thoughts.
            let caches = [cachedInput, cacheWrite, Self.sum(cachedInput, cacheWrite)]
            guard !caches.contains(total - said) else { return }
            self.reasoning = total - said
            self.output = total - input
            return
        }
        guard reasoning > 0 else { return }
        let (whole, isTooLarge) = output.addingReportingOverflow(reasoning)
        guard !isTooLarge, !input.addingReportingOverflow(whole).overflow, input + whole == total else { return }
        self.output = whole
    }
}

extension Answer {
    /// Reads the cost in a usage: OpenRouter's `cost`, Perplexity's `cost.total_cost`, xAI's `cost_in_usd_ticks`.
    ///
    /// Where OpenRouter used the client's own key at the provider behind it, the cost is that provider's; `cost` is then
    /// only the fee for the forwarding.
    mutating func takeCost(_ document: JSONDocument, _ usage: JSONDocument.Node?) {
        guard document.kind(usage) == .object else { return }
        var cost = document[usage, "cost"]
        if document.boolean(document[usage, "is_byok"]) == true {
            cost = document.first(document[usage, "cost_details"], "upstream_inference_cost")
        }
        if document.kind(cost) == .object { cost = document[cost, "total_cost"] }
        if let cost, document.kind(cost) == .number {
            reportedCost = document.raw(cost)
        } else if let ticks = document.count(document[usage, "cost_in_usd_ticks"]) {
            reportedCost = Self.dollars(ticks: ticks)
        }
    }

    /// xAI's ticks, ten thousand million to the dollar, as digits.
    private static func dollars(ticks: Int) -> String {
        let (whole, rest) = ticks.quotientAndRemainder(dividingBy: 10_000_000_000)
        guard rest > 0 else { return String(whole) }
        let digits = String(rest)
        let fraction = String(repeating: "0", count: 10 - digits.utf8.count) + digits
        let end = fraction.lastIndex { $0 != "0" } ?? fraction.startIndex
        return "\(whole).\(fraction[...end])"
    }
}

/// What a message's usage adds up to over the events that report it.
///
/// Each report has totals so far, so a later one's counts take the place of earlier ones, those that it has. The split
/// of cache writes by their time stands in the first report only.
struct MessagesUsage {
    private var uncached: Int?
    private var cacheRead: Int?
    private var cacheWrite: Int?
    private var longCacheWrite: Int?
    private var output: Int?
    private var thinking: Int?

    /// Takes a report.
    ///
    /// - Returns: whether it was one.
    mutating func take(_ document: JSONDocument, _ node: JSONDocument.Node?) -> Bool {
        guard document.kind(node) == .object else { return false }
        let written = document[node, "cache_creation"]
        let details = document[node, "output_tokens_details"]
        uncached = document.count(document[node, "input_tokens"]) ?? uncached
        cacheRead = document.count(document[node, "cache_read_input_tokens"]) ?? cacheRead
        cacheWrite = document.count(document[node, "cache_creation_input_tokens"]) ?? cacheWrite
        longCacheWrite = document.count(document[written, "ephemeral_1h_input_tokens"]) ?? longCacheWrite
        output = document.count(document[node, "output_tokens"]) ?? output
        thinking = document.count(document[details, "thinking_tokens"]) ?? thinking
        return true
    }

    /// The counts by the one rule: Anthropic's input is only what neither came from a cache nor went to one.
    var usage: Usage {
        var usage = Usage(input: Usage.sum(uncached, cacheRead, cacheWrite), output: output)
        usage.cachedInput = cacheRead
        usage.cacheWrite = cacheWrite
        usage.longCacheWrite = longCacheWrite.map { min($0, cacheWrite ?? $0) }
        usage.reasoning = thinking
        return usage
    }
}

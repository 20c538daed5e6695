import LLMWire
import Testing

@Suite struct ResponseFactsTests {
    private func facts(_ head: String) -> ResponseFacts {
        ResponseFacts(
            fields: head.split(separator: "\n").map { line in
                let colon = line.firstIndex(of: ":") ?? line.endIndex
                return (String(line[..<colon]), String(line[colon...].dropFirst().drop { $0 == " " }))
            })
    }

    private func limit(
        _ name: String, _ limit: Int? = nil, _ remaining: Int? = nil, _ reset: String? = nil,
        utilization: Double? = nil, status: String? = nil
    ) -> ResponseFacts.Limit {
        var value = ResponseFacts.Limit(name: name)
        (value.limit, value.remaining, value.reset) = (limit, remaining, reset)
        (value.utilization, value.status) = (utilization, status)
        return value
    }

    @Test func openAI() {
        let facts = facts(
            """
            x-request-id: req_1
            X-RateLimit-Limit-Requests: 5000
            x-ratelimit-limit-tokens: 160000
            x-ratelimit-remaining-requests: 4999
            x-ratelimit-remaining-tokens: 159000
            x-ratelimit-reset-requests: 12ms
            x-ratelimit-reset-tokens: 6m0s
            cf-ray: 8f-FRA
            openai-processing-ms: 12
            """)
        #expect(facts.requestID == "req_1")
        #expect(facts.limits == [limit("requests", 5000, 4999, "12ms"), limit("tokens", 160_000, 159_000, "6m0s")])
        #expect(facts.retryAfter == nil)
    }

    @Test func anthropic() {
        let facts = facts(
            """
            request-id: req_2
            anthropic-organization-id: 0
            anthropic-ratelimit-input-tokens-limit: 80000
            anthropic-ratelimit-input-tokens-remaining: 79000
            anthropic-ratelimit-input-tokens-reset: 2026-08-21T12:40:59Z
            anthropic-priority-output-tokens-remaining: 7
            retry-after: 12
            """)
        #expect(facts.requestID == "req_2")
        #expect(
            facts.limits == [
                limit("input_tokens", 80_000, 79_000, "2026-08-21T12:40:59Z"),
                limit("priority_output_tokens", nil, 7),
            ])
        #expect(facts.retryAfter == "12")
    }

    @Test func anthropicSubscriptions() {
        let facts = facts(
            """
            anthropic-ratelimit-unified-status: allowed
            anthropic-ratelimit-unified-5h-utilization: 0.42
            anthropic-ratelimit-unified-5h-reset: 1790000000
            anthropic-ratelimit-unified-5h-status: allowed_warning
            anthropic-ratelimit-unified-7d_oi-utilization: nan
            anthropic-ratelimit-unified-representative-claim: five_hour
            """)
        #expect(
            facts.limits == [
                limit("unified", status: "allowed"),
                limit("unified_5h", nil, nil, "1790000000", utilization: 0.42, status: "allowed_warning"),
                limit("unified_7d_oi"),
            ])
    }

    @Test(
        arguments: [
            ("x-request-id: a\nrequest-id: b\napim-request-id: c", "a"),
            ("apim-request-id: c\nx-request-id: a", "a"),
            ("apim-request-id: c\nx-request-id:", "c"),
            ("x-amzn-RequestId: d\ncf-ray: e", "d"),
            ("cf-ray: e\ndate: f\nx-request: g", nil),
            ("x-request-id: \(String(repeating: "a", count: 257))", nil),
            ("", nil),
        ] as [(String, String?)])
    func requestIDs(_ head: String, _ id: String?) {
        #expect(facts(head).requestID == id)
    }

    @Test(
        arguments: [
            ("retry-after: 7", "7"), ("retry-after-ms: 250\nretry-after: 1", "250ms"),
            ("Retry-After: 1\nRetry-After-Ms: 250", "250ms"),
            ("retry-after: Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"), ("retry-after:", nil),
        ] as [(String, String?)])
    func waits(_ head: String, _ expected: String?) {
        #expect(facts(head).retryAfter == expected)
    }

    @Test func othersFormsOfLimits() {
        let facts = facts(
            """
            x-ratelimit-limit: 20
            x-ratelimit-remaining: -1
            x-ratelimit-reset: 1741305600000
            x-ratelimit-remaining-tokens-minute: 9
            x-ratelimit-api_key-remaining-tokens: many
            x-ratelimit-a-b-remaining-c: 1
            x-ratelimit-tokens: 1
            x-ratelimit-: 1
            anthropic-ratelimit-limit: 1
            anthropic-ratelimit: 1
            ratelimit-limit: 1
            """)
        #expect(
            facts.limits == [
                limit("requests", 20, -1, "1741305600000"), limit("tokens_minute", nil, 9), limit("api_key_tokens"),
            ])
    }

    @Test func theNumberOfLimitsIsBounded() {
        let head = (0..<100).map { "x-ratelimit-limit-n\($0): \($0)" }.joined(separator: "\n")
        #expect(facts(head).limits.map(\.limit) == Array(0..<32))
    }
}

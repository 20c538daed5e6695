/// What the head of an answer says beside it: the provider's name for the request, and how much more may be asked.
package struct ResponseFacts: Sendable, Equatable {
    /// A limit that a provider has set, as far as it tells of it.
    package struct Limit: Sendable, Equatable {
        /// What is limited: `requests`, `tokens`, `input_tokens`, `unified_5h`, …
        package var name: String
        /// How much there is in all.
        package var limit: Int?
        /// How much of it is left.
        package var remaining: Int?
        /// When it is whole again, as the provider writes it: `6m0s`, an RFC 3339 time, seconds of Unix time.
        package var reset: String?
        /// The part of it that is used, from 0 to 1, where that is told in place of counts.
        package var utilization: Double?
        /// What the limit says to this request, in the provider's own word: `allowed`.
        package var status: String?

        /// A limit of which nothing is known.
        package init(name: String) {
            self.name = name
        }
    }

    /// The provider's name for the request.
    package var requestID: String?
    /// The limits, in the order in which they are named first.
    package var limits: [Limit] = []
    /// How long to wait before the next try, as the provider writes it: seconds, a date (RFC 9110 §10.2.3), or
    /// milliseconds with their unit.
    package var retryAfter: String?

    /// Nothing said.
    package init() {}

    private static let mostLimits = 32
    private static let longestValue = 256

    /// Reads the fields of an answer's head, names in any case.
    package init(fields: [(name: String, value: String)]) {
        var bestID = Self.requestIDs.count
        for (name, value) in fields where Self.mayMatter(name) && value.utf8.count <= Self.longestValue {
            let name = name.lowercased()
            if value.isEmpty { continue }
            if let place = Self.requestIDs.firstIndex(of: name) {
                if place < bestID { (bestID, requestID) = (place, value) }
            } else if name == "retry-after-ms" {
                retryAfter = value + "ms"
            } else if name == "retry-after" {
                // The finer one of both wins.
                if retryAfter == nil { retryAfter = value }
            } else if let (limit, aspect) = Self.limit(name) {
                set(aspect, of: limit, value)
            }
        }
    }

    /// Names of the field that names a request, the provider's own in front of its host's.
    private static let requestIDs = [
        "x-request-id", "request-id", "apim-request-id", "x-ms-request-id", "x-amzn-requestid", "x-goog-request-id",
    ]

    /// Whether a name may be one that is read here, by its first letter: most are none.
    private static func mayMatter(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count >= 10 else { return false }
        return [0x61, 0x72, 0x78].contains(first | 0x20)
    }

    private enum Aspect: String {
        case limit
        case remaining
        case reset
        case utilization
        case status
    }

    /// What a field's name limits, and what it says of that.
    private static func limit(_ name: String) -> (name: String, aspect: Aspect)? {
        var words = name.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count > 2 else { return nil }
        switch (words[0], words[1]) {
        // anthropic-ratelimit-input-tokens-remaining, anthropic-priority-input-tokens-remaining
        case ("anthropic", "ratelimit"), ("anthropic", "priority"), ("anthropic", "fast"):
            guard let aspect = Aspect(rawValue: String(words.removeLast())), words.count > 2 else { return nil }
            return (words.dropFirst(words[1] == "ratelimit" ? 2 : 1).joined(separator: "_"), aspect)
        // x-ratelimit-remaining-tokens, x-ratelimit-remaining; LiteLLM's x-ratelimit-api_key-remaining-tokens
        case ("x", "ratelimit"):
            words.removeFirst(2)
            guard let place = words.firstIndex(where: { Aspect(rawValue: String($0)) != nil }), place <= 1,
                let aspect = Aspect(rawValue: String(words.remove(at: place)))
            else { return nil }
            return (words.isEmpty ? "requests" : words.joined(separator: "_"), aspect)
        default: return nil
        }
    }

    private mutating func set(_ aspect: Aspect, of name: String, _ value: String) {
        let place: Int
        if let known = limits.firstIndex(where: { $0.name == name }) {
            place = known
        } else {
            guard limits.count < Self.mostLimits else { return }
            place = limits.count
            limits.append(Limit(name: name))
        }
        switch aspect {
        case .limit: limits[place].limit = Int(value)
        case .remaining: limits[place].remaining = Int(value)
        case .reset: limits[place].reset = value
        case .utilization: limits[place].utilization = Double(value).flatMap { $0.isFinite ? $0 : nil }
        case .status: limits[place].status = value
        }
    }
}

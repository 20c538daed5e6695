/// The API that an exchange speaks.
package enum Dialect: String, Sendable, CaseIterable {
    case openAIChat = "openai-chat"
    case openAIResponses = "openai-responses"
    case anthropicMessages = "anthropic-messages"
    case gemini
    case ollama
    case other
}

extension Dialect {
    /// Tells the dialect from a path (without its query) and whether the request has an `anthropic-version` field; never
    /// from a credential.
    package init(path: RawSpan, hasAnthropicVersion: Bool) {
        let hints = PathHints(path)
        if hasAnthropicVersion || hints.isAnthropic {
            self = .anthropicMessages
        } else if hints.isGemini {
            self = .gemini
        } else if hints.isOllama {
            self = .ollama
        } else if hints.isResponses {
            self = .openAIResponses
        } else {
            self = .openAIChat
        }
    }
}

/// What the segments of a path say about its dialect.
private struct PathHints {
    var isAnthropic = false
    var isGemini = false
    var isOllama = false
    var isResponses = false

    init(_ path: RawSpan) {
        var isBehindAPI = false
        var isBehindPublishers = false
        var isOfAnthropic = false
        var start = 0
        while start < path.byteCount {
            let end = path.firstIndex(of: 0x2F, in: start..<path.byteCount) ?? path.byteCount
            let segment = start..<end
            start = end &+ 1
            // `//` parts no more than `/` does.
            if segment.isEmpty { continue }
            if let verb = path.verb(in: segment) {
                if Self.isGeminiVerb(path, verb) { isGemini = true }
                if isOfAnthropic, Self.isRawVerb(path, verb) { isAnthropic = true }
            }
            if isBehindPublishers, path.equals(segment, "anthropic") { isOfAnthropic = true }
            if isBehindAPI, Self.isOllamaEndpoint(path, segment) { isOllama = true }
            isBehindAPI = false
            isBehindPublishers = false
            switch segment.count {
            case 3: isBehindAPI = path.equals(segment, "api")
            case 6: if path.equals(segment, "v1beta") { isGemini = true }
            case 8: if path.equals(segment, "messages") { isAnthropic = true }
            case 9: if path.equals(segment, "responses") { isResponses = true }
            case 10: isBehindPublishers = path.equals(segment, "publishers")
            default: break
            }
        }
    }

    /// A colon alone says nothing: names of fine-tuned models and of versions have some.
    private static func isGeminiVerb(_ path: RawSpan, _ verb: Range<Int>) -> Bool {
        switch verb.count {
        case 7: path.equals(verb, "predict")
        case 11: path.equals(verb, "countTokens")
        case 12: path.equals(verb, "embedContent")
        case 15: path.equals(verb, "generateContent")
        case 18: path.equals(verb, "predictLongRunning") || path.equals(verb, "batchEmbedContents")
        case 20: path.equals(verb, "batchGenerateContent")
        case 21: path.equals(verb, "streamGenerateContent")
        default: false
        }
    }

    /// Vertex has these verbs for models that others publish, in the publisher's own form.
    private static func isRawVerb(_ path: RawSpan, _ verb: Range<Int>) -> Bool {
        path.equals(verb, "rawPredict") || path.equals(verb, "streamRawPredict")
    }

    private static func isOllamaEndpoint(_ path: RawSpan, _ segment: Range<Int>) -> Bool {
        switch segment.count {
        case 2: path.equals(segment, "ps")
        case 4:
            path.equals(segment, "chat") || path.equals(segment, "tags") || path.equals(segment, "show")
                || path.equals(segment, "pull") || path.equals(segment, "push") || path.equals(segment, "copy")
        case 5: path.equals(segment, "embed") || path.equals(segment, "blobs")
        case 6: path.equals(segment, "create") || path.equals(segment, "delete")
        case 7: path.equals(segment, "version")
        case 8: path.equals(segment, "generate")
        case 10: path.equals(segment, "embeddings")
        default: false
        }
    }
}

extension RawSpan {
    /// Where the first `octet` in `range` stands.
    fileprivate func firstIndex(of octet: UInt8, in range: Range<Int>) -> Int? {
        for index in range where self.octet(at: index) == octet { return index }
        return nil
    }

    /// What stands behind the last colon of a segment, which some clients escape.
    fileprivate func verb(in segment: Range<Int>) -> Range<Int>? {
        for index in segment.reversed() {
            let octet = self.octet(at: index)
            if octet == 0x3A { return index &+ 1..<segment.upperBound }
            if octet == 0x25, segment.upperBound - index >= 3, self.octet(at: index &+ 1) == 0x33,
                self.octet(at: index &+ 2) | 0x20 == 0x61
            {
                return index &+ 3..<segment.upperBound
            }
        }
        return nil
    }

    /// Whether `text` stands in `range`.
    fileprivate func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            for index in 0..<range.count where unsafe text[index] != octet(at: range.lowerBound + index) {
                return false
            }
            return true
        }
    }
}

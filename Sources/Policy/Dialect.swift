package import HTTP1
package import WeirConfiguration

extension Dialect {
    /// Tells the dialect from the path and the `anthropic-version` field, never from a credential.
    package init(_ head: RawSpan, target: Range<Int>, fields: [Field]) {
        var end = target.lowerBound
        while end < target.upperBound, head.octet(at: end) != 0x3F { end += 1 }
        let path = target.lowerBound..<end
        let isAnthropic = fields.contains { head.matches($0.nameRange, "anthropic-version") }
        if isAnthropic || head.hasSegment(path, "messages") {
            self = .anthropicMessages
        } else if head.hasSegment(path, "v1beta") || head.hasModelVerb(path) {
            self = .gemini
        } else if Self.ollamaEndpoints.contains(where: { head.hasSegments(path, "api", $0) }) {
            self = .ollama
        } else if head.hasSegment(path, "responses") {
            self = .openAIResponses
        } else {
            self = .openAIChat
        }
    }

    private static let ollamaEndpoints: [StaticString] = [
        "chat", "generate", "tags", "embed", "embeddings", "show", "ps", "pull", "push", "create", "copy", "delete",
        "version", "blobs",
    ]
}

extension RawSpan {
    /// Whether a segment of `path` is exactly `name`.
    fileprivate func hasSegment(_ path: Range<Int>, _ name: StaticString) -> Bool {
        segments(path).contains { equals($0, name) }
    }

    /// Whether two segments in a row are exactly `first` and `second`.
    fileprivate func hasSegments(_ path: Range<Int>, _ first: StaticString, _ second: StaticString) -> Bool {
        let all = segments(path)
        return zip(all, all.dropFirst()).contains { equals($0.0, first) && equals($0.1, second) }
    }

    /// Whether `path` has `models/NAME:verb`, Gemini's form.
    fileprivate func hasModelVerb(_ path: Range<Int>) -> Bool {
        let all = segments(path)
        for (models, name) in zip(all, all.dropFirst()) where equals(models, "models") {
            for index in name where octet(at: index) == 0x3A { return true }
        }
        return false
    }

    private func segments(_ path: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = path.lowerBound
        for index in path where octet(at: index) == 0x2F {
            if index > start { found.append(start..<index) }
            start = index + 1
        }
        if start < path.upperBound { found.append(start..<path.upperBound) }
        return found
    }
}

package import HTTP1
package import LLMWire

extension Dialect {
    /// Tells the dialect from the path and the `anthropic-version` field, never from a credential.
    package init(_ head: RawSpan, target: Range<Int>, fields: [Field]) {
        for field in fields where field.name == .other && head.matches(field.nameRange, "anthropic-version") {
            self = .anthropicMessages
            return
        }
        var hints = PathHints()
        hints.read(head, head.path(of: target))
        if hints.isAnthropic {
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

    mutating func read(_ head: RawSpan, _ path: Range<Int>) {
        var isBehindModels = false
        var isBehindAPI = false
        var start = path.lowerBound
        while start < path.upperBound {
            let end = head.firstIndex(of: 0x2F, in: start..<path.upperBound) ?? path.upperBound
            let segment = start..<end
            start = end &+ 1
            // `//` parts no more than `/` does.
            if segment.isEmpty { continue }
            if isBehindModels, head.firstIndex(of: 0x3A, in: segment) != nil { isGemini = true }
            if isBehindAPI, Self.isOllamaEndpoint(head, segment) { isOllama = true }
            isBehindModels = false
            isBehindAPI = false
            switch segment.count {
            case 3: isBehindAPI = head.equals(segment, "api")
            case 6:
                isBehindModels = head.equals(segment, "models")
                if head.equals(segment, "v1beta") { isGemini = true }
            case 8: if head.equals(segment, "messages") { isAnthropic = true }
            case 9: if head.equals(segment, "responses") { isResponses = true }
            default: break
            }
        }
    }

    private static func isOllamaEndpoint(_ head: RawSpan, _ segment: Range<Int>) -> Bool {
        switch segment.count {
        case 2: head.equals(segment, "ps")
        case 4:
            head.equals(segment, "chat") || head.equals(segment, "tags") || head.equals(segment, "show")
                || head.equals(segment, "pull") || head.equals(segment, "push") || head.equals(segment, "copy")
        case 5: head.equals(segment, "embed") || head.equals(segment, "blobs")
        case 6: head.equals(segment, "create") || head.equals(segment, "delete")
        case 7: head.equals(segment, "version")
        case 8: head.equals(segment, "generate")
        case 10: head.equals(segment, "embeddings")
        default: false
        }
    }
}

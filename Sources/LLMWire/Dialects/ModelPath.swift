extension Operation {
    /// The model that a request's path (without its query) names: `/models/NAME:verb` at Gemini and Vertex,
    /// `/deployments/NAME/…` at Azure, `/model/ID/invoke` and the like at Bedrock; nil where none is named.
    ///
    /// It comes before what the body says, which Azure does not look at.
    package static func model(inPath path: RawSpan) -> String? { ModelPath(path).model }

    /// Whether a request's path (without its query) asks for a stream; nil where the path does not decide it.
    package static func isStream(path: RawSpan) -> Bool? { ModelPath(path).isStream }
}

/// A path's segments, percent-decoded each for itself (RFC 3986 §2.4): an escaped slash is part of a name.
private struct ModelPath {
    private let segments: [String]

    private static let verbs: Set<String> = [
        "generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents",
        "asyncBatchEmbedContent", "batchGenerateContent", "computeTokens", "predict", "predictLongRunning",
        "rawPredict", "streamRawPredict", "serverStreamingPredict",
    ]
    private static let bedrockVerbs: Set<String> = [
        "invoke", "invoke-with-response-stream", "invoke-with-bidirectional-stream", "converse", "converse-stream",
        "count-tokens",
    ]

    init(_ path: RawSpan) {
        var segments: [String] = []
        var segment: [UInt8] = []
        var index = 0
        while index < path.byteCount {
            let octet = path.octet(at: index)
            index += 1
            if octet == UInt8(ascii: "/") {
                if !segment.isEmpty { segments.append(String(decoding: segment, as: UTF8.self)) }
                segment.removeAll(keepingCapacity: true)
            } else if octet == UInt8(ascii: "%"), index + 1 < path.byteCount,
                let high = Self.digit(path.octet(at: index)), let low = Self.digit(path.octet(at: index + 1))
            {
                segment.append(high << 4 | low)
                index += 2
            } else {
                segment.append(octet)
            }
        }
        if !segment.isEmpty { segments.append(String(decoding: segment, as: UTF8.self)) }
        self.segments = segments
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x37
        case 0x61...0x66: octet - 0x57
        default: nil
        }
    }

    /// The last segment taken apart at its verb's colon.
    private var verb: (name: Substring, verb: String)? {
        guard let last = segments.last, let colon = last.lastIndex(of: ":") else { return nil }
        let verb = String(last[last.index(after: colon)...])
        return Self.verbs.contains(verb) ? (last[..<colon], verb) : nil
    }

    var model: String? {
        if let (name, _) = verb {
            let collections = ["models", "tunedModels"]
            guard let place = segments.dropLast().lastIndex(where: collections.contains) else { return nil }
            let inside = segments[(place + 1)..<(segments.count - 1)]
            let whole = (inside + [String(name)]).joined(separator: "/")
            guard !whole.isEmpty else { return nil }
            return segments[place] == "models" ? whole : "\(segments[place])/\(whole)"
        }
        if let place = segments.firstIndex(of: "deployments"), place + 2 < segments.count { return segments[place + 1] }
        if let last = segments.last, Self.bedrockVerbs.contains(last), segments.count > 2,
            segments[segments.count - 3] == "model"
        {
            return segments[segments.count - 2]
        }
        return nil
    }

    var isStream: Bool? {
        if let verb = verb?.verb { return verb.hasPrefix("stream") || verb == "serverStreamingPredict" }
        guard let last = segments.last, Self.bedrockVerbs.contains(last), segments.contains("model") else { return nil }
        return last.hasSuffix("stream")
    }
}

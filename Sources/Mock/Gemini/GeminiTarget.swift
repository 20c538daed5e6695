/// What a path says at Gemini: a model and, after a colon, what is asked of it.
struct GeminiTarget {
    /// What can be asked of a model.
    enum Verb: String {
        case generateContent, streamGenerateContent, countTokens, embedContent, batchEmbedContents
    }

    /// The model's id, without `models/`; with its slashes and colons when it has some.
    var model: String
    var verb: Verb?

    /// Nil when the path names no model. What stands before `/models/` does not matter: Vertex has projects there.
    init?(_ target: Target) {
        let path = Target.percentDecoded(target.path[...])
        guard let start = path.ranges(of: "/models/").last else { return nil }
        let rest = path[start.upperBound...]
        if let colon = rest.lastIndex(of: ":"), let verb = Verb(rawValue: String(rest[colon...].dropFirst())) {
            self.verb = verb
            self.model = String(rest[..<colon])
        } else {
            self.model = String(rest)
        }
        if self.model.isEmpty { return nil }
    }
}

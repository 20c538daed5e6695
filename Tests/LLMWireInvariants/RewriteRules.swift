package import LLMWire

/// The rules of a route as they are written down, for the rewrite and for what judges it.
package struct RewriteRules: Sendable {
    /// See ``BodyRewrite``.
    package var fieldAliases: [(from: String, to: String)]
    /// See ``BodyRewrite``.
    package var modelAliases: [(from: String, to: String)]
    /// See ``BodyRewrite``.
    package var setBody: [(name: String, json: String)]

    /// Rules, none by default.
    package init(
        fieldAliases: [(from: String, to: String)] = [], modelAliases: [(from: String, to: String)] = [],
        setBody: [(name: String, json: String)] = []
    ) {
        self.fieldAliases = fieldAliases
        self.modelAliases = modelAliases
        self.setBody = setBody
    }

    /// The rules made ready.
    package func rewrite() throws(BodyRewrite.Fault) -> BodyRewrite {
        try BodyRewrite(fieldAliases: fieldAliases, modelAliases: modelAliases, setBody: setBody)
    }

    /// Sets of rules that meet each other in every way; the first is empty.
    package static let samples: [RewriteRules] = [
        RewriteRules(),
        RewriteRules(fieldAliases: [("model", "model_id")]),
        RewriteRules(fieldAliases: [
            ("a", "b"), ("b", "a"), ("", "leer"), ("\u{E9}", "e\"\n"), ("😀", "smile"), ("k", "k"),
        ]),
        RewriteRules(modelAliases: [("gpt-4", "anthropic/claude"), ("m", ""), ("", "m"), ("模型", "\u{1}\\")]),
        RewriteRules(setBody: [("stream", "true"), ("b", " {\"a\" : [1.0, {}]} "), ("", "null"), ("é", "\"é\"")]),
        RewriteRules(
            fieldAliases: [("model", "m"), ("messages", "stream"), ("content", "text"), ("a", "stream")],
            modelAliases: [("gpt-4", "gpt-5"), ("m", "n")],
            setBody: [("stream", "false"), ("model", "\"fixed\""), ("temperature", "1.0")]),
        RewriteRules(fieldAliases: [("model", "x")], modelAliases: [("gpt-4", "y")], setBody: [("x", "\"z\"")]),
        RewriteRules(
            fieldAliases: [("name", "model"), ("b", "model")], modelAliases: [("gpt-4", "g"), ("m", "g")],
            setBody: [("c", "[{\"name\":1}]"), ("a", "0")]),
    ]
}

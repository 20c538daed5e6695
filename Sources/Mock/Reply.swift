import NIOCore

/// What the mock says to a prompt: decided from the request alone, still without a dialect's form.
struct Reply: Equatable {
    /// A call of a tool.
    struct Call: Equatable {
        var name: String
        /// JSON, as the inside of a JSON string.
        var arguments: Pieces
        /// The same JSON as it is.
        var argumentsJSON: String
    }

    /// Text, or calls of tools.
    enum Content: Equatable {
        case text(Pieces)
        case calls([Call])
    }

    /// Why the answer ends.
    enum Stop: Equatable {
        /// All was said.
        case complete
        /// The limit of tokens was reached.
        case limit
        /// Tools are to be called; `isForced` when the request named the one.
        case calls(isForced: Bool)
    }

    /// Tokens, each counted once: of the prompt, of that prompt those read from cache, and of one answer.
    struct Usage: Equatable {
        var prompt: Int
        var cached: Int
        var reasoning: Int
        var content: Int

        /// What the answer has in all.
        var output: Int { self.reasoning + self.content }
    }

    /// What goes before the content; empty when there is none.
    var reasoning = Pieces()
    var content: Content
    var stop: Stop
    var usage: Usage
    /// Differs where the model, the number of messages or the last text differ.
    var fingerprint: String

    /// How much of a user's message or a tool's result the answer echoes, in Unicode scalars.
    static let longestEcho = 1_000
    /// What fills a text up to `x-mock-tokens`.
    static let filler = " The mock goes on talking."
    /// What the reasoning says where the request asks for it.
    static let thought = "The mock looks at the question, weighs its words and settles on an answer."
    /// What fills reasoning up to `x-mock-reasoning`.
    static let thoughtFiller = " The mock goes on thinking."
    /// How many bytes of arguments a streamed piece has.
    static let longestArgumentPiece = 8

    init(to prompt: Prompt, controls: MockControls) throws(MockRefusal) {
        self.fingerprint = prompt.fingerprint
        let cached = try Self.cached(of: prompt.tokens, controls)
        if let count = controls.reasoning ?? (prompt.asksForReasoning ? Pieces(Self.thought).count : nil), count > 0 {
            self.reasoning = Pieces(Self.thought)
            self.reasoning.resize(to: count, filler: Self.thoughtFiller)
        }

        if let called = try Self.calls(for: prompt, controls: controls) {
            let calls = called.tools.map { tool in
                let arguments = ToolSchema.arguments(for: tool.parameters)
                return Call(
                    name: tool.name, arguments: Pieces(arguments, longest: Self.longestArgumentPiece),
                    argumentsJSON: arguments)
            }
            self.content = .calls(calls)
            self.stop = .calls(isForced: called.isForced)
            self.usage = Usage(
                prompt: prompt.tokens, cached: cached, reasoning: self.reasoning.count,
                content: calls.reduce(0) { $0 + $1.arguments.count })
            return
        }

        let echo = prompt.answersTool ? prompt.last : prompt.question
        var text = Pieces(
            (prompt.answersTool ? "The tool answered: " : "This is the mock speaking. You said: ")
                + String(String.UnicodeScalarView(echo.unicodeScalars.prefix(Self.longestEcho))))
        if let tokens = controls.tokens { text.resize(to: tokens, filler: Self.filler) }
        self.stop = .complete
        if let limit = prompt.limit, limit < self.reasoning.count + text.count {
            if limit < self.reasoning.count { self.reasoning.resize(to: limit, filler: Self.thoughtFiller) }
            text.resize(to: limit - self.reasoning.count, filler: Self.filler)
            self.stop = .limit
        }
        self.content = .text(text)
        self.usage = Usage(
            prompt: prompt.tokens, cached: cached, reasoning: self.reasoning.count, content: text.count)
    }

    /// How many of a prompt's tokens `x-mock-cached-tokens` says came from cache.
    static func cached(of prompt: Int, _ controls: MockControls) throws(MockRefusal) -> Int {
        guard controls.cachedTokens <= prompt else {
            throw .control(
                "x-mock-cached-tokens", "\(controls.cachedTokens)",
                "a whole number from 0 to \(prompt), the tokens that this prompt has")
        }
        return controls.cachedTokens
    }

    /// Which tools the answer calls, if any; `isForced` when the request named the one.
    private static func calls(
        for prompt: Prompt, controls: MockControls
    ) throws(MockRefusal) -> (tools: [Prompt.Tool], isForced: Bool)? {
        if prompt.answersTool { return nil }
        func named(_ name: String, _ param: String) throws(MockRefusal) -> Prompt.Tool {
            guard let tool = prompt.tools.first(where: { $0.name == name }) else {
                throw .body(
                    "\(param) names the tool \"\(name)\", which is not among the request's tools.", param: param)
            }
            return tool
        }

        if !controls.toolCalls.isEmpty {
            var asked: [Prompt.Tool] = []
            for name in controls.toolCalls { asked.append(try named(name, "x-mock-tool-call")) }
            return (asked, false)
        }

        var usable = prompt.tools
        var isRequired = false
        switch prompt.toolChoice {
        case .none:
            return nil
        case .auto:
            break
        case .required:
            isRequired = true
        case .named(let name):
            return ([try named(name, prompt.toolChoiceField)], true)
        case .allowed(let required, let names):
            isRequired = required
            usable = usable.filter { names.contains($0.name) }
        }
        if isRequired, usable.isEmpty {
            throw .body(
                "\(prompt.toolChoiceField) asks for a tool, but there is none to call.", param: prompt.toolChoiceField)
        }
        if usable.isEmpty { return nil }

        let words = Self.words(of: prompt.question)
        var wanted = usable.filter { words.contains($0.name[...]) }
        if wanted.isEmpty, isRequired { wanted = [usable[0]] }
        if !prompt.allowsParallelToolCalls { wanted = Array(wanted.prefix(1)) }
        return wanted.isEmpty ? nil : (wanted, false)
    }

    /// The runs of a text that could be names of tools (letters, digits, `_`, `-`).
    private static func words(of text: String) -> Set<Substring> {
        let runs = text.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                false
            default: true
            }
        }
        return Set(runs.map { Substring($0) })
    }
}

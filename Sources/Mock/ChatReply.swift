import NIOCore

/// What the mock says to a Chat Completions request: decided from the request alone, still without a form.
struct ChatReply: Equatable {
    /// A call of a tool.
    struct Call: Equatable {
        var name: String
        var arguments: Pieces
    }

    /// Text, or calls of tools.
    enum Content: Equatable {
        case text(Pieces)
        case calls([Call])
    }

    var content: Content
    var finishReason: String
    var promptTokens: Int
    /// Tokens of one choice.
    var completionTokens: Int
    /// Differs where the model, the number of messages or the last text differ.
    var fingerprint: String

    /// How much of a user's message or a tool's result the answer echoes, in Unicode scalars.
    static let longestEcho = 1_000
    /// What fills a text up to `x-mock-tokens`.
    static let filler = " The mock goes on talking."
    /// How many bytes of arguments a streamed piece has.
    static let longestArgumentPiece = 8

    init(to request: ChatRequest, controls: MockControls) throws(MockRefusal) {
        let last = request.messages[request.messages.count - 1]
        let question = request.messages.last { $0.role == "user" }?.text ?? ""
        // The usual rule of thumb: four bytes a token.
        let bytes = request.messages.reduce(0) { $0 + $1.text.utf8.count }
        self.promptTokens = (bytes + 3) / 4
        self.fingerprint = Self.fingerprint(of: request, last: last.text)

        let answersTool = last.role == "tool" || last.role == "function"
        let called = answersTool ? nil : try Self.calls(in: request, question: question, controls: controls)
        if let called {
            let calls = called.functions.map { function in
                let arguments = ToolSchema.arguments(for: function.parameters)
                return Call(
                    name: function.name, arguments: Pieces(arguments, longest: Self.longestArgumentPiece))
            }
            self.content = .calls(calls)
            self.completionTokens = calls.reduce(0) { $0 + $1.arguments.count }
            self.finishReason = called.isForced ? "stop" : "tool_calls"
            return
        }

        let echo = answersTool ? last.text : question
        var text = Pieces(
            (answersTool ? "The tool answered: " : "This is the mock speaking. You said: ")
                + String(String.UnicodeScalarView(echo.unicodeScalars.prefix(Self.longestEcho))))
        if let tokens = controls.tokens { text.resize(to: tokens, filler: Self.filler) }
        self.finishReason = "stop"
        if let limit = request.limit, limit < text.count {
            text.resize(to: limit, filler: Self.filler)
            self.finishReason = "length"
        }
        self.content = .text(text)
        self.completionTokens = text.count
    }

    /// Which tools the answer calls, if any; `isForced` when the request named the one, as OpenAI then ends with the
    /// finish reason `stop`.
    private static func calls(
        in request: ChatRequest, question: String, controls: MockControls
    ) throws(MockRefusal) -> (functions: [ChatRequest.Tool.Function], isForced: Bool)? {
        let functions = (request.tools ?? []).compactMap(\.function)
        func named(_ name: String, _ param: String) throws(MockRefusal) -> ChatRequest.Tool.Function {
            guard let function = functions.first(where: { $0.name == name }) else {
                throw .body(
                    "\(param) names the tool \"\(name)\", which is not among the request's tools.", param: param)
            }
            return function
        }

        if !controls.toolCalls.isEmpty {
            var asked: [ChatRequest.Tool.Function] = []
            for name in controls.toolCalls { asked.append(try named(name, "x-mock-tool-call")) }
            return (asked, false)
        }

        var usable = functions
        var isRequired = false
        switch request.toolChoice ?? .auto {
        case .none:
            return nil
        case .auto:
            break
        case .required:
            isRequired = true
        case .function(let name):
            return ([try named(name, "tool_choice")], true)
        case .allowed(let required, let names):
            isRequired = required
            usable = functions.filter { names.contains($0.name) }
        }
        if isRequired, usable.isEmpty {
            throw .body("tool_choice asks for a tool, but there is none to call.", param: "tool_choice")
        }
        if usable.isEmpty { return nil }

        let words = Self.words(of: question)
        var wanted = usable.filter { words.contains($0.name[...]) }
        if wanted.isEmpty, isRequired { wanted = [usable[0]] }
        if request.allowsParallelToolCalls == false { wanted = Array(wanted.prefix(1)) }
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

    /// FNV-1a over what tells one request from another in practice.
    private static func fingerprint(of request: ChatRequest, last: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for byte in request.model.utf8 { mix(byte) }
        mix(0)
        var count = UInt64(request.messages.count)
        while count > 0 {
            mix(UInt8(truncatingIfNeeded: count))
            count >>= 8
        }
        mix(0)
        for byte in last.utf8.suffix(4_096) { mix(byte) }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

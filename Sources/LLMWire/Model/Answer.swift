/// Why an answer ended, in the words of Chat Completions.
package enum FinishReason: String, Sendable {
    /// The model had said all, or came to a stop sequence.
    case stop
    /// A limit of tokens.
    case length
    /// It asks for tools.
    case toolCalls = "tool_calls"
    /// Withheld or declined.
    case contentFilter = "content_filter"
    /// The provider paused it; the client is to go on.
    case pause
    /// It failed.
    case error
    /// A reason that has no word here.
    case other
}

/// One of the answers that a request may ask for at once.
package struct Choice: Sendable, Equatable {
    /// Its number, from 0.
    package var index: Int
    /// Who speaks: the assistant.
    package var role = Role.assistant
    /// What is said, in the order in which it began.
    package var parts: [Part] = []
    /// Why it ended; nil where that was not said.
    package var finishReason: FinishReason?
    /// The same in the provider's own word.
    package var nativeFinishReason: String?

    /// An answer in which nothing is said yet.
    package init(index: Int) {
        self.index = index
    }

    /// All text said, without what is between.
    package var text: String { parts.reduce(into: "") { if case .text(let text) = $1 { $0 += text } } }

    /// The tools that are asked for.
    package var toolCalls: [ToolCall] {
        parts.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
    }

    /// Whether any tool is left for the client to call: what the provider itself has called has its result beside it.
    package var asksForTools: Bool {
        let calls = toolCalls
        guard !calls.isEmpty else { return false }
        let answered = Set(parts.compactMap { if case .toolResult(let result) = $0 { result.id } else { nil } })
        return calls.contains { call in call.id.map { !answered.contains($0) } ?? true }
    }
}

/// What a provider says went wrong.
package struct ProviderError: Sendable, Equatable {
    /// The message.
    package var message: String
    /// The kind, in the provider's own word.
    package var type: String?
    /// The code, in the provider's own word.
    package var code: String?

    /// An error.
    package init(message: String, type: String? = nil, code: String? = nil) {
        self.message = message
        self.type = type
        self.code = code
    }
}

/// What a provider answered, in no provider's own form: assembled, where it came as a stream.
package struct Answer: Sendable, Equatable {
    /// The provider's name for the answer.
    package var id: String?
    /// The model that answered.
    package var model: String?
    /// The answers, by number.
    package var choices: [Choice] = []
    /// What it used, as far as the provider said.
    package var usage: Usage?
    /// What went wrong, before or in the middle of it.
    package var error: ProviderError?
    /// The class of service that it was given.
    package var serviceTier: String?
    /// What the provider itself says it cost, in US dollars, in its own digits.
    package var reportedCost: String?
    /// Vectors that an embedding brought.
    package var embeddings: Int?
    /// Whether the answer came to the end that its form has for it.
    package var isComplete = false
    /// Pieces that could not be read, and the first of them as they came.
    package var malformed = MalformedPieces()
    /// Pieces that were not kept because there were too many choices or parts, at least.
    package var dropped = 0

    /// Nothing answered.
    package init() {}
}

/// Pieces of an answer that could not be read: they are counted, and the first are kept.
package struct MalformedPieces: Sendable, Equatable {
    /// How many there were.
    package private(set) var count = 0
    /// The first of them, each cut at 4 KiB.
    package private(set) var first: [String] = []

    /// None.
    package init() {}

    private static let kept = 4
    private static let longest = 4096

    mutating func add(_ octets: [UInt8]) {
        count += 1
        if first.count < Self.kept { first.append(String(decoding: octets.prefix(Self.longest), as: UTF8.self)) }
    }
}

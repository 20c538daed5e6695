/// What a request asks of the mock, read from whatever dialect it came in.
struct Prompt {
    /// Who a message is from; `tool` is the result of a call.
    enum Role {
        case system, user, assistant, tool
    }

    /// A function that the answer may call.
    struct Tool {
        var name: String
        var parameters: ToolSchema?
    }

    /// Which tools the answer is to call.
    enum ToolChoice {
        case none, auto, required
        case named(String)
        case allowed(isRequired: Bool, names: [String])
    }

    var model: String
    var tools: [Tool] = []
    var toolChoice = ToolChoice.auto
    /// What the dialect calls the choice, for refusals.
    var toolChoiceField = "tool_choice"
    var allowsParallelToolCalls = true
    /// How many tokens an answer may have, reasoning among them.
    var limit: Int?
    /// Whether the request itself asks for reasoning.
    var asksForReasoning = false

    /// The text of the last user message.
    private(set) var question = ""
    /// The text of the last message.
    private(set) var last = ""
    /// Whether the last message is a tool's result.
    private(set) var answersTool = false
    /// How many messages there are.
    private(set) var count = 0
    private var bytes = 0

    init(model: String) {
        self.model = model
    }

    /// Takes the next message.
    mutating func add(_ role: Role, _ text: String) {
        self.count += 1
        self.bytes += text.utf8.count
        self.last = text
        self.answersTool = role == .tool
        if role == .user { self.question = text }
    }

    /// Takes system text that the dialect keeps apart from the messages; it counts as prompt and as nothing else.
    mutating func addInstructions(_ text: String) {
        self.bytes += text.utf8.count
    }

    /// The prompt's tokens by the usual rule of thumb: four bytes a token.
    var tokens: Int { (self.bytes + 3) / 4 }

    /// Differs where the model, the number of messages or the last text differ.
    var fingerprint: String {
        var hash = Fingerprint()
        hash.mix(self.model.utf8)
        hash.mix(0)
        var count = UInt64(self.count)
        while count > 0 {
            hash.mix(UInt8(truncatingIfNeeded: count))
            count >>= 8
        }
        hash.mix(0)
        hash.mix(self.last.utf8.suffix(4_096))
        return hash.digits
    }
}

/// FNV-1a, 64 bits: tells one request from another in practice.
struct Fingerprint {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func mix(_ byte: UInt8) { self.value = (self.value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    mutating func mix(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { self.mix(byte) }
    }

    /// Sixteen hexadecimal digits.
    var digits: String {
        let digits = String(self.value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// Who speaks in a message.
package enum Role: Sendable, Equatable {
    case system
    case developer
    case user
    case assistant
    case tool
    /// What a provider calls somebody else.
    case other(String)

    /// The role that providers call `name`; `model` is Gemini's assistant, `function` the older tool.
    package init(_ name: String) {
        switch name {
        case "system": self = .system
        case "developer": self = .developer
        case "user": self = .user
        case "assistant", "model": self = .assistant
        case "tool", "function": self = .tool
        default: self = .other(name)
        }
    }

    /// The word that records show.
    package var text: String {
        switch self {
        case .system: "system"
        case .developer: "developer"
        case .user: "user"
        case .assistant: "assistant"
        case .tool: "tool"
        case .other(let name): name
        }
    }
}

/// One message of a request.
package struct Message: Sendable, Equatable {
    /// Who speaks.
    package var role: Role
    /// What is said, in order.
    package var parts: [Part]

    /// A message.
    package init(_ role: Role, _ parts: [Part]) {
        self.role = role
        self.parts = parts
    }
}

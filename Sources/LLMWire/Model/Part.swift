/// What a message or an answer is made of, in no provider's own form.
package enum Part: Sendable, Equatable {
    /// Text said.
    case text(String)
    /// Text thought: as the provider shows it, perhaps a summary, perhaps nothing.
    case reasoning(String)
    /// Text in which the model declines.
    case refusal(String)
    /// A tool that the model asks for.
    case toolCall(ToolCall)
    /// What a tool gave back.
    case toolResult(ToolResult)
    /// An image, sound or document.
    case media(Media)
    /// A part that has no form here: its type and its JSON.
    case other(type: String, json: String)
}

/// A tool that a model asks for.
package struct ToolCall: Sendable, Equatable {
    /// What its result will name it by; nil where the provider gives none.
    package var id: String?
    /// The tool's name.
    package var name: String
    /// What it is called with: JSON text as the model wrote it, valid or not; a custom tool's free text.
    package var arguments: String

    /// A call.
    package init(id: String? = nil, name: String = "", arguments: String = "") {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What a tool gave back.
package struct ToolResult: Sendable, Equatable {
    /// The call it answers; nil where the provider names none.
    package var id: String?
    /// The tool's name, where it is said.
    package var name: String?
    /// What it gave: text, or JSON text where it is no text.
    package var content: String
    /// Whether it failed, as far as that is said.
    package var isError: Bool

    /// A result.
    package init(id: String? = nil, name: String? = nil, content: String, isError: Bool = false) {
        self.id = id
        self.name = name
        self.content = content
        self.isError = isError
    }
}

/// An image, sound or document, told of and not shown.
package struct Media: Sendable, Equatable {
    /// The kinds of it.
    package enum Kind: String, Sendable {
        case image
        case audio
        case video
        case document
    }

    /// What it is.
    package var kind: Kind
    /// Its media type, where it is said: `image/png`.
    package var type: String?
    /// Where it is, or its name or file id; nil where its octets are in the message.
    package var location: String?
    /// Octets of it in the message, base 64 undone; 0 where it is elsewhere.
    package var size: Int

    /// A piece of media.
    package init(kind: Kind, type: String? = nil, location: String? = nil, size: Int = 0) {
        self.kind = kind
        self.type = type
        self.location = location
        self.size = size
    }
}

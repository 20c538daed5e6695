/// How one operation's answers are read. Conforming types are pure machines: no clock, no I/O, nothing that throws.
///
/// What is not as expected is passed over: a member of another kind counts as absent, an event of an unknown type says
/// nothing.
protocol AnswerDialect: Sendable {
    /// A reader at the start of an answer.
    init()
    /// Takes one event of a stream. `name` is that of a server-sent event, empty in other framings.
    mutating func takeEvent(name: [UInt8], _ document: JSONDocument, into draft: inout AnswerDraft)
    /// Takes an event whose data is no JSON.
    ///
    /// What a dialect does not take itself is read as a ``PlainEvent``.
    ///
    /// - Returns: whether it is known, as Chat's `[DONE]` is; else it counts as malformed.
    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool
    /// Takes an answer that came whole.
    mutating func takeWhole(_ document: JSONDocument, into draft: inout AnswerDraft)
    /// Takes note of an answer that is no text, of which only its length is known.
    mutating func takeBinary(_ count: Int, into draft: inout AnswerDraft)
    /// Says that nothing more comes.
    mutating func finish(into draft: inout AnswerDraft)
}

extension AnswerDialect {
    mutating func takeText(name: [UInt8], _ data: [UInt8], into draft: inout AnswerDraft) -> Bool {
        draft.takePlain(name: name, data) != .other
    }
    mutating func takeBinary(_ count: Int, into draft: inout AnswerDraft) { draft.answer.isComplete = true }
    mutating func finish(into draft: inout AnswerDraft) {}
}

/// What an event whose data is no JSON says, in any dialect: servers that speak several end all their streams alike.
enum PlainEvent {
    /// Nothing: it keeps the connection alive.
    case nothing
    /// `[DONE]`.
    case done
    /// An error, told by the event's name.
    case error
    /// Something else.
    case other
}

extension AnswerDraft {
    /// Takes an event whose data is no JSON, as far as all dialects take it alike: the text of an error.
    mutating func takePlain(name: [UInt8], _ data: [UInt8]) -> PlainEvent {
        guard let first = data.firstIndex(where: { $0 > 0x20 }), let last = data.lastIndex(where: { $0 > 0x20 }) else {
            return .nothing
        }
        let text = data[first...last]
        if text.elementsEqual("[DONE]".utf8) { return .done }
        guard name.elementsEqual("error".utf8) else { return .other }
        answer.error = ProviderError(message: String(decoding: text.prefix(ProviderError.longestRaw), as: UTF8.self))
        return .error
    }
}

/// How one operation's requests are read.
protocol RequestDialect {
    /// Tells what the request says, its messages by their places.
    static func outline(_ document: JSONDocument) -> RequestOutline
    /// Reads what stands at a place that ``outline(_:)`` has given.
    static func message(_ source: MessageSource, _ document: JSONDocument) -> Message
}

/// Where a message stands in a request.
package struct MessageSource: Sendable, Equatable {
    /// Who speaks.
    package var role: Role
    /// The message, or what it says; for the dialect that made it to know.
    package var node: JSONDocument.Node

    init(_ role: Role, _ node: JSONDocument.Node) {
        self.role = role
        self.node = node
    }
}

/// A request with its messages by their places, so that those of a long conversation that have been read before need
/// not be read again.
package struct RequestOutline: Sendable {
    /// All but the messages.
    package var request = ModelRequest()
    /// The messages, instructions first, in order.
    package var messages: [MessageSource] = []

    init() {}
}

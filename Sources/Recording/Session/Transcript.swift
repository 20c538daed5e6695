import HTTP1
import LLMWire

/// Writes what was said in exchanges as Markdown, an entry an exchange (contract 8.2).
///
/// Of a running conversation an entry has what the turn before had not. Text goes in as it is; in a fence goes what
/// Markdown would change: JSON, XML, indented lines, text with fences of its own, and lines that could be taken for the
/// transcript's own headings.
struct Transcript: Sendable {
    /// What tools are called, by the ids of their calls, so that results can be shown under the tool's name.
    private var tools: [String: String] = [:]
    private static let toolsKept = 4096
    private static let longestName = 256

    /// Appends the entry of an exchange; nothing where it carries no messages.
    ///
    /// - Parameter clock: what writes the time when the exchange began.
    mutating func append(
        _ exchange: RecordedExchange, _ heads: borrowing ExchangeHeads, _ reading: ExchangeReading,
        _ clock: inout ExchangeLine, to out: inout [UInt8]
    ) {
        guard reading.operation.isConversation else { return }
        let messages = reading.request?.messages ?? []
        let choices = reading.answer?.choices ?? []
        guard !messages.isEmpty || choices.contains(where: { !$0.parts.isEmpty }) else { return }
        var entry = TranscriptEntry(out)
        out = []
        let id = exchange.id.textOctets
        entry.heading(2, id.span.bytes)
        let target = heads.request.requestLine.target
        let span = heads.request.octets.span.bytes
        let path = RecordedTarget.split(span, target).path
        if UTF8Text.isValid(span.extracting(path)) {
            entry.fact("path", span.extracting(path))
        } else {
            entry.fact("path", String(decoding: heads.request.octets[path], as: UTF8.self))
        }
        entry.fact("time", clock.time(exchange.startedAt).span.bytes)
        if let model = reading.request?.model ?? reading.answer?.model { entry.fact("model", model) }
        if exchange.outcome != .completed { entry.fact("outcome", exchange.outcome.text) }
        if heads.delivered.isReadable, heads.delivered.status >= 400 {
            entry.fact("status", String(heads.delivered.status))
        }
        if reading.inheritedMessages > 0 { entry.fact("earlier messages", String(reading.inheritedMessages)) }
        entry.lineBreak()
        for message in messages { append(message.parts, message.role, to: &entry) }
        for choice in choices { append(choice.parts, choice.role, to: &entry) }
        if let error = reading.answer?.error {
            entry.heading(3, "Error")
            entry.content(error.message)
        } else if let message = exchange.errorMessage {
            entry.heading(3, "Error")
            entry.content(message)
        }
        out = entry.octets
    }

    private mutating func append(_ parts: [Part], _ role: Role, to entry: inout TranscriptEntry) {
        for (index, part) in parts.enumerated() {
            switch part {
            case .text(let text), .refusal(let text):
                guard TranscriptEntry.hasContent(text) else { continue }
                // Texts of one message stand under one heading.
                if index == 0 || !Self.isSaid(parts[index - 1]) { heading(role, in: &entry) }
                entry.content(text)
            case .reasoning(let text):
                guard TranscriptEntry.hasContent(text) else { continue }
                entry.heading(3, "Reasoning")
                entry.content(text)
            case .toolCall(let call):
                keep(call)
                entry.heading(3, "Tool Call", name: call.name.isEmpty ? "unknown" : call.name)
                entry.code(call.arguments)
            case .toolResult(let result):
                let name = result.name ?? result.id.flatMap { tools[$0] } ?? result.id ?? "unknown"
                entry.heading(3, "Tool Result", name: name)
                entry.content(result.content)
            case .media(let media):
                if index == 0 || !Self.isSaid(parts[index - 1]) { heading(role, in: &entry) }
                entry.note(Self.words(media))
            case .other(let type, let json):
                entry.heading(3, text: Self.title(type))
                entry.code(json)
            }
        }
    }

    private func heading(_ role: Role, in entry: inout TranscriptEntry) {
        switch role {
        case .system: entry.heading(3, "System")
        case .developer: entry.heading(3, "Developer")
        case .user: entry.heading(3, "User")
        case .assistant: entry.heading(3, "Assistant")
        case .tool: entry.heading(3, "Tool")
        case .other(let name): entry.heading(3, text: Self.title(name))
        }
    }

    private mutating func keep(_ call: ToolCall) {
        // Ids and names come from bodies, and may be of any length there.
        guard let id = call.id, id.utf8.count <= Self.longestName, call.name.utf8.count <= Self.longestName else {
            return
        }
        if tools.count >= Self.toolsKept { tools.removeAll(keepingCapacity: true) }
        tools[id] = call.name
    }

    private static func isSaid(_ part: Part) -> Bool {
        switch part {
        case .text(let text), .refusal(let text): TranscriptEntry.hasContent(text)
        case .media: true
        case .reasoning, .toolCall, .toolResult, .other: false
        }
    }

    private static func words(_ media: Media) -> String {
        var words = [media.kind.rawValue]
        if let type = media.type { words.append(type) }
        if media.size > 0 { words.append("\(media.size) octets") }
        if let location = media.location { words.append(location) }
        return words.joined(separator: ", ")
    }

    /// A role or type as a heading: `critic_agent` is `Critic Agent`.
    static func title(_ name: String) -> String {
        let words = name.split { $0 == "_" || $0 == "-" || $0 == " " || $0.isNewline }
        guard !words.isEmpty else { return "Unknown" }
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }.joined(separator: " ")
    }
}

import FoundationEssentials
import NIOCore
import NIOHTTP1

@testable import Mock

/// A body as JSON, whatever its dialect.
func json(_ text: some StringProtocol) throws -> JSONValue {
    try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
}

extension JSONValue {
    subscript(name: String) -> JSONValue {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    subscript(index: Int) -> JSONValue {
        self.elements.indices.contains(index) ? self.elements[index] : .null
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var int: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    var names: Set<String> {
        if case .object(let members) = self { Set(members.keys) } else { [] }
    }
}

/// One server-sent event.
struct NamedEvent {
    var name: String?
    var data: JSONValue
}

/// The events of a stream whose every event is one `data:` line, with an `event:` line before it or none.
func namedEvents(_ stream: String, separator: String = "\n\n") throws -> [NamedEvent] {
    try stream.split(separator: separator).map { event in
        let lines = event.split(separator: "\n", omittingEmptySubsequences: false)
        let data = lines.last ?? ""
        guard lines.count <= 2, data.hasPrefix("data: ") else { throw Malformed(event: String(event)) }
        guard lines.count == 2 else { return NamedEvent(name: nil, data: try json(data.dropFirst(6))) }
        guard lines[0].hasPrefix("event: ") else { throw Malformed(event: String(event)) }
        return NamedEvent(name: String(lines[0].dropFirst(7)), data: try json(data.dropFirst(6)))
    }
}

struct Malformed: Error {
    var event: String
}

extension MockScript {
    /// What goes out when the script's own fault is played; waits are passed over.
    var playedText: String {
        guard case .events(let track) = self.body else { return self.bodyText }
        var playback = Playback(track, pace: nil, fault: self.fault, now: .uptimeNanoseconds(1))
        var text = ""
        while case .write(let bytes) = playback.step(now: .uptimeNanoseconds(1)) { text += String(buffer: bytes) }
        return text
    }
}

/// The same question in every dialect that answers in text.
enum Speaker: CaseIterable {
    case chat, responses, messages, gemini, ollamaChat, ollamaGenerate

    var dialect: Dialect {
        switch self {
        case .chat, .responses: .openAI
        case .messages: .anthropic
        case .gemini: .gemini
        case .ollamaChat, .ollamaGenerate: .ollama
        }
    }

    func target(isStreamed: Bool) -> String {
        switch self {
        case .chat: "/v1/chat/completions"
        case .responses: "/v1/responses"
        case .messages: "/v1/messages?beta=true"
        case .gemini: isStreamed ? "/v1beta/models/m:streamGenerateContent?alt=sse" : "/v1beta/models/m:generateContent"
        case .ollamaChat: "/api/chat"
        case .ollamaGenerate: "/api/generate"
        }
    }

    /// `text` is asked; `more` are further members of the body, each with its comma before it.
    func body(_ text: String = "Hello", isStreamed: Bool = false, more: String = "") -> String {
        let messages = #""messages":[{"role":"user","content":\#(JSONText.quoted(text))}]"#
        let stream = #","stream":\#(isStreamed)"#
        return switch self {
        case .chat: #"{"model":"m",\#(messages)\#(stream)\#(more)}"#
        case .responses: #"{"model":"m","input":\#(JSONText.quoted(text))\#(stream)\#(more)}"#
        case .messages: #"{"model":"m","max_tokens":10000,\#(messages)\#(stream)\#(more)}"#
        case .gemini: #"{"contents":[{"role":"user","parts":[{"text":\#(JSONText.quoted(text))}]}]\#(more)}"#
        case .ollamaChat: #"{"model":"m",\#(messages)\#(stream)\#(more)}"#
        case .ollamaGenerate: #"{"model":"m","prompt":\#(JSONText.quoted(text))\#(stream)\#(more)}"#
        }
    }

    func answer(
        _ text: String = "Hello", isStreamed: Bool = false, more: String = "", fields: HTTPHeaders = [:]
    ) -> MockScript {
        script(
            .POST, self.target(isStreamed: isStreamed), self.body(text, isStreamed: isStreamed, more: more),
            fields: fields)
    }

    /// What a plain answer says, thinks and counts, without its form.
    func read(_ text: String) throws -> (text: String?, reasoning: String?) {
        let value = try json(text)
        switch self {
        case .chat:
            let message = value["choices"][0]["message"]
            return (message["content"].string, message["reasoning_content"].string)
        case .responses:
            let items = value["output"].elements
            return (
                items.first { $0["type"].string == "message" }?["content"][0]["text"].string,
                items.first { $0["type"].string == "reasoning" }?["summary"][0]["text"].string
            )
        case .messages:
            let blocks = value["content"].elements
            return (
                blocks.first { $0["type"].string == "text" }?["text"].string,
                blocks.first { $0["type"].string == "thinking" }?["thinking"].string
            )
        case .gemini:
            let parts = value["candidates"][0]["content"]["parts"].elements
            return (
                parts.first { $0["thought"] == .null }?["text"].string,
                parts.first { $0["thought"] == .bool(true) }?["text"].string
            )
        case .ollamaChat: return (value["message"]["content"].string, value["message"]["thinking"].string)
        case .ollamaGenerate: return (value["response"].string, value["thinking"].string)
        }
    }
}

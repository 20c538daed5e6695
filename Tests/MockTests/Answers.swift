import FoundationEssentials
import NIOCore
import NIOHTTP1

@testable import Mock

/// What the tests read of the mock's JSON.
struct Completion: Decodable {
    var id: String
    var created: Int
    var model: String
    var object: String
    var choices: [Choice]
    var usage: Usage?

    struct Choice: Decodable {
        var index: Int
        var message: Message?
        var delta: Message?
        var finishReason: String?
    }

    struct Message: Decodable {
        var role: String?
        var content: String?
        var toolCalls: [Call]?
    }

    struct Call: Decodable {
        var index: Int?
        var id: String?
        var type: String?
        var function: Function
    }

    struct Function: Decodable {
        var name: String?
        var arguments: String
    }

    struct Usage: Decodable, Equatable {
        var promptTokens: Int
        var completionTokens: Int
        var totalTokens: Int
    }

    /// The deltas' texts of one choice, joined.
    static func text(_ chunks: [Completion], choice: Int = 0) -> String {
        chunks.flatMap(\.choices).filter { $0.index == choice }.compactMap { $0.delta?.content }.joined()
    }

    /// The argument pieces of one call, joined.
    static func arguments(_ chunks: [Completion], call: Int = 0) -> String {
        chunks.flatMap(\.choices).flatMap { $0.delta?.toolCalls ?? [] }
            .filter { $0.index == call }.map(\.function.arguments).joined()
    }
}

/// An error in OpenAI's form.
struct ErrorAnswer: Decodable {
    var error: Detail

    struct Detail: Decodable {
        var message: String
        var type: String
        var param: String?
        var code: String?
    }
}

func decode<Value: Decodable>(_ type: Value.Type, _ text: some StringProtocol) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(text.utf8))
}

/// The data of every event of a stream, in order.
func eventData(_ stream: String) -> [String] {
    stream.split(separator: "\n\n").map { event in
        String(event.hasPrefix("data: ") ? event.dropFirst("data: ".count) : "not data: \(event)")
    }
}

/// A stream's chunks without `[DONE]`.
func chunks(_ stream: String) throws -> [Completion] {
    try eventData(stream).filter { $0 != "[DONE]" }.map { try decode(Completion.self, $0) }
}

extension MockScript {
    /// The body as text, events joined.
    var bodyText: String {
        switch self.body {
        case .none: return ""
        case .whole(let bytes): return String(buffer: bytes)
        case .events(var track):
            var text = ""
            while let event = track.next() { text += String(buffer: event.bytes) }
            return text
        }
    }

    /// The error of an error answer.
    var error: ErrorAnswer.Detail {
        get throws { try decode(ErrorAnswer.self, self.bodyText).error }
    }
}

/// The script for a request.
func script(
    _ method: HTTPMethod = .POST, _ target: String = "/v1/chat/completions", _ body: String = "",
    fields: HTTPHeaders = [:], settings: MockSettings = MockSettings()
) -> MockScript {
    MockProvider.script(
        for: MockRequest(method: method, target: target, fields: fields, body: ByteBuffer(string: body)),
        settings: settings)
}

/// A chat request's body; `more` is further members, each with its comma before it.
func chat(_ text: String = "Hello there", _ more: String = "") -> String {
    #"{"model":"m","messages":[{"role":"user","content":\#(JSONText.quoted(text))}]\#(more)}"#
}

let weatherTool =
    #","tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":"object","properties":"#
    + #"{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]}}}}},"#
    + #"{"type":"function","function":{"name":"stop"}}]"#

import LLMWire

/// What is measured: an answer or a request of one operation.
struct Sample {
    enum Kind: String, CaseIterable {
        case text = "text, streamed"
        case tools = "tools, streamed"
        case whole
        case request
    }

    let operation: Operation
    let kind: Kind
    let framing: AnswerReader.Framing
    let octets: [UInt8]
    /// Events of a stream, messages of a request.
    let pieces: Int
}

/// Answers and requests of one operation, of the size that agents have them in.
struct Samples {
    private static let events = 300
    private static let words = [
        "the ", "tide ", "turns ", "at ", "six ", "— ", "say ", "\\\"now\\\" ", "and\\n", "wait, ",
    ]

    let operation: Operation
    let framing: AnswerReader.Framing
    /// An event of text, with the place of it.
    var text: (String) -> String
    /// An event of a tool's arguments; nil where calls come whole.
    var tool: (String) -> String
    /// What is in front of the tool's events.
    var toolStart: [String] = []
    /// What ends a stream.
    var end: [String]
    /// A whole answer around a text.
    var whole: (String) -> String
    /// A request around messages, and one of them.
    var request: (String) -> String
    var message: (String, Int) -> String

    var all: [Sample] {
        let text = (0..<Self.events).map { self.text(Self.words[$0 % Self.words.count]) } + end
        let argument = "{\\\"path\\\":"
        let tools = toolStart + (0..<Self.events).map { _ in tool(argument) } + end
        let long = (0..<2000).map { Self.words[$0 % Self.words.count] }.joined()
        let messages = (0..<100).map { message((0..<160).map { Self.words[$0 % Self.words.count] }.joined(), $0) }
        return [
            Sample(
                operation: operation, kind: .text, framing: framing, octets: stream(text), pieces: text.count),
            Sample(
                operation: operation, kind: .tools, framing: framing, octets: stream(tools), pieces: tools.count),
            Sample(
                operation: operation, kind: .whole, framing: .document, octets: Array(whole(long).utf8), pieces: 1),
            Sample(
                operation: operation, kind: .request, framing: .document,
                octets: Array(request(messages.joined(separator: ",")).utf8), pieces: messages.count),
        ]
    }

    private func stream(_ events: [String]) -> [UInt8] {
        switch framing {
        case .array: Array(("[" + events.joined(separator: "\n,\r\n") + "\n]").utf8)
        case .lines: Array(events.map { $0 + "\n" }.joined().utf8)
        default: Array(events.map { $0 + "\n\n" }.joined().utf8)
        }
    }
}

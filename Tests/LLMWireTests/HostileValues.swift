import LLMWire
import Testing

/// Texts of JSON with one value after another replaced by what nobody expects there.
enum HostileValues {
    static let values = [
        "null", "true", "-1", "0.5", "1e999", "9223372036854775807", "123456789012345678901234567890", "\"\"",
        "\"\\ud800\"", "\"x\"", "[]", "{}", "[[{}]]", "[null,1,\"a\",{\"type\":\"text\"}]", "{\"type\":\"tool_use\"}",
    ]

    /// Every way to replace one value of `json`, at any depth.
    static func variants(of json: String) throws -> [String] {
        let octets = Array(json.utf8)
        var document = JSONDocument()
        try document.read(octets.span.bytes)
        var ranges: [Range<Int>] = []
        collect(document, document.root, into: &ranges)
        return ranges.flatMap { range in
            values.map { value in
                String(
                    decoding: octets[..<range.lowerBound] + Array(value.utf8) + octets[range.upperBound...],
                    as: UTF8.self)
            }
        }
    }

    private static func collect(_ document: JSONDocument, _ node: JSONDocument.Node, into ranges: inout [Range<Int>]) {
        ranges.append(document.range(node))
        for (_, value) in document.members(node) { collect(document, value, into: &ranges) }
        for element in document.elements(node) { collect(document, element, into: &ranges) }
    }
}

/// Expects of a stream that whatever stands in place of one of its values, a later event's text `@` is read.
func expectHarmless(_ operation: LLMWire.Operation, _ stream: [String], sentinel: String) throws {
    for (place, event) in stream.enumerated() {
        for variant in try HostileValues.variants(of: event) {
            var events = stream
            events[place] = variant
            events.append(sentinel)
            let answer = readEvents(operation, events.map { (0, $0) }).answer
            #expect(answer.choices.first?.parts.contains(.text("@")) == true, "\(variant)")
            #expect(answer.malformed.count == 0, "\(variant)")
        }
    }
}

/// Expects of a stream that in whatever order its events come, it comes to its end, and the sentinel's text `@` is read.
func expectReadInAnyOrder(
    _ operation: LLMWire.Operation, _ stream: [String], sentinel: String, _ check: (Answer) -> Void
) {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
        let events = (stream + [sentinel]).shuffled(using: &random)
        let answer = readEvents(operation, events.map { (0, $0) }).answer
        #expect(answer.choices.first?.parts.contains(.text("@")) == true, "\(events)")
        #expect(answer.isComplete)
        check(answer)
    }
}

/// Reads a stream of server-sent events whose data are given, each at a time.
func readEvents(_ operation: LLMWire.Operation, _ events: [(time: Int64, data: String)]) -> (
    answer: Answer, timing: AnswerTiming
) {
    var reader = AnswerReader(operation, .eventStream)
    for (time, data) in events {
        let octets = Array("data: \(data)\n\n".utf8)
        reader.read(octets.span.bytes, at: time)
    }
    return reader.finish()
}

/// Reads a whole answer.
func readWhole(_ operation: LLMWire.Operation, _ body: String) -> Answer {
    var reader = AnswerReader(operation, .document)
    let octets = Array(body.utf8)
    reader.read(octets.span.bytes, at: 0)
    return reader.finish().answer
}

import LLMWire

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

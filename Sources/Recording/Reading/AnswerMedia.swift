import HTTP1
import LLMWire

/// What an answer's body is, as far as reading it goes.
enum AnswerMedia {
    /// How the body of an answer is made of pieces; nil where there is nothing to read in it: sound, images, pages.
    ///
    /// - Parameter isArray: whether JSON comes as an array, element by element.
    static func framing(
        _ head: borrowing RecordedHead, _ body: [UInt8], isArray: Bool
    ) -> AnswerReader.Framing? {
        guard !body.isEmpty else { return nil }
        let octets = head.octets.span.bytes
        switch octets.framingOfDocuments(head.fields) {
        case .events: return .eventStream
        case .lines: return .lines
        case .document: break
        }
        let value = head.fields.first { $0.name == .contentType }?.valueRange ?? 0..<0
        let type = withoutParameters(octets, value)
        let isJSON = octets.matches(type, "application/json") || endsInJSON(octets, type)
        if starts(octets, type, "audio/") { return .binary }
        // Some servers call their streams JSON, as some call their JSON text, or nothing.
        guard isJSON || type.isEmpty || starts(octets, type, "text/plain") else { return nil }
        if looksLikeEvents(body) { return .eventStream }
        return isArray ? .array : .document
    }

    private static func withoutParameters(_ head: RawSpan, _ value: Range<Int>) -> Range<Int> {
        for index in value {
            switch head.octet(at: index) {
            case 0x3B, 0x20, 0x09: return value.lowerBound..<index
            default: break
            }
        }
        return value
    }

    private static func endsInJSON(_ head: RawSpan, _ type: Range<Int>) -> Bool {
        type.count > 5 && head.matches(type.upperBound - 5..<type.upperBound, "+json")
    }

    private static func starts(_ head: RawSpan, _ type: Range<Int>, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        return type.count >= count && head.matches(type.lowerBound..<type.lowerBound + count, text)
    }

    private static func looksLikeEvents(_ body: [UInt8]) -> Bool {
        guard let first = body.first(where: { $0 > 0x20 }), first != 0x7B else { return false }
        let start = body.drop { $0 <= 0x20 }
        return start.starts(with: "data:".utf8) || start.starts(with: "event:".utf8) || start.starts(with: ": ".utf8)
    }
}

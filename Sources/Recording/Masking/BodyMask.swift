import HTTP1
import LLMWire

/// Masks one body while it is copied: every octet inside a string becomes `*`, every octet of a number or literal `1`.
///
/// Lengths stay, and with them all offsets; JSON stays JSON.
struct BodyMask {
    /// The ranges of one piece, and how many the body has had.
    struct Ranges {
        /// Those of the latest piece that are told, as offsets in the body; one that goes on from the piece before is told in parts.
        fileprivate(set) var told: [Range<Int>] = []
        /// Ranges of the body so far, told or not.
        fileprivate(set) var count = 0
        /// Whether the latest piece brought any, told or not.
        fileprivate(set) var isNews = false
        /// The octet behind the latest one.
        private var end = -1

        fileprivate mutating func note(_ range: Range<Int>) {
            // Between two values there is always an octet of neither.
            if range.lowerBound != end {
                count += 1
                isNews = true
            }
            end = range.upperBound
            guard count <= EventLayout.mostMaskedRanges else { return }
            told.append(range)
            isNews = true
        }
    }

    /// See ``Ranges``.
    private(set) var ranges = Ranges()
    /// Whether nothing of the body is kept, because what is to be masked cannot be found in it.
    var isWithheld = false
    private var scanner: JSONKeyMask

    /// - Parameter scanner: at the body's beginning.
    init(_ scanner: JSONKeyMask) { self.scanner = scanner }

    /// Copies the body's next octets, those of `octets` in `range`, masked.
    ///
    /// - Parameter offset: where they stand in the body.
    mutating func write(_ octets: RawSpan, _ range: Range<Int>, at offset: Int, into out: inout BatchBuffer) {
        var ranges = ranges
        self.ranges = Ranges()
        ranges.told.removeAll(keepingCapacity: true)
        ranges.isNews = false
        let piece = octets.extracting(range)
        var cursor = 0
        scanner.read(piece) { masked, value in
            out.append(piece, cursor..<masked.lowerBound)
            out.append(mask: value, count: masked.count)
            cursor = masked.upperBound
            ranges.note((offset &+ masked.lowerBound)..<(offset &+ masked.upperBound))
        }
        out.append(piece, cursor..<piece.byteCount)
        self.ranges = ranges
    }
}

/// The masking of one exchange's two bodies; there only where names of JSON keys are configured.
final class BodyMasks {
    /// The request's.
    var request: BodyMask
    /// The response's.
    var response: BodyMask
    /// A scanner for the names as they were when the exchange began.
    let names: JSONKeyMask

    init(_ names: JSONKeyMask) {
        self.names = names
        request = BodyMask(names.renewed(.document))
        response = request
    }
}

extension BatchBuffer {
    /// Appends what stands in the place of `count` octets of a masked value.
    mutating func append(mask value: JSONKeyMask.Value, count: Int) {
        append(repeating: value == .string ? 0x2A : 0x31, count: count)
    }
}

extension RawSpan {
    /// Whether a head's fields name a content coding (RFC 9110 §8.4).
    func isContentCoded(_ fields: [Field]) -> Bool {
        fields.contains {
            $0.name == .contentEncoding && !$0.valueRange.isEmpty && !matches($0.valueRange, "identity")
        }
    }

    /// How the documents of an answer follow each other, as its head has it.
    func framingOfDocuments(_ fields: [Field]) -> JSONKeyMask.Framing {
        guard let value = fields.first(where: { $0.name == .contentType })?.valueRange else { return .document }
        let type = trimmingWhitespace(value.lowerBound..<(first(0x3B, in: value) ?? value.upperBound))
        if matches(type, "text/event-stream") { return .events }
        let lines: [StaticString] = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
        return lines.contains { matches(type, $0) } ? .lines : .document
    }
}

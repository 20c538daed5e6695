package import LLMWire

/// What must hold of the reading of answers, whatever the input; shared by fuzzing and tests.
package enum AnswerInvariants {
    private static let framings: [AnswerReader.Framing] = [.eventStream, .lines, .array, .document, .binary]

    /// The octet that chooses an operation and a framing in an input of the fuzzer.
    package static func choice(_ operation: Operation, _ framing: AnswerReader.Framing) -> UInt8? {
        guard let operation = Operation.allCases.firstIndex(of: operation),
            let framing = framings.firstIndex(of: framing)
        else { return nil }
        return UInt8(exactly: operation * framings.count + framing)
    }

    /// Reads an input of the fuzzer: an octet that chooses operation and framing, one that chooses the cuts, then the
    /// body; nil where all holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        let operation = Operation.allCases[Int(input[0]) / framings.count % Operation.allCases.count]
        let framing = framings[Int(input[0]) % framings.count]
        let body = Array(input.dropFirst(2))
        let (answer, timing) = read([body[...]], operation, framing)
        if let violation = violation(of: answer, body.count) ?? violation(of: timing) { return violation }
        let cut = body.count * Int(input[1]) / 256
        if read([body[..<cut], body[cut...]], operation, framing).answer != answer {
            return "another answer cut at \(cut)"
        }
        let step = Int(input[1]) % 16 + 1
        let pieces = stride(from: 0, to: body.count, by: step).map { body[$0..<min($0 + step, body.count)] }
        let (again, times) = read(pieces, operation, framing)
        if again != answer { return "another answer in pieces of \(step)" }
        return violation(of: times)
    }

    private static func read(
        _ pieces: [ArraySlice<UInt8>], _ operation: Operation, _ framing: AnswerReader.Framing
    ) -> (answer: Answer, timing: AnswerTiming) {
        var reader = AnswerReader(operation, framing)
        for (time, piece) in pieces.enumerated() { reader.read(Array(piece).span.bytes, at: Int64(time)) }
        let (answer, timing) = reader.finish()
        return reader.finish().answer == answer ? (answer, timing) : (Answer(), timing)
    }

    private static func violation(of answer: Answer, _ length: Int) -> String? {
        let malformed = answer.malformed
        if malformed.first.count > 4 || malformed.count < malformed.first.count { return "too many malformed pieces" }
        if malformed.first.contains(where: { $0.utf8.count > 3 * 4096 }) { return "a malformed piece is too long" }
        if malformed.count > length { return "more malformed pieces than octets" }
        for (first, second) in zip(answer.choices, answer.choices.dropFirst()) where first.index >= second.index {
            return "choices are out of order"
        }
        if answer.choices.contains(where: { $0.index < 0 }) { return "a choice before the first" }
        // A lone octet that is no UTF-8 becomes three.
        var room = 3 * length + 64
        for part in answer.choices.flatMap(\.parts) { room -= size(of: part) }
        if room < 0 { return "more is said than was read" }
        if let usage = answer.usage {
            if (usage.input != nil || usage.output != nil) != (usage.total != nil), usage.total == nil {
                return "a total is missing"
            }
            let counts = [
                usage.input, usage.output, usage.total, usage.cachedInput, usage.cacheWrite, usage.longCacheWrite,
                usage.reasoning, usage.audioInput, usage.audioOutput,
            ]
            if counts.contains(where: { $0 ?? 0 < 0 }) { return "a count is below zero" }
        }
        return (answer.embeddings ?? 0) > length ? "more vectors than octets" : nil
    }

    private static func size(of part: Part) -> Int {
        switch part {
        case .text(let text), .reasoning(let text), .refusal(let text): text.utf8.count
        case .toolCall(let call): (call.id?.utf8.count ?? 0) + call.name.utf8.count + call.arguments.utf8.count
        case .toolResult(let result): result.content.utf8.count
        case .media(let media): media.size
        case .other(let type, let json): type.utf8.count + json.utf8.count
        }
    }

    private static func violation(of timing: AnswerTiming) -> String? {
        let firsts = [timing.firstReasoning, timing.firstText, timing.firstToolCall].compactMap(\.self)
        guard let first = timing.firstToken, let last = timing.lastToken else {
            return firsts.isEmpty && timing.longestGap == 0 ? nil : "a time without a first token"
        }
        if firsts.min() != first { return "the first token is not the first" }
        if last < firsts.max() ?? first { return "the last token is not the last" }
        return timing.longestGap > last - first ? "a gap longer than the whole" : nil
    }
}

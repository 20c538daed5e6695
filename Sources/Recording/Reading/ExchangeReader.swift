import HTTP1
import LLMWire

/// Reads what exchanges say: dialect, request, answer, usage, timing. Behind the journal, one after the other.
///
/// It keeps its memory, and the conversations it has seen, from exchange to exchange.
struct ExchangeReader: Sendable {
    private var document = JSONDocument()
    private var conversations = Conversations()

    /// JSON nested deeper than this is not read.
    private static let maximumDepth = 256

    /// Reads one exchange.
    mutating func read(
        _ exchange: RecordedExchange, _ heads: borrowing ExchangeHeads, request: DecodedBody, response: DecodedBody
    ) -> ExchangeReading {
        var reading = ExchangeReading()
        guard heads.request.isReadable else { return reading }
        let head = heads.request.octets.span.bytes
        let (path, query) = RecordedTarget.split(head, heads.request.requestLine.target)
        let hint =
            exchange.dialect
            ?? Dialect(path: head.extracting(path), hasAnthropicVersion: heads.request.has("anthropic-version"))
        reading.operation = LLMWire.Operation(hint, path: head.extracting(path))
        reading.dialect = Dialect(of: reading.operation) ?? hint
        var input = TokenEstimate()
        readRequest(request, &reading, &input)
        guard !heads.isOwnAnswer, heads.response.isReadable else { return reading }
        let isArray = reading.operation == .generateContent && !Self.asksForEvents(head, query)
        let isStream = isArray && Self.ends(head, path, "streamGenerateContent")
        guard
            let framing = AnswerMedia.framing(
                reading.operation, heads.response, response.bytes, isGeminiStream: isStream)
        else { return reading }
        readAnswer(response, framing, &reading)
        if heads.response.status >= 400 { Self.takeTextAsError(&reading) }
        reading.usage = Self.usage(reading, input: input, isSuccess: heads.response.status < 300)
        return reading
    }

    private mutating func readRequest(
        _ body: DecodedBody, _ reading: inout ExchangeReading, _ input: inout TokenEstimate
    ) {
        guard !body.bytes.isEmpty, reading.operation != .other else { return }
        do throws(JSONFault) {
            try document.read(body.bytes.span.bytes, maximumDepth: Self.maximumDepth)
        } catch {
            return
        }
        guard let outline = reading.operation.outline(document) else { return }
        var request = outline.request
        reading.inheritedMessages = conversations.inherited(outline.messages, document)
        request.messages = outline.messages[reading.inheritedMessages...].map {
            reading.operation.message($0, document)
        }
        reading.request = request
        input.add(document)
    }

    private func readAnswer(_ body: DecodedBody, _ framing: AnswerReader.Framing, _ reading: inout ExchangeReading) {
        var reader = AnswerReader(reading.operation, framing, maximumDepth: Self.maximumDepth)
        let octets = body.bytes.span.bytes
        var start = 0
        var time: Int64 = 0
        for piece in body.pieces where piece.end > start && piece.end <= octets.byteCount {
            time = piece.at
            reader.read(octets.extracting(start..<piece.end), at: time)
            start = piece.end
        }
        if start < octets.byteCount { reader.read(octets.extracting(start..<octets.byteCount), at: time) }
        let (answer, timing) = reader.finish()
        reading.answer = answer
        if framing != .document { reading.timing = timing }
    }

    /// An error's answer that is no JSON is its message, as proxies in front of providers write it.
    private static func takeTextAsError(_ reading: inout ExchangeReading) {
        guard reading.answer?.error == nil, let text = reading.answer?.malformed.first.first else { return }
        reading.answer?.error = ProviderError(message: text)
        reading.answer?.malformed = MalformedPieces()
    }

    // MARK: Usage

    /// What the provider reported, if it came to its end with it; else what can be counted, marked as an estimate.
    private static func usage(_ reading: ExchangeReading, input: TokenEstimate, isSuccess: Bool) -> Usage? {
        guard let answer = reading.answer, isSuccess else { return reading.answer?.usage }
        let isAtEnd =
            answer.isComplete || (!answer.choices.isEmpty && answer.choices.allSatisfy { $0.nativeFinishReason != nil })
        if let usage = answer.usage, isAtEnd { return usage }
        guard reading.operation.generates else { return answer.usage }
        // Nothing was said, so nothing is known to have been used; an error's usage is the provider's to tell.
        guard !answer.choices.isEmpty else { return answer.usage }
        var output = TokenEstimate()
        for choice in answer.choices { output.add(choice) }
        var usage = answer.usage ?? Usage()
        usage.source = .estimated
        if usage.input == nil { usage.input = input.tokens }
        usage.output = max(usage.output ?? 0, output.tokens)
        usage.total = nil
        usage.complete()
        return usage
    }

    // MARK: Targets

    private static func asksForEvents(_ head: RawSpan, _ query: Range<Int>?) -> Bool {
        guard let query else { return false }
        let wanted: StaticString = "alt=sse"
        let count = wanted.utf8CodeUnitCount
        guard query.count >= count else { return false }
        for start in query.lowerBound...(query.upperBound - count) where head.equals(start..<start + count, wanted) {
            return true
        }
        return false
    }

    private static func ends(_ head: RawSpan, _ path: Range<Int>, _ verb: StaticString) -> Bool {
        let count = verb.utf8CodeUnitCount
        return path.count > count && head.equals(path.upperBound - count..<path.upperBound, verb)
    }
}

extension LLMWire.Operation {
    /// Whether its answers are written token by token.
    fileprivate var generates: Bool {
        switch self {
        case .chatCompletion, .textCompletion, .response, .message, .generateContent, .ollamaChat, .ollamaGenerate: true
        case .embedding, .transcription, .speech, .messageTokens, .contentTokens, .embedContent, .ollamaEmbed, .other:
            false
        }
    }
}

import HTTP1
import LLMWire
import Pricing

/// Reads what exchanges say: dialect, request, answer, usage, timing. Behind the journal, one after the other.
///
/// It keeps its memory, and the conversations it has seen, from exchange to exchange.
struct ExchangeReader: Sendable {
    private var prices: PriceFinder
    private var document = JSONDocument()
    private var conversations = Conversations()

    /// JSON nested deeper than this is not read.
    private static let maximumDepth = 256

    init(prices: CurrentPrices) {
        self.prices = PriceFinder(prices)
    }

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
        readRequest(request, heads.request, &reading, &input)
        let isStream = LLMWire.Operation.isStream(path: head.extracting(path))
        if reading.operation != .other {
            if let isStream { reading.request?.isStream = isStream }
            if let model = LLMWire.Operation.model(inPath: head.extracting(path)) { reading.request?.model = model }
        }
        guard !heads.isOwnAnswer, heads.response.isReadable else { return reading }
        reading.facts = ResponseFacts(fields: heads.response.textFields)
        // Gemini's streams are events where they are asked for, else the elements of one array.
        let isArray = reading.operation == .generateContent && isStream == true && !Self.asksForEvents(head, query)
        guard
            let framing = AnswerMedia.framing(heads.response, response.bytes, isArray: isArray)
        else { return reading }
        readAnswer(response, framing, &reading)
        if heads.response.status >= 400 { Self.takeTextAsError(&reading) }
        reading.usage = Self.usage(reading, input: input, isSuccess: heads.response.status < 300)
        if heads.response.status < 300 { price(&reading, exchange, heads.response) }
        return reading
    }

    private mutating func readRequest(
        _ body: DecodedBody, _ head: borrowing RecordedHead, _ reading: inout ExchangeReading,
        _ input: inout TokenEstimate
    ) {
        guard !body.bytes.isEmpty, reading.operation != .other else { return }
        if body.bytes.starts(with: [0x2D, 0x2D]), let type = head.text("content-type"),
            let boundary = MultipartFields.boundary(contentType: type)
        {
            var fields = MultipartFields(boundary: boundary)
            fields.read(body.bytes.span.bytes)
            fields.finish()
            reading.request = reading.operation.request(multipart: fields)
            return
        }
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

    private mutating func price(
        _ reading: inout ExchangeReading, _ exchange: RecordedExchange, _ head: borrowing RecordedHead
    ) {
        guard let answer = reading.answer, let upstream = exchange.attempts.last?.upstream else { return }
        reading.cost = Cost.reported(answer)
        guard reading.cost == nil, !reading.operation.countsTokens, var usage = reading.usage else { return }
        // What writes no tokens has an output of none, which is no gap in the count.
        if !reading.operation.isConversation, usage.output == nil { usage.output = 0 }
        let key = PriceFinder.Key(
            dialect: reading.dialect, upstream: upstream, server: head.text("server"), answered: answer.model,
            asked: reading.request?.model)
        reading.cost = prices.price(key).flatMap { Cost(usage, service: answer.serviceTier, by: $0) }
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
        guard reading.operation.isConversation else { return answer.usage }
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
}

import HTTP1
import LLMWire
import Pricing

/// Reads what exchanges say: dialect, request, answer, usage, timing. Behind the journal, one after the other.
///
/// It keeps its memory, and the conversations it has seen, from exchange to exchange.
struct ExchangeReader: Sendable {
    private var prices: PriceFinder
    private var document = JSONDocument()
    private var answers = AnswerReader(maximumDepth: ExchangeReader.maximumDepth)
    /// Whether the document is the present request.
    private var hasRequest = false
    private var conversations = Conversations()
    private var paths = KnownPaths()

    /// Octets of a document's text past which its memory is given back.
    private static let largeDocument = 1 << 20
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
        let facts = paths.facts(hint, head.extracting(path))
        reading.operation = facts.operation
        reading.dialect = Dialect(of: reading.operation) ?? hint
        // A large request leaves no large table behind.
        if document.size > Self.largeDocument { document = JSONDocument() }
        hasRequest = false
        if reading.operation != .other {
            readRequest(request, heads.request, &reading)
            if let model = facts.model {
                reading.request = reading.request ?? ModelRequest()
                reading.request?.model = model
            }
        }
        guard !heads.isOwnAnswer, heads.response.isReadable else { return reading }
        reading.facts = ResponseFacts(fields: heads.response.factFields)
        // Gemini's streams are events where they are asked for, else the elements of one array.
        let isArray =
            reading.operation == .generateContent && facts.isStream == true && !Self.asksForEvents(head, query)
        guard
            let framing = AnswerMedia.framing(heads.response, response.bytes, isArray: isArray)
        else { return reading }
        readAnswer(response, framing, &reading)
        if heads.response.status >= 400 { Self.takeTextAsError(&reading) }
        if hasRequest, reading.answer?.hasContent == true { conversations.answered() }
        reading.usage = usage(reading, isSuccess: heads.response.status < 300)
        if heads.response.status < 300 { price(&reading, exchange, heads.response) }
        return reading
    }

    private mutating func readRequest(
        _ body: DecodedBody, _ head: borrowing RecordedHead, _ reading: inout ExchangeReading
    ) {
        guard !body.bytes.isEmpty else { return }
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
        if reading.operation.isConversation {
            hasRequest = true
            var news = Conversations.News()
            // Several prompts of one request are no turns of a conversation.
            if reading.operation != .textCompletion { news = conversations.read(outline.messages, document) }
            if !news.hasNewFront { reading.inheritedMessages = news.front }
            reading.inheritedMessages += news.inherited
            request.messages.reserveCapacity(outline.messages.count - reading.inheritedMessages)
            for (index, message) in outline.messages.enumerated()
            where index < news.front ? news.hasNewFront : index >= news.front + news.inherited {
                request.messages.append(reading.operation.message(message, document))
            }
        }
        reading.request = request
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

    private mutating func readAnswer(
        _ body: DecodedBody, _ framing: AnswerReader.Framing, _ reading: inout ExchangeReading
    ) {
        answers.begin(reading.operation, framing)
        let octets = body.bytes.span.bytes
        if framing == .document {
            answers.readWhole(octets, at: body.pieces.last?.at ?? 0)
        } else {
            var start = 0
            var time: Int64 = 0
            for piece in body.pieces where piece.end > start && piece.end <= octets.byteCount {
                time = piece.at
                answers.read(octets.extracting(start..<piece.end), at: time)
                start = piece.end
            }
            if start < octets.byteCount { answers.read(octets.extracting(start..<octets.byteCount), at: time) }
        }
        let (answer, timing) = answers.finish()
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
    private func usage(_ reading: ExchangeReading, isSuccess: Bool) -> Usage? {
        guard let answer = reading.answer, isSuccess, reading.operation.isConversation else {
            return reading.answer?.usage
        }
        let isAtEnd =
            answer.isComplete
            || (!answer.choices.isEmpty && answer.choices.allSatisfy { $0.nativeFinishReason != nil })
        if let usage = answer.usage, isAtEnd { return usage }
        // Where nothing was said, nothing is known to have been used.
        guard answer.hasContent else { return answer.usage }
        var output = TokenEstimate()
        for choice in answer.choices { output.add(choice) }
        var usage = answer.usage ?? Usage()
        usage.source = .estimated
        if usage.input == nil, hasRequest {
            var input = TokenEstimate()
            input.add(document)
            usage.input = input.tokens
        }
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

extension Answer {
    /// Whether anything was said, thought or asked for.
    fileprivate var hasContent: Bool { choices.contains { !$0.parts.isEmpty } }
}

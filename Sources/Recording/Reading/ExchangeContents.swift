/// An exchange taken apart once for all who write about it: heads, bodies without their content coding, what they say.
struct ExchangeContents: Sendable {
    private(set) var heads = ExchangeHeads()
    private(set) var request = DecodedBody()
    private(set) var response = DecodedBody()
    private(set) var reading = ExchangeReading()
    private var reader: ExchangeReader
    private let maximumDecodedBody: Int

    /// - Parameter maximumDecodedBody: octets that may come out of a content coding.
    init(maximumDecodedBody: Int, prices: CurrentPrices = CurrentPrices()) {
        self.maximumDecodedBody = maximumDecodedBody
        reader = ExchangeReader(prices: prices)
    }

    /// Goes on to another exchange.
    mutating func read(_ exchange: RecordedExchange) {
        heads.read(exchange)
        let isWhole = exchange.outcome == .completed
        request = DecodedBody(
            exchange.requestBody, contentEncoding: heads.request.contentEncoding, isWhole: isWhole,
            maximum: maximumDecodedBody)
        let coding = heads.isOwnAnswer ? heads.delivered.contentEncoding : heads.response.contentEncoding
        response = DecodedBody(
            exchange.responseBody, contentEncoding: coding, isWhole: isWhole, maximum: maximumDecodedBody)
        reading = reader.read(exchange, heads, request: request, response: response)
    }

    /// Lets go of what is large: nobody asks for it again.
    mutating func forget() {
        guard request.bytes.count + response.bytes.count > Self.kept else { return }
        (request, response, reading) = (DecodedBody(), DecodedBody(), ExchangeReading())
    }

    private static let kept = 1 << 20
}

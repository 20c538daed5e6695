import HTTP1

/// The heads of an exchange, read; their memory serves the next exchange again.
struct ExchangeHeads: Sendable {
    /// What the client sent.
    private(set) var request = RecordedHead(role: .request)
    /// What the last attempt sent.
    private(set) var upstreamRequest = RecordedHead(role: .request)
    /// What the upstream answered.
    private(set) var response = RecordedHead(role: .response)
    /// What the client was sent.
    private(set) var delivered = RecordedHead(role: .response)

    /// Goes on to another exchange.
    mutating func read(_ exchange: RecordedExchange) {
        request.read(exchange.requestHead)
        upstreamRequest.read(exchange.attempts.last?.requestHead)
        response.read(exchange.responseHead)
        delivered.read(exchange.deliveredHead)
    }

    /// Whether the client had an answer of Weir's own, perhaps in place of the upstream's.
    var isOwnAnswer: Bool { delivered.isReadable && (!response.isReadable || delivered.has(.xWeirError)) }
}

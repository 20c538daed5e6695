import Recording
import TestSupport
import Testing

/// What a chat request carries in these tests.
let chatBody = #"{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true}"#

/// Waits for the one exchange that a gateway recorded and checks how it ended.
@discardableResult
func expectRecord(
    _ gateway: TestGateway, outcome: ExchangeOutcome, code: String?, attempts: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> RecordedExchange {
    let exchange = try #require(try gateway.records.wait(for: 1).first, sourceLocation: sourceLocation)
    #expect(exchange.outcome == outcome, sourceLocation: sourceLocation)
    #expect(exchange.errorCode == code, sourceLocation: sourceLocation)
    #expect(exchange.attempts.count == attempts, sourceLocation: sourceLocation)
    #expect(exchange.duration > 0 || exchange.attempts.isEmpty, sourceLocation: sourceLocation)
    return exchange
}

/// Checks an answer that Weir made itself, in the form of OpenAI's errors.
func expectOwnError(
    _ response: WireResponse, _ status: Int, _ code: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(response.status == status, sourceLocation: sourceLocation)
    #expect(response["x-weir-error"] == code, sourceLocation: sourceLocation)
    #expect(response["x-weir-request-id"]?.utf8.count == 26, sourceLocation: sourceLocation)
    #expect(response["content-type"] == "application/json", sourceLocation: sourceLocation)
    #expect(response.text.contains(#""type":"weir_error","code":"\#(code)""#), sourceLocation: sourceLocation)
}

extension RecordedExchange {
    /// The status that the client saw.
    var deliveredStatus: Int? {
        let line = String(decoding: deliveredHead ?? [], as: UTF8.self).prefix { $0 != "\r\n" }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
}

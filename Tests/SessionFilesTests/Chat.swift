import Foundation

@testable import Recording

/// An exchange of Chat Completions: `request` and `answer` are bodies.
func chat(
    _ low: UInt64 = 1, _ request: String, answer: String, type: String = "application/json", status: Int = 200,
    target: String = "/v1/chat/completions", outcome: ExchangeOutcome = .completed
) -> RecordedExchange {
    let head = "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\r\n"
    var exchange = RecordedExchange(
        id: ExchangeID(high: 1, low: low), startedAt: 1_780_000_000_123_456_789, client: "127.0.0.1:50000",
        route: "default", requestHead: Array(head.utf8))
    exchange.requestBody = body(request)
    exchange.responseHead = Array("HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\n\r\n".utf8)
    exchange.deliveredHead = exchange.responseHead
    exchange.responseBody = body(answer)
    exchange.outcome = outcome
    exchange.duration = 3_000_000
    return exchange
}

/// A request of Chat Completions with messages, each a role and a text.
func request(_ messages: [(String, String)], more: String = "") -> String {
    let list = messages.map { "{\"role\":\"\($0.0)\",\"content\":\(quoted($0.1))}" }.joined(separator: ",")
    return "{\"model\":\"m\",\"messages\":[\(list)]\(more)}"
}

/// An answer of Chat Completions.
func answer(_ text: String) -> String {
    """
    {"id":"c","model":"m-1","choices":[{"index":0,"message":{"role":"assistant","content":\(quoted(text))},\
    "finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}
    """
}

/// Events of a stream, each its data.
func events(_ data: [String]) -> String { data.map { "data: \($0)\n\n" }.joined() }

func quoted(_ text: String) -> String {
    let octets = (try? JSONEncoder().encode(text)) ?? Data()
    return String(decoding: octets, as: UTF8.self)
}

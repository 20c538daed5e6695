import Foundation
import LLMWire
import Pricing
import Testing

@testable import Recording

private func reading(_ exchange: RecordedExchange) -> ExchangeReading {
    var contents = ExchangeContents(maximumDecodedBody: 1 << 20)
    contents.read(exchange)
    return contents.reading
}

private func delta(_ text: String) -> String { #"{"choices":[{"index":0,"delta":{"content":\#(quoted(text))}}]}"# }

@Suite struct ReadingTests {
    private let hello = request([("user", "Say hello to everyone here, please.")])

    @Test func reportedUsageIsReported() {
        let usage = reading(chat(1, hello, answer: answer("Hello."))).usage
        #expect(usage?.input == 3 && usage?.output == 2 && usage?.total == 5 && usage?.source == .reported)
    }

    @Test func aStreamWithoutUsageIsEstimated() {
        let stream = events([delta("Hello, "), delta("all of you."), "[DONE]"])
        let usage = reading(chat(1, hello, answer: stream, type: "text/event-stream")).usage
        #expect(usage?.source == .estimated)
        #expect(usage?.output == 5)
        #expect((8...16).contains(usage?.input ?? 0))
        #expect(usage?.total == (usage?.input ?? 0) + 5)
    }

    @Test func aStreamThatIsCutIsEstimatedEvenWhereItCountedOnTheWay() {
        let usage = #","usage":{"prompt_tokens":40,"completion_tokens":1,"total_tokens":41}}"#
        let stream = events([delta("one"), delta("Hello, all of you.").dropLast() + usage])
        let read = reading(
            chat(1, hello, answer: stream, type: "text/event-stream", outcome: .truncated))
        #expect(read.usage?.source == .estimated)
        #expect(read.usage?.input == 40 && read.usage?.output == 6 && read.usage?.total == 46)
    }

    @Test func usageThatIsRepeatedCountsOnce() {
        let usage = { (count: Int) in
            #"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":\#(count),"total_tokens":\#(9 + count)}}"#
        }
        let stream = events([delta("a"), usage(1), delta("b"), usage(2), usage(2), "[DONE]"])
        let read = reading(chat(1, hello, answer: stream, type: "text/event-stream")).usage
        #expect(read?.input == 9 && read?.output == 2 && read?.total == 11 && read?.source == .reported)
    }

    @Test func aStreamInWhichNothingWasSaidIsNotEstimated() {
        let stream = events([#"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#])
        let read = reading(chat(1, hello, answer: stream, type: "text/event-stream", outcome: .clientAbort))
        #expect(read.usage == nil && read.cost == nil)
    }

    @Test func theInputOfARequestThatIsNotThereIsUnknown() {
        let stream = events([delta("Hello"), "[DONE]"])
        let usage = reading(chat(1, "", answer: stream, type: "text/event-stream")).usage
        #expect(usage?.input == nil && usage?.output == 2 && usage?.source == .estimated)
    }

    @Test func aModelInThePathIsThereWithoutABody() {
        let read = reading(
            chat(1, "", answer: "{}", target: "/v1beta/models/gemini-2.5-pro:generateContent"))
        #expect(read.request?.model == "gemini-2.5-pro")
    }

    @Test func anErrorUsesNothingThatIsNotSaid() {
        let read = reading(chat(1, hello, answer: #"{"error":{"message":"no","code":7}}"#, status: 400))
        #expect(read.usage == nil)
        #expect(read.answer?.error == ProviderError(message: "no", code: "7"))
    }

    @Test func anErrorThatIsNoJSONIsItsText() {
        let read = reading(chat(1, hello, answer: "upstream connect error", type: "text/plain", status: 503))
        #expect(read.answer?.error == ProviderError(message: "upstream connect error"))
        #expect(read.answer?.malformed.count == 0 && read.usage == nil)
    }

    @Test func timesAreThoseOfThePiecesThatSaySomething() {
        let pieces = [
            #"{"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#,
            #"{"choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]}"#, delta("Hello"), delta(" all"),
            #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5}}"#, "[DONE]",
        ].map { events([$0]) }
        var exchange = chat(1, hello, answer: pieces.joined(), type: "text/event-stream")
        exchange.responseBody.pieces = []
        var end = 0
        for (index, piece) in pieces.enumerated() {
            end += piece.utf8.count
            exchange.responseBody.pieces.append(.init(end: end, at: Int64(index + 1) * 1_000_000_000))
        }
        let read = reading(exchange)
        let timing = read.timing
        #expect(timing?.firstToken == 2_000_000_000 && timing?.firstReasoning == 2_000_000_000)
        #expect(timing?.firstText == 3_000_000_000 && timing?.firstToolCall == nil)
        #expect(timing?.lastToken == 4_000_000_000 && timing?.longestGap == 1_000_000_000)
        #expect(timing?.tokensPerSecond(5) == 2)
    }

    @Test func whatItCostIsByThePriceOfWhoAnswered() throws {
        var exchange = chat(1, hello, answer: answer("Hello.").replacing("m-1", with: "gpt-4o-mini-2024-07-18"))
        exchange.attempts = [.init(number: 1, at: 0, upstream: "https://api.openai.com:443", reusedConnection: false)]
        let cost = try #require(reading(exchange).cost)
        #expect(cost.source == .table && !cost.isEstimated && cost.price == "openai/gpt-4o-mini")
        #expect(cost.amount > .zero)
        exchange.attempts[0].upstream = "http://127.0.0.1:8000"
        #expect(reading(exchange).cost?.isEstimated == true)
        exchange.attempts[0].upstream = "mock://"
        #expect(reading(exchange).cost == nil)
        exchange.attempts[0].upstream = "http://127.0.0.1:8000"
        exchange.responseBody = body(answer("Hello."))
        #expect(reading(exchange).cost == nil)
    }

    @Test func configuredPricesHoldFromTheNextExchangeOn() throws {
        let prices = CurrentPrices()
        var contents = ExchangeContents(maximumDecodedBody: 1 << 20, prices: prices)
        var exchange = chat(1, hello, answer: answer("Hello."))
        exchange.attempts = [.init(number: 1, at: 0, upstream: "http://127.0.0.1:1", reusedConnection: false)]
        contents.read(exchange)
        #expect(contents.reading.cost == nil)
        let price = Price(input: Rate(perMillion: "1000000"), output: Rate(perMillion: "2000000"))
        prices.replace(PriceTable(models: [NamedPrice("m*", price)]))
        contents.read(exchange)
        #expect(contents.reading.cost?.amount.description == "7" && contents.reading.cost?.source == .configured)
    }

    @Test func fieldsOfTheAnswerNameTheRequestAndItsLimits() {
        var exchange = chat(1, hello, answer: answer("Hello."))
        exchange.responseHead = Array(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: req_1\r\nx-ratelimit-limit-tokens: 9\r\n\r\n"
                .utf8)
        let facts = reading(exchange).facts
        #expect(facts.requestID == "req_1" && facts.limits.first?.name == "tokens" && facts.limits.first?.limit == 9)
    }

    @Test func aCodedBodyIsReadAsItWasMeant() {
        var exchange = chat(1, hello, answer: "")
        exchange.responseHead = Array(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n".utf8)
        exchange.responseBody = body(gzip(Array(events([delta("Hello"), "[DONE]"]).utf8)))
        #expect(reading(exchange).answer?.choices.first?.text == "Hello")
    }

    @Test func theRoutesDialectGoesBeforeThePath() {
        var exchange = chat(1, hello, answer: answer("Hello."), target: "/some/where")
        #expect(reading(exchange).dialect == .openAIChat)
        exchange.dialect = .gemini
        #expect(reading(exchange).dialect == .gemini)
    }

    @Test func weirsOwnAnswerIsNoProvidersAnswer() {
        var exchange = chat(1, hello, answer: #"{"error":{"message":"own"}}"#, status: 502)
        exchange.responseHead = nil
        exchange.deliveredHead = Array(
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\nx-weir-error: x\r\n\r\n".utf8)
        #expect(reading(exchange).answer == nil)
        #expect(reading(exchange).request?.model == "m")
    }

    @Test func everyCutOfAnAnswerIsRead() {
        let whole = Array(events([delta("Hello"), delta(" all"), "[DONE]"]).utf8)
        for end in 0...whole.count {
            var exchange = chat(1, hello, answer: "", type: "text/event-stream", outcome: .truncated)
            exchange.responseBody = body(Array(whole[..<end]))
            let text = reading(exchange).answer?.choices.first?.text ?? ""
            #expect("Hello all".hasPrefix(text), "cut at \(end)")
        }
    }
}

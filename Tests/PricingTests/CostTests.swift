import LLMWire
import Testing

@testable import Pricing

/// A rate in US dollars per million tokens.
func rate(_ perMillion: String) throws -> Rate { try #require(Rate(perMillion: perMillion)) }

/// Rates from their configuration's names.
func rates(_ given: [Meter: String]) throws -> Rates {
    var rates = Rates()
    for (meter, perMillion) in given { rates[meter] = try rate(perMillion) }
    return rates
}

@Suite struct CostTests {
    /// Every rate another, so that no token can be charged as a wrong kind unseen.
    private static func price() throws -> Price {
        Price(
            RateCard(
                try rates([
                    .input: "1", .output: "10", .cachedInput: "0.1", .cacheWrite: "1.25", .longCacheWrite: "2",
                    .reasoning: "7", .audioInput: "30", .audioOutput: "60",
                ])))
    }

    private static func usage(_ adjust: (inout Usage) -> Void) -> Usage {
        var usage = Usage(input: 1_000_000, output: 1_000_000)
        adjust(&usage)
        return usage
    }

    private static func cost(_ price: Price, _ usage: Usage, service: String? = nil) -> String? {
        Tariff(price, service: service, input: usage.input ?? 0).cost(of: usage)
            .map { "\($0.amount)" + ($0.isEstimated ? " ?" : "") }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let cost: String?
        let adjust: @Sendable (inout Usage) -> Void

        init(_ name: String, _ cost: String?, _ adjust: @escaping @Sendable (inout Usage) -> Void) {
            (testDescription, self.cost, self.adjust) = (name, cost, adjust)
        }
    }

    @Test(arguments: [
        Case("plain", "11") { _ in },
        Case("a cache read", "10.55") { $0.cachedInput = 500_000 },
        Case("a cache written", "11.025") { $0.cacheWrite = 100_000 },
        Case("caches written for both times", "11.15") { ($0.cacheWrite, $0.longCacheWrite) = (300_000, 100_000) },
        Case("a cache written for an hour only", "11.3") { ($0.cacheWrite, $0.longCacheWrite) = (300_000, 300_000) },
        Case("all of the input cached", "10.1") { $0.cachedInput = 1_000_000 },
        Case("more cached than there is", "10.1") { ($0.cachedInput, $0.cacheWrite) = (3_000_000, 5) },
        Case("more written than is left", "10.675") { ($0.cachedInput, $0.cacheWrite) = (500_000, 900_000) },
        Case("more written for long than at all", "11.1") { ($0.cacheWrite, $0.longCacheWrite) = (100_000, 400_000) },
        Case("written for long, not at all", "11") { $0.longCacheWrite = 400_000 },
        Case("reasoning", "9.5") { $0.reasoning = 500_000 },
        Case("more reasoning than output", "8") { $0.reasoning = 5_000_000 },
        Case("sound", "65") { ($0.audioInput, $0.audioOutput) = (1_000_000, 500_000) },
        Case("sound of which a part is cached", "25.05") { ($0.audioInput, $0.cachedInput) = (500_000, 500_000) },
        Case("sound and reasoning past the output", "60") {
            ($0.audioOutput, $0.reasoning, $0.input) = (1_000_000, 9, 0)
        },
        Case("no output counted", "1 ?") { $0.output = nil },
        Case("no input counted", "10 ?") { $0.input = nil },
        Case("nothing counted", nil) { ($0.input, $0.output) = (nil, nil) },
        Case("counts below nothing", "0") { ($0.input, $0.output, $0.cachedInput, $0.reasoning) = (-5, -7, -1, -3) },
        Case("a count that cannot be", nil) { $0.input = .max },
        Case("estimated", "11 ?") { $0.source = .estimated },
        Case("one token", "0.000011") { ($0.input, $0.output) = (1, 1) },
        Case("none", "0") { ($0.input, $0.output) = (0, 0) },
    ])
    func usageTimesPrice(_ given: Case) throws {
        #expect(Self.cost(try Self.price(), Self.usage(given.adjust)) == given.cost)
    }

    @Test func whatHasNoRateCostsWhatPlainTokensCost() throws {
        let plain = Price(input: try rate("1"), output: try rate("10"))
        #expect(Self.cost(plain, Self.usage { $0.cachedInput = 1 }) == "11 ?")
        #expect(Self.cost(plain, Self.usage { $0.cachedInput = 0 }) == "11")
        #expect(Self.cost(plain, Self.usage { $0.cacheWrite = 1 }) == "11 ?")
        #expect(Self.cost(plain, Self.usage { $0.audioOutput = 1 }) == "11 ?")
        // Thinking is output, unless a price says otherwise.
        #expect(Self.cost(plain, Self.usage { $0.reasoning = 1_000_000 }) == "11")
        // A longer time costs no less than a shorter.
        let writes = Price(RateCard(try rates([.input: "1", .output: "10", .cacheWrite: "1.25"])))
        #expect(
            Self.cost(writes, Self.usage { ($0.cacheWrite, $0.longCacheWrite) = (1_000_000, 1_000_000) }) == "11.25 ?")
    }

    @Test func aPriceWithoutOneHalfHasNoCostForIt() throws {
        let embedding = Price(input: try rate("0.02"), output: nil)
        #expect(Self.cost(embedding, Usage(input: 1_000_000)) == "0.02")
        #expect(Self.cost(embedding, Usage(input: 1_000_000, output: 0)) == "0.02")
        #expect(Self.cost(embedding, Usage(input: 1_000_000, output: 1)) == nil)
        #expect(Self.cost(Price(input: try rate("0.02"), output: .free), Usage(input: 1_000_000)) == "0.02")
        #expect(Self.cost(.free, Usage(input: 5, output: 5)) == "0")
    }

    @Test func aTierHoldsForTheWholeRequest() throws {
        var price = Price(RateCard(try rates([.input: "1", .output: "10", .cachedInput: "0.1"])))
        price.standard.tiers = [
            RateCard.Tier(above: 500_000, rates: try rates([.input: "4", .output: "40"])),
            RateCard.Tier(above: 200_000, rates: try rates([.input: "2", .output: "20", .cachedInput: "0.2"])),
        ]
        func cost(_ input: Int, cached: Int = 0) -> String? {
            var usage = Usage(input: input, output: 100_000)
            usage.cachedInput = cached
            return Self.cost(price, usage)
        }
        #expect(cost(200_000) == "1.2")
        #expect(cost(200_001) == "2.400002")
        #expect(cost(500_000) == "3")
        #expect(cost(600_000) == "6.4")
        // What is cached counts for the tier, and the tier's own rate for it holds.
        #expect(cost(400_000, cached: 300_000) == "2.26")
        // A tier that raises the input's rate and says nothing of a cache leaves a doubt.
        #expect(cost(600_000, cached: 500_000) == "4.45 ?")
    }

    @Test func aClassOfServiceHasItsOwnRates() throws {
        var price = try Self.price()
        price.standard.tiers = [RateCard.Tier(above: 2_000_000, rates: try rates([.input: "2", .output: "20"]))]
        price.services["flex"] = RateCard(try rates([.input: "0.5", .output: "5"]))
        var priority = RateCard(try rates([.input: "2", .output: "18", .cachedInput: "0.3"]))
        priority.tiers = [RateCard.Tier(above: 2_000_000, rates: try rates([.input: "4", .output: "36"]))]
        price.services["priority"] = priority
        func cost(_ service: String?, _ adjust: (inout Usage) -> Void = { _ in }) -> String? {
            Self.cost(price, Self.usage(adjust), service: service)
        }
        for name in [nil, "", "default", "auto", "standard", "on_demand", "Default"] { #expect(cost(name) == "11") }
        #expect(cost("flex") == "5.5")
        #expect(cost("FLEX") == "5.5")
        #expect(cost("priority") == "20")
        #expect(cost("fast") == "20")
        #expect(cost("priority") { $0.cachedInput = 1_000_000 } == "18.3")
        // Thinking is output in this class as well, whatever the usual class says of it.
        #expect(cost("flex") { $0.reasoning = 1_000_000 } == "5.5")
        // A rate of the usual class is no more than a guess in another.
        #expect(cost("flex") { $0.cachedInput = 1_000_000 } == "5.1 ?")
        #expect(cost("priority") { $0.input = 3_000_000 } == "48")
        // Longer than the usual class's tier, of which this one says nothing.
        #expect(cost("flex") { $0.input = 3_000_000 } == "6.5 ?")
        #expect(cost("scale") == "11 ?")
    }

    @Test func whatEachRequestCostsIsAdded() throws {
        var price = Price(input: try rate("1"), output: try rate("10"))
        price.request = Rate(perUnit: "0.005")
        #expect(Self.cost(price, Usage(input: 1000, output: 100)) == "0.007")
        price.isApproximate = true
        #expect(Self.cost(price, Usage(input: 1000, output: 100)) == "0.007 ?")
    }

    @Test func whatTheProviderReportsWins() throws {
        let table = PriceTable()
        var answer = Answer()
        answer.model = "gpt-4o-mini"
        answer.usage = Usage(input: 1000, output: 1000)
        let counted = table.cost(of: answer, asked: nil, provider: .openAI, operation: .chatCompletion)
        #expect(
            counted
                == Cost(
                    amount: try #require(Dollars("0.00075")), source: .table, isEstimated: false,
                    price: "openai/gpt-4o-mini"))
        answer.reportedCost = "9.5e-05"
        let reported = table.cost(of: answer, asked: nil, provider: .openRouter, operation: .chatCompletion)
        #expect(
            reported
                == Cost(amount: try #require(Dollars("0.000095")), source: .reported, isEstimated: false, price: nil))
        for nonsense in ["-1", "free", ""] {
            answer.reportedCost = nonsense
            #expect(table.cost(of: answer, asked: nil, provider: .openAI, operation: .chatCompletion) == counted)
        }
        answer.reportedCost = "0"
        #expect(table.cost(of: answer, asked: nil, provider: nil, operation: .other)?.amount == .zero)
    }

    @Test func whatCostsNothingOrIsNotKnownHasNoCost() {
        let table = PriceTable()
        var answer = Answer()
        answer.model = "claude-haiku-4-5"
        #expect(table.cost(of: answer, asked: nil, provider: .anthropic, operation: .message) == nil)
        answer.usage = Usage(input: 1000, output: 10)
        #expect(table.cost(of: answer, asked: nil, provider: .anthropic, operation: .message) != nil)
        // Counting is free of charge.
        #expect(table.cost(of: answer, asked: nil, provider: .anthropic, operation: .messageTokens) == nil)
        #expect(table.cost(of: answer, asked: nil, provider: .google, operation: .contentTokens) == nil)
        // Servers of one's own.
        #expect(table.cost(of: answer, asked: nil, provider: nil, operation: .ollamaChat) == nil)
        let own = PriceTable(models: [NamedPrice("claude-*", .free)])
        #expect(own.cost(of: answer, asked: nil, provider: nil, operation: .ollamaChat)?.source == .configured)
    }
}

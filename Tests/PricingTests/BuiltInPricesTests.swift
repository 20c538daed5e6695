import LLMWire
import Testing

@testable import Pricing

@Suite struct BuiltInPricesTests {
    @Test func everyLineIsRead() {
        #expect(BuiltInPrices.unreadable == [])
        #expect(BuiltInPrices.all.count > 300)
        #expect(BuiltInPrices.date.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil)
        #expect(BuiltInPrices.sources.contains { $0.contains("LiteLLM") })
    }

    /// What a slip in the list would look like.
    @Test func noPriceIsOutOfProportion() throws {
        let most = try rate("600")
        for (name, price) in BuiltInPrices.all {
            for card in [price.standard] + price.services.values {
                for rates in [card.rates] + card.tiers.map(\.rates) {
                    let input = try #require(rates[.input], "\(name)")
                    for meter in Meter.allCases { #expect(rates[meter] ?? .free <= most, "\(name) \(meter)") }
                    #expect(input > .free, "\(name)")
                    #expect(rates[.cachedInput] ?? .free < input, "\(name)")
                    if let write = rates[.cacheWrite], rates[.cachedInput] == nil { #expect(write >= input, "\(name)") }
                    if let write = rates[.cacheWrite], let long = rates[.longCacheWrite] { #expect(write < long) }
                }
                #expect(card.tiers.map(\.above) == card.tiers.map(\.above).sorted(), "\(name)")
            }
        }
    }

    /// Prices as the providers publish them, each kind of line once.
    @Test func samples() throws {
        let opus = try #require(BuiltInPrices.all["anthropic/claude-opus-4-7"])
        let expected = try rates([
            .input: "5", .output: "25", .cachedInput: "0.5", .cacheWrite: "6.25", .longCacheWrite: "10",
        ])
        #expect(opus == Price(RateCard(expected)))

        let gemini = try #require(BuiltInPrices.all["google/gemini-2.5-pro"])
        #expect(gemini.standard.rates == (try rates([.input: "1.25", .output: "10", .cachedInput: "0.125"])))
        let long = try rates([.input: "2.5", .output: "15", .cachedInput: "0.25"])
        #expect(gemini.standard.tiers == [RateCard.Tier(above: 200_000, rates: long)])
        #expect(gemini.services["flex"]?.rates == (try rates([.input: "0.625", .output: "5", .cachedInput: "0.125"])))
        #expect(gemini.services["priority"]?.tiers.first?.rates[.output] == (try rate("27")))

        let gpt = try #require(BuiltInPrices.all["openai/gpt-5.5"])
        #expect(gpt.standard.rates == (try rates([.input: "5", .output: "30", .cachedInput: "0.5"])))
        #expect(gpt.standard.tiers.map(\.above) == [272_000])
        #expect(BuiltInPrices.all["google/gemini-2.5-flash"]?.standard.rates[.audioInput] == (try rate("1")))
        #expect(BuiltInPrices.all["deepseek/deepseek-v4-pro"]?.isApproximate == true)
        #expect(BuiltInPrices.all["deepseek/deepseek-chat"]?.isApproximate == false)
    }

    @Test func aMistakeInTheListIsFound() {
        #expect(BuiltInPrices.entry("a b: i1 o2 c0.5 >1000 i2 +flex i0.5 >1000 i1")?.names == ["a", "b"])
        for line in ["a", "a:", "a: ", "a: x1", "a: i", "a: i-1", "a: i1 >x i2", "a: i1 +flex q1", "a: +flex i1"] {
            #expect(BuiltInPrices.entry(line) == nil, "\(line)")
        }
    }
}

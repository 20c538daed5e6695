import ConfigurationFile
import Pricing
import Testing
import WeirConfiguration

@Suite struct PriceTests {
    private static let liteLLM = """
        {"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06}}
        """
    private static let modelsDev = """
        {"openai": {"models": {"gpt-4o": {"cost": {"input": 3, "output": 4}}}}}
        """

    private func input(_ prices: PriceSettings?, _ model: String) -> String? {
        PriceTable(prices).price(provider: .openAI, answered: model, asked: nil)?.price.standard.rates[.input]?
            .perMillion
    }

    @Test func noneMeansTheBuiltInOnes() throws {
        for text in ["prices: null", "prices:", "server: {}"] {
            let loaded = try load(text)
            #expect(loaded.configuration.prices == nil)
            #expect(input(loaded.configuration.prices, "gpt-4o") == "2.5")
        }
        let empty = try load("prices: {}").configuration.prices
        #expect(empty == PriceSettings())
        #expect(input(empty, "gpt-4o") == "2.5")
    }

    @Test func everyKeyOfAModel() throws {
        let text = """
            prices:
              models:
                m-*:
                  input: 1.5
                  output: ${OUT}
                  cached_input: 0.15
                  cache_write: 1.875
                  cache_write_1h: 3
                  reasoning: 4
                  audio_input: 5
                  audio_output: 6
                  request: 0.25
                  above: [{ tokens: 200000, input: 7 }, { tokens: 500000, output: 8 }]
                  service_tiers: { FLEX: { input: 0.75, above: [{ tokens: 200000, input: 9 }] } }
                local: { input: 0, output: 0 }
            """
        let prices = try #require(try load(text, environment: ["OUT": "2"]).configuration.prices)
        #expect(prices.models.map(\.pattern) == ["m-*", "local"])
        let price = prices.models[0].price
        let expected: [Meter: String] = [
            .input: "1.5", .output: "2", .cachedInput: "0.15", .cacheWrite: "1.875", .longCacheWrite: "3",
            .reasoning: "4", .audioInput: "5", .audioOutput: "6",
        ]
        for meter in Meter.allCases {
            #expect(price.standard.rates[meter]?.perMillion == expected[meter], "\(meter)")
        }
        #expect(price.request?.perUnit == "0.25")
        #expect(price.standard.tiers.map(\.above) == [200_000, 500_000])
        #expect(price.standard.tiers.map { $0.rates[.input]?.perMillion } == ["7", nil])
        #expect(price.services["flex"]?.rates[.input]?.perMillion == "0.75")
        #expect(price.services["flex"]?.tiers.first?.rates[.input]?.perMillion == "9")
        #expect(input(prices, "m-1") == "1.5")
        #expect(input(prices, "local") == "0")
    }

    @Test(arguments: [(liteLLM, "1"), (modelsDev, "3")])
    func aFileOfEitherShape(text: String, rate: String) throws {
        let loaded = try load("prices: { file: p.json }", files: ["p.json": text])
        #expect(input(loaded.configuration.prices, "gpt-4o") == rate)
        #expect(input(loaded.configuration.prices, "gpt-4o-mini") == "0.15")
        // It is watched, and shown by the check.
        #expect(loaded.filesRead.contains { $0.hasSuffix("/p.json") })
        #expect(loaded.report.contains { $0.hasPrefix("  file: ") && $0.contains("/p.json") })
        #expect(loaded.notInEffect == [])

        let both = "prices: { file: p.json, models: { gpt-4o: { input: 9, output: 9 } } }"
        #expect(input(try load(both, files: ["p.json": text]).configuration.prices, "gpt-4o") == "9")
    }

    @Test(arguments: [
        ("{", "no JSON"), ("[1]", "neither LiteLLM's shape"), ("\u{FEFF}{}", "no JSON"),
        (#"{"m": {"litellm_provider": "openai", "input_cost_per_token": -1}}"#, "m: input_cost_per_token is no price"),
    ])
    func aWrongFile(text: String, message: String) throws {
        let found = try faults("server: {}\nprices:\n  file: p.json", files: ["p.json": text])
        #expect(found.places == ["3 prices.file"])
        #expect(found.first?.column == 9)
        #expect(found.first?.message.contains("/p.json: ") == true)
        #expect(found.first?.message.contains(message) == true, "\(found)")
    }

    @Test func whatIsInTheFileTakesPartInAComparison() throws {
        let first = try load("prices: { file: p.json }", files: ["p.json": Self.liteLLM])
        let second = try load("prices: { file: p.json }", files: ["p.json": Self.modelsDev])
        var prices = try #require(first.configuration.prices)
        let other = try #require(second.configuration.prices)
        // The same path, so that nothing but what is in the file is another.
        prices.file?.path = try #require(other.file?.path)
        #expect(prices != other)
        prices.file = other.file
        #expect(prices == other)
    }

    @Test func aModelIsGivenOnce() throws {
        #expect(
            try faults("prices:\n  models:\n    m: { input: 1 }\n    m: { input: 2 }").places == ["4 prices.models.m"])
    }
}

import LLMWire
import Testing

@testable import Pricing

@Suite struct PriceFileTests {
    private static let liteLLM = """
        {
          "sample_spec": {"litellm_provider": "one of …", "mode": "chat", "input_cost_per_token": 0},
          "gpt-x": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 5, "supports_vision": true,
            "input_cost_per_token": 2e-06, "output_cost_per_token": 8e-06, "cache_read_input_token_cost": 5e-07,
            "output_cost_per_reasoning_token": 9e-06, "input_cost_per_audio_token": 4e-05,
            "output_cost_per_audio_token": 8e-05, "input_cost_per_token_above_272k_tokens": 4e-06,
            "output_cost_per_token_above_272k_tokens": 1.2e-05, "input_cost_per_token_flex": 1e-06,
            "input_cost_per_token_above_272k_tokens_flex": 2e-06, "output_cost_per_token_batches": 4e-06,
            "search_context_cost_per_query": {"search_context_size_low": 0.01}, "input_cost_per_token_decisions": 7,
            "cache_read_input_token_cost_priority": "1e-06", "input_cost_per_request": 0.001, "x": null},
          "claude-x": {"litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": 3e-06,
            "output_cost_per_token": 1.5e-05, "cache_creation_input_token_cost": 3.75e-06,
            "cache_creation_input_token_cost_above_1hr": 6e-06,
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens": 1.2e-05},
          "gemini/gemini-x": {"litellm_provider": "gemini", "mode": "chat", "input_cost_per_token": 1e-06},
          "vertex_ai/claude-x@20250101": {"litellm_provider": "vertex_ai-anthropic_models", "mode": "chat",
            "input_cost_per_token": 3e-06},
          "deepseek/d": {"litellm_provider": "deepseek", "mode": "chat", "input_cost_per_token": 1e-06,
            "off_peak_pricing": {"input_cost_per_token": 5e-07}},
          "dashscope/q": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": [
            {"range": [0, 256000.0], "input_cost_per_token": 4e-07, "output_cost_per_token": 1.2e-06},
            {"range": [256000.0, 1e6], "input_cost_per_token": 1.2e-06}]},
          "perplexity/sonar": {"litellm_provider": "perplexity", "input_cost_per_token": 1e-06},
          "perplexity/perplexity/sonar": {"litellm_provider": "perplexity", "input_cost_per_token": 2e-06},
          "azure/twice": {"litellm_provider": "azure", "input_cost_per_token": 1e-06},
          "azure_ai/twice": {"litellm_provider": "azure_ai", "input_cost_per_token": 2e-06},
          "same": {"litellm_provider": "bedrock", "input_cost_per_token": 1e-06},
          "bedrock/same": {"litellm_provider": "bedrock_converse", "input_cost_per_token": 1e-06},
          "bedrock_mantle/same": {"litellm_provider": "bedrock_mantle", "input_cost_per_token": 7e-06},
          "draw": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 5e-06},
          "draw-and-talk": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 5e-06,
            "output_cost_per_image_token": 3e-05},
          "whisper": {"litellm_provider": "openai", "mode": "audio_transcription", "input_cost_per_second": 1e-4}
        }
        """

    @Test func liteLLMsShape() throws {
        let file = try PriceFile(Self.liteLLM)
        #expect(
            Set(file.prices.keys) == [
                "openai/gpt-x", "anthropic/claude-x", "google/gemini-x", "vertex_ai/claude-x-20250101", "deepseek/d",
                "dashscope/q", "perplexity/sonar", "perplexity/perplexity/sonar", "bedrock/same", "bedrock_mantle/same",
            ])
        #expect(file.count == 10)
        #expect(file.prices["perplexity/sonar"]?.standard.rates[.input]?.perMillion == "1")

        let gpt = try #require(file.prices["openai/gpt-x"])
        let plain = try rates([
            .input: "2", .output: "8", .cachedInput: "0.5", .reasoning: "9", .audioInput: "40", .audioOutput: "80",
        ])
        #expect(gpt.standard.rates == plain)
        let long = try rates([.input: "4", .output: "12"])
        #expect(gpt.standard.tiers == [RateCard.Tier(above: 272_000, rates: long)])
        #expect(gpt.services["flex"]?.rates == (try rates([.input: "1"])))
        #expect(gpt.services["flex"]?.tiers == [RateCard.Tier(above: 272_000, rates: try rates([.input: "2"]))])
        #expect(gpt.services["batch"]?.rates == (try rates([.output: "4"])))
        #expect(gpt.services["priority"]?.rates == (try rates([.cachedInput: "1"])))
        #expect(gpt.services.count == 3)
        #expect(gpt.request?.perUnit == "0.001")

        let claude = try #require(file.prices["anthropic/claude-x"])
        #expect(
            claude.standard.rates
                == (try rates([.input: "3", .output: "15", .cacheWrite: "3.75", .longCacheWrite: "6"])))
        #expect(claude.standard.tiers == [RateCard.Tier(above: 200_000, rates: try rates([.longCacheWrite: "12"]))])
        #expect(file.prices["deepseek/d"]?.isApproximate == true)

        let tiered = try #require(file.prices["dashscope/q"])
        #expect(tiered.standard.rates == (try rates([.input: "0.4", .output: "1.2"])))
        #expect(tiered.standard.tiers == [RateCard.Tier(above: 256_000, rates: try rates([.input: "1.2"]))])
    }

    @Test func modelsDevsShape() throws {
        let file = try PriceFile(
            """
            {
              "empty": {"id": "empty", "models": {}},
              "google": {"id": "google", "env": ["X"], "models": {
                "gemini-x": {"id": "gemini-x", "modalities": {"input": ["text"], "output": ["text"]},
                  "cost": {"input": 1.25, "output": 10, "reasoning": 11, "cache_read": 0.31, "cache_write": 1.6,
                    "input_audio": 3, "output_audio": 4, "context_over_200k": {"input": 2.5, "output": 15}}},
                "gemini-x-image": {"modalities": {"output": ["text", "image"]}, "cost": {"input": 1, "output": 2}},
                "gemini-unpriced": {"modalities": {"output": ["text"]}}}},
              "amazon-bedrock": {"models": {"Anthropic.claude-x-v1:0": {"cost": {"input": 3, "output": null}}}},
              "openrouter": {"models": {"openai/gpt-x": {"cost": {"input": 0, "output": 0}}}}
            }
            """)
        #expect(
            Set(file.prices.keys) == [
                "google/gemini-x", "bedrock/anthropic.claude-x-v1:0", "openrouter/openai/gpt-x",
            ])
        let gemini = try #require(file.prices["google/gemini-x"])
        let plain = try rates([
            .input: "1.25", .output: "10", .reasoning: "11", .cachedInput: "0.31", .cacheWrite: "1.6", .audioInput: "3",
            .audioOutput: "4",
        ])
        #expect(gemini.standard.rates == plain)
        #expect(
            gemini.standard.tiers
                == [RateCard.Tier(above: 200_000, rates: try rates([.input: "2.5", .output: "15"]))])
        #expect(file.prices["openrouter/openai/gpt-x"] == .free)
    }

    @Test func aFileTakesThePlaceOfWhatIsBuiltIn() throws {
        let file = try PriceFile(
            """
            {"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
             "azure/gpt-4o": {"litellm_provider": "azure", "input_cost_per_token": 3e-06},
             "openrouter/meta/llama-9": {"litellm_provider": "openrouter", "input_cost_per_token": 4e-06}}
            """)
        let table = PriceTable(models: [NamedPrice("llama-own", .free)], file: file)
        func found(_ provider: Provider, _ name: String) -> String? {
            table.price(provider: provider, answered: name, asked: nil).map { match in
                "\(match.name) \(match.price.standard.rates[.input]?.perMillion ?? "-") \(match.isConfigured)"
                    + (match.isEstimated ? " ?" : "")
            }
        }
        #expect(found(.openAI, "gpt-4o") == "openai/gpt-4o 1 true")
        #expect(found(.openAI, "gpt-4o-2024-08-06") == "openai/gpt-4o 1 true")
        // What the file does not know stays as it was.
        #expect(found(.openAI, "gpt-4o-2024-05-13") == "openai/gpt-4o-2024-05-13 5 false")
        #expect(found(.azure, "gpt-4o") == "azure/gpt-4o 3 true")
        #expect(found(.azure, "gpt-4.1") == "openai/gpt-4.1 2 false ?")
        #expect(found(.openRouter, "meta/llama-9") == "openrouter/meta/llama-9 4 true")
        #expect(found(.groq, "llama-own") == "llama-own 0 true")
    }

    @Test(arguments: [
        ("", "no JSON: it goes wrong on line 1"),
        ("{\n\"a\": 1,\n}", "no JSON: it goes wrong on line 3"),
        ("[]", "neither LiteLLM's shape"), ("{}", "neither LiteLLM's shape"), ("null", "neither LiteLLM's shape"),
        (#"{"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": "0.1"}}]}"#, "neither LiteLLM's shape"),
        (#"{"a": {"litellm_provider": "openai", "mode": "chat"}}"#, "No model in the file has a price"),
        (#"{"a": {"models": {"b": {"cost": {}}}}}"#, "No model in the file has a price"),
        (
            #"{"a": {"litellm_provider": "openai", "input_cost_per_token": -1e-6}}"#,
            "a: input_cost_per_token is no price"
        ),
        (
            #"{"a": {"litellm_provider": "openai", "output_cost_per_token": "x"}}"#,
            "a: output_cost_per_token is no price"
        ),
        (#"{"a": {"litellm_provider": "openai", "input_cost_per_token": [1]}}"#, "a: input_cost_per_token is no price"),
        (#"{"p": {"models": {"m": {"cost": {"input": 1, "output": -2}}}}}"#, "p: m: output is no price"),
    ])
    func whatIsNoPriceFile(text: String, message: String) {
        do throws(PriceFile.Fault) {
            let file = try PriceFile(text)
            Issue.record("\(file.count) models were read")
        } catch {
            #expect(error.message.contains(message), "\(error.message)")
        }
    }

    @Test func aFileThatIsCutIsNoFile() {
        let octets = Array(Self.liteLLM.utf8)
        for count in 0..<octets.count {
            #expect(throws: PriceFile.Fault.self) { try PriceFile(String(decoding: octets[..<count], as: UTF8.self)) }
        }
    }
}

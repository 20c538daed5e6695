import LLMWire
import Testing

@testable import Pricing

@Suite struct PriceTableTests {
    private static let table = PriceTable()

    private static func name(
        _ provider: Provider?, _ answered: String?, asked: String? = nil, in table: PriceTable = table
    ) -> String? {
        table.price(provider: provider, answered: answered, asked: asked)
            .map { $0.name + ($0.isEstimated ? " ?" : "") }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let provider: Provider?
        let model: String
        let price: String?

        init(_ provider: Provider?, _ model: String, _ price: String?) {
            (self.provider, self.model, self.price) = (provider, model, price)
        }

        var testDescription: String { "\(provider?.name ?? "-") \(model)" }
    }

    @Test(
        "A name and the price that it has",
        arguments: [
            // Exact, and dated.
            Case(.openAI, "gpt-4o", "openai/gpt-4o"),
            Case(.openAI, "gpt-4o-2024-08-06", "openai/gpt-4o"),
            Case(.openAI, "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"),
            Case(.openAI, "GPT-4o", "openai/gpt-4o"),
            Case(.openAI, "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"),
            Case(.openAI, "gpt-5-chat-latest", "openai/gpt-5-chat-latest"),
            Case(.openAI, "ft:gpt-4o-mini-2024-07-18:acme::abc123", "openai/ft:gpt-4o-mini-2024-07-18"),
            Case(.openAI, "ft:gpt-9:acme::abc123", nil),
            Case(.anthropic, "claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4-5"),
            Case(.anthropic, "claude-sonnet-4-5-latest", "anthropic/claude-sonnet-4-5"),
            Case(.google, "gemini-2.5-flash", "google/gemini-2.5-flash"),
            Case(.google, "models/gemini-2.5-flash", "google/gemini-2.5-flash"),
            Case(.google, "gemini-2.5-flash-preview-05-20", "google/gemini-2.5-flash ?"),
            Case(.google, "gemini-2.5-flash-lite-preview-09-2025", "google/gemini-2.5-flash-lite ?"),
            // Another model, however like its name is.
            Case(.openAI, "gpt-4o-nano", nil),
            Case(.openAI, "gpt-4o-audio", nil),
            Case(.openAI, "gpt-4o-2024", nil),
            Case(.openAI, "gpt-4o-2024-13-01", nil),
            Case(.openAI, "gpt-4o-0806", nil),
            Case(.openAI, "gpt-4o-latest-2024-08-06", nil),
            Case(.openAI, "gpt", nil),
            Case(.openAI, "-2024-08-06", nil),
            Case(.openAI, "latest", nil),
            Case(.openAI, "", nil),
            Case(.anthropic, "claude-sonnet-4-5-20259929", nil),
            Case(.anthropic, "claude-2", nil),
            Case(.google, "gemini-2.5-flash-image", nil),
            Case(.google, "gemini-2.5-flash-preview-tts", nil),
            // A provider's own price, or none.
            Case(.groq, "openai/gpt-oss-120b", "groq/openai/gpt-oss-120b"),
            Case(Provider("cerebras"), "gpt-oss-120b", "cerebras/gpt-oss-120b"),
            Case(.openAI, "claude-sonnet-4-5", nil),
            Case(.groq, "gpt-4o", nil),
            Case(.deepSeek, "deepseek-chat", "deepseek/deepseek-chat"),
            Case(.xAI, "grok-4.7", "xai/grok-4.7"),
            Case(.mistral, "mistral-large-latest", "mistral/mistral-large-latest"),
            Case(.mistral, "mistral-large-2407", nil),
            // Resellers, at the maker's price.
            Case(.azure, "gpt-4o-2024-08-06", "openai/gpt-4o ?"),
            Case(.azure, "Llama-3.3-70B-Instruct", nil),
            Case(.openAIRegional, "gpt-4o", "openai/gpt-4o ?"),
            Case(.vertex, "gemini-2.5-pro", "google/gemini-2.5-pro ?"),
            Case(.vertex, "publishers/google/models/gemini-2.5-pro", "google/gemini-2.5-pro ?"),
            Case(
                .vertex, "projects/p/locations/eu/publishers/anthropic/models/claude-sonnet-4-5@20250929",
                "anthropic/claude-sonnet-4-5 ?"),
            Case(.vertex, "claude-opus-4-6@default", "anthropic/claude-opus-4-6 ?"),
            Case(.openRouter, "openai/gpt-4o", "openai/gpt-4o ?"),
            Case(.openRouter, "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5 ?"),
            Case(.openRouter, "x-ai/grok-4.7", "xai/grok-4.7 ?"),
            Case(.openRouter, "deepseek/deepseek-chat", nil),
            Case(.openRouter, "meta-llama/llama-3.3-70b-instruct", nil),
            Case(.openRouter, "meta-llama/llama-3.3-70b-instruct:free", "meta-llama/llama-3.3-70b-instruct:free"),
            Case(.openRouter, "openai/gpt-4o:online", nil),
            Case(.openRouter, "openai/claude-sonnet-4-5", nil),
            // The region is in the name.
            Case(
                .bedrock, "us.anthropic.claude-haiku-4-5-20251001-v1:0",
                "bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0"),
            Case(
                .bedrock, "anthropic.claude-haiku-4-5-20251001-v1%3A0",
                "bedrock/anthropic.claude-haiku-4-5-20251001-v1:0"),
            Case(
                .bedrock, "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0",
                "bedrock/eu.amazon.nova-pro-v1:0"),
            Case(.bedrock, "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc", nil),
            Case(.bedrock, "anthropic.claude-haiku-4-5", nil),
            // Who answered is not known: names that only their maker has.
            Case(nil, "gpt-4o-mini", "openai/gpt-4o-mini ?"),
            Case(nil, "openai/gpt-4o-mini", "openai/gpt-4o-mini ?"),
            Case(nil, "openrouter/openai/gpt-4o-mini", "openai/gpt-4o-mini ?"),
            Case(nil, "gemini/gemini-2.5-pro", "google/gemini-2.5-pro ?"),
            Case(nil, "models/gemini-2.5-pro", "google/gemini-2.5-pro ?"),
            Case(nil, "text-embedding-3-small", "openai/text-embedding-3-small ?"),
            Case(nil, "o3", "openai/o3 ?"),
            Case(nil, "gpt-oss-120b", nil),
            Case(nil, "openai/gpt-oss-120b", nil),
            Case(nil, "groq/openai/gpt-oss-120b", nil),
            Case(nil, "deepseek-chat", nil),
            Case(nil, "llama-3.3-70b", nil),
            Case(nil, "mistral-small", nil),
            Case(nil, "some/model:free", "some/model:free ?"),
            Case(nil, "model:free", nil),
            Case(nil, "qwen3:8b", nil),
            // Servers of one's own.
            Case(.ollama, "gpt-4o", nil),
            Case(.llamaCpp, "gpt-4o", nil),
            Case(.chatGPT, "gpt-5.5", nil),
            Case(.gitHubCopilot, "gpt-5.5", nil),
            Case(.ollama, "some/model:free", nil),
        ])
    func names(_ given: Case) {
        #expect(Self.name(given.provider, given.model) == given.price)
        // As the request's name it is worth the same, where the answer has none.
        #expect(Self.name(given.provider, nil, asked: given.model) == given.price)
    }

    @Test func theAnswersNameGoesFirst() {
        #expect(Self.name(.openAI, "gpt-4o-mini", asked: "gpt-4o") == "openai/gpt-4o-mini")
        #expect(Self.name(.openAI, "gpt-new-thing", asked: "gpt-4o") == "openai/gpt-4o")
        #expect(Self.name(.openAI, "", asked: "gpt-4o") == "openai/gpt-4o")
        // A deployment may be called anything, and so may what a server of unknown kind is asked for.
        #expect(Self.name(.azure, "phi-4", asked: "gpt-4o") == nil)
        #expect(Self.name(.openRouter, "deepseek/deepseek-chat", asked: "openai/gpt-4o") == nil)
        #expect(Self.name(nil, "qwen3-30b", asked: "gpt-4o") == nil)
        #expect(
            Self.name(.bedrock, "claude-haiku-4-5-20251001", asked: "eu.anthropic.claude-haiku-4-5-20251001-v1:0")
                == "bedrock/eu.anthropic.claude-haiku-4-5-20251001-v1:0")
        #expect(Self.name(.openAI, nil) == nil)
    }

    @Test func configuredModelsWin() throws {
        let price = Price(input: try rate("1"), output: try rate("2"))
        let patterns = [
            "*", "gpt-*", "gpt-4o*", "*-mini", "groq/llama-*", "my-model", "GPT-5", "claude-*-4-5", "a*b*c", "ollama/x",
        ]
        let table = PriceTable(models: patterns.map { NamedPrice($0, price) })
        for (provider, model, expected) in [
            (Provider.openAI, "gpt-4o", "gpt-4o*"), (.openAI, "gpt-4", "gpt-*"), (.openAI, "o4-mini", "*-mini"),
            (.openAI, "gpt-4o-mini", "gpt-4o*"), (.groq, "llama-3.3", "groq/llama-*"), (.xAI, "llama-3.3", "*"),
            (.xAI, "my-model", "my-model"), (.xAI, "My-Model-2025-01-01", "*"), (.openAI, "gpt-5", "GPT-5"),
            (.openAI, "openai/gpt-5", "GPT-5"), (.anthropic, "claude-sonnet-4-5", "claude-*-4-5"),
            (.anthropic, "claude-sonnet-4-5-20250929", "*"), (.groq, "a1b2c", "a*b*c"), (.groq, "abc", "a*b*c"),
            (.groq, "ab", "*"), (.llamaCpp, "gpt-4o", "gpt-4o*"), (.ollama, "x", "ollama/x"), (.groq, "x", "*"),
        ] {
            #expect(Self.name(provider, model, in: table) == expected, "\(model)")
        }
        #expect(Self.name(nil, "my-model", in: table) == "my-model")
        #expect(table.price(provider: .openAI, answered: "gpt-4o", asked: nil)?.isConfigured == true)
    }

    @Test func aConfiguredModelStandsForItsDatedVersions() throws {
        let price = Price(input: try rate("1"), output: try rate("2"))
        let table = PriceTable(models: [NamedPrice("gpt-4o", price), NamedPrice("deployment", price)])
        #expect(Self.name(.openAI, "gpt-4o-2024-05-13", in: table) == "gpt-4o")
        #expect(Self.name(.openAI, "gpt-4o-preview-05-13", in: table) == "gpt-4o ?")
        #expect(Self.name(.openAI, "gpt-4o-mini", in: table) == "openai/gpt-4o-mini")
        // A name of one's own is worth something whoever answers, and with whatever.
        #expect(Self.name(.azure, "phi-4", asked: "deployment", in: table) == "deployment")
        #expect(Self.name(nil, "phi-4", asked: "deployment", in: table) == "deployment")
    }

    @Test func theLastOfEqualPatternsCounts() throws {
        let models = [
            NamedPrice("x*", Price(input: try rate("1"), output: nil)),
            NamedPrice("X*", Price(input: try rate("2"), output: nil)),
            NamedPrice("y", Price(input: try rate("1"), output: nil)),
            NamedPrice("Y", Price(input: try rate("2"), output: nil)),
        ]
        let table = PriceTable(models: models)
        for name in ["x1", "y"] {
            let found = try #require(table.price(provider: nil, answered: name, asked: nil))
            #expect(found.price.standard.rates[.input] == (try rate("2")))
        }
    }

    @Test func providersByHost() {
        for (host, expected) in [
            ("api.openai.com", Provider.openAI), ("API.OpenAI.com", .openAI), ("eu.api.openai.com", .openAIRegional),
            ("api.anthropic.com", .anthropic), ("generativelanguage.googleapis.com", .google),
            ("europe-west4-aiplatform.googleapis.com", .vertex), ("acme.openai.azure.com", .azure),
            ("bedrock-runtime.us-east-1.amazonaws.com", .bedrock), ("api.deepseek.com", .deepSeek),
            ("api.groq.com", .groq), ("api.mistral.ai", .mistral), ("api.x.ai", .xAI), ("openrouter.ai", .openRouter),
            ("chatgpt.com", .chatGPT), ("api.business.githubcopilot.com", .gitHubCopilot), ("ollama.com", .ollama),
        ] {
            #expect(Provider(dialect: .openAIChat, host: host) == expected, "\(host)")
        }
        for host in ["localhost", "127.0.0.1", "llm.corp.test", "api.openai.com.evil.test", "evilapi.openai.com"] {
            #expect(Provider(dialect: .openAIChat, host: host) == nil, "\(host)")
        }
        #expect(Provider(dialect: .ollama, host: "api.openai.com") == .ollama)
        #expect(Provider(dialect: .openAIChat, host: "localhost", server: "llama.cpp") == .llamaCpp)
        #expect(Provider(dialect: .openAIChat, host: "localhost", server: "uvicorn") == nil)
    }
}

package import LLMWire

/// Who sells a model's tokens: the same name has other prices elsewhere.
///
/// A provider's name is the one that LiteLLM's price map has for it, but `google` for the Gemini API.
package struct Provider: Sendable, Hashable, CustomStringConvertible {
    /// The name: what stands in front of the slash in a price's name.
    package let name: String

    /// A provider called `name`.
    package init(_ name: String) {
        self.name = name
    }

    package var description: String { name }

    /// `api.openai.com`.
    package static let openAI = Provider("openai")
    /// `api.anthropic.com`.
    package static let anthropic = Provider("anthropic")
    /// The Gemini API.
    package static let google = Provider("google")
    /// Google's Vertex AI, with models of several makers.
    package static let vertex = Provider("vertex_ai")
    /// Azure OpenAI and Foundry, with models of several makers.
    package static let azure = Provider("azure")
    /// Amazon Bedrock, with models of several makers.
    package static let bedrock = Provider("bedrock")
    /// `api.deepseek.com`.
    package static let deepSeek = Provider("deepseek")
    /// `api.x.ai`.
    package static let xAI = Provider("xai")
    /// `api.mistral.ai`.
    package static let mistral = Provider("mistral")
    /// `api.groq.com`.
    package static let groq = Provider("groq")
    /// `openrouter.ai`, which reports what an answer cost.
    package static let openRouter = Provider("openrouter")
    /// Ollama, wherever it runs.
    package static let ollama = Provider("ollama")
    /// llama.cpp's server.
    package static let llamaCpp = Provider("llama.cpp")
    /// The provider for tests that Weir runs inside itself.
    package static let mock = Provider("mock")
    /// What a subscription of ChatGPT pays for.
    static let chatGPT = Provider("chatgpt")
    static let gitHubCopilot = Provider("github_copilot")
    /// OpenAI's hosts of one region, which charge more for some models.
    static let openAIRegional = Provider("openai-regional")

    /// Tells who answered, as far as the table knows it; nil: someone else.
    ///
    /// - Parameters:
    ///   - dialect: what the exchange speaks; Ollama's is spoken by servers of one's own.
    ///   - host: the upstream's host, without a port.
    ///   - server: the answer's `server` field, by which llama.cpp is known whatever model it claims to be.
    package init?(dialect: Dialect, host: String, server: String? = nil) {
        let host = host.lowercased()
        if dialect == .ollama {
            self = .ollama
        } else if server?.lowercased().hasPrefix("llama.cpp") == true {
            self = .llamaCpp
        } else if let found = Self.hosts[host] {
            self = found
        } else if let found = Self.suffixes.first(where: { host.hasSuffix($0.0) }) {
            self = found.1
        } else if host.hasPrefix("bedrock-runtime"), host.hasSuffix(".amazonaws.com") {
            self = .bedrock
        } else {
            return nil
        }
    }

    private static let hosts: [String: Provider] = [
        "api.openai.com": .openAI,
        "api.anthropic.com": .anthropic,
        "generativelanguage.googleapis.com": .google,
        "aiplatform.googleapis.com": .vertex,
        "api.deepseek.com": .deepSeek,
        "api.x.ai": .xAI,
        "api.mistral.ai": .mistral,
        "codestral.mistral.ai": .mistral,
        "api.groq.com": .groq,
        "openrouter.ai": .openRouter,
        "api.cohere.com": Provider("cohere"),
        "api.cohere.ai": Provider("cohere"),
        "api.cerebras.ai": Provider("cerebras"),
        "api.moonshot.ai": Provider("moonshot"),
        "api.z.ai": Provider("zai"),
        "api.voyageai.com": Provider("voyage"),
        "api.together.xyz": Provider("together_ai"),
        "api.together.ai": Provider("together_ai"),
        "api.fireworks.ai": Provider("fireworks_ai"),
        "api.deepinfra.com": Provider("deepinfra"),
        "api.perplexity.ai": Provider("perplexity"),
        "api.sambanova.ai": Provider("sambanova"),
        "api.novita.ai": Provider("novita"),
        "dashscope-intl.aliyuncs.com": Provider("dashscope"),
        "chatgpt.com": .chatGPT,
        "api.githubcopilot.com": .gitHubCopilot,
        "ollama.com": .ollama,
    ]

    private static let suffixes: [(String, Provider)] = [
        (".api.openai.com", .openAIRegional),
        ("-aiplatform.googleapis.com", .vertex),
        (".openai.azure.com", .azure),
        (".cognitiveservices.azure.com", .azure),
        (".services.ai.azure.com", .azure),
        (".api.x.ai", .xAI),
        (".githubcopilot.com", .gitHubCopilot),
    ]

    /// Whether its tokens have a price at all, other than one of the configuration's models: not at a server of one's own,
    /// not at one for tests, and not where a subscription pays.
    package var isPriced: Bool { ![.ollama, .llamaCpp, .mock, .chatGPT, .gitHubCopilot].contains(self) }

    /// Whether an answer's model may be taken from the request where the answer names one that the table lacks: the
    /// names are the provider's own, and both mean the same.
    var answersWhatIsAsked: Bool { ![.azure, .openRouter, .openAIRegional].contains(self) }
}

extension Provider {
    /// By the names of LiteLLM's price map (`litellm_provider`).
    init(liteLLM name: String) {
        switch name {
        case "gemini": self = .google
        case "text-completion-openai": self = .openAI
        case "cohere_chat": self.init("cohere")
        case let name where name.hasPrefix("vertex_ai"): self = .vertex
        case "bedrock_converse": self = .bedrock
        case let name where name.hasPrefix("azure"): self = .azure
        default: self.init(name)
        }
    }

    /// By the names of models.dev (the outermost keys of its `api.json`).
    init(modelsDev name: String) {
        switch name {
        case "amazon-bedrock": self = .bedrock
        case "togetherai": self.init("together_ai")
        case "fireworks-ai": self.init("fireworks_ai")
        case "moonshotai": self.init("moonshot")
        case "alibaba": self.init("dashscope")
        case "novita-ai": self.init("novita")
        case let name where name.hasPrefix("google-vertex"): self = .vertex
        case let name where name.hasPrefix("azure"): self = .azure
        default: self.init(name)
        }
    }
}

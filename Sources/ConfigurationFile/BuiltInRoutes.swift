package import WeirConfiguration

/// The routes that are there without being configured.
package enum BuiltInRoutes {
    /// Their names and targets: each the provider's origin, so that `http://HOST:PORT/NAME` takes its place in a client's
    /// base URL.
    private static let targets = [
        ("openai", "https://api.openai.com"),
        ("anthropic", "https://api.anthropic.com"),
        ("gemini", "https://generativelanguage.googleapis.com"),
        ("openrouter", "https://openrouter.ai"),
        ("deepseek", "https://api.deepseek.com"),
        ("mistral", "https://api.mistral.ai"),
        ("groq", "https://api.groq.com"),
        ("ollama", "http://127.0.0.1:11434"),
        ("mock", "mock://"),
    ]

    /// The routes. OpenAI's clients may use a base URL with or without `/v1`.
    package static var all: [RouteSettings] {
        targets.compactMap { name, target in
            guard let url = try? UpstreamURL(target) else { return nil }
            var route = RouteSettings(name: name, target: url)
            if name == "openai" { route.versionedPath = .always }
            // No proxy elsewhere leads back to this machine.
            if name == "ollama" { route.proxy = .direct }
            return route
        }
    }
}

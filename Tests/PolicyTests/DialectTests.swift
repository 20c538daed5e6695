import LLMWire
import Policy
import Testing
import WeirConfiguration

/// How the dialect is told where no route names one.
@Suite struct DialectTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let target: String
        let fields: [String]
        let dialect: Dialect
        var testDescription: String { "\(target) \(fields)" }

        init(_ target: String, _ dialect: Dialect, _ fields: String...) {
            self.target = target
            self.fields = fields
            self.dialect = dialect
        }
    }

    static let rows = [
        Row("/v1/chat/completions", .openAIChat),
        Row("/chat/completions", .openAIChat),
        Row("/v1/models", .openAIChat),
        Row("/v1/embeddings", .openAIChat),
        Row("/anything", .openAIChat),
        Row("/", .openAIChat),
        Row("/v1/responses", .openAIResponses),
        Row("/responses", .openAIResponses),
        Row("/v1/responses/resp_1/cancel", .openAIResponses),
        Row("/v1/responses?stream=true", .openAIResponses),
        Row("/v1/myresponses", .openAIChat),
        Row("/v1/chat/completions?next=/responses", .openAIChat),
        Row("/v1/messages", .anthropicMessages),
        Row("/anthropic/v1/messages/count_tokens?beta=true", .anthropicMessages),
        Row("/v1/message", .openAIChat),
        Row("/v1/models", .anthropicMessages, "anthropic-version: 2023-06-01"),
        Row("/v1/models", .anthropicMessages, "Anthropic-Version: 2023-06-01"),
        Row("/v1beta/models/x:generateContent", .anthropicMessages, "anthropic-version: 2023-06-01"),
        Row("/v1/chat/completions", .openAIChat, "anthropic-beta: x"),
        Row("/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse", .gemini),
        Row("/v1beta/models", .gemini),
        Row("/v1beta", .gemini),
        Row("/v1/models/gemini-2.5-pro:countTokens", .gemini),
        Row("/v1/models/x%3AgenerateContent", .gemini),
        Row("/v1/models/x%3abatchEmbedContents", .gemini),
        Row("/v1internal:streamGenerateContent", .gemini),
        Row("/v1/projects/p/locations/l/publishers/google/models/imagen:predictLongRunning", .gemini),
        Row("/v1/projects/p/locations/l/publishers/anthropic/models/c@1:rawPredict", .anthropicMessages),
        Row("/v1/projects/p/locations/l/publishers/anthropic/models/c@1%3AstreamRawPredict", .anthropicMessages),
        Row("/v1/projects/p/locations/l/publishers/mistralai/models/m:rawPredict", .openAIChat),
        Row("/v1/models/ft:gpt-4o-mini:acme::id", .openAIChat),
        Row("/v1/models/llama3:8b", .openAIChat),
        Row("/v1/models/x%3", .openAIChat),
        Row("/v1/models/generateContent", .openAIChat),
        Row("/models/a%2Fb:free", .openAIChat),
        Row("/v1/models/vendor/name:free/endpoints", .openAIChat),
        Row("/v1/models/name?x=a:b", .openAIChat),
        Row("/api/chat", .ollama),
        Row("/api/generate", .ollama),
        Row("/api/tags", .ollama),
        Row("/ollama/api/embed", .ollama),
        Row("/api/blobs/sha256:00", .ollama),
        Row("/api/v1/chat/completions", .openAIChat),
        Row("/api/chatter", .openAIChat),
        Row("/api//chat", .ollama),
        // Never by the credential.
        Row("/v1/chat/completions", .openAIChat, "x-api-key: k"),
        Row("/v1/chat/completions", .openAIChat, "x-goog-api-key: k"),
        Row("/v1/messages", .anthropicMessages, "Authorization: Bearer k"),
    ]

    @Test(arguments: rows)
    func theDialectIsToldByPathAndField(_ row: Row) throws {
        #expect(try ParsedHead("POST", row.target, fields: row.fields).dialect == row.dialect)
    }
}

import LLMWire
import Testing

@Suite struct ModelPathTests {
    @Test(
        arguments: [
            ("/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash", false),
            ("/gw/v1/models/gemini-2.5-pro:streamGenerateContent", "gemini-2.5-pro", true),
            ("/v1beta/models/gemini-2.5-pro%3AstreamGenerateContent", "gemini-2.5-pro", true),
            ("/v1beta/models/caf%C3%A9%2Fx:countTokens", "café/x", false),
            ("/v1beta/models/ft%3Aa:embedContent", "ft:a", false),
            ("/v1beta/tunedModels/mine-1:generateContent", "tunedModels/mine-1", false),
            ("/v1/models/vendor/name:generateContent", "vendor/name", false),
            (
                "/v1/projects/p/locations/l/publishers/anthropic/models/claude@20250101:streamRawPredict",
                "claude@20250101", true
            ),
            ("/openai/deployments/my-gpt/chat/completions", "my-gpt", nil),
            ("/openai/deployments/a%20b/embeddings", "a b", nil),
            ("/model/us.amazon.nova-micro-v1%3A0/converse-stream", "us.amazon.nova-micro-v1:0", true),
            ("/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ax%2Fy/invoke", "arn:aws:bedrock:us-east-1:1:x/y", false),
            ("/model/anthropic.claude/invoke-with-response-stream", "anthropic.claude", true),
            ("/v1/chat/completions", nil, nil),
            ("/v1/models/ft:gpt-4:org", nil, nil),
            ("/v1beta/models/gemini-2.5-flash", nil, nil),
            ("/v1beta/models/:generateContent", nil, false),
            ("/openai/deployments/x", nil, nil),
            ("/v1internal:streamGenerateContent", nil, true),
            ("/model/invoke", nil, false),
            ("", nil, nil),
            ("/%", nil, nil),
            ("/models/%4:predict", "%4", false),
        ] as [(String, String?, Bool?)])
    func names(_ path: String, _ model: String?, _ isStream: Bool?) {
        let octets = Array(path.utf8)
        #expect(Operation.model(inPath: octets.span.bytes) == model)
        #expect(Operation.isStream(path: octets.span.bytes) == isStream)
    }

    @Test(arguments: [
        "/v1beta/models/a:generateContent", "/v1/models/a%3AstreamGenerateContent", "/x/a%3agenerateContent",
    ])
    func operations(_ path: String) {
        #expect(Operation(.gemini, path: Array(path.utf8).span.bytes) == .generateContent)
    }

    @Test func whatIsNoUTF8IsStillAName() {
        let octets = Array("/models/a".utf8) + [0xFF] + Array("%FEb:generateContent".utf8)
        #expect(Operation.model(inPath: octets.span.bytes) == "a\u{FFFD}\u{FFFD}b")
    }
}

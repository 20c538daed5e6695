import ArgumentParser
import Mock
import NIOCore
import NIOPosix

/// `weir mock`: a provider for tests.
struct MockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mock",
        abstract: "Run a provider for tests: the APIs of OpenAI, Anthropic, Gemini and Ollama, plain and streamed.",
        discussion: """
            It answers at /v1 as OpenAI (Chat Completions, Responses, Completions, Embeddings, Models, Files, audio) \
            and as Anthropic (/v1/messages), at /v1beta as Gemini, at /api as Ollama. What it answers depends on the \
            request alone, and no key is needed. Headers of the request drive it: "x-mock-status: 429" answers with \
            an error, "x-mock-fault: cut" breaks a stream off, "x-mock-tokens-per-second: 20" sets the pace, \
            "x-mock-reasoning: 50" thinks first; docs/mock.md has them all.
            """)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8090

    @Option(
        help: ArgumentHelp("The pace of streamed answers; without it, as fast as they are read.", valueName: "number"))
    var tokensPerSecond: Double?

    func validate() throws {
        if let tokensPerSecond, !(tokensPerSecond > 0 && tokensPerSecond.isFinite) {
            throw ValidationError("--tokens-per-second must be above 0.")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535.") }
    }

    func run() async throws {
        let diagnostics = Diagnostics(level: .info)
        DescriptorLimit.raise()
        let signals = Signals()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let server: MockServer
        do {
            server = try await MockServer.start(
                host: host, port: port, settings: MockSettings(tokensPerSecond: tokensPerSecond), group: group)
        } catch {
            diagnostics.say(.error, "cannot listen on \(host) port \(port): \(error)")
            throw ExitCode(1)
        }
        diagnostics.say(.info, "the mock answers at http://\(server.localAddress.shown)/v1")
        for await _ in signals.received { break }
        await server.close()
        try await group.shutdownGracefully()
    }
}

import ArgumentParser

/// The command line.
@main
struct Weir: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "One gateway for every LLM API call: forwarded byte for byte, and recorded.",
        discussion: """
            Point a client's base URL at Weir, and Weir at the provider:

              weir serve --upstream-base-url https://api.openai.com/v1
              export OPENAI_BASE_URL=http://127.0.0.1:8080/v1

            Every exchange is streamed through as it comes and written to a JSONL file.
            """,
        version: Version.text,
        subcommands: [ServeCommand.self, MockCommand.self],
        defaultSubcommand: ServeCommand.self)
}

/// What this build is called.
enum Version {
    static let text = "0.1.0"
}

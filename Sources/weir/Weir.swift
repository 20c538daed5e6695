import ArgumentParser

/// The command line.
@main
struct Weir: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "A gateway for LLM API calls: forwards every byte as it came, and records every exchange.",
        discussion: """
            Point Weir at the provider, and the client's base URL at Weir:

              weir serve --upstream-base-url https://api.openai.com/v1
              export OPENAI_BASE_URL=http://127.0.0.1:8080/v1

            No provider at hand? This one answers from within:

              weir serve --upstream-base-url mock://

            Several providers, keys, rules, proxies: in a file.

              weir check weir.yaml
              weir serve --config weir.yaml

            Exit status: 0 on success, 2 for a usage or configuration error, 1 for any other failure.
            """,
        version: Version.text,
        subcommands: [ServeCommand.self, CheckCommand.self, MockCommand.self],
        defaultSubcommand: ServeCommand.self)

    static func main() async {
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Says what went wrong and exits: 2 for what was typed wrong (ArgumentParser's own choice is 64), 1 for the rest.
    private static func end(with error: any Error) -> Never {
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        Diagnostics(level: .error).show(fullMessage(for: error).split(separator: "\n").map(String.init), at: .error)
        exit(withError: ExitCode(2))
    }
}

/// What this build is called.
enum Version {
    static let text = "0.1.0"
}

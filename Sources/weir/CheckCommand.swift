import ArgumentParser
import ConfigurationFile
import NIOCore
import WeirConfiguration

/// `weir check`: reads a configuration and shows how it was understood.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration and print it as understood, secrets masked, with the route table.",
        discussion: """
            All faults are told at once on standard error, each with file, line, column and key path; the exit status is 2 \
            then. Without a file, what the environment gives is checked, as `weir serve` would.
            """)

    @Argument(help: "The configuration, YAML or JSON; without it, --config or WEIR_CONFIG.")
    var file: String?

    @Option(help: ArgumentHelp("The same as <file>.", valueName: "file"))
    var config: String?

    @Flag(help: "Print the JSON schema of the configuration instead, for editors.")
    var schema = false

    func validate() throws {
        if file != nil, config != nil { throw ValidationError("Give the file once, as an argument or with --config.") }
    }

    func run() throws {
        if schema {
            print(ConfigurationSchema.json)
            return
        }
        let environment = Environment.process
        var input = ConfigurationInput(defaultThreads: System.coreCount, environment: { environment.raw($0) })
        input.configFile = file ?? config
        do throws(ConfigurationFaults) {
            print(try input.load().report.joined(separator: "\n"))
        } catch {
            let diagnostics = Diagnostics(level: .error)
            for fault in error.all { diagnostics.say(.error, fault.description) }
            throw ExitCode(2)
        }
    }
}

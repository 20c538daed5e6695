import Foundation
import Glibc

/// The real `weir serve`, run as a child.
package struct WeirProcess: Sendable {
    /// The child.
    package let child: ChildProcess
    /// The gateway's port on 127.0.0.1.
    package let port: Int

    /// Where the executable of this build is.
    package static var executable: String {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/weir"
    }

    /// Starts it on a free port, in front of one upstream.
    ///
    /// - Parameters:
    ///   - options: besides host, port and upstream.
    ///   - descriptors: how many it may have open; nil: as many as this process.
    /// - Throws: ``WireSocket/Failure`` when it does not come up.
    package init(upstream: String, options: [String] = ["--no-recording"], descriptors: Int? = nil) throws {
        var command = [Self.executable, "serve", "--port", "0", "--upstream-base-url", upstream] + options
        if let descriptors { command = ["sh", "-c", "ulimit -n \(descriptors); exec \"$@\"", "sh"] + command }
        try self.init(command)
    }

    /// Starts it on a free port of loopback, with a configuration's file.
    ///
    /// The command line wins over the file: address and port are the test's, whatever the file says.
    ///
    /// - Parameters:
    ///   - configurationFile: its path.
    ///   - options: besides these.
    /// - Throws: ``WireSocket/Failure`` when it does not come up.
    package init(
        configurationFile: String, options: [String] = ["--no-recording"], environment: [String: String] = [:]
    ) throws {
        let command = [Self.executable, "serve", "--config", configurationFile, "--host", "127.0.0.1", "--port", "0"]
        try self.init(command + options, environment: environment)
    }

    private init(_ command: [String], environment: [String: String] = [:]) throws {
        child = try ChildProcess(command, environment: environment)
        let child = child
        guard eventually(within: .seconds(20), { Self.port(in: child.output) != nil }),
            let port = Self.port(in: child.output)
        else {
            child.kill()
            throw WireSocket.Failure(description: "weir did not come up: \(child.output)")
        }
        self.port = port
    }

    /// A client connected to it.
    package func client(receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBuffer: receiveBuffer)
    }

    /// What it has said so far: one stream, since `weir serve` writes nothing but diagnostics.
    package var said: String { child.output }

    /// How often it has said something.
    package func count(of text: String) -> Int { said.ranges(of: text).count }

    /// Asks it to read its configuration again.
    package func hangUp() { child.signal(SIGHUP) }

    /// Ends it at once.
    package func stop() {
        child.kill()
        _ = child.waitForExit()
    }

    /// The port behind the first whole line of the start's table that says where the gateway is.
    private static func port(in banner: String) -> Int? {
        guard let start = banner.firstRange(of: "gateway ")?.upperBound else { return nil }
        let rest = banner[start...]
        guard rest.contains("\n"), let address = rest.firstRange(of: "://127.0.0.1:")?.upperBound else { return nil }
        return Int(banner[address...].prefix { $0.isNumber })
    }
}

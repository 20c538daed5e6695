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

    /// Starts it on a free port.
    ///
    /// - Parameters:
    ///   - options: besides host, port and upstream.
    ///   - descriptors: how many it may have open; nil: as many as this process.
    /// - Throws: ``WireSocket/Failure`` when it does not come up.
    package init(upstream: String, options: [String] = ["--no-recording"], descriptors: Int? = nil) throws {
        var command = [Self.executable, "serve", "--port", "0", "--upstream-base-url", upstream] + options
        if let descriptors { command = ["sh", "-c", "ulimit -n \(descriptors); exec \"$@\"", "sh"] + command }
        child = try ChildProcess(command)
        guard let said = child.waitForOutput("base URL"), let port = Self.port(in: said) else {
            child.kill()
            throw WireSocket.Failure(description: "weir did not come up: \(child.output)")
        }
        self.port = port
    }

    /// A client connected to it.
    package func client(receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBuffer: receiveBuffer)
    }

    private static func port(in banner: String) -> Int? {
        guard let line = banner.split(separator: "\n").first(where: { $0.contains("gateway") }) else { return nil }
        return line.split(separator: ":").last.flatMap { Int($0) }
    }
}

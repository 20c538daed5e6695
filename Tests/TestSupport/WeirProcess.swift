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

    /// The first port of loopback that a whole line of the start's table names: the gateway's own.
    private static func port(in banner: String) -> Int? {
        guard let start = banner.firstRange(of: "http://127.0.0.1:")?.upperBound else { return nil }
        let rest = banner[start...]
        guard rest.contains("\n") else { return nil }
        return Int(rest.prefix { $0.isNumber })
    }
}

import Foundation
import Glibc

/// A proxy of the system's, as a child process on a port of loopback.
package final class RealProxy: Sendable {
    /// Which program.
    package enum Program: String, Sendable, CaseIterable {
        /// An HTTP proxy.
        case tinyproxy
        /// A SOCKS proxy.
        case microsocks
    }

    private let child: ChildProcess
    private let directory: TemporaryDirectory
    /// Its port on 127.0.0.1.
    package let port: Int

    /// Starts it; it wants `credentials` where there are any.
    package init(_ program: Program, credentials: (user: String, password: String)?) throws {
        directory = try TemporaryDirectory()
        port = try Self.freePort()
        switch program {
        case .tinyproxy:
            var lines = ["Port \(port)", "Listen 127.0.0.1", "Timeout 60", "MaxClients 20", "LogLevel Critical"]
            if let credentials { lines.append("BasicAuth \(credentials.user) \(credentials.password)") }
            let file = directory.path + "/tinyproxy.conf"
            try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
            child = try ChildProcess(["tinyproxy", "-d", "-c", file])
        case .microsocks:
            let login = credentials.map { ["-u", $0.user, "-P", $0.password] } ?? []
            child = try ChildProcess(["microsocks", "-i", "127.0.0.1", "-p", String(port)] + login)
        }
        let port = port
        guard eventually({ (try? RawClient(port: port)) != nil }) else {
            child.kill()
            throw WireSocket.Failure(description: "\(program) did not start; is it installed? \(child.output)")
        }
    }

    deinit { directory.remove() }

    /// Ends it.
    package func stop() {
        child.kill()
        _ = child.waitForExit()
    }

    /// A port that was free a moment ago: these programs cannot choose one themselves.
    private static func freePort() throws -> Int {
        let descriptor = try LoopbackAddress.bound()
        defer { close(descriptor) }
        return LoopbackAddress.port(of: descriptor)
    }
}

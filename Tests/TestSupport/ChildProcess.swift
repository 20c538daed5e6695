import Foundation
import Glibc
import Synchronization

/// A program that a test runs, with what it says.
package final class ChildProcess: Sendable {
    private let text = Mutex<[UInt8]>([])
    private let process: Mutex<Process>
    /// Its process id.
    package let id: Int32

    /// Starts a program found on the path; standard output and standard error are gathered together.
    package init(_ command: [String], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        id = process.processIdentifier
        self.process = Mutex(process)
        let handle = pipe.fileHandleForReading
        Thread.detachNewThread { [self] in
            while true {
                let data = handle.availableData
                if data.isEmpty { return }
                text.withLock { $0 += Array(data) }
            }
        }
    }

    /// What it has said so far.
    package var output: String { text.withLock { String(decoding: $0, as: UTF8.self) } }

    /// Waits until it has said `wanted`, and gives everything said so far; nil when it did not in time.
    package func waitForOutput(_ wanted: String, within limit: Duration = WireSocket.patience) -> String? {
        eventually(within: limit) { output.contains(wanted) } ? output : nil
    }

    /// Sends a signal.
    package func signal(_ number: Int32) { Glibc.kill(id, number) }

    /// Ends it at once.
    package func kill() { signal(SIGKILL) }

    /// Waits for it to end; nil when it did not in time. A signal's number is given below zero.
    package func waitForExit(within limit: Duration = WireSocket.patience) -> Int32? {
        guard eventually(within: limit, { process.withLock { !$0.isRunning } }) else { return nil }
        return process.withLock { $0.terminationReason == .exit ? $0.terminationStatus : -$0.terminationStatus }
    }

    /// Processor time used so far, in seconds.
    ///
    /// - Throws: ``WireSocket/Failure`` when the system does not tell it, with how the program ended and what it said.
    package func processorTime() throws -> Double {
        var stat = ""
        var reason = "not in the form of proc(5)"
        do { stat = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) } catch { reason = "\(error)" }
        let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            let exit = waitForExit(within: .seconds(1)).map { "it ended with \($0)" } ?? "it runs"
            throw WireSocket.Failure(
                description: "no processor time of \(id) in \"\(stat)\" (\(reason)); \(exit) and said: \(output)")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The descriptors that it has open; none once it has ended.
    package var descriptors: [String] { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd")) ?? [] }

    /// Memory in octets: the most that was resident, or what is now.
    package func residentMemory(peak: Bool) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return nil }
        let name = peak ? "VmHWM:" : "VmRSS:"
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map {
            $0 * 1024
        }
    }

    /// Forgets the peak of ``residentMemory(peak:)``.
    package func resetPeakMemory() {
        try? "5".write(toFile: "/proc/\(id)/clear_refs", atomically: false, encoding: .utf8)
    }
}

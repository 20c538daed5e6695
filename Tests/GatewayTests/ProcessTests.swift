import Foundation
import Recording
import Synchronization
import TestSupport
import Testing

@Suite("The process", .blocking)
struct ProcessTests {
    /// Reads what a process left in its data directory, as the next start would.
    private func recover(_ directory: String, expecting count: Int) throws -> [RecordedExchange] {
        let records = RecordedExchanges()
        let service = try RecordingService.start(
            directory: directory, limits: RecordingLimits(), mask: RecordMask(), sink: records.sink,
            diagnostics: { records.note($0) })
        defer { service.shutdown(deadline: .seconds(10)) }
        return try records.wait(for: count)
    }

    private func streaming() throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(
                BrokenStreamTests.streamHead + "Transfer-Encoding: chunked\r\n\r\n"
                    + BrokenStreamTests.chunk(BrokenStreamTests.event))
            _ = connection.socket.waitForEnd(within: .seconds(30))
        }
    }

    @Test("row 34: a port in use is one line, and the exit is not 0")
    func portInUse() throws {
        let upstream = try ScriptedUpstream { _ in }
        defer { upstream.stop() }
        let child = try ChildProcess([
            WeirProcess.executable, "serve", "--port", String(upstream.port), "--no-recording", "--upstream-base-url",
            "http://127.0.0.1:1",
        ])
        defer { child.kill() }
        #expect(child.waitForExit() == 1)
        #expect(eventually { child.output.hasSuffix("\n") })
        let lines = child.output.split(separator: "\n")
        #expect(lines.count == 1, "\(child.output)")
        #expect(lines.first?.contains("127.0.0.1 port \(upstream.port)") == true)
    }

    @Test("row 40: SIGTERM lets a stream end, and exits with 0")
    func terminate() throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            let event = BrokenStreamTests.chunk(BrokenStreamTests.event)
            try connection.socket.write(BrokenStreamTests.streamHead + "Transfer-Encoding: chunked\r\n\r\n" + event)
            WireSocket.sleep(.milliseconds(800))
            try connection.socket.write(event + "0\r\n\r\n")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let weir = try WeirProcess(
            upstream: upstream.url, options: ["--data-dir", directory.path, "--no-session-files"])
        defer { weir.child.kill() }
        let client = try weir.client()
        try client.send("POST", "/v1/chat/completions", body: chatBody)
        _ = try client.socket.read(through: BrokenStreamTests.event)
        weir.child.signal(SIGTERM)
        #expect(try client.socket.read(through: "\r\n0\r\n\r\n").contains(BrokenStreamTests.event))
        #expect(client.socket.waitForEnd())
        client.socket.close()
        #expect(weir.child.waitForExit() == 0)
        let record = try #require(try recover(directory.path, expecting: 1).first)
        #expect(record.outcome == .completed)
    }

    @Test("row 40: what does not end within the grace gets the error event and an abort; the record is flushed")
    func terminateTwice() throws {
        let upstream = try streaming()
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let weir = try WeirProcess(
            upstream: upstream.url, options: ["--data-dir", directory.path, "--no-session-files"])
        defer { weir.child.kill() }
        let client = try weir.client()
        try client.send("POST", "/v1/chat/completions", body: chatBody)
        _ = try client.socket.read(through: BrokenStreamTests.event)
        weir.child.signal(SIGTERM)
        #expect(weir.child.waitForOutput("stopping") != nil)
        // The second signal stands for the end of the grace.
        weir.child.signal(SIGTERM)
        let rest = String(decoding: try client.socket.readUntilEnd(), as: UTF8.self)
        #expect(rest.contains(#""code":"shutting_down""#))
        #expect(!rest.contains("\r\n0\r\n"))
        #expect(weir.child.waitForExit() == 0)
        let record = try #require(try recover(directory.path, expecting: 1).first)
        #expect(record.outcome == .truncated)
        #expect(record.errorCode == "shutting_down")
        #expect(String(decoding: record.responseBody.bytes, as: UTF8.self).hasPrefix(BrokenStreamTests.event))
    }

    @Test("row 41: after SIGKILL the exchange is there as far as it came, as interrupted")
    func kill() throws {
        let upstream = try streaming()
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let weir = try WeirProcess(
            upstream: upstream.url, options: ["--data-dir", directory.path, "--no-session-files"])
        let client = try weir.client()
        try client.send("POST", "/v1/chat/completions", body: chatBody)
        _ = try client.socket.read(through: BrokenStreamTests.event)
        // What is older than 50 ms is with the kernel.
        WireSocket.sleep(.milliseconds(300))
        weir.child.kill()
        #expect(weir.child.waitForExit() == -SIGKILL)
        let record = try #require(try recover(directory.path, expecting: 1).first)
        #expect(record.outcome == .interrupted)
        #expect(String(decoding: record.requestBody.bytes, as: UTF8.self) == chatBody)
        #expect(String(decoding: record.responseBody.bytes, as: UTF8.self) == BrokenStreamTests.event)
        #expect(record.attempts.count == 1)
    }

    /// Lets more clients come than Weir has descriptors for: no more come in.
    private func exhaust(_ weir: WeirProcess) throws -> [RawClient] {
        let clients = try (0..<80).map { _ in try weir.client() }
        // A quarter of 48 is kept aside.
        #expect(eventually { weir.child.descriptors.count >= 36 }, "\(weir.child.descriptors.count) are open")
        WireSocket.sleep(.milliseconds(500))
        return clients
    }

    private func greeter() throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd(within: .seconds(30)) != nil {
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    @Test("row 43: out of descriptors, accepting pauses without spinning, and recovers")
    func outOfDescriptors() throws {
        let upstream = try greeter()
        defer { upstream.stop() }
        let weir = try WeirProcess(
            upstream: upstream.url, options: ["--no-recording", "--threads", "1"], descriptors: 48)
        defer { weir.stop() }
        var clients = try exhaust(weir)
        let before = try weir.child.processorTime()
        WireSocket.sleep(.seconds(2))
        let after = try weir.child.processorTime()
        #expect(after - before < 0.4, "\(after - before) s of processor time in 2 s of waiting")
        // The clients that wait in the backlog have their turn once others have gone.
        let last = clients.removeLast()
        for client in clients { client.socket.close() }
        try last.send()
        #expect(try last.readResponse(within: .seconds(15)).status == 200)
        let fresh = try weir.client()
        try fresh.send()
        #expect(try fresh.readResponse(within: .seconds(15)).status == 200)
        #expect(weir.child.waitForExit(within: .milliseconds(10)) == nil, "it still runs")
    }

    @Test("row 43: the clients that were let in are served, and the configuration is read, from the reserve")
    func reserveOfDescriptors() throws {
        let upstream = try greeter()
        defer { upstream.stop() }
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let file = directory.path + "/weir.yaml"
        try "server: { log_requests: true }\n".write(toFile: file, atomically: true, encoding: .utf8)
        let weir = try WeirProcess(
            // A name: all that wait for its address go on together.
            upstream: "http://localhost:\(upstream.port)",
            options: ["--config", file, "--data-dir", directory.path + "/data", "--threads", "1"], descriptors: 48)
        defer { weir.stop() }
        let clients = try exhaust(weir)
        for client in clients { try client.send() }
        let first = try clients[0].readResponse(within: .seconds(15))
        #expect(first.status == 200 || first["x-weir-error"] == "overloaded", "\(first)")
        // Its threads are looked after by their library in `/proc` once a second, as long as they have work.
        var most = 0
        for _ in 0..<30 {
            weir.hangUp()
            WireSocket.sleep(.milliseconds(100))
            most = max(most, weir.child.descriptors.count)
        }
        #expect(weir.child.waitForExit(within: .milliseconds(10)) == nil, "it still runs: \(weir.said)")
        #expect(!weir.said.contains("oo many open files"), "\(weir.said)")
        #expect(most < 48)
        for client in clients { client.socket.close() }
        let fresh = try weir.client()
        try fresh.send()
        #expect(try fresh.readResponse(within: .seconds(15)).status == 200)
    }
}

import Foundation
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Slow readers and large bodies", .blocking)
struct BackpressureTests {
    /// What the kernel's buffers on the way may hold besides the gateway's own.
    private static let kernelRoom = 24 << 20

    private static func pushing(_ total: Int, head: String) -> ScriptedUpstream.Script {
        { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(head)
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            var left = total
            while left > 0 {
                let count = min(left, piece.count)
                try connection.socket.write(Array(piece[..<count]), within: .seconds(60))
                left -= count
            }
            _ = connection.socket.waitForEnd()
        }
    }

    @Test("row 27: a client that does not read stops the upstream, and memory stays bounded")
    func slowReader() async throws {
        let total = 100 << 20
        let sent = Counter()
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<(total / piece.count) {
                try connection.socket.write(piece, within: .seconds(60))
                sent.add(piece.count)
            }
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let weir = try WeirProcess(upstream: upstream.url)
        defer { weir.child.kill() }
        let client = try weir.client(receiveBuffer: 65_536)
        try client.send()
        _ = try client.socket.readHead()
        // Whatever the kernels take is taken within this time; then nothing moves any more.
        WireSocket.sleep(.seconds(1))
        let before = sent.value
        WireSocket.sleep(.seconds(1))
        #expect(sent.value == before, "the upstream is stopped")
        #expect(before < Self.kernelRoom)
        let memory = try #require(weir.child.residentMemory(peak: true))
        #expect(memory < 64 << 20)
        // And it goes on as soon as the client does.
        #expect(try client.socket.drain(atMost: total, within: .seconds(60)) == total)
    }

    @Test("row 27: an upstream that does not read stops the client")
    func slowUpstream() async throws {
        let mayRead = DispatchSemaphore(value: 0)
        let total = 64 << 20
        let upstream = try ScriptedUpstream { connection in
            connection.socket.setReceiveBuffer(65_536)
            _ = try connection.socket.readHead()
            connection.socket.forgetsWhatItReads()
            _ = mayRead.wait(timeout: .now() + 20)
            #expect(try connection.socket.drain(atMost: total, within: .seconds(60)) == total)
            try connection.socket.write("HTTP/1.1 204 No Content\r\n\r\n")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client()
            try client.socket.write("POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: \(total)\r\n\r\n")
            let octets = [UInt8](repeating: 0x61, count: total)
            let sent = client.socket.writeAsMuch(of: octets, stallingFor: .milliseconds(700))
            #expect(sent < Self.kernelRoom)
            mayRead.signal()
            try client.socket.write(Array(octets[sent...]), within: .seconds(60))
            #expect(try client.readResponse(within: .seconds(60)).status == 204)
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test("row 27: a connection that a slow reader left in the pool still reads")
    func slowReaderThenNext() async throws {
        let size = 3 << 20
        let upstream = try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                try connection.socket.write([UInt8](repeating: 0x61, count: size), within: .seconds(120))
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for _ in 0..<3 {
                let client = try gateway.client(receiveBuffer: 16_384)
                for _ in 0..<2 {
                    try client.send()
                    _ = try client.socket.readHead()
                    WireSocket.sleep(.milliseconds(20))
                    #expect(try client.socket.drain(atMost: size, within: .seconds(120)) == size)
                }
            }
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test("row 27: a pipelined request's answer waits for a reader too")
    func pipelinedSlowReader() async throws {
        let count = 150
        let size = 1 << 20
        let sent = Counter()
        let upstream = try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                let piece = [UInt8](repeating: 0x61, count: 100_000)
                var left = size
                while left > 0 {
                    let next = min(left, piece.count)
                    try connection.socket.write(Array(piece[..<next]), within: .seconds(20))
                    left -= next
                    sent.add(next)
                }
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client(receiveBuffer: 4096)
            try client.socket.write(String(repeating: RawClient.request("GET", "/v1/models"), count: count))
            WireSocket.sleep(.seconds(1))
            let before = sent.value
            WireSocket.sleep(.milliseconds(500))
            #expect(sent.value == before)
            #expect(before < Self.kernelRoom)
        }
    }

    @Test("row 27: a slow reader gets the whole of an answer that ends with its connection")
    func slowReaderUntilClose() async throws {
        let size = 3 << 20
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\n\r\n")
            try connection.socket.write([UInt8](repeating: 0x61, count: size), within: .seconds(30))
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url) { gateway in
            let client = try gateway.client(receiveBuffer: 4096)
            try client.send()
            _ = try client.socket.readHead()
            // Longer than a connection that has nothing more to say waits for its client.
            WireSocket.sleep(.seconds(3))
            #expect(try client.socket.drain() == size)
            #expect(client.socket.end == .closed)
        }
    }

    @Test("row 27: a client that takes nothing for the idle time is let go, and never by a clean end")
    func readerThatNeverReads() async throws {
        let upstream = try ScriptedUpstream(
            Self.pushing(64 << 20, head: "HTTP/1.1 200 OK\r\n\r\n"))
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.recordingLimits.maxBody = 1000
                $0.timeouts.idle = .milliseconds(800)
            }
        ) { gateway in
            let client = try gateway.client(receiveBuffer: 4096)
            try client.send()
            _ = try client.socket.readHead()
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            _ = try client.socket.drain()
            #expect(client.socket.end == .reset, "half an answer that ends with its connection must not end well")
        }
    }

    @Test("row 29: a large body either way costs no memory", .timeLimit(.minutes(5)))
    func largeBodies() async throws {
        // The full run is 1 GiB each way: twice what the product takes in one body by default.
        let isFull = ProcessInfo.processInfo.environment["WEIR_TEST_FULL"] != nil
        let volume = isFull ? 512 << 20 : 192 << 20
        let upstream = try ScriptedUpstream { connection in
            connection.socket.forgetsWhatItReads()
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            while try connection.socket.readHeadOrEnd() != nil {
                #expect(try connection.socket.drain(atMost: volume, within: .seconds(120)) == volume)
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: \(volume)\r\n\r\n")
                for _ in 0..<(volume / piece.count) { try connection.socket.write(piece, within: .seconds(120)) }
            }
        }
        defer { upstream.stop() }
        let weir = try WeirProcess(upstream: upstream.url)
        defer { weir.child.kill() }
        // What the first exchange brings into memory is no part of the volume.
        let warm = try weir.client()
        try warm.send("GET", "/healthz")
        _ = try warm.readResponse()
        let before = try #require(weir.child.residentMemory(peak: false))
        let client = try weir.client()
        let piece = [UInt8](repeating: 0x61, count: 1 << 20)
        for _ in 0..<(isFull ? 2 : 1) {
            try client.socket.write("POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: \(volume)\r\n\r\n")
            for _ in 0..<(volume / piece.count) { try client.socket.write(piece, within: .seconds(120)) }
            _ = try client.socket.readHead(within: .seconds(120))
            #expect(try client.socket.drain(atMost: volume, within: .seconds(120)) == volume)
        }
        let peak = try #require(weir.child.residentMemory(peak: true))
        #expect(peak - before < 16 << 20, "\((peak - before) >> 10) KiB more")
        #expect(upstream.failures.isEmpty)
    }
}

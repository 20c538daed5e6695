import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("A route's total time", .blocking)
struct TotalTimeoutTests {
    private let settings: (inout TestGateway.Settings) -> Void = {
        $0.isRecording = true
        $0.timeouts.total = .milliseconds(300)
    }

    @Test("before the answer it is a timeout")
    func beforeTheAnswer() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            let response = try client.readResponse()
            expectOwnError(response, 504, "first_byte_timeout")
            #expect(response["x-should-retry"] == "false")
            try expectRecord(gateway, outcome: .upstreamError, code: "first_byte_timeout", attempts: 1)
        }
    }

    @Test("in a stream that goes on and on it breaks it off with an event")
    func inTheStream() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.socket.write(BrokenStreamTests.streamHead + "Transfer-Encoding: chunked\r\n\r\n")
            while (try? connection.socket.write(BrokenStreamTests.chunk(BrokenStreamTests.event))) != nil {
                WireSocket.sleep(.milliseconds(20))
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            let text = String(decoding: try client.socket.readUntilEnd(), as: UTF8.self)
            #expect(text.contains("first_byte_timeout"))
            #expect(!text.hasSuffix("0\r\n\r\n"))
            try expectRecord(gateway, outcome: .truncated, code: "first_byte_timeout", attempts: 1)
        }
    }
}

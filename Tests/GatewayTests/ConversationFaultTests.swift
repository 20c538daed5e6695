import Recording
import TestSupport
import Testing
import WeirConfiguration

/// Requests that go wrong while, or just before, their answer is under way.
@Suite("Uploads that go wrong late", .blocking)
struct ConversationFaultTests {
    private static let head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: weir.test\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test("a malformed chunk behind an answer that has begun breaks it off, and puts no second answer into it")
    func badChunkInAConversation() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.socket.write(Self.head + "2\r\nhi\r\n")
            _ = try client.socket.read(through: "first\r\n")
            try client.socket.write("no size\r\n")
            let rest = String(decoding: try client.socket.readUntilEnd(), as: UTF8.self)
            #expect(!rest.contains("HTTP/1.1"))
            #expect(!rest.contains("0\r\n\r\n"))
            try expectRecord(gateway, outcome: .truncated, code: "bad_request", attempts: 1)
            #expect(eventually { upstream.endedCount == 1 })
        }
    }

    @Test("what follows a body that grew too large is no request, even where it came with the body's end")
    func requestBehindALargeBody() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try? connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.server.maxRequestBody = 4 }) { gateway in
            let client = try gateway.client()
            try client.socket.write(
                Self.head + "5\r\nhello\r\n0\r\n\r\nGET /v1/smuggled HTTP/1.1\r\nHost: weir.test\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 413)
            #expect(response["connection"] == "close")
            #expect(client.socket.waitForEnd())
        }
        #expect(upstream.connectionCount <= 1)
    }
}

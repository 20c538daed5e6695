import NIOCore
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Streams that break off", .blocking)
struct BrokenStreamTests {
    /// How an upstream fails in the middle of its answer.
    enum Failure: String, CaseIterable, Sendable {
        case hang
        case close
        case reset
        case badChunk
    }

    static let event = "data: {\"n\":1}\n\n"
    static let streamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"

    static func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n" }

    private func fail(_ connection: ScriptedUpstream.Connection, _ failure: Failure) throws {
        // What came before has to be on its way first: a reset overtakes it.
        WireSocket.sleep(.milliseconds(100))
        switch failure {
        case .hang: _ = connection.socket.waitForEnd()
        case .close: break
        case .reset: connection.socket.reset()
        case .badChunk:
            try connection.socket.write("xyz\r\n")
            _ = connection.socket.waitForEnd()
        }
    }

    /// What a client gets of `octets` when the upstream then fails; the record is checked.
    private func broken(
        _ octets: [String], _ failure: Failure, target: String = "/v1/chat/completions", version: String = "HTTP/1.1"
    ) async throws -> (head: String, body: String, end: WireSocket.End?) {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            for piece in octets { try connection.socket.write(piece) }
            try fail(connection, failure)
        }
        defer { upstream.stop() }
        return try await withGateway(
            upstream: upstream.url,
            {
                $0.isRecording = true
                $0.timeouts.idle = .milliseconds(500)
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", target, version: version, body: chatBody)
            let head = try client.socket.readHead()
            let body = try client.socket.readUntilEnd()
            let code = failure == .badChunk ? "upstream_protocol" : "upstream_reset"
            let record = try expectRecord(gateway, outcome: .truncated, code: code, attempts: 1)
            #expect(record.attempts.first?.failureCode == code)
            #expect(record.deliveredStatus == 200)
            return (head, String(decoding: body, as: UTF8.self), client.socket.end)
        }
    }

    @Test(
        "rows 11, 12, 15: a chunked stream ends with the dialect's error event, and without its last chunk",
        arguments: Failure.allCases)
    func chunkedStream(_ failure: Failure) async throws {
        let sent = Self.chunk(Self.event) + Self.chunk(Self.event)
        let (_, body, _) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n", sent], failure)
        #expect(body.hasPrefix(sent))
        let last = body.dropFirst(sent.count)
        #expect(last.contains(#"data: {"error":{"message":"#))
        #expect(last.contains(#""type":"weir_error""#))
        #expect(last.hasSuffix("\n\n\r\n"), "the event's chunk is whole")
        #expect(!body.contains("\r\n0\r\n"))
        #expect(!body.contains("[DONE]"))
    }

    @Test(
        "row 12: each dialect has its own error event",
        arguments: [
            ("/v1/messages", "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\""),
            ("/v1/responses", "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":"),
            ("/v1beta/models/g:streamGenerateContent", "data: {\"error\":{\"code\":502"),
        ])
    func dialects(_ target: String, _ expected: String) async throws {
        let sent = Self.chunk(Self.event)
        let (_, body, _) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n", sent], .close, target: target)
        #expect(body.contains(expected))
    }

    @Test(
        "row 12: a stream of lines ends with Ollama's error line, and only between lines",
        arguments: [("{\"done\":false}\n", true), ("{\"done\":", false), ("", true)])
    func lines(_ text: String, isTold: Bool) async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        let sent = text.isEmpty ? "" : Self.chunk(text)
        let (_, body, _) = try await broken([head, sent], .close, target: "/api/chat")
        #expect(body.hasPrefix(sent))
        #expect(body.dropFirst(sent.count).contains("\r\n{\"error\":\"") == isTold)
        #expect(!body.contains("\r\n0\r\n"))
        let (_, other, _) = try await broken([head, Self.chunk("{}\n")], .close, target: "/v1/chat/completions")
        #expect(other == Self.chunk("{}\n"), "no other dialect has lines")
    }

    @Test(
        "row 12: in the middle of an event nothing is added",
        arguments: ["data: {\"n\":", "data: {}\n", "data: {}\r\n"])
    func withinEvent(_ half: String) async throws {
        let sent = Self.chunk(Self.event) + Self.chunk(half)
        let (_, body, _) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n", sent], .close)
        #expect(body == sent)
    }

    @Test("row 12: within a chunk nothing is added either, though an event has just ended")
    func withinChunk() async throws {
        let sent = "40\r\n" + Self.event
        let (_, body, _) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n", sent], .close)
        #expect(body == sent)
    }

    @Test("row 12: behind a chunk's data its end is put first")
    func behindChunkData() async throws {
        let sent = String(Self.event.utf8.count, radix: 16) + "\r\n" + Self.event
        let (_, body, _) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n", sent], .close)
        #expect(body.hasPrefix(sent + "\r\n"))
        #expect(body.contains("weir_error"))
        #expect(!body.contains("\r\n0\r\n"))
    }

    @Test("row 12: before the first event the error event may come as well")
    func beforeFirstEvent() async throws {
        let (_, body, _) = try await broken([Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n"], .close)
        #expect(body.contains("weir_error"))
        #expect(!body.hasSuffix("0\r\n\r\n"))
    }

    @Test("row 12: into a compressed stream nothing is put")
    func compressed() async throws {
        let sent = Self.chunk(Self.event)
        let (_, body, _) = try await broken(
            [Self.streamHead + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", sent], .close)
        #expect(body == sent)
    }

    @Test("row 12: nor into what is no stream of events")
    func plain() async throws {
        let sent = Self.chunk("{\"a\":1}\n\n")
        let (_, body, _) = try await broken(
            ["HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", sent], .reset)
        #expect(body == sent)
    }

    @Test("row 13: a short length stays short", arguments: [Failure.close, .reset, .hang])
    func shortLength(_ failure: Failure) async throws {
        let (head, body, _) = try await broken(
            [Self.streamHead + "Content-Length: 1000\r\n\r\n", Self.event], failure)
        #expect(head.contains("Content-Length: 1000\r\n"))
        #expect(body == Self.event, "within a length there is no room for an event")
    }

    @Test(
        "row 12: an HTTP/1.0 client sees a reset behind the error event",
        arguments: [Failure.close, .reset, .hang, .badChunk])
    func http10(_ failure: Failure) async throws {
        let (head, body, end) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n", Self.chunk(Self.event)], failure,
            version: "HTTP/1.0")
        #expect(!head.lowercased().contains("transfer-encoding"))
        #expect(body.hasPrefix(Self.event))
        #expect(body.contains("weir_error"))
        #expect(end == .reset)
    }

    @Test(
        "row 11: an answer that ends with its connection ends by reset when it stalls or is reset",
        arguments: [Failure.hang, .reset])
    func untilClose(_ failure: Failure) async throws {
        let (_, body, end) = try await broken([Self.streamHead + "\r\n", Self.event], failure)
        #expect(body.hasPrefix(Self.event))
        #expect(body.contains("weir_error"))
        #expect(end == .reset)
    }

    @Test("an answer that ends with its connection ends well by FIN")
    func untilCloseEndsWell() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(Self.streamHead + "\r\n" + Self.event)
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send()
            let response = try client.readResponse()
            #expect(response.text == Self.event)
            #expect(client.socket.end == .closed)
            #expect(response["connection"]?.lowercased() == "close")
            try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
        }
    }

    @Test(
        "row 14: TLS that is cut without close_notify truncates an answer that ends with its connection",
        arguments: [TLSFront.Ending.cut, .notify])
    func cutTLS(_ ending: TLSFront.Ending) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(Self.streamHead + "\r\n" + Self.event)
            WireSocket.sleep(.milliseconds(50))
        }
        defer { upstream.stop() }
        let front = try TLSFront(of: upstream.port, certificate: try certificates.make(.valid), ending: ending)
        defer { front.stop() }
        try await withGateway(
            upstream: "https://127.0.0.1:\(front.port)",
            {
                $0.isRecording = true
                $0.tls.caFile = certificates.authorityFile
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            _ = try client.socket.readHead()
            let body = String(decoding: try client.socket.readUntilEnd(), as: UTF8.self)
            #expect(body.hasPrefix(Self.event), "what was decrypted is not lost")
            if ending == .notify {
                #expect(body == Self.event)
                #expect(client.socket.end == .closed)
                try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
            } else {
                #expect(body.contains("weir_error"))
                #expect(client.socket.end == .reset)
                try expectRecord(gateway, outcome: .truncated, code: "upstream_reset", attempts: 1)
            }
        }
    }

    @Test("row 15: what came before a bad chunk, even in the same piece, is delivered")
    func badChunkInOnePiece() async throws {
        let sent = Self.chunk(Self.event)
        let (_, body, _) = try await broken(
            [Self.streamHead + "Transfer-Encoding: chunked\r\n\r\n" + sent + "xyz\r\n"], .badChunk)
        #expect(body.hasPrefix(sent))
        #expect(!body.contains("xyz"))
        #expect(!body.contains("\r\n0\r\n"))
    }
}

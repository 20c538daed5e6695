import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Signs of life in silent streams", .blocking)
struct KeepaliveTests {
    private let settings: (inout TestGateway.Settings) -> Void = {
        $0.isRecording = true
        $0.configure = { $0.routes[0].sseKeepalive = .milliseconds(150) }
    }
    private static let life = ": keep-alive\n\n"

    private func upstream(
        _ answer: @escaping @Sendable (ScriptedUpstream.Connection) throws -> Void
    ) throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            WireSocket.sleep(.milliseconds(700))
            try answer(connection)
            _ = connection.socket.waitForEnd()
        }
    }

    private static let stream = BrokenStreamTests.streamHead
    private static let event = BrokenStreamTests.event

    @Test(
        "before the first octet, however the upstream frames its stream",
        arguments: ["Transfer-Encoding: chunked", "Content-Length: 15", "Connection: close"])
    func beforeTheAnswer(_ framing: String) async throws {
        let upstream = try upstream { connection in
            let isChunked = framing.hasPrefix("T")
            try connection.socket.write(
                Self.stream + framing + "\r\n\r\n"
                    + (isChunked ? BrokenStreamTests.chunk(Self.event) + "0\r\n\r\n" : Self.event))
            if framing.hasPrefix("Conn") { connection.socket.halfClose() }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            #expect(response.status == 200)
            #expect(response["content-type"] == "text/event-stream")
            #expect(response["x-weir-request-id"] != nil)
            #expect(response.text.hasPrefix(Self.life))
            #expect(response.text.replacing(Self.life, with: "") == Self.event)
            let record = try expectRecord(gateway, outcome: .completed, code: nil, attempts: 1)
            #expect(record.responseBody.bytes == Array(Self.event.utf8))
            #expect(record.keepalives.count == response.text.components(Self.life))
            #expect(record.deliveredStatus == 200)
        }
    }

    @Test("between events, and never within one")
    func inTheStream() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            let chunk = BrokenStreamTests.chunk
            try connection.socket.write(Self.stream + "Transfer-Encoding: chunked\r\n\r\n" + chunk("data: 1\n\n"))
            WireSocket.sleep(.milliseconds(600))
            try connection.socket.write(chunk("data:"))
            WireSocket.sleep(.milliseconds(600))
            try connection.socket.write(chunk(" 2\n\n") + "0\r\n\r\n")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let text = try client.readResponse().text
            #expect(text.hasPrefix("data: 1\n\n" + Self.life))
            #expect(text.hasSuffix("data: 2\n\n"))
            #expect(text.replacing(Self.life, with: "") == "data: 1\n\ndata: 2\n\n")
        }
    }

    @Test("an error behind them is told as an event, and no clean end follows")
    func errorBehind() async throws {
        let upstream = try upstream { try $0.answer(400, body: #"{"error":"no"}"#) }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let text = String(decoding: try client.socket.readUntilEnd(), as: UTF8.self)
            #expect(text.contains(Self.life) && text.contains("data: {\"error\":") && text.contains("400"))
            #expect(!text.hasSuffix("0\r\n\r\n"))
            try expectRecord(gateway, outcome: .truncated, code: "upstream_protocol", attempts: 1)
        }
    }

    @Test("a fault of the upstream's behind them is told as an event")
    func faultBehind() async throws {
        let upstream = try upstream { $0.socket.close() }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let text = String(decoding: try client.socket.readUntilEnd(), as: UTF8.self)
            #expect(text.contains("upstream_reset") && !text.hasSuffix("0\r\n\r\n"))
            try expectRecord(gateway, outcome: .truncated, code: "upstream_reset", attempts: 1)
        }
    }

    @Test("a request that asks for no stream gets none")
    func noStream() async throws {
        let upstream = try upstream { try $0.answer(body: "{}") }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: #"{"model":"m","stream":false}"#)
            let response = try client.readResponse()
            #expect(response.text == "{}" && response["content-length"] == "2")
        }
    }

    @Test(
        "the forms of other dialects",
        arguments: [("/v1/messages", ": keep-alive\n\n"), ("/v1beta/models/g:streamGenerateContent?alt=sse", "\n")])
    func dialects(_ target: String, _ life: String) async throws {
        let upstream = try upstream {
            try $0.socket.write(Self.stream + "Content-Length: 15\r\n\r\n" + Self.event)
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", target, body: chatBody)
            let text = try client.readResponse().text
            #expect(text.hasPrefix(life) && text.hasSuffix(Self.event))
        }
    }

    @Test("a stream of lines of JSON gets none")
    func linesOfJSON() async throws {
        let upstream = try upstream { try $0.answer(body: "{}\n") }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/api/chat", body: chatBody)
            #expect(try client.readResponse().text == "{}\n")
        }
    }

    @Test("an interim answer behind the first of them stays out of the stream")
    func interimBehind() async throws {
        let upstream = try upstream {
            try $0.socket.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            try $0.socket.write(Self.stream + "Content-Length: 15\r\n\r\n" + Self.event)
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let text = try client.readResponse().text
            #expect(text.hasPrefix(Self.life) && text.replacing(Self.life, with: "") == Self.event)
        }
    }

    @Test("an answer to HEAD is left to the upstream")
    func head() async throws {
        let upstream = try upstream { try $0.socket.write(Self.stream + "X-Own: 1\r\n\r\n") }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("HEAD", "/v1/events", fields: ["Accept: text/event-stream"])
            #expect(try client.readResponse(toHEAD: true)["x-own"] == "1")
        }
    }

    @Test("a silent WebSocket is no silent stream")
    func webSocket() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.socket.write(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            try connection.socket.write(try connection.socket.readExactly(4))
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send(
                "GET", "/v1/realtime",
                fields: ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"])
            #expect(try client.socket.readHead().hasPrefix("HTTP/1.1 101 "))
            #expect(client.socket.readAvailable(for: .milliseconds(700)).isEmpty)
            try client.socket.write("ping")
            #expect(try client.socket.readExactly(4) == Array("ping".utf8))
        }
    }
}

import TestSupport
import Testing

/// Bodies of every framing, both ways, and pieces that go out when they come in.
@Suite("Bodies and streams", .blocking)
struct StreamTests {
    // MARK: Requests' bodies

    @Test(arguments: [
        // What is sent, and what must arrive of it.
        ("5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("0\r\n\r\n", "0\r\n\r\n"),
        (
            "1\r\na\r\nA\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
            "1\r\na\r\nA\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"
        ),
        ("5\r\n\r\n0\r\n\r\n0\r\n\r\n", "5\r\n\r\n0\r\n\r\n0\r\n\r\n"),
        ("005\r\nhello\r\n00\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("5;a=b;c=\"d;\\\"e\"\r\nhello\r\n0;last\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"),
        ("1\r\nx\r\n0\r\nX-Sum: \u{ff}\r\nx-other:2 \r\n\r\n", "1\r\nx\r\n0\r\nX-Sum: \u{ff}\r\nx-other:2 \r\n\r\n"),
        (
            "1\r\nx\r\n0\r\nHost: evil\r\nX: 1\r\nContent-Length: 9\r\nAuthorization: z\r\n\r\n",
            "1\r\nx\r\n0\r\nX: 1\r\n\r\n"
        ),
    ])
    func chunkedRequestsArrive(_ sent: String, _ arrives: String) async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            let head = "POST /v1/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".latin1
            for oneByOne in [false, true] {
                upstream.forgetAll()
                client.send(head + sent.latin1, oneByOne: oneByOne)
                #expect(try client.answer()?.status == 200)
                let request = try #require(upstream.requests.last)
                if oneByOne {
                    // Framing that came in pieces may be written anew; what it frames is the same.
                    let again = try WireMessage.read((head + arrives.latin1)[...], as: .request)
                    #expect(request.payload == again?.payload && request.trailers == again?.trailers)
                } else {
                    #expect(request.rawBody.text == arrives)
                }
            }
        }
        #expect(upstream.malformed == [])
    }

    @Test(arguments: [0, 1, 16_383, 16_384, 16_385, 65_536, 1_000_000])
    func bodiesOfALengthArriveBothWays(_ size: Int) async throws {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let upstream = try EchoUpstream { request in
            "HTTP/1.1 200 OK\r\nContent-Length: \(request.payload.count)\r\n\r\n".latin1 + request.payload
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            for _ in 0..<2 {
                try client.send("PUT /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: \(size)\r\n\r\n")
                client.send(body)
                #expect(try client.answer()?.payload == body)
            }
        }
        #expect(upstream.requests.allSatisfy { $0.payload == body } && upstream.requests.count == 2)
    }

    @Test func aBodyGoesUpWhileItComes() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            for piece in ["one", "two", "three"] {
                _ = try connection.socket.read(through: piece)
                // An interim answer tells the client to go on.
                try connection.socket.write("HTTP/1.1 102 Processing\r\n\r\n")
            }
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n")
            for piece in ["one", "two", "three"] {
                try client.send(piece)
                #expect(try client.answer()?.status == 102)
            }
            #expect(try client.answer()?.payload.text == "ok")
        }
        #expect(upstream.failures == [])
    }

    // MARK: Answers' streams

    /// How a stream is framed, and what it says.
    struct Stream: Sendable, CustomTestStringConvertible {
        let type: String
        let framing: String
        var testDescription: String { "\(type) \(framing)" }

        static let all = ["text/event-stream", "application/x-ndjson", "text/event-stream; charset=utf-8"].flatMap {
            type in
            ["chunked", "length", "close"].map { Stream(type: type, framing: $0) }
        }

        /// Events split where it hurts: within UTF-8, within CRLF, within the empty line.
        static let pieces = [
            "data: {\"a\":1}\n\n", "data: \u{e4}", "\u{bd}\u{a0}\n\ndata: x\r", "\n\r\n", ": comment\n", "\n",
            "{\"done\":false}\n", "data: [DONE]\n\n",
        ]

        func framed(_ piece: String) -> String {
            framing == "chunked" ? "\(String(piece.latin1.count, radix: 16))\r\n\(piece)\r\n" : piece
        }

        var head: String {
            let line =
                switch framing {
                case "chunked": "Transfer-Encoding: chunked\r\n"
                case "length": "Content-Length: \(Self.pieces.joined().latin1.count)\r\n"
                default: ""
                }
            return "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\n\(line)\r\n"
        }
    }

    /// The upstream sends an event only once the client has confirmed the one before: whoever waits for more, hangs.
    @Test(arguments: Stream.all)
    func anEventGoesOutWhenItComesIn(_ stream: Stream) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write(stream.head)
            for piece in Stream.pieces {
                _ = try connection.socket.read(through: "!")
                try connection.socket.write(stream.framed(piece).latin1)
            }
            // A length tells the end by itself; the others wait for one more confirmation.
            if stream.framing != "length" { _ = try connection.socket.read(through: "!") }
            if stream.framing == "chunked" { try connection.socket.write("0\r\n\r\n") }
            if stream.framing == "close" { return }
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            // The request's body carries the confirmations.
            let count = Stream.pieces.count + 1
            try client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: \(count)\r\n\r\n")
            let head = try client.head()
            #expect(head.status == 200 && head["content-type"] == [stream.type])
            for piece in Stream.pieces {
                try client.send("!")
                let expected = stream.framed(piece).latin1
                #expect(try client.octets(expected.count) == expected)
            }
            try client.send("!")
            let last = try client.rest()
            #expect(last.text == (stream.framing == "chunked" ? "0\r\n\r\n" : ""))
            #expect(client.socket.end == .closed)
        }
        #expect(upstream.failures == [])
    }

    @Test func theHeadDoesNotWaitForTheBody() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            _ = try connection.socket.readExactly(1)
            try connection.socket.write("ok")
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n")
            #expect(try client.head().status == 200)
            try client.send("!")
            #expect(try client.octets(2).text == "ok")
        }
        #expect(upstream.failures == [])
    }

    @Test(arguments: [1, 3, 1000])
    func aChunkedAnswerKeepsItsChunks(pieceSize: Int) async throws {
        let body = "5\r\nhello\r\n2\r\n\r\n\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nX-Sum: 1\r\n\r\n"
        let upstream = try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                try connection.socket.write(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(body)", inPiecesOf: pieceSize,
                    pause: .microseconds(100))
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            for _ in 0..<2 {
                try client.send("GET /v1/x HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = try #require(try client.answer())
                #expect(answer.payload.text == "hello\r\nabcdefghijklmnopqrstuvwxyz")
                #expect(answer.trailers.map(\.text) == ["X-Sum: 1"])
            }
        }
        #expect(upstream.connectionCount == 1 && upstream.failures == [])
    }

    @Test func largeAnswersArriveWholeThroughASlowReader() async throws {
        let body = (0..<1_200_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
        let upstream = try EchoUpstream { _ in "HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".latin1 + body
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            // The upstream connection behind a slow reader is used again and again.
            for round in 0..<2 {
                let client = try gateway.client(receiveBuffer: 4096)
                try client.send("GET", "/v1/x")
                WireSocket.sleep(.milliseconds(100))
                let response = try client.readResponse()
                #expect(response.body == body, "round \(round)")
                client.socket.close()
            }
        }
        #expect(upstream.upstream.connectionCount == 1)
    }
}

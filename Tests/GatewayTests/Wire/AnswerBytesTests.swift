import TestSupport
import Testing

/// An answer reaches the client as the upstream wrote it, but for hop-by-hop and framing lines and Weir's own name.
@Suite("Answers as octets", .blocking)
struct AnswerBytesTests {
    struct Row: Sendable {
        let head: String
        var body = ""
        var method = "GET"
        /// Whether the body ends with the connection.
        var closes = false
    }

    static let rows = [
        Row(head: "HTTP/1.1 200 OK\r\nContent-Length: 2", body: "ok"),
        // Reason phrases.
        Row(head: "HTTP/1.1 200 \r\nContent-Length: 2", body: "ok"),
        Row(head: "HTTP/1.1 200\r\nContent-Length: 2", body: "ok"),
        Row(head: "HTTP/1.1 299  Odd \t (reason): d\u{fc}sseldorf \u{e4}\u{bd} \r\nContent-Length: 2", body: "ok"),
        Row(head: "HTTP/1.1 999 Beyond\r\nContent-Length: 0"),
        // Fields.
        Row(
            head:
                "HTTP/1.1 200 OK\r\ncontent-length:2\r\nX:none\r\nX: one\r\nX:\ttab\r\nX: trailing \r\nx:\r\nX-\u{21}: \u{80}\u{ff}\u{e4}",
            body: "ok"),
        Row(
            head: "HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nset-cookie: c\r\nContent-Length: 2\r\nDate: x",
            body: "ok"),
        Row(
            head: "HTTP/1.1 200 OK\r\nX-Long: \(String(repeating: "l", count: 30_000))\r\nContent-Length: 2", body: "ok"
        ),
        Row(
            head:
                "HTTP/1.1 200 OK\r\nX-Weir-Request-Id: theirs\r\nx-weir-error: theirs\r\nx-should-retry: true\r\nContent-Length: 2",
            body: "ok"),
        Row(
            head:
                "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive, X-Gone\r\nX-Gone: 1\r\nProxy-Connection: close\r\nX-Stays: 1\r\nContent-Length: 2",
            body: "ok"),
        Row(
            head: "HTTP/1.1 426 Upgrade Required\r\nUpgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2",
            body: "ok"),
        Row(head: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2", body: "ok"),
        Row(head: "HTTP/1.0 200 OK\r\nServer: old\r\nContent-Length: 2", body: "ok"),
        // Statuses that SDKs act on, redirects among them.
        Row(head: "HTTP/1.1 301 Moved Permanently\r\nLocation: http://elsewhere.test/x?y\r\nContent-Length: 0"),
        Row(
            head: "HTTP/1.1 307 Temporary Redirect\r\nLocation: /v1/other\r\nContent-Length: 2", body: "ok",
            method: "POST"),
        Row(head: "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 2", body: "no"),
        Row(head: "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2", body: "no"),
        Row(
            head: "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nretry-after-ms: 10\r\nContent-Length: 2",
            body: "no"),
        Row(head: "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 2", body: "no"),
        Row(head: "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked", body: "2\r\nno\r\n0\r\n\r\n"),
        // Framing.
        Row(head: "HTTP/1.1 200 OK\r\nContent-Length:  002 ", body: "ok"),
        Row(head: "HTTP/1.1 200 OK\r\ntransfer-encoding:chunked", body: "2\r\nok\r\nA\r\n0123456789\r\n0\r\n\r\n"),
        Row(head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked", body: "2\r\nok\r\n0\r\n\r\n"),
        Row(
            head: "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked",
            body: "2\r\nok\r\n0\r\nX-Sum:  \u{ff} \r\nx-sum: 2\r\n\r\n"),
        Row(head: "HTTP/1.1 200 OK\r\nContent-Type: text/plain", body: "until the end", closes: true),
        Row(head: "HTTP/1.0 200 OK", body: "", closes: true),
        Row(
            head: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6",
            body: "\u{1f}\u{8b}\u{8}\u{0}\u{ff}\r"),
        Row(
            head: "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked",
            body: "1\r\n\u{8b}\r\n0\r\n\r\n"),
        Row(head: "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2", body: "ok"),
        // No body, whatever the fields say.
        Row(head: "HTTP/1.1 200 OK\r\nContent-Length: 999", method: "HEAD"),
        Row(head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", method: "HEAD"),
        Row(head: "HTTP/1.1 404 Not Found", method: "HEAD"),
        Row(head: "HTTP/1.1 204 No Content\r\nX: 1"),
        Row(head: "HTTP/1.1 204 No Content\r\nContent-Length: 0"),
        Row(head: "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 999"),
        Row(head: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0"),
    ]

    @Test(arguments: [1, 7, 100_000])
    func theTableArrives(pieceSize: Int) async throws {
        let upstream = try ScriptedUpstream { connection in
            while let head = try connection.socket.readHeadOrEnd() {
                guard let index = head.split(separator: " ").dropFirst().first.flatMap({ Int($0.dropFirst(4)) }) else {
                    return
                }
                let octets = "\(Self.rows[index].head)\r\n\r\n\(Self.rows[index].body)".latin1
                // The long ones go in few pieces all the same.
                let size = octets.count > 5_000 ? max(pieceSize, 1_000) : pieceSize
                for start in stride(from: 0, to: octets.count, by: size) {
                    try connection.socket.write(Array(octets[start..<min(start + size, octets.count)]))
                }
                if Self.rows[index].closes || Self.rows[index].head.contains("HTTP/1.0") { return }
                if Self.rows[index].head.contains("Connection: close") { return }
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for index in Self.rows.indices { try check(Self.rows[index], index, gateway) }
        }
        #expect(upstream.failures == [])
    }

    private func check(_ row: Row, _ index: Int, _ gateway: TestGateway) throws {
        let client = try Conversation(gateway)
        defer { client.socket.close() }
        try client.send("\(row.method) /v1/\(index) HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try #require(try client.answer(toHEAD: row.method == "HEAD"), "\(row.head)")
        var expected = ExpectedHead.answer(row.head.latin1.lines)
        if row.closes { expected.append("Connection: close".latin1) }
        #expect(answer.lines.dropLast().map(\.text) == expected.map(\.text))
        let name = answer.lines.last?.text ?? ""
        #expect(name.hasPrefix("x-weir-request-id: ") && name.utf8.count == "x-weir-request-id: ".count + 26)
        #expect(answer.rawBody.text == row.body, "\(row.head)")
        // The connection stays, or ends in good order.
        if row.closes {
            #expect(try client.rest() == [] && client.socket.end == .closed)
        } else {
            try client.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.answer()?.status == 200, "\(row.head)")
        }
    }

    @Test(arguments: 0..<3)
    func whateverIsGeneratedArrives(seed: Int) async throws {
        let answers = generatedAnswers(seed: UInt64(seed))
        let upstream = try EchoUpstream { request in
            Int(request.target.dropFirst(4)).map {
                (answers[$0].joined(separator: [13, 10]) + [13, 10, 13, 10]) + "ok".latin1
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            for index in answers.indices {
                try client.send("POST /v1/\(index) HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = try #require(try client.answer())
                #expect(answer.lines.dropLast().map(\.text) == ExpectedHead.answer(answers[index]).map(\.text))
                #expect(answer.payload.text == "ok")
            }
        }
        #expect(upstream.upstream.connectionCount == 1)
    }

    private func generatedAnswers(seed: UInt64) -> [[[UInt8]]] {
        var generator = HeadGenerator(seed: seed)
        return (0..<150).map { _ in
            var lines: [[UInt8]] = []
            for _ in 0..<generator.below(12) { lines.append(generator.fieldLine()) }
            generator.addHopByHop(&lines)
            generator.insert(generator.pick(["Content-Length: 2", "content-length:2", "CONTENT-LENGTH:\t2 "]), &lines)
            let reason = generator.pick(["OK", "", "\u{ff}\u{80} odd", "two  words "])
            lines.insert("HTTP/1.1 \(200 + generator.below(4)) \(reason)".latin1, at: 0)
            return lines
        }
    }

    // MARK: HTTP/1.0 clients

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "GET", "ok", true),
        (
            "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1;x=y\r\nk\r\n0\r\nX: 1\r\n\r\n",
            "GET", "ok", false
        ),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", "GET", "ok", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD", "", true),
        ("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", "", true),
        (
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "GET", "ok",
            true
        ),
    ])
    func anHTTP10ClientGetsNoChunks(_ answer: String, _ method: String, _ body: String, mayStay: Bool) async throws {
        let upstream = try EchoUpstream { _ in answer.latin1 }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for asksToStay in [false, true] {
                let client = try Conversation(gateway)
                let field = asksToStay ? "Connection: keep-alive\r\n" : ""
                try client.send("\(method) /v1/x HTTP/1.0\r\n\(field)\r\n")
                let got = try #require(try client.answer(toHEAD: method == "HEAD"))
                #expect(got.startLine.hasPrefix("HTTP/1.1 ") && got.status != 103)
                #expect(got["transfer-encoding"] == [] && got["trailer"] == [])
                #expect(got.payload.text == body)
                let stays = asksToStay && mayStay
                #expect(got["connection"] == [stays ? "keep-alive" : "close"])
                if stays {
                    try client.send("GET /healthz HTTP/1.0\r\n\r\n")
                    #expect(try client.answer()?.status == 200)
                }
                #expect(try client.rest() == [] && client.socket.end == .closed)
            }
        }
    }

    // MARK: Interim answers

    @Test func interimAnswersPass() async throws {
        let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nlink:</b>\r\n\r\n"
        let upstream = try EchoUpstream { _ in
            "\(hints)HTTP/1.1 102 \r\n\r\n\(hints)HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".latin1
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            for _ in 0..<2 {
                try client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try client.answer()?.head.text == hints)
                #expect(try client.answer()?.head.text == "HTTP/1.1 102 \r\n\r\n")
                #expect(try client.answer()?.head.text == hints)
                #expect(try client.answer()?.payload.text == "ok")
            }
        }
    }

    @Test func anInterimAnswerDoesNotWaitForTheFinalOne() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
            // The client's body is its sign that it has the hints.
            _ = try connection.socket.readExactly(2)
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n")
            #expect(try client.answer()?.status == 103)
            try client.send("go")
            #expect(try client.answer()?.payload.text == "ok")
        }
        #expect(upstream.failures == [])
    }

    @Test func expectAndContinuePass() async throws {
        let upstream = try ScriptedUpstream { connection in
            let head = try connection.socket.readHead()
            guard head.contains("expect: 100-continue\r\n") else { return }
            try connection.socket.write("HTTP/1.1 100 Go on\r\nX: 1\r\n\r\n")
            _ = try connection.socket.readExactly(5)
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send("POST /v1/x HTTP/1.1\r\nHost: h\r\nexpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            #expect(try client.answer()?.head.text == "HTTP/1.1 100 Go on\r\nX: 1\r\n\r\n")
            try client.send("hello")
            #expect(try client.answer()?.payload.text == "ok")
        }
        #expect(upstream.failures == [])
    }
}

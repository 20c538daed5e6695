import HTTP1
import NIOCore
import Testing

@testable import Recording

/// Contract 8.4, line by line.
@Suite struct MaskingTests {
    private func masked(_ text: String, _ role: HeadParser.Role = .request, _ mask: RecordMask = RecordMask()) throws
        -> String
    {
        let head = try ParsedHead(text, role)
        var out = BatchBuffer(capacity: RecordMask.room(head.end))
        let isRequest = role == .request
        mask.writeHead(
            head.buffer.readableBytesSpan,
            from: isRequest ? head.parser.requestLine.line.lowerBound : head.parser.statusLine.line.lowerBound,
            target: isRequest ? head.parser.requestLine.target : nil, fields: head.parser.fields, end: head.end,
            into: &out)
        return String(decoding: out.contents, as: UTF8.self)
    }

    private static let fields: [(line: String, masked: String)] = [
        ("Authorization: Bearer sk-proj-0123456789wxyz", "Authorization: Bearer …wxyz"),
        ("AUTHORIZATION:   bearer   sk-proj-0123456789wxyz  ", "AUTHORIZATION:   bearer   …wxyz  "),
        ("authorization: Bearer short", "authorization: Bearer …"),
        ("authorization: Bearer 12345678901", "authorization: Bearer …"),
        ("authorization: Bearer 123456789012", "authorization: Bearer …9012"),
        ("authorization: Basic dXNlcjpwYXNzd29yZA==", "authorization: Basic …"),
        ("authorization: sk-secret-without-scheme", "authorization: …heme"),
        ("authorization: mysecretword another-secret-word", "authorization: …word"),
        ("authorization: Bearer", "authorization: …"),
        ("authorization: Bearer 0123456789\u{e9}\u{e9}", "authorization: Bearer …"),
        ("authorization:", "authorization:"),
        ("Proxy-Authorization: Basic abcdefghijklmnop", "Proxy-Authorization: Basic …"),
        ("X-Api-Key: sk-ant-0123456789", "X-Api-Key: …6789"),
        ("aPI-kEY: 0123456789abcdef", "aPI-kEY: …cdef"),
        ("x-goog-api-key:AIza0123456789", "x-goog-api-key:…6789"),
        ("X-Amz-Security-Token: IQoJb3JpZ2luX2VjE", "X-Amz-Security-Token: …2VjE"),
        ("Cookie: a=1; session=0123456789abcdef; b", "Cookie: a=…; session=…; …"),
        ("Cookie: a=\"x;secret\"", "Cookie: a=…;…"),
        (
            "Referer: https://u:p@h/p?a=1&KEY=abc&x=2#token=0123456789ab",
            "Referer: https://…@h/p?a=1&KEY=…&x=2#token=…89ab"
        ),
        ("Referer: //u:p@h/", "Referer: //…@h/"),
        ("Host-Key: 0123456789abcdef", "Host-Key: 0123456789abcdef"),
        (
            "Sec-WebSocket-Protocol: realtime, OpenAI-insecure-api-key.sk-0123456789wxyz , openai-beta.realtime-v1",
            "Sec-WebSocket-Protocol: realtime, OpenAI-insecure-api-key.…wxyz , openai-beta.realtime-v1"
        ),
        ("sec-websocket-protocol: token,0123456789abcdef", "sec-websocket-protocol: token,…cdef"),
        (
            "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.",
            "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key."
        ),
        ("X-Plain: key=0123456789abcdef", "X-Plain: key=0123456789abcdef"),
    ]

    @Test(arguments: fields)
    func requestFields(line: String, expected: String) throws {
        let head = "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\nLast: l\r\n\r\n"
        #expect(try masked(head) == "GET / HTTP/1.1\r\nHost: a\r\n\(expected)\r\nLast: l\r\n\r\n")
    }

    @Test(arguments: [
        (
            "Set-Cookie: sid=0123456789abcdef; Path=/; HttpOnly; Max-Age=5",
            "Set-Cookie: sid=…; Path=/; HttpOnly; Max-Age=5"
        ),
        ("Set-Cookie: sid=\"a;hidden\"; secure", "Set-Cookie: sid=…;…; secure"),
        ("Set-Cookie: path=0123456789", "Set-Cookie: path=…"),
        ("Location: /cb?code=1&access_token=0123456789abcdef", "Location: /cb?code=1&access_token=…cdef"),
        ("Location: /cb#access_token=abc&type=x", "Location: /cb#access_token=…&type=x"),
    ])
    func responseFields(line: String, expected: String) throws {
        #expect(
            try masked("HTTP/1.1 302 Found\r\n\(line)\r\n\r\n", .response)
                == "HTTP/1.1 302 Found\r\n\(expected)\r\n\r\n")
    }

    @Test(arguments: [
        ("/v1/models", "/v1/models"),
        ("/v1/models?key=AIza0123456789abcd&alt=sse", "/v1/models?key=…abcd&alt=sse"),
        ("/x?KEY=abc", "/x?KEY=…"),
        ("/x?%6bey=abc&k%65y=def&%6B%65%79=ghi", "/x?%6bey=…&k%65y=…&%6B%65%79=…"),
        ("/x?api_key=a&access_token=b&token=c&sig=d", "/x?api_key=…&access_token=…&token=…&sig=…"),
        ("/x?API%5FKEY=a;token=b", "/x?API%5FKEY=…"),
        ("/x?a=1;token=b", "/x?a=1;token=…"),
        (
            "/x?X-Amz-Signature=0123456789abcdef&X-Amz-Credential=AKIA0123456789&X-Amz-Date=5",
            "/x?X-Amz-Signature=…cdef&X-Amz-Credential=…6789&X-Amz-Date=5"
        ),
        ("/x?monkey=1&keys=2&tokens=3&key", "/x?monkey=1&keys=2&tokens=3&key"),
        ("/x?key=&a=b", "/x?key=&a=b"),
        ("/x?key=a%26b%3Dlonger-secret&c=d", "/x?key=…cret&c=d"),
        ("/r/https://user:pass@host/p@q", "/r/https://…@host/p@q"),
        ("/r/https:/user:pass@host/", "/r/https:/…@host/"),
        ("/r/https://user:p%2Fw@host/", "/r/https://…@host/"),
        (
            "/r?u=https%3A%2F%2Fuser%3Apass%40host%2F%3Fkey%3Dabc%26a%3Db",
            "/r?u=https%3A%2F%2F…%40host%2F%3Fkey%3D…%26a%3Db"
        ),
        ("/r/https://a@b@host", "/r/https://…@host"),
        ("/a:b/c@d", "/a:b/c@d"), ("/a:/b@d", "/a:/…@d"),
        ("/x?mine=0123456789abcdef", "/x?mine=…cdef"),
        ("/%", "/%"),
        ("/x?key%", "/x?key%"),
    ])
    func targets(target: String, expected: String) throws {
        let mask = RecordMask(queryFields: ["Mine"])
        #expect(
            try masked("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", .request, mask)
                == "GET \(expected) HTTP/1.1\r\nHost: a\r\n\r\n")
    }

    @Test func configuredNames() throws {
        let mask = RecordMask(headers: ["X-Tenant-Secret", "referer"])
        #expect(
            try masked(
                "GET / HTTP/1.1\r\nHost: a\r\nx-TENANT-secret: 0123456789abcdef\r\nReferer: https://a/0123\r\nX-T: 1\r\n\r\n",
                .request, mask)
                == "GET / HTTP/1.1\r\nHost: a\r\nx-TENANT-secret: …cdef\r\nReferer: …0123\r\nX-T: 1\r\n\r\n")
    }

    @Test(arguments: [
        ("/a?x=sk-live-AAAABBBBCCCC", "X: sk-live-AAAABBBBCCCC", "/a?x=…CCCC", "X: …CCCC"),
        ("/pre-sk-live-AAAABBBBCCCC-post", "X: asecretasecret", "/pre-…CCCC-post", "X: a…a…"),
        ("/a/b%2Bc%2fd", "X: b+c/d", "/a/b%2Bc%2fd", "X: …"),
        ("/a/b%2Bc%2Fd/b%2bc%2fd", "X: secre t", "/a/…/…", "X: secre t"),
        ("/sk-live-AAAABBBBCCC", "X: sk-live-AAAABBBBCCCCDDDD", "/sk-live-AAAABBBBCCC", "X: …DDDD"),
    ])
    func configuredSecretsAnywhere(target: String, line: String, maskedTarget: String, maskedLine: String) throws {
        let mask = RecordMask(secrets: ["sk-live-AAAABBBBCCCC", "sk-live-AAAABBBBCCCCDDDD", "secret", "b+c/d", "abc"])
        #expect(
            try masked("GET \(target) HTTP/1.1\r\nHost: abc\r\n\(line)\r\n\r\n", .request, mask)
                == "GET \(maskedTarget) HTTP/1.1\r\nHost: abc\r\n\(maskedLine)\r\n\r\n")
    }

    /// The search by shifts finds what a plain search finds.
    @Test func searchMissesNothing() {
        var random = SeededGenerator(state: 77)
        for _ in 0..<400 {
            let letters = (0..<3).map { _ in UInt8.random(in: 97...100, using: &random) }
            let secrets = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                String(
                    decoding: (0..<Int.random(in: 4...7, using: &random)).map { _ in
                        letters.randomElement(using: &random)!
                    }, as: UTF8.self)
            }
            let text = (0..<60).map { _ in letters.randomElement(using: &random)! }
            var out = BatchBuffer(capacity: 400)
            RecordMask(secrets: secrets).write(text.span.bytes, 0..<text.count, into: &out)
            let result = String(decoding: out.contents, as: UTF8.self)
            for secret in secrets { #expect(!result.contains(secret)) }
            let clear = String(decoding: text, as: UTF8.self)
            if !secrets.contains(where: { clear.contains($0) }) { #expect(result == clear) }
        }
    }

    @Test func editedLinesAreMaskedToo() {
        let mask = RecordMask()
        let lines = Array("Authorization: Bearer 0123456789abcd\r\nHost: h\r\ncookie:a=b\r\nx-api-key:\r\n".utf8)
        var out = BatchBuffer(capacity: 1_000)
        mask.writeLines(lines.span.bytes, 0..<lines.count, into: &out)
        #expect(
            String(decoding: out.contents, as: UTF8.self)
                == "Authorization: Bearer …abcd\r\nHost: h\r\ncookie:a=…\r\nx-api-key:\r\n")
        out.truncate(to: 0)
        let start = Array("GET /a?key=b HTTP/1.1\r\n".utf8)
        mask.writeStartLine(start.span.bytes, 0..<start.count, into: &out)
        #expect(String(decoding: out.contents, as: UTF8.self) == "GET /a?key=… HTTP/1.1\r\n")
        out.truncate(to: 0)
        let status = Array("HTTP/1.1 200 see ?key=b\r\n".utf8)
        mask.writeStartLine(status.span.bytes, 0..<status.count, into: &out)
        #expect(String(decoding: out.contents, as: UTF8.self) == "HTTP/1.1 200 see ?key=b\r\n")
    }

    /// Whatever the head, masking keeps its lines and stays within the room that is reserved for it.
    @Test func maskingKeepsLinesAndRoom() throws {
        var random = SeededGenerator(state: 5)
        let names = ["Cookie", "Authorization", "Referer", "X", "x-api-key"]
        let alphabet = Array("a=;:/@?&%#k2e y\"".utf8)
        for _ in 0..<2_000 {
            var text = "GET / HTTP/1.1\r\nHost: a\r\n"
            for _ in 0..<3 {
                let value = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    alphabet.randomElement(using: &random)!
                }
                text += names.randomElement(using: &random)! + ":" + String(decoding: value, as: UTF8.self) + "\r\n"
            }
            let result = try masked(text + "\r\n")
            #expect(result.split(separator: "\r\n", omittingEmptySubsequences: false).count == 7)
        }
    }
}

import HTTP1
import HTTP1Invariants
import Testing

@Suite struct RequestHeadTests {
    private func read(_ lines: String..., start: String = "POST / HTTP/1.1", host: String = "Host: a\r\n") -> HeadRun {
        let text = start + "\r\n" + host + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        return HeadRun(Array(text.utf8), role: .request)
    }

    @Test(
        arguments: [
            ([], BodyFraming.none), (["Content-Length: 0"], .none), (["content-length:5"], .length(5)),
            (["Content-Length: 005 "], .length(5)),
            (["CONTENT-LENGTH: 9223372036854775807"], .length(UInt64(Int64.max))),
            (["Transfer-Encoding: chunked"], .chunked), (["transfer-encoding:\tCHUNKED "], .chunked),
            (["Connection: Content-Length", "Content-Length: 5"], .length(5)),
        ] as [([String], BodyFraming)])
    func framing(lines: [String], expected: BodyFraming) {
        for method in ["POST", "GET", "DELETE", "HEAD", "X"] {
            let text = "\(method) / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
            let run = HeadRun(Array(text.utf8), role: .request)
            #expect(run.request?.framing == expected)
            #expect(run.request?.framingIndex == (lines.isEmpty ? nil : lines.count))
        }
    }

    @Test(
        arguments: [
            (["Content-Length:"], .badContentLength), (["Content-Length: +5"], .badContentLength),
            (["Content-Length: 5, 5"], .badContentLength), (["Content-Length: 9223372036854775808"], .badContentLength),
            (["Content-Length: 5", "Content-Length: 5"], .contentLengthRepeated),
            (["Content-Length: 5", "Transfer-Encoding: chunked"], .lengthWithTransferEncoding),
            (["Transfer-Encoding: chunked", "Content-Length: 5"], .lengthWithTransferEncoding),
            (["Content-Length: 5\t"], .badContentLength), (["Transfer-Encoding: chunked \t"], .badTransferEncoding),
            (["Transfer-Encoding:"], .badTransferEncoding),
            (["Transfer-Encoding: gzip, chunked"], .badTransferEncoding),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], .badTransferEncoding),
            (["Transfer-Encoding: xchunked"], .badTransferEncoding),
            (["Transfer-Encoding: \"chunked\""], .badTransferEncoding),
            (["Content_Length: 5"], .ambiguousFieldName), (["TRANSFER_ENCODING: chunked"], .ambiguousFieldName),
            (["Host: a"], .hostRepeated), (["Expect: y 100-continue"], .expectationFailed),
            (["Expect:"], .expectationFailed),
        ] as [([String], HeadFault)])
    func refusals(lines: [String], fault: HeadFault) {
        let text = "POST / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        #expect(HeadRun(Array(text.utf8), role: .request).fault == fault)
    }

    @Test func http10HasNoTransferEncodingAndNeedsNoHost() {
        let old = "POST / HTTP/1.0"
        #expect(read("Transfer-Encoding: chunked", start: old).fault == .transferEncodingInHTTP10)
        #expect(read(start: old, host: "").request?.hostIndex == nil)
        #expect(read(host: "").fault == .hostMissing)
        #expect(read("Expect: 100-continue", start: old).request?.expectsContinue == false)
        #expect(read("Expect: 100-continue", start: old).request?.connectionFields.contains(1) == true)
        #expect(read("Expect: 100-Continue").request?.expectsContinue == true)
    }

    @Test(arguments: [
        ("a", true), ("a.test:80", true), ("a.test:", true), ("a.test:65535", true), ("127.0.0.1:8080", true),
        ("[::1]", true),
        ("[::1]:80", true), ("[v1.a]:80", true), ("a_b-c.~!$&'()*+,;=%20", true), ("", false), (":80", false),
        ("a:65536", false), ("a:123456", false), ("a:8a", false), ("a:+8", false), ("u@a", false), ("u:p@a", false),
        ("a b", false), ("a/b", false), ("a?b", false), ("a#b", false), ("a\\b", false), ("[::1", false),
        ("[::1]x", false),
        ("[]", false), ("[]:80", false), ("::1", false), ("a:80:80", false), ("caf\u{e9}", false), ("\"a\"", false),
        ("a\tb", false), ("<a>", false),
    ])
    func hosts(value: String, isGood: Bool) {
        #expect((read(host: "Host: \(value)\r\n").fault == nil) == isGood)
        if !isGood { #expect(read(host: "Host: \(value)\r\n").fault == .badHost) }
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1", nil), ("OPTIONS * HTTP/1.1", nil), ("GET //a HTTP/1.1", nil),
            ("GET /http://a HTTP/1.1", nil),
            ("GET * HTTP/1.1", .badTarget), ("OPTIONS ** HTTP/1.1", .badTarget), ("GET a HTTP/1.1", .badTarget),
            ("GET a:80 HTTP/1.1", .badTarget), ("GET ?a HTTP/1.1", .badTarget), ("GET http:/a HTTP/1.1", .badTarget),
            ("GET http://a/ HTTP/1.1", .absoluteFormRefused), ("GET FILE:///x HTTP/1.1", .absoluteFormRefused),
            ("CONNECT a:80 HTTP/1.1", .connectRefused), ("CONNECT / HTTP/1.1", .connectRefused),
            ("connect / HTTP/1.1", nil),
        ] as [(String, HeadFault?)])
    func targets(start: String, fault: HeadFault?) {
        #expect(read(start: start).fault == fault)
    }

    @Test(arguments: [
        ([], true, false), (["Connection: close"], false, false), (["connection: CLOSE"], false, false),
        (["Connection: keep-alive"], true, true), (["Connection: keep-alive, close"], false, false),
        (["Connection: keep-alive", "Connection: close"], false, false),
        (["Connection: x,,\tKeep-Alive ,"], true, true),
        (["Connection: closed"], true, false), (["Connection:"], true, false),
        (["Proxy-Connection: close"], true, false),
    ])
    func persistence(lines: [String], http11: Bool, http10: Bool) {
        let tail = "\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        #expect(HeadRun(Array(("GET / HTTP/1.1" + tail).utf8), role: .request).request?.isPersistent == http11)
        #expect(HeadRun(Array(("GET / HTTP/1.0" + tail).utf8), role: .request).request?.isPersistent == http10)
    }

    @Test func fieldsOfTheConnectionStay() {
        let run = read(
            "Connection: X-One, keep-alive, host, content-length", "x-one: 1", "X-Two: 2", "TE: trailers",
            "Keep-Alive: 5",
            "Proxy-Connection: x", "HTTP2-Settings: x", "Proxy-Authorization: x", "Content-Length: 1", "X-One: 3",
            "Connection: x-TWO", "X-Three: 3")
        let dropped = (0..<13).filter { run.request?.connectionFields.contains($0) == true }
        #expect(dropped == [1, 2, 3, 4, 5, 6, 7, 8, 10, 11])
    }

    @Test(arguments: [
        (["Connection: Upgrade", "Upgrade: websocket"], true, true),
        (["Connection: keep-alive, upgrade", "Upgrade: WebSocket"], true, true),
        (["Connection: Upgrade, X-Hop", "Upgrade: websocket"], true, true),
        (["Connection: Upgrade", "Upgrade: h2c"], true, false), (["Upgrade: websocket"], false, false),
        (["Connection: Upgrade"], false, false), (["Connection: Upgrade", "Upgrade: websocket, h2c"], true, false),
        (["Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c"], true, false),
        (["Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"], true, false),
    ])
    func upgrades(lines: [String], asks: Bool, webSocket: Bool) {
        let text = "GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        let run = HeadRun(Array(text.utf8), role: .request)
        #expect(run.request?.asksForUpgrade == asks)
        #expect(run.request?.asksForWebSocket == webSocket)
        for (index, line) in lines.enumerated() where line.hasPrefix("Upgrade") {
            #expect(run.request?.connectionFields.contains(index + 1) == !webSocket)
        }
    }

    @Test func anHTTP10RequestNeverAsksForAWebSocket() {
        let run = read("Connection: Upgrade", "Upgrade: websocket", start: "GET / HTTP/1.0")
        #expect(run.request?.asksForWebSocket == false)
        #expect(run.request?.connectionFields.contains(2) == true)
    }

    @Test(arguments: FieldNames.known)
    func fieldNamesAreToldApartWhateverTheirCase(text: String, name: FieldName) {
        for spelling in [text, text.uppercased(), text.prefix(1).uppercased() + text.dropFirst()] {
            let line = Array("GET / HTTP/1.1\r\n\(spelling): x\r\n\r\n".utf8)
            #expect(HeadRun(line, role: .request).parser.fields.first?.name == name, "\(spelling)")
        }
        for other in [
            text + "x", "x" + text, String(text.dropLast()), text.replacing("-", with: "."), "?" + text.dropFirst(),
        ]
        where other != text && !FieldNames.known.contains(where: { $0.0 == other }) {
            let line = Array("GET / HTTP/1.1\r\n\(other.replacing("?", with: "^")): x\r\n\r\n".utf8)
            #expect(HeadRun(line, role: .request).parser.fields.first?.name == .other, "\(other)")
        }
    }
}

/// The names that are told apart.
enum FieldNames {
    static let known: [(String, FieldName)] = [
        ("te", .te), ("host", .host), ("cookie", .cookie), ("expect", .expect), ("api-key", .apiKey),
        ("referer", .referer),
        ("trailer", .trailer), ("upgrade", .upgrade), ("location", .location), ("x-api-key", .xAPIKey),
        ("connection", .connection), ("keep-alive", .keepAlive), ("set-cookie", .setCookie),
        ("content-type", .contentType),
        ("authorization", .authorization), ("content-length", .contentLength), ("http2-settings", .http2Settings),
        ("x-goog-api-key", .xGoogAPIKey), ("x-weir-error", .xWeirError), ("content-encoding", .contentEncoding),
        ("proxy-connection", .proxyConnection), ("transfer-encoding", .transferEncoding),
        ("x-weir-request-id", .xWeirRequestID), ("proxy-authenticate", .proxyAuthenticate),
        ("proxy-authorization", .proxyAuthorization), ("x-amz-security-token", .xAmzSecurityToken),
        ("sec-websocket-protocol", .secWebSocketProtocol),
        ("content_length", .framingLookalike), ("transfer_encoding", .framingLookalike),
    ]
}

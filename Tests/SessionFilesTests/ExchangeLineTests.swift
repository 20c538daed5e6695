import Foundation
import LLMWire
import Testing

@testable import Recording

/// The line of `exchange` in a zone two hours east, and what it says.
private func line(_ exchange: RecordedExchange, decoded: Int = 16 << 20) throws -> [String: Any] {
    try object(text(exchange, decoded: decoded))
}

private func text(_ exchange: RecordedExchange, decoded: Int = 16 << 20) throws -> String {
    var renderer = ExchangeLine(clock: LocalClock { _ in 7200 })
    var contents = ExchangeContents(maximumDecodedBody: decoded)
    contents.read(exchange)
    var writer = JSONLineWriter()
    renderer.append(exchange, contents, to: &writer)
    let octets = writer.octets
    // One line, whatever the exchange holds.
    #expect(octets.last == 0x0A)
    #expect(!octets.dropLast().contains { $0 < 0x20 })
    return try #require(String(validating: octets, as: UTF8.self))
}

private func head(_ text: String) -> [UInt8] { Array(text.utf8) }

@Suite struct ExchangeLineTests {
    @Test func anOrdinaryExchange() throws {
        let expected = """
            {"timestamp":"2026-05-28T22:26:40.123456+02:00","request_id":"0000000000000G000000000001","route":"default",\
            "method":"POST","path":"/v1/chat/completions","query":[["a","1"],["key","…wxyz"]],\
            "upstream_url":"https://api.example.com/v1/chat/completions?a=1&key=…wxyz","client":"127.0.0.1:50000",\
            "key":null,"dialect":"openai-chat","operation":"chat.completion","http_version":"1.1","request_headers":{"Host":"127.0.0.1:8080","Authorization":"Bearer …wxyz",\
            "Content-Type":"application/json","Content-Length":"14"},"request_body":{"n":1.50,"a":[]},\
            "response_status_code":200,"response_headers":{"Content-Type":"application/json","Server":"x"},\
            "response_body":"{\\"ok\\":true}\\n","duration_ms":3.000,"ttfb_ms":2.500,"model":null,\
            "response_model":null,"usage":null,"cost":null,"error":null,"outcome":"completed","attempts":[{"number":1,\
            "upstream":"https://api.example.com:443","reused_connection":true,"at_ms":0.250,"error":null}],\
            "bytes":{"request_body":22,"response_body":12,"delivered_body":12}}

            """
        #expect(try text(exchange()) == expected)
    }

    @Test func everyKeyOfTheContractIsThereWhateverHappened() throws {
        let keys = [
            "timestamp", "request_id", "route", "method", "path", "query", "upstream_url", "client", "key",
            "dialect", "operation", "request_headers", "request_body", "response_status_code", "response_headers",
            "response_body",
            "duration_ms", "ttfb_ms", "model", "response_model", "usage", "cost", "error", "outcome", "attempts",
        ]
        let bare = RecordedExchange(
            id: ExchangeID(high: 0, low: 0), startedAt: 0, client: "", route: "", requestHead: [])
        for exchange in [exchange(), bare] {
            let line = try line(exchange)
            for key in keys { #expect(line[key] != nil, "\(key)") }
        }
        let line = try line(bare)
        for key in ["method", "path", "upstream_url", "response_status_code", "response_headers", "response_body"] {
            #expect(line[key] is NSNull, "\(key)")
        }
        #expect((line["error"] as? [String: Any])?["message"] as? String == "Weir ended in the middle of it")
    }

    @Test func maskedRangesAreNamed() throws {
        var exchange = exchange()
        exchange.requestBody = body(#"{"pin":"****","b":[11,1]}"#)
        exchange.requestBody.masked = [8..<12, 19..<21]
        exchange.requestBody.maskedCount = 3
        exchange.responseBody = body("")
        exchange.responseBody.total = 70
        exchange.responseBody.isWithheld = true
        let text = try text(exchange)
        #expect(
            text.contains(
                #""request_body":{"pin":"****","b":[11,1]},"request_body_masked":[[8,4],[19,2]],"#
                    + #""request_body_masked_count":3,"#))
        #expect(text.contains(#""response_body":"","response_body_withheld":true,"duration_ms""#))
        exchange.requestBody.maskedCount = 2
        #expect(try line(exchange)["request_body_masked_count"] == nil)
        #expect(try line(exchange)["request_body_withheld"] == nil)
    }

    @Test func headersKeepNamesAndRepeats() throws {
        var exchange = exchange()
        exchange.responseHead =
            head("HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX-Odd:  v \r\nset-cookie: b\r\nX: \r\nx-odd: é\r\nX-Raw: ")
            + [0xFF, 0x41] + head("\r\n\r\n")
        let headers = try #require(try line(exchange)["response_headers"] as? [String: Any])
        #expect(headers["Set-Cookie"] as? [String] == ["a", "b"])
        #expect(headers["X-Odd"] as? [String] == ["v", "é"])
        #expect(headers["X"] as? String == "")
        #expect(headers["X-Raw"] as? String == "\u{FF}A")
        #expect(headers.count == 4)
    }

    @Test(
        arguments: [
            ("/", "/", []), ("/p?", "/p", []), ("*", "*", []), ("/p?a", "/p", [["a", ""]]),
            ("/p?=b", "/p", [["", "b"]]),
            ("/p?a=1&a=2&&b==", "/p", [["a", "1"], ["a", "2"], ["b", "="]]),
            ("/%C3%A9?q=%E4%BD%A0+%2B%26&x%3D=%0A", "/%C3%A9", [["q", "你 +&"], ["x=", "\n"]]),
            ("/p?a=%FF&b=%4&c=%zz&d=?", "/p", [["a", "%FF"], ["b", "%4"], ["c", "%zz"], ["d", "?"]]),
            ("/é?é=\"", "/é", [["é", "\""]]),
        ] as [(String, String, [[String]])])
    func targets(_ target: String, _ path: String, _ query: [[String]]) throws {
        var exchange = exchange()
        exchange.requestHead = head("GET \(target) HTTP/1.0\r\n\r\n")
        exchange.attempts[0].requestHead = exchange.requestHead
        let line = try line(exchange)
        #expect(line["path"] as? String == path)
        #expect(line["query"] as? [[String]] == query)
        #expect(line["http_version"] as? String == "1.0")
        #expect(line["upstream_url"] as? String == "https://api.example.com" + (target == "*" ? "" : target))
    }

    @Test(arguments: [
        ("https://h:443", "/v1", "https://h/v1"), ("http://h:80", "/v1", "http://h/v1"),
        ("https://h:80", "/v1", "https://h:80/v1"), ("http://h:8443", "/v1?x", "http://h:8443/v1?x"),
        ("http://[::1]:80", "/", "http://[::1]/"), ("http://proxy:3128", "http://h/v1", "http://h/v1"),
    ])
    func upstreamURLs(_ upstream: String, _ target: String, _ url: String) throws {
        var exchange = exchange()
        exchange.attempts.append(
            RecordedAttempt(number: 2, at: 0, upstream: upstream, reusedConnection: false))
        exchange.attempts[1].requestHead = head("POST \(target) HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try line(exchange)["upstream_url"] as? String == url)
        exchange.attempts[1].requestHead = nil
        let origin = try #require(try line(exchange)["upstream_url"] as? String)
        #expect(!origin.hasSuffix("/v1") && origin.hasPrefix("http"))
    }

    @Test func upstreamHeadersShowOnlyWhereTheyDiffer() throws {
        var exchange = exchange()
        exchange.requestHead = head("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: 1\r\nY: 2\r\n\r\n")
        exchange.attempts[0].requestHead = head("GET / HTTP/1.1\r\nX: 1\r\nHost: b\r\nY: 2\r\n\r\n")
        #expect(try line(exchange)["upstream_request_headers"] == nil)
        for changed in ["X: 1\r\nY: 3", "X: 1", "X: 1\r\nY: 2\r\nZ: 3", "Y: 2\r\nX: 1", "x: 1\r\nY: 2"] {
            exchange.attempts[0].requestHead = head("GET / HTTP/1.1\r\nHost: b\r\n\(changed)\r\n\r\n")
            let headers = try #require(try line(exchange)["upstream_request_headers"] as? [String: String])
            #expect(headers["Host"] == "b")
        }
    }

    @Test func requestBodies() throws {
        func shown(_ octets: [UInt8], cut: Bool = false) throws -> Any {
            var exchange = exchange()
            exchange.requestBody = body(octets)
            exchange.requestBody.isCut = cut
            return try #require(try line(exchange)["request_body"])
        }
        #expect(try shown([]) is NSNull)
        #expect(try shown(Array("null".utf8)) is NSNull)
        #expect(try shown(Array(" [1,\r\n2] ".utf8)) as? [Int] == [1, 2])
        #expect(try shown(Array("\"text\"".utf8)) as? String == "text")
        #expect(try shown(Array("{\"a\":1".utf8)) as? String == "{\"a\":1")
        #expect(try shown(Array("a=b\r\n\u{0}".utf8)) as? String == "a=b\r\n\u{0}")
        #expect(try shown([0xFF, 0x00]) as? [String: String] == ["base64": "/wA="])
        #expect(try shown([0x61, 0xE4, 0xBD]) as? [String: String] == ["base64": "YeS9"])
        #expect(try shown([0x61, 0xE4, 0xBD], cut: true) as? String == "a")
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(try shown(Array(deep.utf8)) as? String == deep, "too deep for many readers")
    }

    @Test func codingsAreUndone() throws {
        let answer = String(repeating: "data: {\"a\":\"你\"}\n\n", count: 500)
        var exchange = exchange()
        exchange.responseHead = head("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        exchange.responseBody = body(gzip(Array(answer.utf8)))
        var shown = try line(exchange)
        #expect(shown["response_body"] as? String == answer)
        #expect(shown["response_body_coding"] == nil)

        exchange.responseBody.bytes.removeLast(9)
        exchange.outcome = .truncated
        shown = try line(exchange)
        let part = try #require(shown["response_body"] as? String)
        #expect(part.utf8.count > 100 && answer.hasPrefix(part))
        #expect(shown["response_body_coding"] as? String == "truncated")

        shown = try line(exchange, decoded: 100)
        #expect((shown["response_body"] as? String)?.utf8.count ?? 0 > 96)
        #expect(shown["response_body_coding"] as? String == "limit")

        exchange.responseBody = body("{\"plain\":\"lie\"}")
        shown = try line(exchange)
        #expect(shown["response_body"] as? String == "{\"plain\":\"lie\"}")
        #expect(shown["response_body_coding"] as? String == "corrupt")

        exchange.responseHead = head("HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\n\r\n")
        exchange.responseBody = body([0x1F, 0x9D, 0x90])
        shown = try line(exchange)
        #expect(shown["response_body"] as? [String: String] == ["base64": "H52Q"])
        #expect(shown["response_body_coding"] as? String == "unknown")

        exchange.responseHead = head(
            "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\ncontent-encoding: gzip\r\n\r\n")
        exchange.responseBody = body(gzip(gzip(Array(answer.utf8))))
        #expect(try line(exchange)["response_body"] as? String == answer)

        exchange.requestHead = head("POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n\r\n")
        exchange.requestBody = body(gzip(Array("{ \"a\": 1 }".utf8)))
        #expect(try line(exchange)["request_body"] as? [String: Int] == ["a": 1])
    }

    @Test func whatIsMissingSaysSo() throws {
        var exchange = exchange()
        exchange.requestBody.isLost = true
        exchange.responseBody.isCut = true
        exchange.responseBody.sha256 = [0x00, 0xAB]
        exchange.responseBody.total = 1 << 40
        let line = try line(exchange)
        #expect(line["request_body_lost"] as? Bool == true)
        #expect(line["request_body_cut"] == nil)
        #expect(line["response_body_cut"] as? Bool == true)
        #expect(line["response_body_sha256"] as? String == "00ab")
        #expect((line["bytes"] as? [String: Int])?["response_body"] == 1 << 40)
    }

    @Test func weirsOwnAnswers() throws {
        var exchange = exchange()
        exchange.outcome = .upstreamError
        exchange.errorCode = "connect_refused"
        exchange.errorMessage = "h:1 refused the connection."
        exchange.attempts[0].failureCode = "connect_refused"
        exchange.responseHead = nil
        exchange.deliveredHead = head("HTTP/1.1 502 Bad Gateway\r\nx-weir-error: connect_refused\r\n\r\n")
        exchange.firstByte = nil
        var shown = try line(exchange)
        #expect(shown["response_status_code"] as? Int == 502)
        #expect((shown["response_headers"] as? [String: String])?["x-weir-error"] == "connect_refused")
        #expect(shown["ttfb_ms"] is NSNull)
        #expect(
            shown["error"] as? [String: String]
                == ["message": "connect_refused", "detail": "h:1 refused the connection."])
        let attempts = try #require(shown["attempts"] as? [[String: Any]])
        #expect((attempts[0]["error"] as? [String: Any])?["message"] as? String == "connect_refused")
        #expect(shown["upstream_status_code"] == nil)

        exchange.responseHead = head("HTTP/1.1 200 OK\r\nServer: u\r\n\r\n")
        shown = try line(exchange)
        #expect(shown["response_status_code"] as? Int == 502)
        #expect(shown["upstream_status_code"] as? Int == 200)
        #expect(shown["upstream_response_headers"] as? [String: String] == ["Server": "u"])
    }

    @Test func whatIsNoHeadIsShownAsItCame() throws {
        var exchange = exchange()
        exchange.requestHead = head("\u{16}\u{3}\u{1} not HTTP\r\n") + [0xFF]
        exchange.outcome = .refused
        exchange.attempts = []
        let line = try line(exchange)
        #expect(line["method"] is NSNull)
        #expect(line["request_headers"] as? [String: String] == [:])
        #expect(line["request_head"] as? String == "\u{16}\u{3}\u{1} not HTTP\r\n\u{FF}")
        #expect(line["upstream_url"] is NSNull)
        #expect((line["attempts"] as? [Any])?.isEmpty == true)
    }

    @Test func streamsKeepTheirPace() throws {
        var exchange = exchange()
        exchange.interimHeads = [head("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n")]
        exchange.responseBody.pieces = [.init(end: 5, at: 1_000_000), .init(end: 12, at: 2_345_678)]
        let line = try line(exchange)
        #expect(line["response_chunks"] as? [[Double]] == [[5, 1], [12, 2.345]])
        let interim = try #require(line["response_interim"] as? [[String: Any]])
        #expect(interim[0]["status_code"] as? Int == 103)
        #expect(interim[0]["headers"] as? [String: String] == ["Link": "a"])
    }

    @Test func gapsAreLines() throws {
        var renderer = ExchangeLine(clock: LocalClock { _ in -12_600 })
        var writer = JSONLineWriter()
        renderer.append(RecordedGap(from: 0, to: 1_000_000, lostExchanges: 3, lostBodies: 4), to: &writer)
        let expected = """
            {"timestamp":"1969-12-31T20:30:00.000000-03:30","gap":{"from":"1969-12-31T20:30:00.000000-03:30",\
            "to":"1969-12-31T20:30:00.001000-03:30","lost_exchanges":3,"lost_bodies":4}}

            """
        #expect(String(decoding: writer.octets, as: UTF8.self) == expected)
    }

    @Test func randomOctetsAreAlwaysOneLine() throws {
        var random = SystemRandomNumberGenerator()
        func octets(_ count: Int) -> [UInt8] {
            (0..<Int.random(in: 0...count, using: &random)).map { _ in
                Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : 0x0A
            }
        }
        for _ in 0..<300 {
            var exchange = exchange()
            if Bool.random() { exchange.requestHead = octets(80) }
            exchange.responseHead =
                head("HTTP/1.1 200 OK\r\nX: ") + octets(20) + head("\r\nContent-Encoding: br\r\n\r\n")
            exchange.requestBody = body(octets(60))
            exchange.responseBody = body(octets(60))
            exchange.route = String(decoding: octets(9), as: UTF8.self)
            exchange.errorCode = String(decoding: octets(9), as: UTF8.self)
            exchange.attempts[0].upstream = String(decoding: octets(9), as: UTF8.self)
            _ = try line(exchange)
        }
    }
}

@Suite struct LocalClockTests {
    @Test func datesAreFoundations() throws {
        var clock = LocalClock { _ in 0 }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for seconds in stride(from: Int64(-5_000_000_000), to: 9_000_000_000, by: 86_400 * 13 + 12_345) {
            let parts = calendar.dateComponents(
                [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(seconds)))
            let time = clock.localTime(seconds * 1_000_000_000 + 7)
            let expected = LocalTime(
                year: parts.year ?? 0, month: parts.month ?? 0, day: parts.day ?? 0, hour: parts.hour ?? 0,
                minute: parts.minute ?? 0, second: parts.second ?? 0, nanosecond: 7, offsetMinutes: 0)
            #expect(time == expected)
        }
    }

    @Test func theZoneChangesWithinASession() {
        var clock = LocalClock { $0 < 3600 ? 3600 : 7200 }
        #expect(clock.localTime(3599 * 1_000_000_000).hour == 1)
        let after = clock.localTime(3600 * 1_000_000_000)
        #expect(after.hour == 3 && after.minute == 0 && after.offsetMinutes == 120)
    }

    @Test func theSystemsZone() {
        var clock = LocalClock()
        let seconds: Int64 = 1_780_000_000
        let zone = TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
        #expect(clock.localTime(seconds * 1_000_000_000).offsetMinutes == zone / 60)
    }
}

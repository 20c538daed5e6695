import HTTP1
import HTTP1Invariants
import Testing

@Suite struct ResponseHeadTests {
    private func read(_ start: String, _ lines: [String] = [], answersHEAD: Bool = false) -> HeadRun {
        let text = start + "\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        return HeadRun(Array(text.utf8), role: .response, answersHEAD: answersHEAD)
    }

    @Test(
        arguments: [
            (200, [], BodyFraming.untilClose), (200, ["Content-Length: 7"], .length(7)),
            (200, ["Content-Length: 0"], .none),
            (200, ["Transfer-Encoding: Chunked"], .chunked), (404, [], .untilClose), (204, [], .none), (304, [], .none),
            (204, ["Content-Length: 7"], .none), (304, ["Content-Length: 7"], .none),
            (304, ["Transfer-Encoding: chunked"], .none),
            (100, [], .none), (103, ["Content-Length: 7"], .none),
            (999, ["Content-Length: 7"], .length(7)),
        ] as [(Int, [String], BodyFraming)])
    func framing(status: Int, lines: [String], expected: BodyFraming) {
        #expect(read("HTTP/1.1 \(status) x", lines).response?.framing == expected)
        #expect(read("HTTP/1.1 \(status) x", lines, answersHEAD: true).response?.framing == BodyFraming.none)
    }

    @Test(
        arguments: [
            (["Content-Length: 5", "Content-Length: 5"], .contentLengthRepeated),
            (["Content-Length: x"], .badContentLength),
            (["Content-Length: 5", "Transfer-Encoding: chunked"], .lengthWithTransferEncoding),
            (["Content-Length: 5\t"], .badContentLength), (["Transfer-Encoding: chunked\t"], .badTransferEncoding),
            (["Transfer-Encoding: gzip"], .badTransferEncoding),
            (["Transfer-Encoding: gzip, chunked"], .badTransferEncoding),
        ] as [([String], HeadFault)])
    func refusals(lines: [String], fault: HeadFault) {
        for status in [200, 204, 304, 100] { #expect(read("HTTP/1.1 \(status) x", lines).fault == fault) }
        #expect(read("HTTP/1.1 200 x", lines, answersHEAD: true).fault == fault)
    }

    @Test(
        arguments: [
            (["Connection: upgrade", "Upgrade: websocket"], nil), (["Upgrade: websocket"], .upgradeMissing),
            ([], .upgradeMissing),
            (["Connection: upgrade"], .upgradeMissing), (["Connection: close", "Upgrade: websocket"], .upgradeMissing),
        ] as [([String], HeadFault?)])
    func aSwitchNamesItsProtocol(lines: [String], fault: HeadFault?) {
        #expect(read("HTTP/1.1 101 x", lines).fault == fault)
        #expect(read("HTTP/1.0 101 x", lines).fault == .upgradeMissing)
    }

    @Test func anHTTP10ResponseIsNeverChunked() {
        #expect(read("HTTP/1.0 200 OK", ["Transfer-Encoding: chunked"]).fault == .transferEncodingInHTTP10)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", ["Content-Length: 1"], true),
        ("HTTP/1.1 200 OK", ["Content-Length: 1", "Connection: close"], false),
        ("HTTP/1.0 200 OK", ["Content-Length: 1"], false),
        ("HTTP/1.0 200 OK", ["Content-Length: 1", "Connection: keep-alive"], true),
        ("HTTP/1.1 200 OK", [], false), ("HTTP/1.0 200 OK", ["Connection: keep-alive"], false),
        ("HTTP/1.1 204 x", [], true),
        ("HTTP/1.1 101 x", ["Connection: upgrade", "Upgrade: websocket"], false), ("HTTP/1.1 100 x", [], true),
    ])
    func persistence(start: String, lines: [String], expected: Bool) {
        #expect(read(start, lines).response?.isPersistent == expected)
    }

    @Test func interimResponsesAreToldFromTheSwitch() {
        #expect(read("HTTP/1.1 100 x").response?.isInterim == true)
        #expect(read("HTTP/1.1 101 x", ["Connection: upgrade", "Upgrade: websocket"]).response?.isInterim == false)
        #expect(read("HTTP/1.1 200 x").response?.isInterim == false)
    }

    @Test(arguments: [
        ([], false), (["Content-Encoding: gzip"], true), (["Content-Encoding: Identity"], false),
        (["Content-Encoding: gzip", "Content-Encoding: identity"], true), (["Content-Encoding:"], false),
    ])
    func contentCodings(lines: [String], isEncoded: Bool) {
        #expect(read("HTTP/1.1 200 OK", lines).response?.isEncoded == isEncoded)
    }

    @Test func fieldsOfTheConnectionStay() {
        let lines = [
            "Connection: X-Hop, upgrade", "X-Hop: 1", "Upgrade: websocket", "Keep-Alive: 5", "Proxy-Authenticate: x",
            "A: b",
        ]
        let plain = read("HTTP/1.1 426 x", lines).response
        #expect((0..<6).filter { plain?.connectionFields.contains($0) == true } == [0, 1, 2, 3, 4])
        let switching = read("HTTP/1.1 101 x", lines).response
        #expect((0..<6).filter { switching?.connectionFields.contains($0) == true } == [0, 1, 3, 4])
    }
}

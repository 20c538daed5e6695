import HTTP1
import HTTP1Invariants
import NIOCore
import Testing

@Suite struct HeadEditTests {
    @Test func linesThatAreNotNamedStayByteForByte() {
        var generator = SplitMix64(seed: 4)
        var edited = 0
        for round in 0..<2_000 {
            let head = Messages.makeHead(&generator)
            let role: HeadParser.Role = head.starts(with: Array("HTTP".utf8)) ? .response : .request
            let run = HeadRun(head, role: role)
            guard let length = run.length else { continue }
            let parts = [run.startLine] + run.parser.fields.map(\.lineRange)
            var lines = parts.map { Array(head[$0]) }
            var edit = HeadEdit()
            for index in lines.indices where generator.oneIn(3) {
                let line: [UInt8] = index > 0 && generator.oneIn(2) ? [] : Array("X-New-\(round): \(index)\r\n".utf8)
                if line.isEmpty { edit.drop(index - 1) } else { edit.replace(index - 1) { $0.writeBytes(line) } }
                lines[index] = line
            }
            for _ in 0..<generator.below(3) {
                edit.append { $0.writeString("X-Last: \(round)\r\n") }
                lines.append(Array("X-Last: \(round)\r\n".utf8))
            }
            edited += edit.isEmpty ? 0 : 1
            #expect(run.applying(edit, to: head) == lines.flatMap { $0 } + [13, 10], "round \(round)")
            edit.removeAll()
            #expect(edit.isEmpty)
            #expect(run.applying(edit, to: head) == Array(head[run.startLine.lowerBound..<length]))
        }
        #expect(edited > 1_000)
    }

    private func forward(_ head: String, target: String? = nil) -> String {
        let octets = Array(head.utf8)
        let run = HeadRun(octets, role: .request)
        #expect(run.request != nil)
        return String(decoding: run.forwardedRequest(octets, host: "up.test:81", target: target), as: UTF8.self)
    }

    @Test func aRequestChangesItsHostOnly() {
        #expect(
            forward(
                "\r\nGET /a HTTP/1.1\r\nX:y\r\nhOST:a \r\naccept :".dropLast(8) + "A:\t b \r\nContent-Length:5\r\n\r\n")
                == "GET /a HTTP/1.1\r\nX:y\r\nhOST: up.test:81\r\nA:\t b \r\nContent-Length:5\r\n\r\n")
        #expect(
            forward("GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", target: "/b?c")
                == "GET /b?c HTTP/1.1\r\nHost: up.test:81\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @Test func anHTTP10RequestBecomesHTTP11() {
        #expect(
            forward("GET /a HTTP/1.0\r\nX: y\r\nExpect: 100-continue\r\n\r\n")
                == "GET /a HTTP/1.1\r\nHost: up.test:81\r\nX: y\r\n\r\n")
        #expect(
            forward("GET /a HTTP/1.0\r\nConnection: keep-alive\r\nHost: a\r\n\r\n")
                == "GET /a HTTP/1.1\r\nHost: up.test:81\r\n\r\n")
    }

    @Test(
        arguments: [
            ("content-length: 5", nil), ("Content-Length:0", nil), ("Content-Length: 05", "Content-Length: 5"),
            ("Content-Length: 00", "Content-Length: 0"), ("Content-Length: 5 ", "Content-Length: 5"),
            ("Content-Length:\t5", "Content-Length: 5"), ("Content-Length:  5", "Content-Length: 5"),
            ("Content-Length: 9223372036854775807 ", "Content-Length: 9223372036854775807"),
            ("TRANSFER-ENCODING:chunked", nil), ("Transfer-Encoding: Chunked", "Transfer-Encoding: chunked"),
            ("Transfer-Encoding:\tchunked ", "Transfer-Encoding: chunked"),
        ] as [(String, String?)])
    func framingIsSpelledOneWay(line: String, expected: String?) {
        let tail = "\r\nX: y\r\n\r\n"
        #expect(
            forward("POST / HTTP/1.1\r\nHost: a\r\n" + line + tail)
                == "POST / HTTP/1.1\r\nHost: up.test:81\r\n" + (expected ?? line) + tail)
        #expect(respond("HTTP/1.1 200 OK\r\n" + line + tail) == "HTTP/1.1 200 OK\r\n" + (expected ?? line) + tail)
    }

    @Test func onlyAWebSocketsUpgradeIsPassedOn() {
        let head =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Hop\r\nUpgrade: PROTOCOL\r\nX-Hop: 1\r\nA: b\r\n\r\n"
        #expect(
            forward(head.replacing("PROTOCOL", with: "websocket"))
                == "GET / HTTP/1.1\r\nHost: up.test:81\r\nUpgrade: websocket\r\nA: b\r\nConnection: Upgrade\r\n\r\n")
        #expect(
            forward(head.replacing("PROTOCOL", with: "h2c")) == "GET / HTTP/1.1\r\nHost: up.test:81\r\nA: b\r\n\r\n")
    }

    private func respond(
        _ head: String, closing: Bool = false, keepsAlive: Bool = false, dechunked: Bool = false, appended: String = ""
    ) -> String {
        let octets = Array(head.utf8)
        let run = HeadRun(octets, role: .response)
        #expect(run.response != nil)
        let out = run.forwardedResponse(
            octets, closing: closing, keepsAliveHTTP10Client: keepsAlive, dechunked: dechunked, appended: appended)
        return String(decoding: out, as: UTF8.self)
    }

    @Test func aResponseKeepsItsStatusAndReason() {
        let head = "HTTP/1.1 299 caf\u{e9}  \r\nA:b\r\nContent-Length: 1\r\n\r\n"
        #expect(respond(head) == head)
        #expect(respond(head.replacing("HTTP/1.1", with: "HTTP/1.0")) == head)
        #expect(respond("HTTP/1.0 200\r\n\r\n") == "HTTP/1.1 200\r\n\r\n")
    }

    @Test func whatIsAppendedStandsLast() {
        #expect(
            respond(
                "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nX-Weir-Request-ID: up\r\nx-weir-error: up\r\nA: b\r\n\r\n",
                closing: true, appended: "x-weir-request-id: 1\r\n")
                == "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\nx-weir-request-id: 1\r\n\r\n")
        #expect(
            respond("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", keepsAlive: true)
                == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n")
    }

    @Test(arguments: [100, 103, 204])
    func framingGoesWhereThereMustBeNone(status: Int) {
        for line in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            #expect(
                respond("HTTP/1.1 \(status) x\r\n\(line)\r\nA: b\r\n\r\n") == "HTTP/1.1 \(status) x\r\nA: b\r\n\r\n")
        }
    }

    @Test func aNotModifiedKeepsItsLength() {
        let head = "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n"
        #expect(respond(head) == head)
    }

    @Test func takingTheChunkedCodingOffTakesItsFields() {
        #expect(
            respond(
                "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\nA: b\r\n\r\n", closing: true,
                dechunked: true)
                == "HTTP/1.1 200 x\r\nA: b\r\nConnection: close\r\n\r\n")
    }

    @Test func aSwitchOfProtocolsKeepsItsUpgrade() {
        #expect(
            respond(
                "HTTP/1.1 101 x\r\nConnection: upgrade, x-hop\r\nUpgrade: websocket\r\nX-Hop: 1\r\n\r\n", closing: true)
                == "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    }
}

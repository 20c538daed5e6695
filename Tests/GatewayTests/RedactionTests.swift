import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("What recording.redact keeps out of the record", .blocking)
struct RedactionTests {
    private static let chunks = [
        "data: {\"id\":1,\"pin\":\"CAN", "ARY\"}\n\nda", "ta: {\"pin\":47", "11}\n\n", "data: [DONE]\n\n",
    ]

    /// Answers a path of `/stream` in pieces, `/coded` as if a coding were on it, any other with JSON.
    private static let answers: ScriptedUpstream.Script = { connection in
        while let (head, _) = try connection.readRequest() {
            if head.hasPrefix("POST /v1/stream") {
                try connection.socket.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                for chunk in chunks {
                    try connection.socket.write("\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n")
                    WireSocket.sleep(.milliseconds(5))
                }
                try connection.socket.write("0\r\n\r\n")
            } else {
                let coding = head.hasPrefix("POST /v1/coded") ? "Content-Encoding: gzip\r\n" : ""
                let body = #"{"Pin":["CANARY",1],"x":"kept"}"#
                try connection.socket.write(
                    "HTTP/1.1 200 OK\r\n\(coding)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
    }

    private static let redacted: @Sendable (inout Configuration) -> Void = {
        $0.recording.redaction.jsonKeys = ["pin"]
        $0.recording.redaction.headers = ["x-tenant"]
        $0.recording.redaction.query = ["who"]
    }

    private static let sent = #"{"model":"m","pin":"CANARY","n":1}"#

    private func expectNoCanary(_ exchange: RecordedExchange) {
        let kept =
            exchange.requestHead + exchange.requestBody.bytes + exchange.responseBody.bytes
            + exchange.attempts.flatMap { $0.requestHead ?? [] } + exchange.requestEdits.flatMap { Array($0.text.utf8) }
        #expect(!String(decoding: kept, as: UTF8.self).contains("CANARY"))
    }

    @Test("clients and upstreams get every octet, the record none of those that the keys name")
    func bodies() async throws {
        let upstream = try ScriptedUpstream(Self.answers)
        defer { upstream.stop() }
        let settings: (inout TestGateway.Settings) -> Void = {
            $0.isRecording = true
            $0.configure = {
                Self.redacted(&$0)
                $0.routes[0].setBody = [BodyField(name: "set", json: #"{"pin":"CANARY"}"#)]
            }
        }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            func ask(_ path: String) throws -> String {
                try client.send("POST", path, fields: ["X-Tenant: CANARY"], body: Self.sent)
                return try client.readResponse().text
            }
            #expect(try ask("/v1/stream?who=CANARY") == Self.chunks.joined())
            #expect(try ask("/v1/coded") == #"{"Pin":["CANARY",1],"x":"kept"}"#)
            #expect(try ask("/v1/plain") == #"{"Pin":["CANARY",1],"x":"kept"}"#)
            #expect(upstream.received().contains(#"{"model":"m","pin":"CANARY","n":1,"set":{"pin":"CANARY"}}"#))

            let recorded = try gateway.records.wait(for: 3)
            for exchange in recorded {
                expectNoCanary(exchange)
                #expect(exchange.requestBody.bytes == Array(#"{"model":"m","pin":"******","n":1}"#.utf8))
                #expect(exchange.requestBody.masked == [20..<26])
                #expect(exchange.requestEdits.map(\.text) == [#","set":{"pin":"******"}"#])
            }
            let stream = recorded[0].responseBody
            #expect(
                String(decoding: stream.bytes, as: UTF8.self)
                    == Self.chunks.joined().replacing("CANARY", with: "******").replacing("4711", with: "1111"))
            #expect(stream.masked.map(\.count) == [6, 4] && !stream.isWithheld)
            #expect(recorded[1].responseBody.isWithheld && recorded[1].responseBody.bytes.isEmpty)
            #expect(recorded[1].responseBody.total == 31 && recorded[1].deliveredBytes == 31)
            #expect(recorded[2].responseBody.bytes == Array(#"{"Pin":["******",1],"x":"kept"}"#.utf8))
        }
    }

    @Test("a reload changes what is masked from the next request on")
    func reload() async throws {
        let upstream = try ScriptedUpstream(Self.answers)
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            func ask() throws {
                try client.send("POST", "/v1/plain?who=CANARY", fields: ["X-Tenant: CANARY"], body: Self.sent)
                #expect(try client.readResponse().status == 200)
            }
            try ask()
            var changed = gateway.configuration
            Self.redacted(&changed)
            try await gateway.server.apply(changed)
            try ask()
            try await gateway.server.apply(gateway.configuration)
            try ask()
            let recorded = try gateway.records.wait(for: 3)
            expectNoCanary(recorded[1])
            #expect(recorded[1].requestBody.masked == [20..<26])
            for exchange in [recorded[0], recorded[2]] {
                #expect(exchange.requestBody.bytes == Array(Self.sent.utf8) && exchange.requestBody.masked.isEmpty)
                #expect(String(decoding: exchange.requestHead, as: UTF8.self).contains("X-Tenant: CANARY"))
            }
        }
    }
}

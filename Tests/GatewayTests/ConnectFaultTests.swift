import NIOCore
import Recording
import TestSupport
import Testing
import Upstream
import WeirConfiguration

@Suite("Connecting fails", .blocking)
struct ConnectFaultTests {
    @Test("row 1: a refused connection is 502, tried twice, and told in the dialect asked for")
    func refused() async throws {
        let port = try RefusingPort()
        try await withGateway(upstream: "http://127.0.0.1:\(port.port)", { $0.isRecording = true }) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            expectOwnError(response, 502, "connect_refused")
            #expect(response.text.contains("127.0.0.1 port \(port.port)"))
            #expect(response["x-should-retry"] == nil, "nothing was sent, so trying again is safe")
            let record = try expectRecord(gateway, outcome: .upstreamError, code: "connect_refused", attempts: 2)
            #expect(record.attempts.allSatisfy { $0.failureCode == "connect_refused" })
            #expect(record.deliveredStatus == 502)
            #expect(record.requestBody.total == UInt64(chatBody.utf8.count))
            #expect(record.deliveredBytes == UInt64(response.body.count))

            // The connection goes on.
            try client.send("POST", "/v1/messages", body: chatBody)
            let anthropic = try client.readResponse()
            #expect(anthropic.status == 502)
            #expect(anthropic.text.hasPrefix(#"{"type":"error","error":{"type":"api_error","message":"#))
            try client.send("POST", "/v1beta/models/g:streamGenerateContent", body: "{}")
            let gemini = try client.readResponse()
            #expect(gemini.text.hasPrefix(#"{"error":{"code":502,"message":"#))
            #expect(gemini.text.hasSuffix(#""status":"UNAVAILABLE"}}"#))
        }
    }

    @Test("row 1: with no further attempts allowed there is one")
    func refusedOnce() async throws {
        let port = try RefusingPort()
        let url = "http://127.0.0.1:\(port.port)"
        try await withGateway(
            upstream: url,
            {
                $0.isRecording = true
                $0.retries.attempts = 0
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send()
            expectOwnError(try client.readResponse(), 502, "connect_refused")
            try expectRecord(gateway, outcome: .upstreamError, code: "connect_refused", attempts: 1)
        }
    }

    @Test("row 2: a connection that never comes about is 504")
    func hangs() async throws {
        let port = try HangingPort()
        let url = "http://127.0.0.1:\(port.port)"
        try await withGateway(
            upstream: url,
            {
                $0.isRecording = true
                $0.timeouts.connect = .milliseconds(400)
            }
        ) { gateway in
            let client = try gateway.client()
            let start = ContinuousClock.now
            try client.send("POST", "/v1/messages", body: chatBody)
            let response = try client.readResponse()
            #expect(response.status == 504)
            #expect(response["x-weir-error"] == "connect_timeout")
            #expect(response.text.contains(#""type":"timeout_error""#))
            #expect(response["x-should-retry"] == nil)
            #expect(ContinuousClock.now - start < .seconds(5))
            try expectRecord(gateway, outcome: .upstreamError, code: "connect_timeout", attempts: 1)
        }
    }

    @Test("row 3: a name that is not found is 502")
    func noSuchName() async throws {
        try await withGateway(
            upstream: "http://nowhere.test",
            {
                $0.isRecording = true
                $0.lookup = { _ in throw UpstreamFault(.nameNotResolved, "no such name") }
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send()
            let response = try client.readResponse()
            expectOwnError(response, 502, "dns_failure")
            #expect(response.text.contains("nowhere.test"))
            try expectRecord(gateway, outcome: .upstreamError, code: "dns_failure", attempts: 2)
        }
    }

    @Test("row 3: a name that is not found in time is 502, and is named as what was waited for")
    func slowName() async throws {
        try await withGateway(
            upstream: "http://slow.test",
            {
                $0.isRecording = true
                $0.timeouts.connect = .milliseconds(400)
                $0.lookup = { _ in
                    WireSocket.sleep(.seconds(2))
                    return []
                }
            }
        ) { gateway in
            let client = try gateway.client()
            let start = ContinuousClock.now
            try client.send()
            expectOwnError(try client.readResponse(), 502, "dns_failure")
            #expect(ContinuousClock.now - start < .seconds(1.7))
            try expectRecord(gateway, outcome: .upstreamError, code: "dns_failure", attempts: 1)
        }
    }

    @Test("row 3: a slow name holds up no other")
    func otherNamesGoOn() async throws {
        let lookup: NameResolver.Lookup = { name in
            if name == "slow.test" { WireSocket.sleep(.seconds(4)) }
            return [try SocketAddress(ipAddress: "127.0.0.1", port: 0)]
        }
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 204 No Content\r\n\r\n")
        }
        defer { upstream.stop() }
        // One resolver for both names, as one gateway has; one loop, so that they meet on it.
        let resolver = NameResolver(lookup: lookup)
        let slow = try await TestGateway.start(upstream: "http://slow.test:\(upstream.port)") {
            $0.resolver = resolver
            $0.threads = 1
        }
        let quick = try await TestGateway.start(upstream: "http://quick.test:\(upstream.port)") {
            $0.resolver = resolver
            $0.threads = 1
        }
        let waiting = try slow.client()
        try waiting.send()
        let client = try quick.client()
        try client.send()
        #expect(try client.readResponse().status == 204)
        #expect(waiting.socket.readAvailable(for: .milliseconds(1)).isEmpty, "the slow one is still being looked up")
        #expect(try waiting.readResponse().status == 204, "a slow name arrives in the end")
        await slow.stop()
        await quick.stop()
    }

    @Test(
        "row 5: a certificate that is not to be trusted is 502, and nothing is sent",
        arguments: TestCertificates.Kind.allCases)
    func certificates(_ kind: TestCertificates.Kind) async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        defer { upstream.stop() }
        let front = try TLSFront(of: upstream.port, certificate: try certificates.make(kind))
        defer { front.stop() }
        try await withGateway(
            upstream: "https://\(TestCertificates.name):\(front.port)",
            {
                $0.isRecording = true
                $0.tls.caFile = certificates.authorityFile
                $0.lookup = { _ in [try SocketAddress(ipAddress: "127.0.0.1", port: 0)] }
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/chat/completions", body: chatBody)
            let response = try client.readResponse()
            if kind == .valid {
                #expect(response.status == 200)
                #expect(response.text == "ok")
                return
            }
            expectOwnError(response, 502, "tls_verify_failed")
            #expect(response["x-should-retry"] == nil)
            #expect(upstream.received() == "", "the request must not reach an upstream that is not trusted")
            try expectRecord(gateway, outcome: .upstreamError, code: "tls_verify_failed", attempts: 1)
        }
    }
}

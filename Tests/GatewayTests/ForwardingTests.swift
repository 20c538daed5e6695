import TestSupport
import Testing

@Suite("Forwarding", .blocking)
struct ForwardingTests {
    @Test("requests pass one after another on one connection each way")
    func keepAlive() async throws {
        let upstream = try ScriptedUpstream { connection in
            while try connection.socket.readHeadOrEnd() != nil {
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client()
            for _ in 0..<3 {
                try client.send("GET", "/v1/models")
                let response = try client.readResponse()
                #expect(response.status == 200)
                #expect(response.text == "ok")
                #expect(response["x-weir-request-id"]?.utf8.count == 26)
            }
        }
        #expect(upstream.connectionCount == 1)
        #expect(upstream.failures.isEmpty)
    }
}

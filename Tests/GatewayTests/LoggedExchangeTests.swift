import Foundation
import TestSupport
import Testing

@Suite("What the request log tells of exchanges", .blocking)
struct LoggedExchangeTests {
    private struct Line: Decodable {
        let id: String
        let method: String?
        let path: String?
        let status: Int?
        let outcome: String
        let error: String?
        let dialect: String?
    }

    private static func lines(_ weir: WeirProcess) -> [Line] {
        weir.child.output.split(separator: "\n").compactMap { line in
            line.contains(#""msg":"request""#) ? try? JSONDecoder().decode(Line.self, from: Data(line.utf8)) : nil
        }
    }

    @Test("one line each, however it ends, under the name that the client was told")
    func endings() throws {
        let upstream = try ScriptedUpstream { connection in
            while let (head, _) = try connection.readRequest() {
                if head.contains("/silent") { break }
                try connection.answer()
            }
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let weir = try WeirProcess(
            upstream: upstream.url,
            options: ["--no-recording", "--no-console", "--log-level", "debug", "--log-format", "json"])
        defer { weir.child.kill() }

        let client = try weir.client()
        try client.send("POST", "/v1/messages", body: chatBody)
        let plain = try client.readResponse()
        try client.send("POST", "/v1/unread?key=canary-of-the-log", fields: ["Expect: something"], body: chatBody)
        let unread = try client.readResponse()
        #expect(unread.status == 417)
        let leaving = try weir.client()
        try leaving.send("POST", "/v1/silent", body: chatBody)
        #expect(
            eventually { (0..<upstream.connectionCount).contains { upstream.received(on: $0).contains("/silent") } })
        leaving.socket.close()

        #expect(eventually { Self.lines(weir).count >= 3 })
        WireSocket.sleep(.milliseconds(300))
        // Lines of two event loops may come in either order; the names are in that of the beginnings.
        let lines = Self.lines(weir).sorted { $0.id < $1.id }
        try #require(lines.count == 3, "\(weir.child.output)")
        #expect(lines.map(\.id).prefix(2) == [plain["x-weir-request-id"], unread["x-weir-request-id"]])
        #expect(lines.map(\.status) == [200, 417, nil])
        #expect(lines.map(\.outcome) == ["completed", "refused", "client_abort"])
        #expect(lines.map(\.error) == [nil, "bad_request", nil])
        #expect(lines.map(\.method) == ["POST", "POST", "POST"])
        #expect(lines[0].dialect == "anthropic-messages")
        #expect(lines[1].path?.hasPrefix("/v1/unread") == true)
        #expect(!weir.child.output.contains("canary-of-the-log"))
    }
}

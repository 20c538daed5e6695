import Foundation
import Recording
import Synchronization
import TestSupport
import Testing
import WeirConfiguration

/// Holds the gateway's one event loop in its health report, so that what happens meanwhile is seen at once afterwards.
private final class LoopBrake: Sendable {
    private let isHeld = DispatchSemaphore(value: 0)
    private let mayGo = DispatchSemaphore(value: 0)

    var health: @Sendable (Bool) -> String {
        { [self] _ in
            isHeld.signal()
            _ = mayGo.wait(timeout: .now() + 10)
            return "{}"
        }
    }

    /// Asks for health on `client` and returns once the loop stands still.
    func hold(_ client: RawClient) throws {
        try client.send("GET", "/healthz")
        guard isHeld.wait(timeout: .now() + 10) == .success else {
            throw WireSocket.Failure(description: "the loop was not reached")
        }
    }

    func release() { mayGo.signal() }
}

@Suite("Pooled connections", .blocking)
struct PooledConnectionTests {
    private static let okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Answers once on the first connection, then does `onSecond` with it; later connections answer as they should.
    private func upstream(_ onSecond: @escaping ScriptedUpstream.Script) throws -> ScriptedUpstream {
        try ScriptedUpstream { connection in
            let socket = connection.socket
            if connection.index == 0 {
                _ = try socket.readHead()
                try socket.write(Self.okay)
                try onSecond(connection)
                return
            }
            while let head = try socket.readHeadOrEnd() {
                if head.hasPrefix("POST") { _ = try socket.readExactly(chatBody.utf8.count) }
                try socket.write(Self.okay)
            }
        }
    }

    private func run(
        _ method: String, _ upstream: ScriptedUpstream, brake: LoopBrake? = nil, rest: Duration = .zero,
        closing: @escaping () -> Void = {},
        check: (WireResponse, RecordedExchange) throws -> Void
    ) async throws {
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.threads = 1
                $0.isRecording = true
                if let brake { $0.health = brake.health }
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send()
            #expect(try client.readResponse().status == 200)
            WireSocket.sleep(rest)
            let other = try gateway.client()
            if let brake { try brake.hold(other) }
            let isPOST = method == "POST"
            try client.send(method, isPOST ? "/v1/chat/completions" : "/v1/models", body: isPOST ? chatBody : nil)
            closing()
            brake?.release()
            let response = try client.readResponse()
            let records = try gateway.records.wait(for: 2)
            try check(response, try #require(records.last))
        }
        #expect(upstream.failures.isEmpty)
    }

    @Test(
        "row 9: closed by the peer in the very moment: nothing was acknowledged, so it is sent again",
        arguments: ["GET", "POST"])
    func closedInTheMoment(_ method: String) async throws {
        let mayClose = DispatchSemaphore(value: 0)
        let hasClosed = DispatchSemaphore(value: 0)
        let upstream = try upstream { connection in
            _ = mayClose.wait(timeout: .now() + 10)
            connection.socket.close()
            hasClosed.signal()
        }
        try await run(
            method, upstream, brake: LoopBrake(),
            closing: {
                mayClose.signal()
                _ = hasClosed.wait(timeout: .now() + 10)
            }
        ) { response, record in
            #expect(response.status == 200)
            #expect(response.text == "ok")
            #expect(record.outcome == .completed)
            #expect(record.errorCode == nil)
            if record.attempts.count == 1 {
                // The machine was slow: after a long rest one looks first.
                #expect(record.attempts.map(\.reusedConnection) == [false])
                return
            }
            try #require(record.attempts.count == 2, "the connection was leased before its end was seen")
            #expect(record.attempts[1].requestHead == record.attempts[0].requestHead)
            #expect(record.attempts[0].reusedConnection)
            #expect(record.attempts[0].failureCode == "upstream_reset")
            #expect(!record.attempts[1].reusedConnection)
            #expect(record.attempts[1].failureCode == nil)
            if method == "POST" { #expect(upstream.received(on: 1).hasSuffix(chatBody)) }
            #expect(upstream.connectionCount == 2)
        }
    }

    @Test("row 9: closed in the very moment after a rest: that is seen before anything is sent")
    func closedAfterARest() async throws {
        let mayClose = DispatchSemaphore(value: 0)
        let hasClosed = DispatchSemaphore(value: 0)
        let upstream = try upstream { connection in
            WireSocket.sleep(.milliseconds(300))
            _ = mayClose.wait(timeout: .now() + 10)
            connection.socket.close()
            hasClosed.signal()
        }
        try await run(
            "POST", upstream, brake: LoopBrake(), rest: .milliseconds(300),
            closing: {
                mayClose.signal()
                _ = hasClosed.wait(timeout: .now() + 10)
            }
        ) { response, record in
            #expect(response.text == "ok")
            #expect(record.attempts.map(\.reusedConnection) == [false])
            #expect(upstream.connectionCount == 2)
        }
    }

    /// NIO's first read of a connection takes 2,048 octets: what is behind them lies in the kernel when the answer ends.
    @Test("row 18: octets behind an answer are not the next one, though nobody has read them yet")
    func strayAnswer() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: "
        let size = 2048 - head.utf8.count - 4 - 4
        let upstream = try ScriptedUpstream { connection in
            let socket = connection.socket
            _ = try socket.readHead()
            if connection.index == 0 {
                try socket.write(
                    head + "\(size)\r\n\r\n" + String(repeating: "a", count: size)
                        + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            } else {
                try socket.write(Self.okay)
            }
            _ = socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client()
            try client.socket.write(
                "GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().text.count == size)
            #expect(try client.readResponse().text == "ok")
            #expect(upstream.connectionCount == 2)
        }
    }

    @Test("an answer that came before its request was sent whole leaves no connection to be used again")
    func answeredBeforeItWasSent() async throws {
        let upstream = try ScriptedUpstream { connection in
            let socket = connection.socket
            socket.setReceiveBuffer(4096)
            _ = try socket.readHead()
            if connection.index == 0 {
                try socket.write("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\n\r\nno")
            } else {
                try socket.write(Self.okay)
            }
            _ = socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.threads = 1
                $0.configure = { $0.routes[0].setBody = [BodyField(name: "n", json: "1")] }
            }
        ) { gateway in
            let client = try gateway.client()
            let body = #"{"x":""# + String(repeating: "x", count: 16 << 20) + #""}"#
            try client.send("POST", "/v1/chat/completions", body: body)
            #expect(try client.readResponse().status == 429)
            try client.send("GET", "/v1/models")
            #expect(try client.readResponse().text == "ok")
            #expect(upstream.connectionCount == 2)
        }
    }

    @Test("row 9: a POST that was acknowledged is not sent again")
    func acknowledgedPOST() async throws {
        let upstream = try upstream { connection in
            _ = try connection.socket.readHead()
            connection.socket.reset()
        }
        try await run("POST", upstream) { response, record in
            expectOwnError(response, 502, "upstream_reset")
            #expect(response["x-should-retry"] == "false")
            #expect(record.outcome == .upstreamError)
            #expect(record.attempts.count == 1)
            #expect(record.attempts.first?.reusedConnection == true)
            #expect(upstream.connectionCount == 1)
        }
    }

    @Test("row 9: nor is one whose connection closed in good order behind it")
    func acknowledgedAndClosed() async throws {
        let upstream = try upstream { connection in
            _ = try connection.socket.readHead()
            _ = try connection.socket.readExactly(chatBody.utf8.count)
        }
        try await run("POST", upstream) { response, record in
            expectOwnError(response, 502, "upstream_reset")
            #expect(response["x-should-retry"] == "false")
            #expect(record.attempts.count == 1)
        }
    }

    @Test("row 9: a GET that was acknowledged is sent again")
    func acknowledgedGET() async throws {
        let upstream = try upstream { connection in
            _ = try connection.socket.readHead()
            connection.socket.reset()
        }
        try await run("GET", upstream) { response, record in
            #expect(response.status == 200)
            #expect(record.attempts.count == 2)
            #expect(record.outcome == .completed)
        }
    }

    @Test("row 9: once a head has come, nothing is sent again")
    func brokenAnswer() async throws {
        let upstream = try upstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
            connection.socket.close()
        }
        defer { upstream.stop() }
        try await withGateway(
            upstream: upstream.url,
            {
                $0.threads = 1
                $0.isRecording = true
            }
        ) { gateway in
            let client = try gateway.client()
            try client.send()
            #expect(try client.readResponse().status == 200)
            try client.send()
            _ = try client.socket.readHead()
            #expect(try client.socket.readUntilEnd().count == 4)
            let record = try #require(try gateway.records.wait(for: 2).last)
            #expect(record.outcome == .truncated)
            #expect(record.attempts.count == 1)
        }
        #expect(upstream.connectionCount == 1)
    }

    @Test("row 18: octets on an idle connection never become another request's answer")
    func unaskedOctets() async throws {
        let upstream = try upstream { connection in
            WireSocket.sleep(.milliseconds(100))
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client()
            try client.send()
            #expect(try client.readResponse().text == "ok")
            #expect(eventually { upstream.endedCount == 1 }, "the connection is closed")
            try client.send()
            #expect(try client.readResponse().text == "ok")
        }
        #expect(upstream.connectionCount == 2)
    }

    @Test("row 18: nor do octets that come right behind an answer")
    func octetsBehindAnswer() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            let evil = connection.index == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil" : ""
            try connection.socket.write(Self.okay + evil)
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client()
            for _ in 0..<2 {
                try client.send()
                #expect(try client.readResponse().text == "ok")
            }
        }
        #expect(upstream.connectionCount == 2)
    }
}

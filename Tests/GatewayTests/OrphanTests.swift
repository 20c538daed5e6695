import Gateway
import Recording
import TestSupport
import Testing
import WeirConfiguration

@Suite("Routes that read answers to their end without their clients", .blocking)
struct OrphanTests {
    private let settings: (inout TestGateway.Settings) -> Void = {
        $0.isRecording = true
        $0.configure = { $0.routes[0].onClientDisconnect = .drain }
    }

    @Test("the record has the whole answer, and what of it was delivered")
    func inTheStream() async throws {
        let mayGoOn = Counter()
        let event = BrokenStreamTests.event
        let upstream = try ScriptedUpstream { connection in
            while try connection.readRequest() != nil {
                try connection.socket.write(
                    BrokenStreamTests.streamHead + "Transfer-Encoding: chunked\r\n\r\n"
                        + BrokenStreamTests.chunk(event))
                #expect(eventually { mayGoOn.value > 0 })
                try connection.socket.write(BrokenStreamTests.chunk(event) + "0\r\n\r\n")
            }
        }
        defer { upstream.stop() }
        let oneLoop: (inout TestGateway.Settings) -> Void = {
            settings(&$0)
            $0.threads = 1
        }
        try await withGateway(upstream: upstream.url, oneLoop) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            _ = try client.socket.read(through: event)
            client.socket.close()
            #expect(eventually { gateway.server.connections.total == 0 })
            mayGoOn.add(1)
            let record = try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            #expect(record.responseBody.bytes == Array((event + event).utf8))
            #expect(record.deliveredBytes == UInt64(event.utf8.count))

            // The connection was read to the answer's end, so it can be used again.
            let next = try gateway.client()
            try next.send("POST", "/v1/x", body: chatBody)
            #expect(try next.readResponse().status == 200)
            #expect(upstream.connectionCount == 1)
        }
    }

    @Test("a client that leaves before the answer has begun changes nothing")
    func beforeTheAnswer() async throws {
        let mayGoOn = Counter()
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            #expect(eventually { mayGoOn.value > 0 })
            try connection.answer(body: "whole")
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            #expect(eventually { upstream.received().hasSuffix(chatBody) })
            client.socket.close()
            #expect(eventually { gateway.server.connections.total == 0 })
            mayGoOn.add(1)
            let record = try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
            #expect(record.responseBody.bytes == Array("whole".utf8) && record.deliveredBytes == 0)
        }
    }

    @Test("an upload that is cut short is no answer's worth")
    func inTheUpload() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.socket.write("POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nsome")
            #expect(eventually { upstream.received().hasSuffix("some") })
            client.socket.close()
            #expect(eventually { upstream.endedCount == 1 })
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
        }
    }

    @Test("an answer that breaks off or never comes ends it, and so does stopping", arguments: [0, 1, 2])
    func ends(_ way: Int) async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            if way == 0 {
                WireSocket.sleep(.milliseconds(200))
                connection.socket.close()
            }
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let gateway = try await TestGateway.start(upstream: upstream.url) {
            settings(&$0)
            $0.timeouts.firstByte = way == 1 ? .milliseconds(300) : .seconds(300)
            $0.server.shutdownGrace = .milliseconds(300)
        }
        let client = try gateway.client()
        try client.send("POST", "/v1/x", body: chatBody)
        #expect(eventually { upstream.received().hasSuffix(chatBody) })
        client.socket.close()
        #expect(eventually { gateway.server.connections.total == 0 })
        if way < 2 { #expect(try gateway.records.wait(for: 1).first?.outcome == .clientAbort) }
        await gateway.stop(hurry: { try? await Task.sleep(for: .seconds(60)) })
        #expect(gateway.records.all.map(\.outcome) == [.clientAbort])
    }

    @Test(
        "a client that leaves before anything was asked upstream, or while it is put off, ends it", arguments: [0, 1])
    func nothingAsked(_ way: Int) async throws {
        let hanging = try HangingPort()
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.answer(429, fields: ["Retry-After: 25"])
        }
        defer { upstream.stop() }
        let url = way == 0 ? "http://127.0.0.1:\(hanging.port)" : upstream.url
        let putOff: (inout TestGateway.Settings) -> Void = {
            settings(&$0)
            $0.retries.statuses = [429]
        }
        try await withGateway(upstream: url, putOff) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            if way == 0 {
                WireSocket.sleep(.milliseconds(100))
            } else {
                #expect(eventually { upstream.endedCount == 1 })
            }
            client.socket.close()
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
        }
    }

    @Test("its deadlines go on where the route keeps streams alive")
    func deadlineWithKeepalive() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        let alive: (inout TestGateway.Settings) -> Void = {
            $0.isRecording = true
            $0.timeouts.firstByte = .milliseconds(800)
            $0.configure = {
                $0.routes[0].onClientDisconnect = .drain
                $0.routes[0].sseKeepalive = .milliseconds(200)
            }
        }
        try await withGateway(upstream: upstream.url, alive) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            #expect(eventually { upstream.received().hasSuffix(chatBody) })
            client.socket.close()
            try expectRecord(gateway, outcome: .clientAbort, code: "first_byte_timeout", attempts: 1)
            #expect(eventually { upstream.endedCount == 1 })
        }
    }

    @Test("a WebSocket that nobody waits for is not opened")
    func upgrade() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send(
                "GET", "/v1/realtime",
                fields: ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"])
            #expect(eventually { upstream.received().hasSuffix("\r\n\r\n") })
            client.socket.close()
            #expect(eventually { upstream.endedCount == 1 })
            try expectRecord(gateway, outcome: .clientAbort, code: nil, attempts: 1)
        }
    }

    @Test("a kept connection that dies is not replaced for it")
    func stale() async throws {
        let mayDie = Counter()
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.answer()
            _ = try connection.readRequest()
            #expect(eventually { mayDie.value > 0 })
        }
        defer { upstream.stop() }
        let oneLoop: (inout TestGateway.Settings) -> Void = {
            settings(&$0)
            $0.threads = 1
        }
        try await withGateway(upstream: upstream.url, oneLoop) { gateway in
            let client = try gateway.client()
            try client.send("GET", "/v1/models")
            #expect(try client.readResponse().status == 200)
            try client.send("GET", "/v1/other")
            #expect(eventually { upstream.received().contains("/v1/other") })
            client.socket.close()
            #expect(eventually { gateway.server.connections.total == 0 })
            mayDie.add(1)
            let records = try gateway.records.wait(for: 2)
            #expect(records.map(\.outcome) == [.completed, .clientAbort])
            #expect(records.last?.attempts.count == 1 && upstream.connectionCount == 1)
        }
    }

    @Test("a client that half-closes does not take half an answer for a whole one")
    func halfClose() async throws {
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.readRequest()
            try connection.socket.write(BrokenStreamTests.streamHead + "\r\n" + BrokenStreamTests.event)
            _ = connection.socket.waitForEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, settings) { gateway in
            let client = try gateway.client()
            try client.send("POST", "/v1/x", body: chatBody)
            _ = try client.socket.read(through: BrokenStreamTests.event)
            client.socket.halfClose()
            _ = try client.socket.readUntilEnd()
            #expect(client.socket.end == .reset)
        }
    }
}

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
}

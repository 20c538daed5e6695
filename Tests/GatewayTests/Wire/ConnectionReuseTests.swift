import TestSupport
import Testing

/// Clients' connections and upstreams' connections over many exchanges.
@Suite("Connections over many exchanges", .blocking)
struct ConnectionReuseTests {
    private static let echo: EchoUpstream.Reply = { request in
        let body = "\(request.startLine) \(request.payload.count)"
        return "HTTP/1.1 200 OK\r\nContent-Length: \(body.latin1.count)\r\n\r\n\(body)".latin1
    }

    @Test(arguments: [false, true])
    func pipelinedRequestsAreAnsweredInOrder(oneByOne: Bool) async throws {
        let upstream = try EchoUpstream(Self.echo)
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            let requests =
                "POST /v1/a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                + "PUT /v1/b?x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\r\n"
                + "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n" + "DELETE /v1/c HTTP/1.1\r\nHost: h\r\n\r\n"
            client.send(requests.latin1, oneByOne: oneByOne)
            #expect(try client.answer()?.payload.text == "POST /v1/a HTTP/1.1 5")
            #expect(try client.answer()?.payload.text == "PUT /v1/b?x HTTP/1.1 3")
            #expect(try client.answer()?.payload.text == #"{"status":"ok"}"#)
            #expect(try client.answer()?.payload.text == "DELETE /v1/c HTTP/1.1 0")
        }
        #expect(upstream.requests.map(\.target) == ["/v1/a", "/v1/b?x", "/v1/c"])
        #expect(upstream.upstream.connectionCount == 1)
    }

    /// As many as fit what a connection holds, and more: neither the stack nor the order may suffer.
    @Test(arguments: [("/healthz", 6_000), ("/v1/x", 1_500)])
    func thousandsOfPipelinedRequestsAreAnswered(_ target: String, _ count: Int) async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            let octets = String(repeating: "GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n", count: count).latin1
            let writer = Task.detached { [socket = client.socket] in try socket.write(octets) }
            var total = 0
            var held: [UInt8] = []
            while total < count, let run = try client.socket.readSome() {
                held += run
                var from = 0
                while let answer = try WireMessage.read(held[from...], as: .answer(toHEAD: false)), answer.isComplete {
                    from += answer.octets.count
                    total += answer.status == 200 ? 1 : 0
                }
                held.removeFirst(from)
            }
            #expect(total == count)
            try await writer.value
        }
    }

    /// A client that sends requests and reads no answer is not read from any more, and costs the upstream nothing.
    @Test(arguments: ["/healthz", "/v1/x"])
    func aClientThatTakesNoAnswersIsStopped(_ target: String) async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n".latin1 + [UInt8](repeating: 0x61, count: 60_000)
        let upstream = try EchoUpstream { _ in answer }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try gateway.client(receiveBuffer: 4096)
            let octets = String(repeating: "GET \(target) HTTP/1.1\r\nHost: h\r\n\r\n", count: 800_000).latin1
            let sent = client.socket.writeAsMuch(of: octets, stallingFor: .seconds(1))
            #expect(sent < octets.count)
            // The kernel's buffers take a few megabytes of answers; what the gateway holds is no more than one.
            #expect(!eventually(within: .seconds(1)) { upstream.requests.count > 200 })
            #expect(try client.readResponse().status == 200)
            client.socket.close()
        }
    }

    @Test func connectionsAreKeptBothWays() async throws {
        let upstream = try EchoUpstream(Self.echo)
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            for _ in 0..<3 {
                let client = try Conversation(gateway)
                for index in 0..<10 {
                    try client.send("GET /v1/\(index) HTTP/1.1\r\nHost: h\r\n\r\n")
                    #expect(try client.answer()?.payload.text == "GET /v1/\(index) HTTP/1.1 0")
                }
                client.socket.close()
            }
        }
        #expect(upstream.upstream.connectionCount == 1 && upstream.requests.count == 30)
    }

    @Test func aConnectionInUseIsNotLentAgain() async throws {
        let upstream = try EchoUpstream(Self.echo)
        defer { upstream.stop() }
        let slow = try ScriptedUpstream { connection in
            while let head = try connection.socket.readHeadOrEnd() {
                if head.contains("/v1/hold") { _ = try connection.socket.readExactly(1) }
                try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        defer { slow.stop() }
        try await withGateway(upstream: slow.url, { $0.threads = 1 }) { gateway in
            let (holder, other) = (try Conversation(gateway), try Conversation(gateway))
            try holder.send("POST /v1/hold HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n")
            #expect(eventually { slow.connectionCount == 1 })
            for _ in 0..<3 {
                try other.send("GET /v1/x HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try other.answer()?.status == 200)
            }
            try holder.send("!")
            #expect(try holder.answer()?.status == 200)
        }
        #expect(slow.connectionCount == 2 && slow.failures == [])
    }

    @Test func anAnswerThatEndsEarlyEndsTheConnection() async throws {
        // The upstream answers before the body has come: the body's rest must not be read as a request.
        let upstream = try ScriptedUpstream { connection in
            _ = try connection.socket.readHead()
            try connection.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = try connection.socket.readUntilEnd()
        }
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send(
                "POST /v1/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nGET /v1/smuggled HTTP/1.1\r\n")
            let answer = try #require(try client.answer())
            #expect(answer.status == 200 && answer["connection"] == ["close"])
            #expect(try client.rest() == [])
        }
        #expect(upstream.connectionCount == 1)
    }

    @Test func aRefusedUpstreamLeavesTheNextRequestWhole() async throws {
        let port = try RefusingPort()
        try await withGateway(upstream: "http://127.0.0.1:\(port.port)", { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            try client.send(
                "POST /v1/messages HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nok"
                    + "GET /v1beta/models HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
            let first = try #require(try client.answer())
            #expect(first.status == 502 && first["x-weir-error"] == ["connect_refused"])
            #expect(first.payload.text.hasPrefix(#"{"type":"error","error":{"type":"api_error","#))
            let second = try #require(try client.answer())
            #expect(second.status == 502 && second.payload.text.hasPrefix(#"{"error":{"code":502,"#))
            #expect(try client.answer()?.status == 200)
        }
    }

    // MARK: Weir's own answers

    @Test func greetingAndHealthAreWeirsOwn() async throws {
        let upstream = try EchoUpstream()
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            for _ in 0..<2 {
                try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                let greeting = try #require(try client.answer())
                #expect(greeting.payload.text == #"{"message":"Weir is running.","base_path":""}"#)
                #expect(greeting["content-type"] == ["application/json"] && greeting["x-weir-request-id"].count == 1)
                try client.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try client.answer()?.payload.text == #"{"status":"ok"}"#)
                try client.send("HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
                let health = try #require(try client.answer(toHEAD: true))
                #expect(health.status == 200 && health["content-length"] == ["15"])
            }
            // A body that nobody reads ends the connection.
            try client.send("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try client.answer()?["connection"] == ["close"])
            #expect(try client.rest() == [])
        }
        #expect(upstream.requests.isEmpty)
    }

    @Test func withoutARouteEveryRequestIsAnswered() async throws {
        try await withGateway(upstream: nil, { $0.threads = 1 }) { gateway in
            let client = try Conversation(gateway)
            for target in ["/v1/models", "/v1/a/longer/one", "/x"] {
                try client.send("GET \(target) HTTP/1.1\r\nHost: h\r\nX: 1\r\n\r\n")
                let answer = try client.answer()
                #expect(answer?.status == 404 && answer?["x-weir-error"] == ["route_not_found"])
            }
        }
    }
}

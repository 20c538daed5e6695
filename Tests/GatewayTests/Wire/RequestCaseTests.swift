import TestSupport
import Testing

/// All of `h1-cases.json` over real sockets, whole and octet by octet.
@Suite("Malformed and odd requests", .blocking)
struct RequestCaseTests {
    /// Where this gateway differs from the one that the cases count on, and why.
    static let deviations = [
        "cl0-then-unauthenticated":
            "It counts on the second request being refused for want of a key; this gateway is open, so the second request "
            + "is forwarded as a request of its own.",
        "cl-short-body-then-fin":
            "A client that closes its sending side is gone: it gets no answer, which the case's note allows.",
        "chunk-no-terminator-then-fin":
            "A client that closes its sending side is gone: it gets no answer, which the case's note allows.",
    ]

    private static let shares = 6

    @Test func theTableNamesCases() throws {
        let cases = try RequestCase.all()
        #expect(cases.count == 111)
        #expect(Set(Self.deviations.keys).isSubset(of: cases.map(\.name)))
    }

    @Test(arguments: 0..<shares, [false, true])
    func theVerdictHoldsOverSockets(share: Int, oneByOne: Bool) async throws {
        let upstream = try EchoUpstream(EchoUpstream.lastAnswer)
        defer { upstream.stop() }
        try await withGateway(upstream: upstream.url + "/v1", { $0.threads = 1 }) { gateway in
            for (index, request) in try RequestCase.all().enumerated() where index % Self.shares == share {
                upstream.forgetAll()
                let outcome = try serve(request, oneByOne: oneByOne, gateway)
                #expect(try upstream.settle(), "\(request.name): a connection to the upstream was left open")
                check(outcome, request, upstream)
            }
        }
        #expect(upstream.malformed == [])
    }

    /// What the client saw.
    private struct Outcome {
        var answers: [WireMessage] = []
        var hasEnded = false
        var statuses: [Int] { answers.map(\.status) }
    }

    private func serve(_ request: RequestCase, oneByOne: Bool, _ gateway: TestGateway) throws -> Outcome {
        let client = try Conversation(gateway)
        defer { client.socket.close() }
        var outcome = Outcome()
        client.send(request.octets, oneByOne: oneByOne)
        if request.name.hasSuffix("-then-fin") { client.socket.halfClose() }
        let toHEAD = request.raw.hasPrefix("HEAD ")
        guard let first = try client.answer(toHEAD: toHEAD) else {
            outcome.hasEnded = true
            return outcome
        }
        outcome.answers.append(first)
        if request.name == "cl0-then-unauthenticated" {
            if let second = try client.answer() { outcome.answers.append(second) }
        } else if request.clientConnectionAfter == .keep, first.status < 400 {
            // The connection is good for another request.
            try client.send("GET /probe HTTP/1.1\r\nHost: gw.test\r\n\r\n")
            let second = try client.answer()
            #expect(second?.status == 200, "\(request.name): the connection does not stay")
        } else if request.clientConnectionAfter == .close || first.status >= 400 {
            while let more = try client.answer() { outcome.answers.append(more) }
            outcome.hasEnded = true
            #expect(client.socket.end == .closed, "\(request.name): reset")
        }
        return outcome
    }

    private func check(_ outcome: Outcome, _ request: RequestCase, _ upstream: EchoUpstream) {
        let name = request.name
        let seen = upstream.connections.flatMap(\.requests).filter {
            $0.target != "/barrier" && $0.target != "/v1/probe"
        }
        let complete = seen.filter(\.isComplete)
        let refusals = outcome.statuses.filter { $0 >= 400 }
        if name == "cl0-then-unauthenticated" {
            #expect(outcome.statuses == [200, 200], "\(name)")
            #expect(complete.map(\.target) == ["/v1/echo", "/v1/smuggled"], "\(name)")
            #expect(complete.allSatisfy { $0.payload.isEmpty }, "\(name)")
            return
        }
        if Self.deviations[name] != nil {
            #expect(outcome.answers.isEmpty && outcome.hasEnded, "\(name)")
        } else {
            switch request.expected {
            case .reject: #expect(refusals.count == 1 && complete.isEmpty, "\(name): \(outcome.statuses)")
            case .forward: #expect(refusals.isEmpty && !complete.isEmpty, "\(name): \(outcome.statuses)")
            case .either: #expect(refusals.count == 1 || !complete.isEmpty, "\(name): \(outcome.statuses)")
            }
        }
        if !request.allowedStatus.isEmpty {
            #expect(refusals.allSatisfy(request.allowedStatus.contains), "\(name): \(refusals)")
        }
        for answer in outcome.answers {
            #expect(answer["x-weir-request-id"].count == 1, "\(name)")
            #expect(answer["x-weir-error"] == (answer.status >= 400 ? ["bad_request"] : []), "\(name)")
        }
        #expect(complete.count <= request.upstreamCompleteMax, "\(name): \(complete.map(\.startLine))")
        if request.clientConnectionAfter == .close { #expect(outcome.hasEnded, "\(name): the connection stays") }
        checkNever(request, upstream)
    }

    private func checkNever(_ request: RequestCase, _ upstream: EchoUpstream) {
        let isSensitive = request.neverUpstreamCaseSensitive
        for connection in upstream.connections {
            let octets = isSensitive ? connection.octets : connection.octets.text.lowercased().latin1
            for text in request.neverUpstream {
                let wanted = isSensitive ? text.latin1 : text.lowercased().latin1
                #expect(octets.firstRange(of: wanted) == nil, "\(request.name): \(text.debugDescription) went upstream")
            }
        }
    }
}

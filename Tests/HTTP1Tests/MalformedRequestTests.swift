import Foundation
import HTTP1
import HTTP1Invariants
import Testing

/// One of the malformed and odd requests of the specification, with what must happen.
struct RequestCase: Decodable, Sendable, CustomTestStringConvertible {
    enum Expected: String, Decodable {
        case reject = "reject-4xx"
        case forward = "forward-normalised"
        case either
    }

    enum Connection: String, Decodable {
        case close
        case keep
        case any
    }

    let name: String
    let raw: String
    let expected: Expected
    let allowedStatus: [Int]
    let upstreamCompleteMax: Int
    let neverUpstream: [String]
    let neverUpstreamCaseSensitive: Bool
    let clientConnectionAfter: Connection

    var testDescription: String { name }

    /// The request's octets: `raw` is Latin-1.
    var octets: [UInt8] {
        raw.replacing("{{KEY}}", with: "client-key").replacing("{{ADMIN_PORT}}", with: "8081")
            .unicodeScalars.map { UInt8($0.value) }
    }

    static func all() throws -> [RequestCase] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(
            [RequestCase].self, from: Data(contentsOf: tests.appending(path: "Fixtures/h1-cases.json")))
    }
}

@Suite struct MalformedRequestTests {
    /// Where the gateway of these tests differs from the one that the cases count on, and why.
    private static let deviations = [
        "cl0-then-unauthenticated":
            "It counts on the second request being refused for want of a key; this gateway is open, so the second request "
            + "is forwarded as a request of its own."
    ]

    @Test func thereAreAllCases() throws {
        let cases = try RequestCase.all()
        #expect(cases.count == 111)
        #expect(Set(Self.deviations.keys).isSubset(of: cases.map(\.name)))
    }

    @Test(arguments: try RequestCase.all())
    func theVerdictHoldsHoweverTheOctetsCome(of request: RequestCase) {
        let octets = request.octets
        let whole = serve(octets, cuts: [])
        check(whole, request, "whole")
        for cut in Self.cuts(octets.count) {
            let split = serve(octets, cuts: [cut])
            guard Self.isAlike(split, whole) else {
                check(split, request, "cut at \(cut)")
                Issue.record("cut at \(cut): \(split.answers), whole: \(whole.answers)")
                return
            }
        }
        let bytewise = serve(octets, cuts: Array(1..<max(1, octets.count)))
        check(bytewise, request, "octet by octet")
        #expect(Self.isAlike(bytewise, whole), "octet by octet")
    }

    private struct Outcome {
        var gateway: PureGateway
        /// Whether the gateway closed by itself, before the client's end.
        var closedByItself: Bool
        var answers: [Int] { gateway.answers }
    }

    private func serve(_ octets: [UInt8], cuts: [Int]) -> Outcome {
        var gateway = PureGateway()
        var start = 0
        for cut in cuts + [octets.count] {
            gateway.receive(octets[start..<cut])
            start = cut
        }
        let closed = gateway.isClosed
        gateway.end()
        return Outcome(gateway: gateway, closedByItself: closed)
    }

    /// What came out must not depend on the cuts, but for what had gone upstream of a request that broke off.
    private static func isAlike(_ left: Outcome, _ right: Outcome) -> Bool {
        guard left.answers == right.answers, left.closedByItself == right.closedByItself,
            left.gateway.forwarded.count == right.gateway.forwarded.count
        else { return false }
        return zip(left.gateway.forwarded, right.gateway.forwarded).allSatisfy { left, right in
            guard left.isComplete == right.isComplete, left.head == right.head else { return false }
            return left.isComplete ? left.octets == right.octets : true
        }
    }

    private static func cuts(_ count: Int) -> [Int] {
        guard count > 4_096 else { return Array(1..<max(1, count)) }
        var generator = SplitMix64(seed: UInt64(count))
        return (0..<200).map { _ in 1 + generator.below(count - 1) }
            + [1, 2, 65_535, 65_536, count - 1].filter { $0 < count }
    }

    private func check(_ outcome: Outcome, _ request: RequestCase, _ how: String) {
        let complete = outcome.gateway.forwarded.filter(\.isComplete)
        if Self.deviations[request.name] != nil {
            // In its place: two requests of their own, neither a part of the other.
            #expect(complete.map(\.payload) == [[], []], "\(how)")
            #expect(!String(decoding: complete[0].octets, as: UTF8.self).contains("/smuggled"), "\(how)")
            #expect(complete[1].octets.starts(with: Array("GET /smuggled HTTP/1.1\r\n".utf8)), "\(how)")
            return
        }
        let refusals = outcome.answers.filter { $0 >= 400 }
        switch request.expected {
        case .reject:
            #expect(refusals.count == 1, "\(how)")
            #expect(complete.isEmpty, "\(how)")
        case .forward:
            #expect(!complete.isEmpty, "\(how)")
            #expect(refusals.isEmpty, "\(how)")
        case .either: #expect(!complete.isEmpty || refusals.count == 1, "\(how)")
        }
        if !request.allowedStatus.isEmpty {
            #expect(refusals.allSatisfy(request.allowedStatus.contains), "\(how): \(refusals)")
        }
        #expect(complete.count <= request.upstreamCompleteMax, "\(how)")
        checkUpstream(outcome, request, how)
        let wasCutOff = !outcome.closedByItself && !refusals.isEmpty
        switch request.clientConnectionAfter {
        case .close: #expect(outcome.closedByItself || wasCutOff, "\(how)")
        case .keep: #expect(!outcome.closedByItself || !refusals.isEmpty && request.expected == .either, "\(how)")
        case .any: break
        }
    }

    private func checkUpstream(_ outcome: Outcome, _ request: RequestCase, _ how: String) {
        var seen = outcome.gateway.forwarded.flatMap(\.octets)
        if !request.neverUpstreamCaseSensitive { seen = seen.map(Octet.lowercased) }
        for text in request.neverUpstream {
            var wanted = text.unicodeScalars.map { UInt8($0.value) }
            if !request.neverUpstreamCaseSensitive { wanted = wanted.map(Octet.lowercased) }
            #expect(seen.firstRange(of: wanted) == nil, "\(how): \(text.debugDescription) went upstream")
        }
        for forwarded in outcome.gateway.forwarded {
            let run = HeadRun(forwarded.head, role: .request)
            #expect(run.request != nil, "\(how): the upstream would refuse the head")
            guard case .chunked? = run.request?.framing else { continue }
            // A broken body must never look whole to the upstream.
            let body = ChunkedRun(Array(forwarded.octets.dropFirst(forwarded.head.count)))
            #expect(body.end == (forwarded.isComplete ? .ended : .incomplete), "\(how)")
            if forwarded.isComplete { #expect(body.payload == forwarded.payload, "\(how)") }
        }
    }

    @Test(arguments: [
        ("te-capitalised", "hello"), ("delete-chunked-body", "hello"), ("chunk-ext-valid", "hello"),
        ("leading-crlf", ""),
        ("chunk-one-byte-flood", String(repeating: "A", count: 2_000)), ("cl-trailing-space", "hello"),
        ("get-cl-body-is-request", "GET /smuggled HTTP/1.1\r\nHost: gw.test\r\n\r\n"), ("head-cl-body", "hello"),
    ])
    func theBodyArrives(name: String, payload: String) throws {
        let request = try #require(try RequestCase.all().first { $0.name == name })
        for cuts in [[], Array(1..<request.octets.count)] {
            let forwarded = serve(request.octets, cuts: cuts).gateway.forwarded
            #expect(forwarded.map(\.payload) == [Array(payload.utf8)])
        }
    }
}

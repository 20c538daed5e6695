import HTTP1
import HTTP1Invariants
import Policy
import Testing
import WeirConfiguration

/// Section 3.2 of the outside contract, steps 1, 2, 4 and 5; keys and default keys have suites of their own.
@Suite struct HeaderPolicyTests {
    /// A custom header `X-Set: ours`, and what arrives of a request's fields.
    struct Row: Sendable, CustomTestStringConvertible {
        let title: String
        var force: (global: Bool, route: Bool?) = (false, nil)
        var drops: (global: [String], route: [String]) = ([], [])
        let sent: [String]
        let arrives: [String]
        var testDescription: String { title }
    }

    static let rows = [
        // Step 5: global × route × client sends or not.
        Row(title: "global off, route unset, not sent", sent: ["A: b"], arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "global off, route unset, sent", sent: ["x-set:theirs", "A: b"], arrives: ["x-set:theirs", "A: b"]),
        Row(
            title: "global on, route unset, not sent", force: (true, nil), sent: ["A: b"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "global on, route unset, sent", force: (true, nil), sent: ["x-set: theirs", "A: b"],
            arrives: ["X-Set: ours", "A: b"]),
        Row(
            title: "global off, route on, not sent", force: (false, true), sent: ["A: b"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "global off, route on, sent", force: (false, true), sent: ["A: b", "X-SET: theirs"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "global on, route off, not sent", force: (true, false), sent: ["A: b"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "global on, route off, sent", force: (true, false), sent: ["x-set: theirs"],
            arrives: ["x-set: theirs"]),
        Row(
            title: "sent twice, not forced", sent: ["x-set: 1", "A: b", "x-set: 2"],
            arrives: ["x-set: 1", "A: b", "x-set: 2"]),
        Row(
            title: "sent twice, forced", force: (true, nil), sent: ["x-set: 1", "A: b", "X-Set: 2", "C: d"],
            arrives: ["X-Set: ours", "A: b", "C: d"]),
        Row(title: "sent empty, not forced", sent: ["x-set:"], arrives: ["x-set:"]),
        Row(title: "sent empty, forced", force: (true, nil), sent: ["x-set:"], arrives: ["X-Set: ours"]),
        // Step 2: what is dropped is not carried by now.
        Row(
            title: "dropped globally", drops: (["X-SET"], []), sent: ["x-set: theirs", "A: b"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "dropped by the route", drops: ([], ["x-set"]), sent: ["X-Set: theirs", "A: b"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "dropped and forced", force: (true, nil), drops: (["x-set"], []), sent: ["x-set: theirs", "A: b"],
            arrives: ["A: b", "X-Set: ours"]),
        Row(
            title: "others dropped by both lists", drops: (["x-forwarded-for", "A"], ["X-Real-IP"]),
            sent: ["X-Forwarded-For: 1", "a: b", "x-real-ip: 2", "x-real-ipx: 3", "x-set: 4", "X-FORWARDED-FOR: 5"],
            arrives: ["x-real-ipx: 3", "x-set: 4"]),
        Row(
            title: "a long name dropped",
            drops: (["x-a-name-that-has-more-than-sixty-three-octets-in-it-to-be-sure-of-it"], []),
            sent: ["X-a-name-that-has-more-than-sixty-three-octets-in-it-to-be-sure-of-it: 1", "x-set: 1"],
            arrives: ["x-set: 1"]),
        Row(
            title: "known names dropped", drops: (["Cookie", "content-type", "authorization", "Expect"], []),
            sent: [
                "Content-Type: a/b", "Cookie: c", "Authorization: Bearer d", "Expect: 100-continue", "Cookie: e",
                "x-set: 1",
            ], arrives: ["x-set: 1"]),
        // Step 1: fields of the connection, and those that it names.
        Row(
            title: "hop-by-hop",
            sent: [
                "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: x", "TE: trailers",
                "Proxy-Authorization: Basic abc", "Upgrade: h2c", "x-set: 1",
            ], arrives: ["x-set: 1"]),
        Row(
            title: "named by Connection, not forced", sent: ["Connection: x-set, a", "x-set: theirs", "A: b", "C: d"],
            arrives: ["C: d", "X-Set: ours"]),
        Row(
            title: "named by Connection, forced", force: (true, nil),
            sent: ["x-set: theirs", "C: d", "Connection: X-SET"], arrives: ["C: d", "X-Set: ours"]),
        // Nobody can drop what frames and routes a message.
        Row(
            title: "framing and Host stay", drops: (["Host", "Content-Length", "transfer-encoding", "upgrade"], []),
            sent: ["Content-Length: 5", "x-set: 1"], arrives: ["Content-Length: 5", "x-set: 1"]),
        Row(
            title: "no line about the client is added", sent: ["User-Agent: a", "Accept: */*", "x-set: 1"],
            arrives: ["User-Agent: a", "Accept: */*", "x-set: 1"]),
    ]

    private func run(_ row: Row, _ custom: [CustomHeader] = [CustomHeader(name: "X-Set", value: Secret("ours"))])
        -> PolicyRun
    {
        PolicyRun(
            .test("r") {
                $0.forceHeaderOverwrite = row.force.global
                $0.headersToDrop = row.drops.global
                $0.routes[0].forceHeaderOverwrite = row.force.route
                $0.routes[0].headersToDrop = row.drops.route
                $0.routes[0].customHeaders = custom
            })
    }

    @Test(arguments: rows)
    func theFieldsArriveByThePolicy(_ row: Row) throws {
        let head = try ParsedHead("POST", "/r/x", fields: row.sent)
        #expect(run(row).upstreamFields(head) == row.arrives)
        #expect(run(row).upstreamHead(head).hasPrefix("POST /x HTTP/1.1\r\nHost: r.test\r\n"))
    }

    @Test func theHostIsAlwaysTheTargets() throws {
        let row = Row(title: "", force: (true, true), drops: (["host"], []), sent: [], arrives: [])
        let run = run(row, [CustomHeader(name: "host", value: Secret("other.test"))])
        let head = try ParsedHead("GET", "/r/x", fields: ["A: b"], host: "hOsT:  gw.test")
        #expect(run.upstreamHead(head) == "GET /x HTTP/1.1\r\nhOsT: r.test\r\nA: b\r\n\r\n")
    }

    @Test func customHeadersGoInTheirOrderAndTheLaterSpellingWins() throws {
        let custom = [("B", "1"), ("a", "2"), ("b", "3"), ("C", "4")].map {
            CustomHeader(name: $0.0, value: Secret($0.1))
        }
        let run = run(Row(title: "", force: (true, nil), sent: [], arrives: []), custom)
        #expect(try run.upstreamFields(ParsedHead("GET", "/r")) == ["a: 2", "b: 3", "C: 4"])
        #expect(try run.upstreamFields(ParsedHead("GET", "/r", fields: ["c: x", "B: y"])) == ["C: 4", "b: 3", "a: 2"])
    }

    @Test func whatWouldBreakAMessageIsNeverSet() throws {
        let custom = [
            ("Content-Length", "9"), ("transfer-encoding", "chunked"), ("Connection", "close"), ("TE", "x"),
            ("Expect", "100-continue"), ("Trailer", "a"), ("Proxy-Authorization", "x"), ("Upgrade", "x"), ("", "x"),
            ("A b", "x"), ("C", "d\r\nE: f"), ("Content_Length", "1"), ("OK", ""),
        ].map { CustomHeader(name: $0.0, value: Secret($0.1)) }
        let run = run(Row(title: "", force: (true, nil), sent: [], arrives: []), custom)
        #expect(try run.upstreamFields(ParsedHead("GET", "/r")) == ["OK: "])
    }

    @Test func aWebSocketKeepsItsUpgrade() throws {
        let run = run(Row(title: "", drops: (["upgrade", "connection"], []), sent: [], arrives: []))
        let sent = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: k"]
        #expect(
            try run.upstreamFields(ParsedHead("GET", "/r", fields: sent))
                == ["Upgrade: websocket", "Sec-WebSocket-Key: k", "Connection: Upgrade", "X-Set: ours"])
    }

    @Test(arguments: [
        (["Content-Length: 5", "A: b"], ["Content-Length: 17", "A: b", "X-Set: ours"]),
        (["A: b", "transfer-encoding: chunked", "Trailer: x"], ["A: b", "Content-Length: 17", "X-Set: ours"]),
        (["Expect: 100-continue", "Content-Length:005", "x-set: 1"], ["Content-Length: 17", "x-set: 1"]),
        (["A: b"], ["A: b", "Content-Length: 17", "X-Set: ours"]),
    ])
    func anotherBodyHasItsOwnLength(_ sent: [String], _ arrives: [String]) throws {
        let run = run(Row(title: "", sent: [], arrives: []))
        #expect(try run.upstreamFields(ParsedHead("POST", "/r", fields: sent), bodyLength: 17) == arrives)
    }

    @Test func whatAnEditDidIsToldByName() throws {
        let run = run(Row(title: "", force: (true, nil), drops: (["Gone"], []), sent: [], arrives: []))
        let head = try ParsedHead("GET", "/r/x", fields: ["gone: 1", "TE: trailers", "A: b"])
        guard case .forward(let forwarding) = run.decide(head) else { throw TestFault() }
        var edit = HeadEdit()
        let octets = head.octets.span.bytes
        forwarding.edit(&edit, octets, head.request, fields: head.parser.fields, bodyLength: nil)
        let changes = HeaderChanges(edit, octets, fields: head.parser.fields)
        #expect(changes.added == ["X-Set"] && changes.replaced == ["Host"] && changes.dropped == ["gone", "TE"])
        #expect(!changes.isEmpty)
        #expect(HeaderChanges(HeadEdit(), octets, fields: head.parser.fields).isEmpty)
    }

    struct TestFault: Error {}

    /// Whatever the policy and the request: what it does not name arrives byte for byte, in its order.
    @Test func linesThatAreNotNamedStayByteForByte() throws {
        var generator = SplitMix64(seed: 3)
        let names = ["X-A", "x-b", "X-Long-Name-Of-A-Field", "User-Agent", "Accept", "cookie", "Content-Type", "x-B"]
        var dropped = 0
        for _ in 0..<2_000 {
            let configuration = Configuration.test("r") { configuration in
                configuration.headersToDrop = names.filter { _ in generator.oneIn(5) }
                configuration.routes[0].headersToDrop = names.filter { _ in generator.oneIn(6) }
                configuration.routes[0].forceHeaderOverwrite = generator.oneIn(2)
                configuration.routes[0].customHeaders = names.filter { _ in generator.oneIn(5) }.map {
                    CustomHeader(name: $0, value: Secret("ours"))
                }
                configuration.keys = [KeySettings(key: Secret("client"))]
                configuration.unknownKeys = .pass
                configuration.routes[0].defaultKey = Secret("default")
            }
            let touched = Set(
                (configuration.headersToDrop + configuration.routes[0].headersToDrop
                    + configuration.routes[0].customHeaders.map(\.name)).map { $0.lowercased() })
            let sent = (0..<generator.below(12)).map { _ -> String in
                let space = generator.pick(["", " ", "\t ", "   "])
                return generator.pick(names) + ":" + space + generator.pick(["", "a", "\u{e9} b", "c,d", "\"q\""])
                    + generator.pick(["", " "])
            }
            let arrived = PolicyRun(configuration).upstreamFields(try ParsedHead("POST", "/r/x", fields: sent))
            let isUntouched = { (line: String) in
                !touched.contains(line.prefix { $0 != ":" }.lowercased())
            }
            let expected = sent.filter(isUntouched)
            #expect(arrived.filter { isUntouched($0) && !$0.hasPrefix("Authorization") } == expected)
            dropped += sent.count - expected.count
        }
        #expect(dropped > 1_000)
    }
}

import HTTP1
import Policy
import Testing
import WeirConfiguration

/// Section 5 of the outside contract: deny before allow, and whom a trusted proxy is believed about.
@Suite struct AccessTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let allow: String
        let deny: String
        let peer: String?
        let isAllowed: Bool
        var testDescription: String { "allow [\(allow)] deny [\(deny)] \(peer ?? "none")" }
    }

    static let rows = [
        Row(allow: "", deny: "", peer: "192.0.2.1", isAllowed: true),
        Row(allow: "", deny: "", peer: nil, isAllowed: true),
        Row(allow: "10.0.0.0/8", deny: "", peer: "10.1.2.3", isAllowed: true),
        Row(allow: "10.0.0.0/8", deny: "", peer: "::ffff:10.1.2.3", isAllowed: true),
        Row(allow: "10.0.0.0/8", deny: "", peer: "11.0.0.1", isAllowed: false),
        Row(allow: "10.0.0.0/8", deny: "", peer: "::1", isAllowed: false),
        Row(allow: "10.0.0.0/8", deny: "", peer: nil, isAllowed: false),
        Row(allow: "", deny: "10.0.0.0/8", peer: "10.1.2.3", isAllowed: false),
        Row(allow: "", deny: "10.0.0.0/8", peer: "11.0.0.1", isAllowed: true),
        Row(allow: "", deny: "10.0.0.0/8", peer: nil, isAllowed: true),
        Row(allow: "10.0.0.0/8", deny: "10.0.0.1", peer: "10.0.0.1", isAllowed: false),
        Row(allow: "10.0.0.1", deny: "10.0.0.0/8", peer: "10.0.0.1", isAllowed: false),
        Row(allow: "10.0.0.0/8 2001:db8::/32", deny: "10.0.0.1", peer: "2001:db8::7", isAllowed: true),
        Row(allow: "0.0.0.0/0", deny: "", peer: "2001:db8::7", isAllowed: false),
        Row(allow: "", deny: "::/0", peer: "2001:db8::7", isAllowed: false),
    ]

    private func ranges(_ text: String) throws -> [AddressRange] {
        try text.split(separator: " ").map { try #require(AddressRange($0)) }
    }

    private func run(allow: String = "", deny: String = "", trusted: String = "") throws -> PolicyRun {
        let access = (try ranges(allow), try ranges(deny), try ranges(trusted))
        return PolicyRun(
            .test("r") {
                $0.defaultRoute = "r"
                $0.access.allow = access.0
                $0.access.deny = access.1
                $0.access.trustedProxies = access.2
            })
    }

    @Test(arguments: rows)
    func theListsDecide(_ row: Row) throws {
        let run = try run(allow: row.allow, deny: row.deny)
        let refused = "address_denied"
        for target in ["/r/v1", "/x", "/?x", "*"] {
            let head = try ParsedHead("OPTIONS", target)
            #expect(run.word(head, peer: row.peer) == (row.isAllowed ? "forward r" : refused))
        }
        #expect(run.word(try ParsedHead("GET", "/"), peer: row.peer) == (row.isAllowed ? "greeting" : refused))
        #expect(run.word(try ParsedHead("GET", "/healthz"), peer: row.peer) == (row.isAllowed ? "health" : "status"))
    }

    @Test(arguments: [
        // Peer, X-Forwarded-For lines, whom the request comes from.
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("192.0.2.9", ["192.0.2.1"], "192.0.2.9"),
        ("10.0.0.1", ["192.0.2.1, 192.0.2.2"], "192.0.2.2"),
        ("10.0.0.1", ["192.0.2.1, 10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, 192.0.2.2, 10.0.0.3 ,10.0.0.2"], "192.0.2.2"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["192.0.2.1", "10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, 192.0.2.2", "10.0.0.3, 10.0.0.2"], "192.0.2.2"),
        ("10.0.0.1", ["192.0.2.2", ""], "192.0.2.2"),
        ("10.0.0.1", ["192.0.2.1,, ,10.0.0.2,"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1:4711"], "192.0.2.1"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]"], "2001:db8::1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["fe80::1%eth0"], "fe80::1"),
        ("10.0.0.1", ["::ffff:192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1, ::ffff:10.0.0.2"], "192.0.2.1"),
        ("2001:db8::5", ["192.0.2.1"], "192.0.2.1"),
        // What is no address stops the walk: the last good one stands.
        ("10.0.0.1", ["192.0.2.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["192.0.2.1, _hidden, 192.0.2.2"], "192.0.2.2"),
        ("10.0.0.1", ["192.0.2.01"], "10.0.0.1"), ("10.0.0.1", ["192.0.2.1:"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1:x"], "10.0.0.1"), ("10.0.0.1", ["192.0.2.1:123456"], "10.0.0.1"),
        ("10.0.0.1", ["[192.0.2.1]"], "10.0.0.1"), ("10.0.0.1", ["[2001:db8::1"], "10.0.0.1"),
        ("10.0.0.1", ["[2001:db8::1]x"], "10.0.0.1"), ("10.0.0.1", ["[]"], "10.0.0.1"),
        ("10.0.0.1", ["\"192.0.2.1\""], "10.0.0.1"), ("10.0.0.1", ["192.0.2.1 192.0.2.2"], "10.0.0.1"),
    ])
    func aTrustedProxyIsBelieved(_ peer: String, _ lines: [String], _ client: String) throws {
        let trusted = "10.0.0.0/8 2001:db8::5"
        let fields = ["x-real-ip: 192.0.2.77", "Forwarded: for=192.0.2.78"] + lines.map { "X-Forwarded-FOR: \($0)" }
        let head = try ParsedHead("GET", "/x", fields: fields)
        let found = try run(trusted: trusted).snapshot.client(
            head.octets.span.bytes, fields: head.parser.fields, peer: IPAddress(peer))
        #expect(found?.description == client)
        #expect(try run(deny: client, trusted: trusted).word(head, peer: peer) == "address_denied")
        #expect(try run(allow: client, trusted: trusted).word(head, peer: peer) == "forward r")
    }

    @Test func withoutTrustedProxiesNobodyIsBelieved() throws {
        let head = try ParsedHead("GET", "/x", fields: ["X-Forwarded-For: 10.0.0.1"])
        #expect(try run(allow: "10.0.0.0/8").word(head, peer: "192.0.2.1") == "address_denied")
        #expect(try run(allow: "10.0.0.0/8").word(head, peer: "10.0.0.1") == "forward r")
    }
}

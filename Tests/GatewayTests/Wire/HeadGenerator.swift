/// Makes heads that are odd in every way that HTTP allows, from a seed.
struct HeadGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        // SplitMix64: the same seed gives the same heads everywhere.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func oneIn(_ n: Int) -> Bool { below(n) == 0 }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    private static let tokens = Array(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".latin1)
    private static let names = [
        "Accept", "accept-encoding", "X-Stainless-OS", "USER-AGENT", "x", "Cookie", "X_Y", "Authorization", "api-key",
        "Content-Type", "X-Forwarded-For", "Via", "Range", "If-Match", "x-weir-custom", "Sec-Fetch-Mode", "Date",
        "Content-Encoding", "Trailer", "Forwarded", "content-lengthy", "hosts", "Accept", "Set-Cookie",
    ]

    /// A field's line: odd name, odd spacing, any octets that a value may hold.
    mutating func fieldLine() -> [UInt8] {
        var name = oneIn(3) ? [] : pick(Self.names).latin1
        if name.isEmpty { for _ in 0...below(12) { name.append(pick(Self.tokens)) } }
        // A name of Weir's own, or one that decides about framing or connections, must not come about by chance.
        if Self.reserved.contains(name.text.lowercased()) { name.append(UInt8(ascii: "z")) }
        return name + pick([":", ": ", ": ", ": ", ":  ", ":\t", ": \t "]).latin1 + value()
            + pick(["", "", "", " ", "\t", " \t "]).latin1
    }

    static let reserved = ExpectedHead.hopByHop.union([
        "host", "content-length", "transfer-encoding", "expect", "x-weir-request-id", "x-weir-error",
    ])

    private mutating func value() -> [UInt8] {
        let count = pick([0, 0, 1, 3, 12, 12, 40, 200, 3000])
        var octets: [UInt8] = []
        for _ in 0..<count {
            // HTAB, SP, VCHAR and obs-text.
            switch below(12) {
            case 0: octets.append(UInt8(0x80 + below(0x80)))
            case 1: octets.append(pick([0x09, 0x20]))
            default: octets.append(UInt8(0x21 + below(0x5E)))
            }
        }
        return octets
    }

    private mutating func target() -> String {
        let pieces = [
            "/", "//", "a", "..", ".", ";p=1", "%2f", "%2F", "%00", "%zz", "%", ":", "@", "&", "=", "?", "??", "+", ",",
            "\u{80}", "\u{ff}", "\u{e4}\u{bd}", "'", "\"", "<>", "{}", "|", "\\", "^", "`", "~", "models", "!$*()",
            "[1]",
        ]
        var target = pick(["/v1/", "/v1/", "/v1/x", "/v1?", "/v1"])
        if target != "/v1" { for _ in 0..<below(12) { target += pick(pieces) } }
        if oneIn(20), target != "/v1" { target += String(repeating: "q", count: 8_000) }
        // A second version segment would be taken out by the rule for it, which is not what is looked at here.
        return target.hasPrefix("/v1/v1") ? "/v1/w" : target
    }

    /// A request's lines, and its body.
    mutating func request(version: String) -> (lines: [[UInt8]], body: [UInt8]) {
        let method = oneIn(6) ? "X-\(String(below(1000), radix: 36))!" : pick(Self.methods)
        var lines: [[UInt8]] = []
        for _ in 0..<below(pick([3, 8, 30])) { lines.append(fieldLine()) }
        var body: [UInt8] = []
        if oneIn(2) {
            body = value() + value()
            insert(
                "\(pick(["Content-Length", "content-length", "CONTENT-LENGTH"])):\(gap())\(zeros())\(body.count)\(tail())",
                &lines)
        } else if version == "HTTP/1.1", oneIn(2) {
            body = "3\r\nabc\r\n0\r\n\r\n".latin1
            insert(
                "\(pick(["Transfer-Encoding", "transfer-encoding"])):\(gap())\(pick(["chunked", "Chunked"]))\(tail())",
                &lines)
        }
        if version == "HTTP/1.1" || oneIn(2) {
            insert("\(pick(["Host", "host", "HOST"])):\(gap())gw.test\(tail())", &lines)
        }
        addHopByHop(&lines)
        lines.insert("\(method) \(target()) \(version)".latin1, at: 0)
        return (lines, body)
    }

    private static let methods = [
        "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "get", "M-SEARCH",
    ]

    /// Lines that belong to one connection only.
    mutating func addHopByHop(_ lines: inout [[UInt8]]) {
        if oneIn(4) { insert("Keep-Alive: timeout=5", &lines) }
        if oneIn(4) { insert("te: trailers", &lines) }
        if oneIn(6) { insert("Proxy-Connection: keep-alive", &lines) }
        if oneIn(4) {
            insert("X-Named: gone", &lines)
            insert(
                "\(pick(["Connection", "CONNECTION"])): \(pick(["x-named", " , X-NAMED ,", "keep-alive,x-named"]))",
                &lines)
        }
    }

    /// Puts a line somewhere among the others.
    mutating func insert(_ line: String, _ lines: inout [[UInt8]]) {
        lines.insert(line.latin1, at: below(lines.count + 1))
    }

    private mutating func gap() -> String { pick(["", " ", " ", "  ", "\t"]) }
    /// No tab: behind a framing field's value it is refused.
    private mutating func tail() -> String { pick(["", "", " ", "  "]) }
    private mutating func zeros() -> String { oneIn(6) ? "00" : "" }
}

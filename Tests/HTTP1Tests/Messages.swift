import HTTP1Invariants

/// Makes messages by the grammar, with a taste for the fields that decide about framing and connections.
enum Messages {
    /// A request's or a response's head alone.
    static func makeHead(_ generator: inout SplitMix64) -> [UInt8] {
        generator.oneIn(2)
            ? makeRequest(&generator, body: .none)
            : makeResponse(&generator, body: .none, status: pickStatus(&generator))
    }

    /// How a message's body is to be framed.
    enum Body: CaseIterable {
        case none
        case length
        case chunked
        case untilClose
    }

    /// A whole request.
    static func makeRequest(_ generator: inout SplitMix64, body: Body) -> [UInt8] {
        let method = generator.pick(generator.oneIn(5) ? oddMethods : methods)
        let target = generator.pick(generator.oneIn(5) ? oddTargets : targets)
        let version = generator.oneIn(8) ? "HTTP/1.0" : generator.oneIn(60) ? generator.pick(versions) : "HTTP/1.1"
        var fields = makeFields(&generator, requestFields)
        if !generator.oneIn(30) { fields.append("\(spelled("Host", &generator)): gw.test") }
        return assemble("\(method) \(target) \(version)", fields, body, &generator)
    }

    /// A whole response.
    static func makeResponse(_ generator: inout SplitMix64, body: Body, status: Int) -> [UInt8] {
        let version = generator.oneIn(8) ? "HTTP/1.0" : generator.oneIn(60) ? generator.pick(versions) : "HTTP/1.1"
        let reason = generator.pick(["OK", "", "Not Found", "a  b\t", "\u{e9}t\u{e9}"])
        let gap = reason.isEmpty && generator.oneIn(2) ? "" : " "
        return assemble("\(version) \(status)\(gap)\(reason)", makeFields(&generator, responseFields), body, &generator)
    }

    /// A status, more often one that changes the framing.
    static func pickStatus(_ generator: inout SplitMix64) -> Int {
        generator.pick([200, 200, 200, 201, 204, 304, 404, 429, 500, 599, 100, 101, 103, 999])
    }

    private static func assemble(
        _ start: String, _ named: [String], _ body: Body, _ generator: inout SplitMix64
    ) -> [UInt8] {
        var fields = named
        var octets: [UInt8] = []
        switch body {
        case .none: if generator.oneIn(4) { fields.append("Content-Length: 0") }
        case .untilClose: octets = Array("until the end".utf8)
        case .length:
            octets = Array("payload of a known length".utf8.prefix(generator.below(20)))
            let value =
                (generator.oneIn(8) ? "0" : "") + String(octets.count)
                + generator.pick(["", "", "", "", " ", " ", generator.oneIn(4) ? "\t" : ""])
            fields.append(
                "\(spelled("Content-Length", &generator)):\(generator.pick([" ", " ", "", "\t", "  "]))\(value)")
        case .chunked:
            octets = ChunkedBodies.make(&generator).octets
            let value =
                (generator.oneIn(6) ? "Chunked" : "chunked")
                + generator.pick(["", "", "", "", " ", "  ", generator.oneIn(4) ? "\t" : ""])
            fields.append("\(spelled("Transfer-Encoding", &generator)):\(generator.pick([" ", " ", "", "\t"]))\(value)")
        }
        if generator.oneIn(25) { fields.append(generator.pick(framing)) }
        fields.shuffle(using: &generator)
        let lead = generator.oneIn(40) ? "\r\n" : ""
        return Array((lead + start + "\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n").utf8) + octets
    }

    private static func makeFields(_ generator: inout SplitMix64, _ own: [String]) -> [String] {
        (0..<generator.below(5)).map { _ in generator.pick(generator.oneIn(3) ? connection : own) }
    }

    /// `name` with its case changed now and then.
    private static func spelled(_ name: String, _ generator: inout SplitMix64) -> String {
        generator.pick([name, name, name.lowercased(), name.uppercased()])
    }

    private static let methods = ["GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]
    private static let oddMethods = ["M-SEARCH", "CONNECT", "get", "X", "GETX", "PRI", "SOURCE", "PROPFIND"]
    private static let targets = [
        "/", "/v1/chat/completions", "/a?b=c&d=%20", "/a%0d%0a", "/a;b", "//x", "/:80", "/[x]", "/a@b",
    ]
    private static let oddTargets = [
        "*", "/\"<>\\^`{|}", "/caf\u{e9}", "/a#b", "http://a.test/x", "a.test:80", "?", "x", "/?\u{80}",
    ]
    private static let versions = [
        "HTTP/1.2", "HTTP/0.9", "HTTP/2.0", "HTTP/1.11", "http/1.1", "HTTP/1", "ICE/1.0", "RTSP/1.0",
    ]
    private static let connection = [
        "Connection: close", "Connection: keep-alive", "connection: Keep-Alive, close", "Connection: Upgrade",
        "Connection: upgrade, X-Hop", "Connection: , x-hop ,", "Connection: X-Hop, Content-Length",
        "Keep-Alive: timeout=5",
        "Upgrade: websocket", "Upgrade: h2c", "Proxy-Connection: close", "TE: trailers", "Trailer: X-Sum", "X-Hop: 1",
        "Connection:", "Connection: closed", "Connection: keep-alivex", "Connection: close close",
        "Connection: te,\tUpgrade",
    ]
    private static let requestFields = [
        "X: y", "Accept: */*", "Authorization: Bearer k", "Expect: 100-continue", "X-Empty:", "X-Tab:\ta\tb\t",
        "X-Text: caf\u{e9}",
        "User-Agent: a (b; c) \"d\"", "Content-Type: application/json", "Cookie: a=b; c=d", "X_Under: 1",
        "x-weir-error: x",
    ]
    private static let responseFields = [
        "X: y", "Server: x", "Content-Type: text/event-stream", "Set-Cookie: a=b", "X-Empty:", "X-Text: caf\u{e9}",
        "Content-Encoding: gzip", "x-weir-request-id: up", "x-weir-error: up", "Location: /x",
    ]
    private static let framing = [
        "Content-Length: 5", "Content-Length: 0", "Content-Length:", "Content-Length: 5, 5", "Content-Length: +5",
        "Content-Length: 18446744073709551615", "Content-Length: 18446744073709551616",
        "Content-Length: 9223372036854775808",
        "Content-Length: 5 5", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding:", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: chunked;q=1",
        "Content_Length: 5",
        "Transfer_Encoding: chunked", "Content-Length : 5", " Content-Length: 5", "Host: other.test", "Host: a@b",
    ]
}

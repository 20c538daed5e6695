import TestSupport

/// An upstream that answers each request with the request itself, as it came: head and body.
struct EchoUpstream {
    private let upstream: ScriptedUpstream
    /// What it calls itself in each answer.
    let name: String

    init(_ name: String = "upstream") throws {
        self.name = name
        upstream = try ScriptedUpstream { connection in
            while let (head, body) = try connection.readRequest() {
                if head.hasPrefix("HEAD ") {
                    try connection.socket.write("HTTP/1.1 200 OK\r\nX-Upstream: \(name)\r\nContent-Length: 5\r\n\r\n")
                } else {
                    try connection.answer(fields: ["X-Upstream: \(name)"], body: head + body)
                }
            }
        }
    }

    var url: String { upstream.url }
    var port: Int { upstream.port }
    var connectionCount: Int { upstream.connectionCount }

    /// All that has come, connection by connection.
    var received: String { (0..<upstream.connectionCount).map { upstream.received(on: $0) }.joined() }

    func stop() { upstream.stop() }
}

/// A request as an upstream saw it and echoed it.
struct EchoedRequest {
    let answer: WireResponse

    /// The name of the upstream that it came to.
    var upstream: String? { answer["x-upstream"] }

    /// Method, target and version.
    var line: String { String(answer.text.prefix { $0 != "\r\n" }) }

    /// The target.
    var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    /// The field lines with that name, whatever the case: what stands behind the colon.
    func fields(_ name: String) -> [String] {
        let head = answer.text.firstRange(of: "\r\n\r\n").map { answer.text[..<$0.lowerBound] } ?? answer.text[...]
        return head.split(separator: "\r\n").dropFirst().compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts[0].lowercased() == name.lowercased() else { return nil }
            return String(parts.dropFirst().first?.drop { $0 == " " } ?? "")
        }
    }

    /// The body.
    var body: String { answer.text.firstRange(of: "\r\n\r\n").map { String(answer.text[$0.upperBound...]) } ?? "" }
}

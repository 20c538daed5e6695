import HTTP1
import NIOCore
import Policy
import WeirConfiguration

/// One configuration and what it makes of heads.
struct PolicyRun {
    let snapshot: PolicySnapshot

    init(_ configuration: Configuration) {
        snapshot = PolicySnapshot(configuration, fingerprintSecret: Array("secret".utf8))
    }

    init(_ snapshot: PolicySnapshot) {
        self.snapshot = snapshot
    }

    func decide(_ head: ParsedHead, peer: String? = nil) -> Decision {
        snapshot.decide(
            head.octets.span.bytes, head.request, fields: head.parser.fields, peer: peer.flatMap { IPAddress($0) })
    }

    /// The decision in a word: `forward NAME`, `health`, `greeting`, `preflight`, or a refusal's code.
    func word(_ head: ParsedHead, peer: String? = nil) -> String {
        switch decide(head, peer: peer) {
        case .forward(let forwarding): "forward \(forwarding.route.settings.name)"
        case .health(let isFull): isFull ? "health" : "status"
        case .greeting: "greeting"
        case .preflight: "preflight"
        case .refuse(let refusal, _): refusal.code.rawValue
        }
    }

    /// The head that the upstream sees, or the word for what else was decided.
    func upstreamHead(_ head: ParsedHead, bodyLength: Int? = nil) -> String {
        guard case .forward(let forwarding) = decide(head) else { return word(head) }
        let octets = head.octets.span.bytes
        var edit = HeadEdit()
        forwarding.edit(&edit, octets, head.request, fields: head.parser.fields, bodyLength: bodyLength)
        let lines = edit.changes.map(\.line)
        guard lines == lines.sorted() else { return "changes out of order" }
        var out = ByteBuffer()
        edit.apply(
            to: octets, startLine: head.parser.requestLine.line, fields: head.parser.fields, end: head.octets.count,
            into: &out)
        return String(buffer: out)
    }

    /// The target that the upstream sees.
    func upstreamTarget(_ head: ParsedHead) -> String {
        let text = upstreamHead(head)
        let parts = text.prefix { $0 != "\r\n" }.split(separator: " ")
        return parts.count == 3 ? String(parts[1]) : text
    }

    /// The field lines that the upstream sees behind `Host`, which comes first.
    func upstreamFields(_ head: ParsedHead, bodyLength: Int? = nil) -> [String] {
        let lines = upstreamHead(head, bodyLength: bodyLength).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        return lines.dropFirst(2).dropLast(2).map(String.init)
    }
}

extension Configuration {
    /// A configuration of routes to `https://NAME.test`.
    static func test(_ names: String..., change: (inout Configuration) -> Void = { _ in }) -> Configuration {
        var configuration = Configuration(dataDirectory: "unused", threads: 1)
        configuration.routes = names.map {
            RouteSettings(name: $0, target: UpstreamURL(scheme: .https, host: "\($0).test", port: 443))
        }
        change(&configuration)
        return configuration
    }
}

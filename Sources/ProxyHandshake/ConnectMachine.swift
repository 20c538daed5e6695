package import HTTP1
package import NIOCore
package import WeirConfiguration

/// Asks an HTTP proxy for a tunnel with `CONNECT` (RFC 9110 §9.3.6).
package struct ConnectMachine: ProxyMachine {
    /// What an answer's head may cost.
    package static let limits = HeadParser.Limits(head: 16_384, fields: 128)
    private static let interimHeadsAllowed = 16
    private static let reasonLimit = 80

    private let proxy: OutboundProxy
    private let authority: String
    private var parser = HeadParser(role: .response, limits: Self.limits)
    private var received = ByteBuffer()
    private var interimHeads = 0

    /// A machine for one connection.
    ///
    /// - Throws: ``ProxyFault`` where the user name holds a colon, which Basic cannot say (RFC 7617 §2).
    package init(proxy: OutboundProxy, host: String, port: Int) throws(ProxyFault) {
        try Self.check(proxy)
        self.proxy = proxy
        authority = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Whether the proxy's credentials can be sent by Basic.
    package static func check(_ proxy: OutboundProxy) throws(ProxyFault) {
        guard proxy.user?.contains(":") != true else {
            throw ProxyFault(.unspeakable, "a user name with a colon cannot be sent to an HTTP proxy (Basic).")
        }
    }

    package func opening() -> ByteBuffer {
        var head = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n"
        if let credentials = proxy.basicCredentials { head += "Proxy-Authorization: \(credentials.text)\r\n" }
        return ByteBuffer(string: head + "\r\n")
    }

    package mutating func receive(_ octets: ByteBuffer) -> ProxyStep {
        received.writeImmutableBuffer(octets)
        while true {
            let head = received
            let progress = parser.parse(head.readableBytesSpan)
            switch progress {
            case .incomplete: return ProxyStep(.pending)
            case .fault(let fault):
                return failed(.malformed, "its answer to CONNECT is no HTTP that can be read. \(fault.message)")
            case .complete(let end):
                if let outcome = judge(end) { return ProxyStep(outcome) }
                interimHeads += 1
                guard interimHeads <= Self.interimHeadsAllowed else {
                    return failed(.malformed, "it sent more than \(Self.interimHeadsAllowed) interim answers.")
                }
                received.moveReaderIndex(forwardBy: end)
                received.discardReadBytes()
                parser.reset()
            }
        }
    }

    /// What a whole head means; nil: it is interim, and another follows (RFC 9110 §15.2).
    private mutating func judge(_ end: Int) -> ProxyOutcome? {
        let status = parser.statusLine.status
        switch status {
        case 101: break
        case 100..<200: return nil
        case 200..<300:
            // Whatever the head says about a body, there is none: the next octet is the upstream's.
            received.moveReaderIndex(forwardBy: end)
            return .established(rest: received.readableBytes > 0 ? received : nil)
        case 407:
            return .failed(
                .authenticationRequired(by: proxy, offersBasic: BasicChallenge.isOffered(in: received, parser.fields)))
        case 401 where proxy.user != nil:
            // How tinyproxy answers credentials that it does not accept; within CONNECT nobody else can have said it.
            return .failed(.authenticationRequired(by: proxy, offersBasic: true))
        default: break
        }
        return .failed(ProxyFault(.refused, "it answered CONNECT \(authority) with \(status)\(reason)."))
    }

    private func failed(_ code: ProxyFault.Code, _ message: String) -> ProxyStep {
        ProxyStep(.failed(ProxyFault(code, message)))
    }

    /// The reason phrase with a space in front, fit to be shown; empty where there is none, or where it must not be.
    private var reason: String {
        let octets = received.readableBytesView
        let start = octets.startIndex
        let phrase = parser.statusLine.statusAndReason.dropFirst(4)
        guard !phrase.isEmpty else { return "" }
        let shown = phrase.prefix(Self.reasonLimit).map { place -> UInt8 in
            let octet = octets[start + place]
            return (0x20...0x7E).contains(octet) ? octet : UInt8(ascii: "?")
        }
        let text = String(decoding: shown, as: UTF8.self)
        return proxy.isGivenAway(
            by: String(decoding: octets[(start + phrase.startIndex)..<(start + phrase.endIndex)], as: UTF8.self))
            ? "" : " " + text
    }
}

package import NIOCore
package import WeirConfiguration

/// What is said to an outbound proxy until it leads to the upstream; no I/O.
///
/// The verdict does not depend on how the proxy's octets were split.
package protocol ProxyMachine: Sendable {
    /// What is sent first.
    func opening() -> ByteBuffer
    /// Takes octets that the proxy sent; not to be called again once the outcome is more than ``ProxyOutcome/pending``.
    mutating func receive(_ octets: ByteBuffer) -> ProxyStep
}

/// What follows from octets that a proxy sent.
package struct ProxyStep: Sendable, Equatable {
    /// What is to be sent now; nil: nothing.
    package var send: ByteBuffer?
    /// How things stand.
    package var outcome: ProxyOutcome

    /// A step.
    package init(send: ByteBuffer? = nil, _ outcome: ProxyOutcome) {
        self.send = send
        self.outcome = outcome
    }
}

/// How the talk with a proxy stands.
package enum ProxyOutcome: Sendable, Equatable {
    /// More must come.
    case pending
    /// The tunnel stands; `rest` is what the upstream has sent already, if anything.
    case established(rest: ByteBuffer?)
    /// There will be no tunnel.
    case failed(ProxyFault)
}

extension OutboundProxy {
    /// The machine that asks the proxy for a tunnel to `host`, a name or an address without brackets.
    ///
    /// - Throws: ``ProxyFault`` where the proxy's protocol cannot say the credentials or the host.
    package func machine(host: String, port: Int) throws(ProxyFault) -> any ProxyMachine {
        switch scheme {
        case .http, .https: return try ConnectMachine(proxy: self, host: host, port: port)
        case .socks5: return try SOCKSMachine(proxy: self, host: host, port: port)
        }
    }

    /// Whether `text` holds a part of the credentials.
    package func isGivenAway(by text: String) -> Bool {
        let encoded = basicCredentials?.text.dropFirst("Basic ".count)
        let secrets = [user, password?.text, encoded.map(String.init)]
        return secrets.contains { secret in secret.map { !$0.isEmpty && text.contains($0) } ?? false }
    }
}

import Synchronization

/// An outbound proxy on loopback whose behaviour a test chooses; every name leads to 127.0.0.1.
package final class FakeProxy: Sendable {
    /// How it is spoken to.
    package enum Kind: String, Sendable, CaseIterable {
        /// `CONNECT` and absolute-form.
        case http
        /// SOCKS version 5.
        case socks5
    }

    /// What it does with a connection.
    package enum Behaviour: Sendable {
        /// Connects as asked.
        case serve
        /// The same, with its own answers sent octet by octet.
        case serveInPieces
        /// Reads what comes first and answers with these octets, then closes once the peer has.
        case answer([UInt8])
        /// Connects as asked, then sends these octets of its own before the upstream's.
        case speakFirst([UInt8])
        /// Says nothing.
        case hang
        /// Closes after what came first.
        case close
        /// Makes the tunnel, then never passes on anything.
        case hangInTunnel
    }

    private let listener: ScriptedUpstream
    private let log = RequestLog()
    /// Its port on 127.0.0.1.
    package let port: Int

    /// Listens; wants `user` and `password` where there are any.
    package init(_ kind: Kind, _ behaviour: Behaviour = .serve, user: String? = nil, password: String = "") throws {
        let log = log
        let credentials = user.map { (user: $0, password: password) }
        listener = try ScriptedUpstream { connection in
            let talk = ProxyTalk(socket: connection.socket, behaviour: behaviour, credentials: credentials, log: log)
            switch kind {
            case .http: try talk.serveHTTP()
            case .socks5: try talk.serveSOCKS()
            }
        }
        port = listener.port
    }

    /// What it was asked for so far, in order: `CONNECT host:port`, `GET http://…`, `name host:port`, `address host:port`.
    package var requests: [String] { log.all }

    /// Connections accepted so far.
    package var connectionCount: Int { listener.connectionCount }

    /// Connections that are over and closed.
    package var endedCount: Int { listener.endedCount }

    /// Ends every connection and accepts no more.
    package func stop() { listener.stop() }
}

/// What a proxy was asked for.
final class RequestLog: Sendable {
    private let requests = Mutex<[String]>([])

    var all: [String] { requests.withLock { $0 } }

    func add(_ request: String) { requests.withLock { $0.append(request) } }
}

import HTTP1
import NIOCore
import NIOPosix
import TestSupport
import Upstream
import WeirConfiguration

/// What came of exchanges on one connection.
struct ProbeResult: Sendable {
    var statuses: [Int] = []
    var bodies: [String] = []
}

/// Carries exchanges one after the other on one connection; confined to its event loop.
final class Probe: UpstreamExchange {
    private let pool: ConnectionPool
    private let head: String
    private let promise: EventLoopPromise<ProbeResult>
    private let sendsBodyAtOnce: Bool
    private var exchangesLeft: Int
    private var result = ProbeResult()
    private var body = ""

    private init(
        _ dialer: Dialer, on loop: any EventLoop, head: String, exchanges: Int, _ promise: EventLoopPromise<ProbeResult>
    ) {
        pool = ConnectionPool(dialer: dialer, loop: loop)
        self.head = head
        sendsBodyAtOnce = head.hasSuffix("+")
        self.promise = promise
        exchangesLeft = exchanges
    }

    /// Dials and carries `exchanges` requests.
    ///
    /// - Parameter sendsBodyAtOnce: whether the body goes with the head, not an octet for each piece that comes in.
    static func run(
        _ dialer: Dialer, exchanges: Int = 1, sendsBodyAtOnce: Bool = false
    ) async throws -> ProbeResult {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: ProbeResult.self)
        let head = Self.head(for: dialer.destination) + (sendsBodyAtOnce ? "++" : "")
        loop.scheduleTask(in: .seconds(30)) {
            promise.fail(WireSocket.Failure(description: "the exchange did not end"))
        }
        loop.execute {
            let probe = Probe(dialer, on: loop, head: head, exchanges: exchanges, promise)
            probe.pool.dial().whenComplete { result in
                switch result {
                case .success(let connection): probe.begin(connection)
                case .failure(let error): promise.fail(error)
                }
            }
        }
        return try await promise.futureResult.get()
    }

    /// A request for `/stream`, in absolute-form and with the proxy's credentials where they belong.
    private static func head(for destination: Destination) -> String {
        let host = "\(destination.host.contains(":") ? "[\(destination.host)]" : destination.host):\(destination.port)"
        let target = destination.usesAbsoluteForm ? "http://\(host)/stream" : "/stream"
        let credentials = destination.usesAbsoluteForm ? destination.proxy?.basicCredentials : nil
        let field = credentials.map { "Proxy-Authorization: \($0.text)\r\n" } ?? ""
        return "POST \(target) HTTP/1.1\r\nHost: \(host)\r\n\(field)Content-Length: 2\r\n\r\n"
    }

    private func begin(_ connection: UpstreamConnection) {
        connection.lease(to: self, answersHEAD: false, acceptsTunnel: false)
        connection.write(ByteBuffer(string: head))
        connection.flush()
    }

    func upstream(_ connection: UpstreamConnection, head: ResponseHead, end: Int) {
        result.statuses.append(head.status)
    }

    func upstream(_ connection: UpstreamConnection, payload run: ByteBuffer, range: Range<Int>) {
        let piece = String(decoding: Array(run.readableBytesView)[range], as: UTF8.self)
        body += piece
        // "one" and "two" are asked to be gone on from, "three" is not.
        guard !sendsBodyAtOnce, piece.hasSuffix("one;") || piece.hasSuffix("two;") else { return }
        connection.write(ByteBuffer(string: "+"))
        connection.flush()
    }

    func upstreamFinished(_ connection: UpstreamConnection) {
        result.bodies.append(body)
        body = ""
        exchangesLeft -= 1
        guard exchangesLeft > 0 else {
            connection.abandon()
            return promise.succeed(result)
        }
        pool.giveBack(connection, now: 0)
        guard let again = pool.lease(now: 0) else {
            return promise.fail(WireSocket.Failure(description: "the connection does not rest"))
        }
        begin(again)
    }

    func upstream(_ connection: UpstreamConnection, failed fault: UpstreamFault) { promise.fail(fault) }
    func upstream(_ connection: UpstreamConnection, interim head: ResponseHead, end: Int) {}
    func upstream(_ connection: UpstreamConnection, forward piece: ByteBuffer) {}
    func upstreamWillRead(_ connection: UpstreamConnection) {}
    func upstreamReadComplete(_ connection: UpstreamConnection) {}
    func upstream(_ connection: UpstreamConnection, isWritable: Bool) {}
}

/// An upstream that streams: each piece waits for an octet of the request's body, so that nothing can be buffered.
func streamingUpstream() throws -> ScriptedUpstream {
    try ScriptedUpstream { connection in
        while try connection.socket.readHeadOrEnd() != nil {
            try connection.socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none;\r\n")
            _ = try connection.socket.readExactly(1)
            try connection.socket.write("4\r\ntwo;\r\n")
            _ = try connection.socket.readExactly(1)
            try connection.socket.write("6\r\nthree;\r\n0\r\n\r\n")
        }
    }
}

/// Makes dialers for one test.
struct DialerBench: Sendable {
    let resolver: NameResolver
    let contexts = TLSContexts()

    /// Knows `proxy.test`, and the addresses of `names`; no other name, so that whoever resolves one has to be the proxy.
    init(_ names: [String: [String]] = [:]) {
        resolver = NameResolver(threads: 2) { name in
            guard let addresses = names[name] ?? (name == "proxy.test" ? ["127.0.0.1"] : nil) else {
                throw UpstreamFault(.nameNotResolved, "no such name")
            }
            return try addresses.map { try SocketAddress(ipAddress: $0, port: 0) }
        }
    }

    /// A dialer to `url`.
    func dialer(
        to url: String, through proxy: OutboundProxy? = nil, roots: String? = nil, proxyRoots: String? = nil,
        within limit: Duration = .seconds(15), guard addressGuard: AddressGuard? = nil
    ) throws -> Dialer {
        var tls = TLSSettings()
        tls.caFile = roots
        let destination = Destination(
            target: try UpstreamURL(url), tls: tls, proxy: proxy, proxyCAFile: proxyRoots, connectTimeout: limit)
        return try Dialer(
            destination, resolver: resolver, limits: HeadParser.Limits(), tlsContexts: contexts, guard: addressGuard)
    }

    /// What `dialer` fails with.
    func fault(of dialer: Dialer) async -> UpstreamFault? {
        do {
            _ = try await Probe.run(dialer)
            return nil
        } catch {
            return error as? UpstreamFault
        }
    }
}

extension OutboundProxy {
    static let canaryUser = "canary-user"
    static let canaryPassword = "canary-pass:word"

    /// A proxy on loopback.
    init(_ scheme: Scheme, port: Int, host: String = "127.0.0.1", credentials: Bool = false) {
        self.init(scheme: scheme, host: host, port: port)
        guard credentials else { return }
        user = Self.canaryUser
        password = Secret(Self.canaryPassword)
    }
}

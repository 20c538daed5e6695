import Synchronization
import TestSupport

/// An upstream that keeps every request as it came, and answers each as it is told.
final class EchoUpstream: Sendable {
    /// What came on one connection.
    struct Connection: Sendable {
        /// Whole requests, and perhaps one that broke off.
        var requests: [WireMessage] = []
        /// Everything that came.
        var octets: [UInt8] = []
        var hasEnded = false
    }

    /// Makes the answer to a request; nil: the connection is closed.
    typealias Reply = @Sendable (WireMessage) -> [UInt8]?

    private final class Log: Sendable {
        let seen = Mutex<[Int: Connection]>([:])
        let malformed = Mutex<[String]>([])
    }

    private let log = Log()
    /// The server behind it.
    let upstream: ScriptedUpstream

    static let plainAnswer: Reply = { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".latin1 }
    /// An answer after which the gateway keeps no connection, so that each exchange has its own.
    static let lastAnswer: Reply = { request in
        let body = request.startLine.hasPrefix("HEAD ") ? "" : "ok"
        return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n\(body)".latin1
    }

    init(_ reply: @escaping Reply = plainAnswer) throws {
        upstream = try ScriptedUpstream { [log] connection in
            defer { log.seen.withLock { $0[connection.index, default: Connection()].hasEnded = true } }
            do { try Self.serve(connection, log, reply) } catch let error as WireMessage.Malformed {
                log.malformed.withLock { $0.append("\(error)") }
            }
        }
    }

    private static func serve(_ connection: ScriptedUpstream.Connection, _ log: Log, _ reply: Reply) throws {
        var held: [UInt8] = []
        while let run = try connection.socket.readSome(within: .seconds(60)) {
            held += run
            log.seen.withLock { $0[connection.index, default: Connection()].octets += run }
            while let request = try WireMessage.read(held[...], as: .request) {
                log.seen.withLock { seen in
                    var all = seen[connection.index]?.requests ?? []
                    if all.last?.isComplete == false { all.removeLast() }
                    seen[connection.index]?.requests = all + [request]
                }
                guard request.isComplete else { break }
                held.removeFirst(request.octets.count)
                guard let answer = reply(request) else { return }
                try connection.socket.write(answer)
                if answer.prefix(500).text.contains("\r\nConnection: close\r\n") { return }
            }
        }
    }

    var url: String { upstream.url }

    /// What is wrong with what came.
    var malformed: [String] { log.malformed.withLock { $0 } }

    /// The connections, in the order of their acceptance.
    var connections: [Connection] {
        log.seen.withLock { seen in seen.keys.sorted().compactMap { seen[$0] } }
    }

    /// All requests, complete or not.
    var requests: [WireMessage] { connections.flatMap(\.requests) }

    /// The one request whose target is `target`.
    func request(to target: String) -> WireMessage? { requests.first { $0.target == target } }

    /// Waits until every connection so far has come to its end.
    func settle() throws -> Bool {
        // Connections are accepted in order, so that what is answered here has all others behind it.
        let barrier = try RawClient(port: upstream.port)
        try barrier.socket.write("GET /barrier HTTP/1.1\r\n\r\n")
        _ = try barrier.readResponse()
        barrier.socket.close()
        return eventually { upstream.endedCount == upstream.connectionCount }
    }

    func forgetAll() { log.seen.withLock { $0 = [:] } }

    func stop() { upstream.stop() }
}

import Foundation
import Glibc
import Synchronization

/// An upstream whose connections are run by a script, each on a thread of its own.
package final class ScriptedUpstream: Sendable {
    /// One connection, as its script sees it.
    package struct Connection: Sendable {
        /// Its number, from 0 on, in the order of acceptance.
        package let index: Int
        /// Its socket.
        package let socket: WireSocket
    }

    /// What a script does with a connection; the socket is closed behind it.
    package typealias Script = @Sendable (Connection) throws -> Void

    private struct State {
        var sockets: [WireSocket] = []
        var received: [[UInt8]] = []
        var ended: [Bool] = []
        var failures: [String] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let listener: Int32
    /// The port on 127.0.0.1.
    package let port: Int

    /// Listens, and runs `script` for each connection.
    package init(_ script: @escaping Script) throws {
        listener = try LoopbackAddress.bound()
        guard listen(listener, 128) == 0 else { throw WireSocket.Failure(description: "cannot listen: errno \(errno)") }
        port = LoopbackAddress.port(of: listener)
        Thread.detachNewThread { [self] in acceptAll(script) }
    }

    deinit { close(listener) }

    /// The base URL, without a path.
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Connections accepted so far.
    package var connectionCount: Int { state.withLock { $0.sockets.count } }

    /// Connections whose script has ended.
    package var endedCount: Int { state.withLock { $0.ended.count { $0 } } }

    /// What has come on a connection so far.
    package func received(on index: Int = 0) -> String {
        state.withLock {
            $0.received.indices.contains(index) ? String(decoding: $0.received[index], as: UTF8.self) : ""
        }
    }

    /// How many octets have come on a connection so far.
    package func receivedCount(on index: Int = 0) -> Int {
        state.withLock { $0.received.indices.contains(index) ? $0.received[index].count : 0 }
    }

    /// What scripts threw: a test that ran as meant has none.
    package var failures: [String] { state.withLock { $0.failures } }

    /// Ends every connection and accepts no more.
    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        state.withLock { state in
            state.isStopped = true
            for (socket, hasEnded) in zip(state.sockets, state.ended) where !hasEnded { socket.shut() }
        }
    }

    private func acceptAll(_ script: @escaping Script) {
        while true {
            let descriptor = accept(listener, nil, nil)
            if descriptor < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            let socket = WireSocket(descriptor: descriptor)
            let index = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.sockets.append(socket)
                state.received.append([])
                state.ended.append(false)
                return state.sockets.count - 1
            }
            guard let index else { return socket.close() }
            socket.onRead = { [self] octets in state.withLock { $0.received[index] += octets } }
            Thread.detachNewThread { [self] in run(script, Connection(index: index, socket: socket)) }
        }
    }

    private func run(_ script: Script, _ connection: Connection) {
        var failure: String?
        do { try script(connection) } catch { failure = "connection \(connection.index): \(error)" }
        state.withLock { state in
            if let failure, !state.isStopped { state.failures.append(failure) }
            state.ended[connection.index] = true
            connection.socket.onRead = nil
            connection.socket.close()
        }
    }
}

/// A port whose connections never come about: its backlog is full and nobody accepts.
package final class HangingPort: Sendable {
    private let listener: Int32
    private let fillers: [Int32]
    /// The port on 127.0.0.1.
    package let port: Int

    /// Fills a backlog of its own.
    package init() throws {
        listener = try LoopbackAddress.bound()
        guard listen(listener, 0) == 0 else { throw WireSocket.Failure(description: "cannot listen: errno \(errno)") }
        let port = LoopbackAddress.port(of: listener)
        self.port = port
        // One connection fits a backlog of 0; the others stay in their handshake, as the gateway's will.
        fillers = (0..<3).map { _ in
            let descriptor = socket(
                AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
            _ = LoopbackAddress.with(port: port) { connect(descriptor, $0, $1) }
            return descriptor
        }
        WireSocket.sleep(.milliseconds(50))
    }

    deinit {
        for descriptor in fillers { close(descriptor) }
        close(listener)
    }
}

/// A port that nobody listens on: taken, so that no other test gets it, but closed.
package final class RefusingPort: Sendable {
    private let descriptor: Int32
    /// The port on 127.0.0.1.
    package let port: Int

    /// Takes a free port.
    package init() throws {
        descriptor = try LoopbackAddress.bound()
        port = LoopbackAddress.port(of: descriptor)
    }

    deinit { close(descriptor) }
}

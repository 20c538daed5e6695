import Glibc

/// A blocking socket whose every wait has a deadline; what is read ahead is kept for the next call.
package final class WireSocket: @unchecked Sendable {
    // Sendable: one thread at a time uses a socket, the test's or the script's; only `shut` may come from another.

    /// How the peer ended its side.
    package enum End: Sendable, Equatable {
        /// In good order, by FIN.
        case closed
        /// By RST.
        case reset
    }

    /// What went wrong in a test's own traffic.
    package struct Failure: Error, CustomStringConvertible {
        /// What, and what had come till then.
        package let description: String

        /// A failure in words.
        package init(description: String) {
            self.description = description
        }
    }

    /// How long a wait may take where a call names no limit of its own.
    package static let patience = Duration.seconds(20)

    /// The descriptor; -1 once closed.
    package private(set) var descriptor: Int32
    private var held: [UInt8] = []
    /// How the peer ended, as far as is known.
    package private(set) var end: End?
    /// Is given everything that is read.
    var onRead: (([UInt8]) -> Void)?

    /// Takes over a connected descriptor.
    init(descriptor: Int32) {
        self.descriptor = descriptor
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close() }

    // MARK: Writing

    /// Sends all of `octets`.
    ///
    /// - Throws: ``Failure`` when the peer takes no more, or not in time.
    package func write(_ octets: [UInt8], within limit: Duration = patience) throws {
        let deadline = ContinuousClock.now + limit
        var sent = 0
        while sent < octets.count {
            let count = sendOnce(octets[sent...])
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                guard wait(for: POLLOUT, until: deadline) else {
                    throw Failure(description: "only \(sent) of \(octets.count) octets could be sent in time")
                }
            } else if errno != EINTR {
                throw Failure(description: "sending failed behind \(sent) octets: errno \(errno)")
            }
        }
    }

    private func sendOnce(_ octets: ArraySlice<UInt8>) -> Int {
        octets.withUnsafeBytes {
            send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
    }

    /// Sends the text's UTF-8.
    package func write(_ text: String, within limit: Duration = patience) throws {
        try write(Array(text.utf8), within: limit)
    }

    /// Sends octets until they are all out, the peer takes no more for `limit`, or the connection ends.
    ///
    /// - Returns: how many went out.
    package func writeAsMuch(of octets: [UInt8], stallingFor limit: Duration) -> Int {
        var sent = 0
        while sent < octets.count {
            let count = sendOnce(octets[sent...])
            if count > 0 {
                sent += count
            } else if errno != EAGAIN || !wait(for: POLLOUT, until: .now + limit) {
                break
            }
        }
        return sent
    }

    /// Sends the text in pieces of `size` octets, each on its own.
    package func write(_ text: String, inPiecesOf size: Int, pause: Duration = .zero) throws {
        let octets = Array(text.utf8)
        var start = 0
        while start < octets.count {
            let end = min(start + size, octets.count)
            try write(Array(octets[start..<end]))
            start = end
            if pause > .zero { Self.sleep(pause) }
        }
    }

    // MARK: Reading

    /// Reads up to the empty line that ends a head, and gives the head with it; nil when the peer ended before one octet.
    package func readHeadOrEnd(within limit: Duration = patience) throws -> String? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let end = Self.headEnd(in: held) { return Self.text(take(end)) }
            guard try fill(until: deadline, what: "a head") else {
                if held.isEmpty { return nil }
                throw Failure(description: "the peer ended within a head: \(Self.text(held))")
            }
        }
    }

    /// Reads a head.
    package func readHead(within limit: Duration = patience) throws -> String {
        guard let head = try readHeadOrEnd(within: limit) else {
            throw Failure(description: "the peer ended (\(String(describing: end))) before a head")
        }
        return head
    }

    /// Reads exactly so many octets.
    package func readExactly(_ count: Int, within limit: Duration = patience) throws -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        while held.count < count {
            guard try fill(until: deadline, what: "\(count) octets") else {
                throw Failure(description: "the peer ended behind \(held.count) of \(count) octets")
            }
        }
        return take(count)
    }

    /// Reads what comes next; nil at the peer's end.
    package func readSome(within limit: Duration = patience) throws -> [UInt8]? {
        if held.isEmpty { guard try fill(until: .now + limit, what: "anything") else { return nil } }
        return take(held.count)
    }

    /// Reads until `text` has come, and gives everything up to its end.
    package func read(through text: String, within limit: Duration = patience) throws -> String {
        let deadline = ContinuousClock.now + limit
        let wanted = Array(text.utf8)
        while true {
            if let end = Self.end(of: wanted, in: held) { return Self.text(take(end)) }
            guard try fill(until: deadline, what: "\"\(text)\"") else {
                throw Failure(description: "the peer ended before \"\(text)\": \(Self.text(held))")
            }
        }
    }

    /// Reads until the peer ends its side; ``end`` says how.
    package func readUntilEnd(within limit: Duration = patience) throws -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        while try fill(until: deadline, what: "the end") {}
        return take(held.count)
    }

    /// Reads and drops until so many octets have come or the peer has ended; holds nothing.
    ///
    /// - Returns: how many octets came.
    package func drain(atMost count: Int = .max, within limit: Duration = patience) throws -> Int {
        let deadline = ContinuousClock.now + limit
        var total = take(min(held.count, count)).count
        while total < count, try fill(until: deadline, what: "more to drain", keeps: false) { total += lastRead }
        return total
    }

    /// Reads what comes within `limit`, which may be nothing.
    package func readAvailable(for limit: Duration) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        while (try? fill(until: deadline, what: "anything")) == true {}
        return take(held.count)
    }

    /// Waits for the peer to end its side; false where octets or nothing came in time.
    package func waitForEnd(within limit: Duration = patience) -> Bool {
        let deadline = ContinuousClock.now + limit
        while end == nil {
            guard let more = try? fill(until: deadline, what: "the end") else { return false }
            if !more { break }
        }
        return true
    }

    // MARK: Ending

    /// Ends the sending side alone.
    package func halfClose() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends the connection by RST.
    package func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Closes: by FIN, unless octets have come that nobody read.
    package func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Wakes whoever waits on the socket, for good; from any thread.
    func shut() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Blocks the calling thread.
    package static func sleep(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        var left = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        while true {
            let wanted = left
            guard withUnsafePointer(to: wanted, { nanosleep($0, &left) }) != 0, errno == EINTR else { return }
        }
    }

    /// Limits what the kernel takes in for a reader that does not read.
    package func setReceiveBuffer(_ octets: Int32) {
        var size = octets
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Keeps no more copies of what is read for the test to look at.
    package func forgetsWhatItReads() {
        onRead = nil
    }

    // MARK: Octets in

    private var lastRead = 0

    /// Reads once; false at the peer's end.
    private func fill(until deadline: ContinuousClock.Instant, what: String, keeps: Bool = true) throws -> Bool {
        if end != nil { return false }
        return try withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 1) { room in
            while true {
                let count = recv(descriptor, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
                if count > 0 {
                    lastRead = count
                    if onRead != nil || keeps {
                        let octets = Array(room[..<count])
                        onRead?(octets)
                        if keeps { held += octets }
                    }
                    return true
                }
                if count == 0 {
                    end = .closed
                    return false
                }
                switch errno {
                case EAGAIN:
                    guard wait(for: POLLIN, until: deadline) else {
                        throw Failure(
                            description: "waited in vain for \(what); had \(held.count) octets: "
                                + Self.text(Array(held.suffix(300))))
                    }
                case EINTR: break
                case ECONNRESET, EPIPE:
                    end = .reset
                    return false
                default:
                    throw Failure(description: "reading failed: errno \(errno)")
                }
            }
        }
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let (seconds, attoseconds) = (deadline - .now).components
            let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
            var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
            let ready = poll(&entry, 1, Int32(max(0, min(milliseconds, 60_000))))
            if ready > 0 { return true }
            if ready == 0, milliseconds <= 0 { return false }
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        let taken = Array(held[..<count])
        held.removeFirst(count)
        return taken
    }

    private static func headEnd(in octets: [UInt8]) -> Int? { end(of: [13, 10, 13, 10], in: octets) }

    private static func end(of wanted: [UInt8], in octets: [UInt8]) -> Int? {
        guard octets.count >= wanted.count else { return nil }
        for start in 0...(octets.count - wanted.count) where octets[start] == wanted[0] {
            if octets[start..<(start + wanted.count)].elementsEqual(wanted) { return start + wanted.count }
        }
        return nil
    }

    private static func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}

/// An IPv4 address of loopback, as the socket calls want it.
struct LoopbackAddress {
    /// Calls `body` with 127.0.0.1 and `port`.
    static func with<Result>(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// The port that a bound socket got.
    static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// A socket bound to a free port.
    static func bound() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw WireSocket.Failure(description: "no socket: errno \(errno)") }
        guard with(port: 0, { bind(descriptor, $0, $1) }) == 0 else {
            throw WireSocket.Failure(description: "cannot bind: errno \(errno)")
        }
        return descriptor
    }
}

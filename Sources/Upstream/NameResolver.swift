package import NIOCore
import NIOPosix
import Synchronization
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Finds the addresses of names: on threads of its own, several at a time, so that one slow name holds up no other.
///
/// Answers are kept for a few seconds; a name that is being looked up is looked up once.
package final class NameResolver: Sendable {
    /// Looks a name up, blocking; the ports of the addresses are set by the caller.
    package typealias Lookup = @Sendable (String) throws -> [SocketAddress]

    private struct State {
        var cache: AddressCache
        var waiting: [String: [EventLoopPromise<[SocketAddress]>]] = [:]
        var isShutDown = false
    }

    private let state: Mutex<State>
    private let threads: NIOThreadPool
    private let lookup: Lookup

    /// A resolver with threads of its own.
    ///
    /// - Parameters:
    ///   - lifetime: how long an answer is good for.
    ///   - threads: how many names are looked up at a time.
    ///   - lookup: how a name is looked up; the system's way unless told otherwise.
    package init(
        lifetime: Duration = .seconds(10), threads: Int = 16, lookup: @escaping Lookup = NameResolver.systemLookup
    ) {
        state = Mutex(State(cache: AddressCache(lifetime: lifetime.wholeNanoseconds, capacity: 1024)))
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.lookup = lookup
        self.threads.start()
    }

    /// Ends the threads; who still waits for an address is told so at once, for a lookup cannot be broken off.
    package func shutdown() {
        let waiting = state.withLock { state -> [EventLoopPromise<[SocketAddress]>] in
            state.isShutDown = true
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap { $0 }
        }
        for promise in waiting { promise.fail(Self.isShuttingDown) }
        threads.shutdownGracefully { _ in }
    }

    private static let isShuttingDown = UpstreamFault(.nameNotResolved, "Weir is shutting down.")

    /// The addresses of `name`, each with `port`; fails with ``UpstreamFault``.
    package func addresses(of name: String, port: Int, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        if let literal = try? SocketAddress(ipAddress: name, port: port) { return loop.makeSucceededFuture([literal]) }
        let promise = loop.makePromise(of: [SocketAddress].self)
        let now = NIODeadline.now().uptimeNanoseconds
        let (known, isFirst) = state.withLock { state -> (Result<[SocketAddress], any Error>?, Bool) in
            if state.isShutDown { return (.failure(Self.isShuttingDown), false) }
            if let known = state.cache.addresses(of: name, now: now) { return (.success(known), false) }
            state.waiting[name, default: []].append(promise)
            return (nil, state.waiting[name]?.count == 1)
        }
        if let known {
            promise.completeWith(known)
        } else if isFirst {
            start(name)
        }
        return promise.futureResult.map { $0.map { Self.address($0, port: port) } }
    }

    private func start(_ name: String) {
        threads.submit { [self] threadState in
            guard case .active = threadState else {
                finish(name, .failure(Self.isShuttingDown))
                return
            }
            finish(name, Result { try lookup(name) })
        }
    }

    private func finish(_ name: String, _ result: Result<[SocketAddress], any Error>) {
        let now = NIODeadline.now().uptimeNanoseconds
        let waiting = state.withLock { state -> [EventLoopPromise<[SocketAddress]>] in
            if case .success(let addresses) = result { state.cache.store(addresses, of: name, now: now) }
            return state.waiting.removeValue(forKey: name) ?? []
        }
        for promise in waiting { promise.completeWith(result) }
    }

    private static func address(_ address: SocketAddress, port: Int) -> SocketAddress {
        var copy = address
        copy.port = port
        return copy
    }

    /// `getaddrinfo`, for stream sockets of either family.
    package static let systemLookup: Lookup = { name in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, nil, &hints, &list)
        guard status == 0 else {
            throw UpstreamFault(.nameNotResolved, String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var entry = list
        while let current = entry {
            if let socketAddress = current.pointee.ai_addr {
                switch current.pointee.ai_family {
                case AF_INET:
                    socketAddress.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        found.append(SocketAddress($0.pointee))
                    }
                case AF_INET6:
                    socketAddress.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        found.append(SocketAddress($0.pointee))
                    }
                default: break
                }
            }
            entry = current.pointee.ai_next
        }
        return found
    }
}

/// One connection attempt's view of the resolver, in the shape that NIO's bootstrap asks for.
struct BootstrapResolver: Resolver, Sendable {
    let resolver: NameResolver
    let loop: any EventLoop
    var progress = DialProgress()
    /// Leaves addresses out of the answers.
    var addressGuard: AddressGuard?

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses(of: host, port).map { $0.filter { $0.protocol == .inet } }
    }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        addresses(of: host, port).map { $0.filter { $0.protocol == .inet6 } }
    }

    func cancelQueries() {}

    private func addresses(of host: String, _ port: Int) -> EventLoopFuture<[SocketAddress]> {
        resolver.addresses(of: host, port: port, on: loop).map { addresses in
            progress.foundAddresses()
            guard let addressGuard else { return addresses }
            return addresses.filter { address in
                guard let objection = addressGuard.objection(address) else {
                    progress.letAddressThrough()
                    return true
                }
                progress.leftOut(objection)
                return false
            }
        }
    }
}

/// How far a connection attempt has come, so that a failure can say what it came to grief on.
final class DialProgress: Sendable {
    private struct State {
        var isResolved = false
        var hasCandidates = false
        var objection: String?
    }

    private let state = Mutex(State())

    /// Whether the name's addresses are known.
    var hasAddresses: Bool { state.withLock { $0.isResolved } }

    /// Why no address was left to dial; nil where one was, or where none was looked at.
    var objection: String? { state.withLock { $0.hasCandidates ? nil : $0.objection } }

    func foundAddresses() { state.withLock { $0.isResolved = true } }

    func letAddressThrough() { state.withLock { $0.hasCandidates = true } }

    func leftOut(_ objection: String) { state.withLock { $0.objection = $0.objection ?? objection } }
}

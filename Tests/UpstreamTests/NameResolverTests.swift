import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import Upstream

@Suite struct AddressCacheTests {
    private let one = try? SocketAddress(ipAddress: "192.0.2.1", port: 0)
    private let two = try? SocketAddress(ipAddress: "192.0.2.2", port: 0)

    @Test func anAnswerIsGoodForItsLifetime() throws {
        let address = try #require(one)
        var cache = AddressCache(lifetime: 10, capacity: 4)
        #expect(cache.addresses(of: "a", now: 0) == nil)
        cache.store([address], of: "a", now: 100)
        #expect(cache.addresses(of: "a", now: 100) == [address])
        #expect(cache.addresses(of: "a", now: 109) == [address])
        #expect(cache.addresses(of: "a", now: 110) == nil)
        #expect(cache.addresses(of: "b", now: 100) == nil)
    }

    @Test func aNewAnswerTakesTheOldOnesPlace() throws {
        let (first, second) = (try #require(one), try #require(two))
        var cache = AddressCache(lifetime: 10, capacity: 1)
        cache.store([first], of: "a", now: 0)
        cache.store([second], of: "a", now: 5)
        #expect(cache.addresses(of: "a", now: 14) == [second])
    }

    @Test func theCapacityHolds() throws {
        let address = try #require(one)
        var cache = AddressCache(lifetime: 10, capacity: 2)
        cache.store([address], of: "old", now: 0)
        cache.store([address], of: "new", now: 8)
        // Expired ones go first.
        cache.store([address], of: "newer", now: 12)
        #expect(cache.addresses(of: "new", now: 12) != nil && cache.addresses(of: "newer", now: 12) != nil)
        // Where none has expired, room is made all the same.
        cache.store([address], of: "newest", now: 12)
        let kept = ["new", "newer", "newest"].filter { cache.addresses(of: $0, now: 12) != nil }
        #expect(kept.count <= 2 && kept.contains("newest"))
    }
}

@Suite struct NameResolverTests {
    /// A way to look names up that counts, and holds what it is told to hold.
    private final class Names: Sendable {
        private let counts = Mutex<[String: Int]>([:])
        private let held = DispatchSemaphore(value: 0)
        private let failing = Mutex(false)

        func count(_ name: String) -> Int { counts.withLock { $0[name] ?? 0 } }
        func release() { held.signal() }
        func fail(_ fails: Bool) { failing.withLock { $0 = fails } }

        var lookup: NameResolver.Lookup {
            { [self] name in
                counts.withLock { $0[name, default: 0] += 1 }
                // A hold that nobody ends, ends by itself.
                if name.hasPrefix("slow") { _ = held.wait(timeout: .now() + 20) }
                if failing.withLock({ $0 }) { throw UpstreamFault(.nameNotResolved, "no such name") }
                return [
                    try SocketAddress(ipAddress: "192.0.2.7", port: 1),
                    try SocketAddress(ipAddress: "2001:db8::7", port: 1),
                ]
            }
        }
    }

    private var loop: any EventLoop { MultiThreadedEventLoopGroup.singleton.next() }

    @Test func anAnswerIsKeptAndCarriesTheAskersPort() async throws {
        let names = Names()
        let resolver = NameResolver(lifetime: .seconds(3600), threads: 2, lookup: names.lookup)
        defer { resolver.shutdown() }
        for port in [80, 443, 80] {
            let found = try await resolver.addresses(of: "a.test", port: port, on: loop).get()
            #expect(found.map(\.ipAddress) == ["192.0.2.7", "2001:db8::7"])
            #expect(found.map(\.port) == [port, port])
        }
        #expect(names.count("a.test") == 1)
    }

    @Test func anAnswerOfNoLifetimeIsAskedForAgain() async throws {
        let names = Names()
        let resolver = NameResolver(lifetime: .zero, threads: 2, lookup: names.lookup)
        defer { resolver.shutdown() }
        for _ in 0..<3 { _ = try await resolver.addresses(of: "a.test", port: 80, on: loop).get() }
        #expect(names.count("a.test") == 3)
    }

    @Test func aLifetimeBelowASecondIsALifetime() async throws {
        let names = Names()
        let resolver = NameResolver(lifetime: .nanoseconds(999_999_999), threads: 2, lookup: names.lookup)
        defer { resolver.shutdown() }
        // Some of a hundred askings fall into one lifetime, however slow the machine is.
        for _ in 0..<100 { _ = try await resolver.addresses(of: "a.test", port: 80, on: loop).get() }
        #expect(names.count("a.test") < 100)
    }

    @Test func aNameIsLookedUpOnceForAllWhoAsk() async throws {
        let names = Names()
        let resolver = NameResolver(threads: 4, lookup: names.lookup)
        defer { resolver.shutdown() }
        let asked = (0..<50).map { resolver.addresses(of: "slow.test", port: 1000 + $0, on: loop) }
        // The name is out of the way of another meanwhile.
        _ = try await resolver.addresses(of: "fast.test", port: 80, on: loop).get()
        names.release()
        for (index, future) in asked.enumerated() {
            #expect(try await future.get().allSatisfy { $0.port == 1000 + index })
        }
        #expect(names.count("slow.test") == 1)
    }

    @Test func aSlowNameHoldsUpNoOther() async throws {
        let names = Names()
        let resolver = NameResolver(threads: 4, lookup: names.lookup)
        defer { resolver.shutdown() }
        let slow = (0..<3).map { resolver.addresses(of: "slow\($0).test", port: 80, on: loop) }
        for index in 0..<20 {
            #expect(try await !resolver.addresses(of: "fast\(index).test", port: 80, on: loop).get().isEmpty)
        }
        for _ in slow { names.release() }
        for future in slow { #expect(try await !future.get().isEmpty) }
    }

    @Test func aFailureIsNotKept() async throws {
        let names = Names()
        let resolver = NameResolver(threads: 2, lookup: names.lookup)
        defer { resolver.shutdown() }
        names.fail(true)
        for _ in 0..<2 {
            let fault = await #expect(throws: UpstreamFault.self) {
                try await resolver.addresses(of: "a.test", port: 80, on: loop).get()
            }
            #expect(fault?.code == .nameNotResolved)
        }
        names.fail(false)
        #expect(try await resolver.addresses(of: "a.test", port: 80, on: loop).get().count == 2)
        #expect(names.count("a.test") == 3)
    }

    @Test(arguments: ["127.0.0.1", "::1", "::ffff:192.0.2.1"])
    func aLiteralIsNotLookedUp(_ literal: String) async throws {
        let names = Names()
        let resolver = NameResolver(threads: 1, lookup: names.lookup)
        defer { resolver.shutdown() }
        let found = try await resolver.addresses(of: literal, port: 8080, on: loop).get()
        #expect(found == [try SocketAddress(ipAddress: literal, port: 8080)])
        #expect(names.count(literal) == 0)
    }

    @Test func theSystemKnowsLocalhost() throws {
        let found = try NameResolver.systemLookup("localhost")
        #expect(found.contains { $0.ipAddress == "127.0.0.1" || $0.ipAddress == "::1" })
    }

    @Test func theFamiliesAreToldApart() async throws {
        let names = Names()
        let resolver = NameResolver(threads: 2, lookup: names.lookup)
        defer { resolver.shutdown() }
        let bootstrap = BootstrapResolver(resolver: resolver, loop: loop)
        #expect(try await bootstrap.initiateAQuery(host: "a.test", port: 80).get().map(\.ipAddress) == ["192.0.2.7"])
        #expect(
            try await bootstrap.initiateAAAAQuery(host: "a.test", port: 80).get().map(\.ipAddress) == ["2001:db8::7"])
    }

    @Test func afterTheEndNothingIsLookedUp() async throws {
        let names = Names()
        let resolver = NameResolver(threads: 1, lookup: names.lookup)
        resolver.shutdown()
        await #expect(throws: (any Error).self) {
            try await resolver.addresses(of: "a.test", port: 80, on: loop).get()
        }
    }
}

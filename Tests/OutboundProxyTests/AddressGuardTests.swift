import NIOCore
import Synchronization
import TestSupport
import Testing
import Upstream
import WeirConfiguration

/// Which addresses are dialled.
@Suite("Addresses are checked", .blocking)
struct AddressGuardTests {
    /// Refuses addresses of the documentation's networks and of private ones, and keeps what it was asked about.
    private final class Notes: Sendable {
        let asked = Mutex<[String]>([])

        func makeGuard(refusing refused: Set<String>) -> AddressGuard {
            AddressGuard { [self] address in
                let text = address.ipAddress ?? ""
                asked.withLock { $0.append(text) }
                return refused.contains(text) ? "\(text) is refused here" : nil
            }
        }
    }

    @Test(arguments: ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
    func aRefusedAddressIsNotDialled(_ host: String) async throws {
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let addressGuard = Notes().makeGuard(refusing: ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
        let proxies: [OutboundProxy?] = [
            nil, OutboundProxy(.http, port: upstream.port), OutboundProxy(.socks5, port: upstream.port),
        ]
        for proxy in proxies {
            let fault = await bench.fault(
                of: try bench.dialer(to: "http://\(host):\(upstream.port)", through: proxy, guard: addressGuard))
            #expect(fault?.code == .destinationDenied)
            #expect(fault?.message.contains("port \(upstream.port) may not be reached from here") == true)
            #expect(fault?.message.contains("is refused here") == true)
        }
        #expect(upstream.connectionCount == 0, "no socket may be opened")
    }

    @Test func aNameWithOnlyRefusedAddressesIsNotDialled() async throws {
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let bench = DialerBench(["inside.test": ["127.0.0.1", "::1"], "empty.test": []])
        defer { bench.resolver.shutdown() }
        let notes = Notes()
        let addressGuard = notes.makeGuard(refusing: ["127.0.0.1", "::1"])
        // Twice: the second time the addresses come from the cache.
        for _ in 0..<2 {
            let fault = await bench.fault(
                of: try bench.dialer(to: "http://inside.test:\(upstream.port)", guard: addressGuard))
            #expect(fault?.code == .destinationDenied)
            #expect(fault?.message.hasPrefix("inside.test port \(upstream.port) may not be reached") == true)
        }
        #expect(upstream.connectionCount == 0, "no socket may be opened")
        #expect(Set(notes.asked.withLock { $0 }) == ["127.0.0.1", "::1"])
        let fault = await bench.fault(of: try bench.dialer(to: "http://empty.test", guard: addressGuard))
        #expect(fault?.code == .nameNotResolved, "nothing was refused")
    }

    @Test func theAddressThatIsLeftIsDialled() async throws {
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let bench = DialerBench(["both.test": ["127.0.0.2", "127.0.0.1"]])
        defer { bench.resolver.shutdown() }
        let addressGuard = Notes().makeGuard(refusing: ["127.0.0.2"])
        let dialer = try bench.dialer(to: "http://both.test:\(upstream.port)", guard: addressGuard)
        #expect(try await Probe.run(dialer).statuses == [200])
    }

    @Test func aFailureOfWhatIsLeftIsToldAsOne() async throws {
        let closed = try RefusingPort()
        let bench = DialerBench(["both.test": ["127.0.0.2", "127.0.0.1"]])
        defer { bench.resolver.shutdown() }
        let addressGuard = Notes().makeGuard(refusing: ["127.0.0.2"])
        let fault = await bench.fault(
            of: try bench.dialer(to: "http://both.test:\(closed.port)", guard: addressGuard))
        #expect(fault?.code == .notConnected)
    }

    @Test func theProxysOwnAddressIsNotAskedAbout() async throws {
        let upstream = try streamingUpstream()
        defer { upstream.stop() }
        let fake = try FakeProxy(.socks5)
        defer { fake.stop() }
        let bench = DialerBench()
        defer { bench.resolver.shutdown() }
        let notes = Notes()
        let dialer = try bench.dialer(
            to: "http://upstream.test:\(upstream.port)", through: OutboundProxy(.socks5, port: fake.port),
            guard: notes.makeGuard(refusing: ["127.0.0.1"]))
        #expect(try await Probe.run(dialer).statuses == [200])
        #expect(notes.asked.withLock { $0 }.isEmpty)
    }
}

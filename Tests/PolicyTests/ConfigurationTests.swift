import Testing
import WeirConfiguration

@Suite struct ConfigurationTests {
    private func configuration(
        host: String = "127.0.0.1", port: Int = 8080, threads: Int = 2, target: String = "https://api.test"
    ) throws -> Configuration {
        var configuration = Configuration(dataDirectory: "unused", threads: threads)
        configuration.server.host = host
        configuration.server.port = port
        configuration.routes = [RouteSettings(name: "r", target: try UpstreamURL(target))]
        return configuration
    }

    @Test(arguments: [(-1, true), (0, false), (1, false), (65_535, false), (65_536, true)])
    func thePortIsChecked(_ port: Int, isFault: Bool) throws {
        #expect(try configuration(port: port).faults().map(\.place) == (isFault ? ["--port"] : []))
    }

    @Test(arguments: [(-1, true), (0, true), (1, false), (1024, false), (1025, true)])
    func theThreadsAreChecked(_ threads: Int, isFault: Bool) throws {
        #expect(try configuration(threads: threads).faults().map(\.place) == (isFault ? ["--threads"] : []))
    }

    @Test func allFaultsAreToldAtOnce() throws {
        let faults = try configuration(port: 70_000, threads: 0, target: "https://api.test")
            .faults()
        #expect(faults.map(\.place) == ["--port", "--threads"])
    }

    @Test(arguments: [
        ("127.0.0.1", "http://127.0.0.1:8080", true), ("127.0.0.1", "http://localhost:8080/v1", true),
        ("127.0.0.1", "https://localhost:8080", true), ("127.0.0.1", "http://[::1]:8080", true),
        ("localhost", "http://LOCALHOST:8080", true), ("0.0.0.0", "http://127.0.0.1:8080", true),
        ("::", "http://[::1]:8080", true), ("10.0.0.1", "http://10.0.0.1:8080", true),
        ("Gw.Test", "http://gw.test:8080", true), ("127.0.0.1", "http://0.0.0.0:8080", true),
        ("127.0.0.1", "http://127.0.0.1:8081", false), ("127.0.0.1", "http://api.test:8080", false),
        ("10.0.0.1", "http://127.0.0.1:8080", false), ("127.0.0.1", "mock://", false),
        ("127.0.0.1", "http://10.0.0.1:8080", false),
    ])
    func anUpstreamThatIsWeirItselfIsAFault(_ host: String, _ target: String, isFault: Bool) throws {
        let faults = try configuration(host: host, target: target).faults()
        #expect(faults.map(\.place) == (isFault ? ["routes.r.target_url"] : []))
    }

    @Test func theUpstreamTimeoutSetsThreeDeadlines() {
        let short = TimeoutSettings(upstream: .seconds(3))
        #expect(short.connect == .seconds(3) && short.firstByte == .seconds(3) && short.idle == .seconds(3))
        let long = TimeoutSettings(upstream: .seconds(300))
        #expect(long.connect == .seconds(10) && long.firstByte == .seconds(300) && long.idle == .seconds(300))
    }

    @Test(arguments: [
        (Duration.zero, UInt64(0)), (.seconds(-5), 0), (.nanoseconds(1), 1), (.milliseconds(1500), 1_500_000_000),
        (.seconds(Int64.max), UInt64(Int64.max)),
    ])
    func durationsBecomeNanoseconds(_ duration: Duration, _ nanoseconds: UInt64) {
        #expect(duration.wholeNanoseconds == nanoseconds)
    }
}

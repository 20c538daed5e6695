package import Gateway
import NIOCore
package import Recording
package import Upstream
package import WeirConfiguration

/// A gateway in this process, on a port of its own.
package struct TestGateway: Sendable {
    /// Settings that differ between tests; all times are short enough for tests that do not wait for them.
    package struct Settings: Sendable {
        /// The listener's.
        package var server = ServerSettings()
        /// What the listener shows; nil: it speaks plain HTTP.
        package var certificate: CurrentCertificate?
        /// The default route's timeouts.
        package var timeouts = TimeoutSettings()
        /// The default route's retries.
        package var retries = RetrySettings()
        /// The default route's TLS.
        package var tls = TLSSettings()
        /// The default route's outbound proxy.
        package var proxy = ProxyChoice.global
        /// Event loops.
        package var threads = 2
        /// Looks names up; nil: the system does.
        package var lookup: NameResolver.Lookup?
        /// The resolver, where several gateways share one; wins over ``lookup``.
        package var resolver: NameResolver?
        /// What `GET /healthz` answers; called on an event loop.
        package var health: @Sendable (_ isFull: Bool) -> String = { _ in #"{"status":"ok"}"# }
        /// What else differs; called once the default route is made.
        package var configure: @Sendable (inout Configuration) throws -> Void = { _ in }
        /// Whether exchanges are recorded.
        package var isRecording = false
        /// What the record may cost.
        package var recordingLimits = RecordingLimits()
        /// How the journal goes about its work.
        package var journal = JournalSettings()

        /// Defaults.
        package init() {}
    }

    /// What it was started with.
    package let configuration: Configuration
    /// The server itself.
    package let server: GatewayServer
    /// Its port on 127.0.0.1.
    package let port: Int
    /// The exchanges that were recorded, where they are.
    package let records: RecordedExchanges
    private let resolver: NameResolver
    private let recording: RecordingService?
    private let directory: TemporaryDirectory?

    /// Starts a gateway whose default route leads to `upstream`, a base URL; nil: there is no route.
    package static func start(
        upstream: String?, _ adjust: (inout Settings) -> Void = { _ in }
    ) async throws -> TestGateway {
        var settings = Settings()
        settings.server.port = 0
        settings.server.shutdownGrace = .seconds(5)
        adjust(&settings)
        var configuration = Configuration(dataDirectory: "", threads: settings.threads)
        configuration.server = settings.server
        configuration.recording.isEnabled = settings.isRecording
        if let upstream {
            var route = RouteSettings(name: "default", target: try UpstreamURL(upstream))
            route.timeouts = settings.timeouts
            route.retries = settings.retries
            route.tls = settings.tls
            route.proxy = settings.proxy
            configuration.routes = [route]
            configuration.defaultRoute = route.name
        }
        try settings.configure(&configuration)

        let records = RecordedExchanges()
        var directory: TemporaryDirectory?
        var recording: RecordingService?
        if settings.isRecording {
            let made = try TemporaryDirectory()
            recording = try RecordingService.start(
                directory: made.path, limits: settings.recordingLimits, mask: RecordMask(), sink: records.sink,
                settings: settings.journal,
                diagnostics: { records.note($0) })
            directory = made
        }
        let resolver = settings.resolver ?? settings.lookup.map { NameResolver(lookup: $0) } ?? NameResolver()
        var parts = GatewayServer.Parts(resolver: resolver, recording: recording, health: settings.health)
        parts.certificate = settings.certificate
        let server = try await GatewayServer.start(configuration, parts: parts)
        guard let port = server.localAddress?.port else {
            throw WireSocket.Failure(description: "the gateway has no port")
        }
        return TestGateway(
            configuration: configuration, server: server, port: port, records: records, resolver: resolver,
            recording: recording,
            directory: directory)
    }

    /// How the record fares; nil: there is none.
    package var recordingStatus: RecordingStatus? { recording?.status }

    /// A client connected to it.
    package func client(receiveBuffer: Int32? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBuffer: receiveBuffer)
    }

    /// Stops: at once unless `hurry` waits; the record is complete afterwards.
    package func stop(hurry: @escaping @Sendable () async -> Void = {}) async {
        await server.stop(hurry: hurry)
        resolver.shutdown()
        recording?.shutdown(deadline: .seconds(10))
        directory?.remove()
    }
}

/// Starts a gateway, lends it to `body`, and stops it whatever happens.
package func withGateway<Result>(
    upstream: String?, _ adjust: (inout TestGateway.Settings) -> Void = { _ in },
    _ body: (TestGateway) async throws -> Result
) async throws -> Result {
    let gateway = try await TestGateway.start(upstream: upstream, adjust)
    do {
        let result = try await body(gateway)
        await gateway.stop()
        return result
    } catch {
        await gateway.stop()
        throw error
    }
}

/// Waits until `condition` holds; false when it does not in time.
package func eventually(
    within limit: Duration = WireSocket.patience, _ condition: () throws -> Bool
) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        WireSocket.sleep(.milliseconds(5))
    }
    return try condition()
}

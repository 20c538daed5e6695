import Gateway
import Mock
import NIOCore
import Recording
import Upstream
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why Weir could not start or go on.
struct ApplicationFault: Error {
    let message: String
}

/// Puts the parts together: the one place that knows all of them.
struct Application {
    private let configuration: Configuration
    private let diagnostics: Diagnostics

    init(_ configuration: Configuration, diagnostics: Diagnostics) {
        self.configuration = configuration
        self.diagnostics = diagnostics
    }

    /// Runs until a signal comes, then drains.
    ///
    /// - Throws: ``ApplicationFault``.
    func run() async throws {
        DescriptorLimit.raise()
        let signals = Signals()
        let record = try startRecording()
        let resolver = NameResolver()
        let report = HealthReport(configuration, record: record)
        let gateway: GatewayServer
        do {
            gateway = try await GatewayServer.start(
                configuration,
                parts: GatewayServer.Parts(
                    resolver: resolver, recording: record?.service,
                    inProcessPeer: { try MockProvider.configure($0, settings: MockSettings()) },
                    health: { report.json(isFull: $0) }))
        } catch let fault as UpstreamFault {
            record?.abandon()
            throw ApplicationFault(message: fault.message)
        } catch {
            record?.abandon()
            let server = configuration.server
            throw ApplicationFault(message: "cannot listen on \(server.host) port \(server.port): \(error)")
        }
        diagnostics.show(Banner.lines(configuration, address: gateway.localAddress, record: record))

        var received = signals.received.makeAsyncIterator()
        _ = await received.next()
        diagnostics.say(.info, "stopping; running exchanges may end. A second signal ends at once.")
        let later = signals.received
        await gateway.stop(hurry: { for await _ in later { return } })
        let impatient = Task {
            for await _ in later {
                // The journal has what the session files lack; the next start goes on with it.
                _exit(1)
            }
        }
        defer { impatient.cancel() }
        let isComplete = record?.service.shutdown(deadline: .seconds(30)) ?? true
        if !isComplete {
            diagnostics.say(.warning, "the session files are behind; the journal has the rest for the next start.")
        }
    }

    private func startRecording() throws(ApplicationFault) -> Record? {
        let settings = configuration.recording
        guard settings.isEnabled else { return nil }
        let diagnostics = self.diagnostics
        return try Record(
            settings, directory: configuration.dataDirectory, diagnostics: { diagnostics.say(.warning, $0) })
    }
}

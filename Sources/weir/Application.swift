import ConfigurationFile
import Gateway
import Mock
import NIOCore
import Pricing
import Recording
import RequestLog
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
    private let loaded: LoadedConfiguration
    private let input: ConfigurationInput
    private let watch: FileWatch
    private let diagnostics: Diagnostics

    private var configuration: Configuration { loaded.configuration }

    /// - Parameters:
    ///   - input: what `loaded` was made of, to load it again.
    ///   - watch: knows the files of `loaded` as they were when they were read.
    init(_ loaded: LoadedConfiguration, input: ConfigurationInput, watch: FileWatch, diagnostics: Diagnostics) {
        self.loaded = loaded
        self.input = input
        self.watch = watch
        self.diagnostics = diagnostics
    }

    /// Runs until a signal comes, then drains.
    ///
    /// - Throws: ``ApplicationFault``.
    func run() async throws {
        DescriptorLimit.raise()
        let signals = Signals(takesHangups: true)
        let certificate = try currentCertificate()
        let secrets = KnownSecrets()
        let record = try startRecording(mask: secrets.recordMask(configuration))
        let state = ReloadState()
        let health = HealthReport(configuration, state: state, record: record)
        let log = RequestLog(logSettings)
        let reloaded = ReloadedParts(
            state: state, health: health, certificate: certificate, log: log, prices: record?.prices, secrets: secrets)
        reloaded.mask(configuration)
        let gateway: GatewayServer
        do {
            var parts = GatewayServer.Parts(
                resolver: NameResolver(), recording: record?.service,
                inProcessPeer: { try MockProvider.configure($0, settings: MockSettings()) },
                health: { health.json(isFull: $0) })
            parts.requestLog = log
            parts.certificate = certificate
            parts.mask = { secrets.recordMask($0) }
            // Without a record nothing outlives the process, its fingerprints neither.
            if record != nil {
                parts.fingerprintSecret = try FingerprintSecret.load(directory: configuration.dataDirectory)
            }
            gateway = try await GatewayServer.start(configuration, parts: parts)
        } catch {
            record?.abandon()
            throw startFault(error)
        }
        diagnostics.show(Banner.lines(loaded, address: gateway.localAddress, record: record))
        let reloader = Reloader(
            loaded, input: input, gateway: gateway, parts: reloaded, diagnostics: diagnostics)
        let reloading = Task {
            await ReloadLoop(reload: { await reloader.reload($0) })
                .run(reloader.plan, since: watch, hangups: signals.hangups)
        }

        var received = signals.received.makeAsyncIterator()
        _ = await received.next()
        reloading.cancel()
        diagnostics.say(.info, "stopping; running exchanges may end. A second signal ends at once.")
        let later = signals.received
        await gateway.stop(hurry: { for await _ in later { return } })
        log.shutdown(deadline: .seconds(2))
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

    private var logSettings: RequestLogSettings {
        var settings = RequestLogSettings(format: diagnostics.format)
        settings.isColored = TerminalStyle.standardError.isEnabled
        settings.columns = TerminalStyle.columns ?? settings.columns
        settings.isDetailed = diagnostics.level >= .debug
        return settings
    }

    private func currentCertificate() throws(ApplicationFault) -> CurrentCertificate? {
        guard let settings = configuration.server.tls else { return nil }
        do throws(ListenerCertificateFault) {
            let certificate = try ListenerCertificate(settings)
            for warning in certificate.warnings { diagnostics.say(.warning, warning) }
            return CurrentCertificate(certificate)
        } catch {
            throw ApplicationFault(message: "server.tls.\(error.key): \(error.message)")
        }
    }

    private func startFault(_ error: any Error) -> ApplicationFault {
        switch error {
        case let fault as ApplicationFault: return fault
        case let fault as UpstreamFault: return ApplicationFault(message: fault.message)
        default:
            let server = configuration.server
            return ApplicationFault(message: "cannot listen on \(server.host) port \(server.port): \(error)")
        }
    }

    private func startRecording(mask: RecordMask) throws(ApplicationFault) -> Record? {
        let settings = configuration.recording
        guard settings.isEnabled else { return nil }
        let diagnostics = self.diagnostics
        return try Record(
            settings, directory: configuration.dataDirectory, mask: mask, prices: PriceTable(configuration.prices),
            diagnostics: { diagnostics.say(.warning, $0) })
    }
}

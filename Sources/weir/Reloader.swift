import ConfigurationFile
import Gateway
import Pricing
import Recording
import RequestLog
import Synchronization
import Upstream
import WeirConfiguration

/// Reads the configuration again and has the gateway work by it; a broken one changes nothing and is told of.
actor Reloader {
    private var input: ConfigurationInput
    private let gateway: GatewayServer
    private let parts: ReloadedParts
    private let diagnostics: Diagnostics
    private var loaded: LoadedConfiguration
    /// What the start was made with: what it settled stays until the next.
    private let started: Configuration
    /// What was wrong the last time, so that each fault is told once.
    private var told: [String] = []

    init(
        _ loaded: LoadedConfiguration, input: ConfigurationInput, gateway: GatewayServer, parts: ReloadedParts,
        diagnostics: Diagnostics
    ) {
        self.loaded = loaded
        started = loaded.configuration
        self.input = input
        self.input.isReload = true
        self.gateway = gateway
        self.parts = parts
        self.diagnostics = diagnostics
    }

    /// What is watched for changes at first.
    var plan: ReloadLoop.Plan { Self.plan(loaded) }

    private static func plan(_ loaded: LoadedConfiguration) -> ReloadLoop.Plan {
        ReloadLoop.Plan(interval: loaded.configuration.server.reloadInterval, paths: loaded.filesRead)
    }

    /// Reads the configuration; gives what is to be watched from now on.
    func reload(_ reason: ReloadLoop.Reason) async -> ReloadLoop.Plan? {
        let next: LoadedConfiguration
        do throws(ConfigurationFaults) {
            next = try input.load()
        } catch {
            fail(error.all.map(\.description), reason)
            // The files of the broken one are watched as well: one of them will be mended.
            let files = loaded.filesRead + error.files.filter { !loaded.filesRead.contains($0) }
            return ReloadLoop.Plan(interval: loaded.configuration.server.reloadInterval, paths: files)
        }
        do {
            let certificate = try certificate(next.configuration)
            // Before a request can carry what is new in it.
            parts.mask(next.configuration)
            try await gateway.apply(next.configuration)
            if let certificate { parts.certificate?.replace(certificate) }
        } catch {
            fail([Self.message(error)], reason)
            return Self.plan(next)
        }
        succeed(next, reason)
        return Self.plan(next)
    }

    private func certificate(_ configuration: Configuration) throws -> ListenerCertificate? {
        guard parts.certificate != nil, let settings = configuration.server.tls else { return nil }
        let certificate = try ListenerCertificate(settings)
        for warning in certificate.warnings { diagnostics.say(.warning, warning) }
        return certificate
    }

    private func succeed(_ next: LoadedConfiguration, _ reason: ReloadLoop.Reason) {
        let changes = ConfigurationChanges(from: loaded.configuration, to: next.configuration)
        let pending = ConfigurationChanges(from: started, to: next.configuration).needsRestart
        parts.health.show(next.configuration)
        if next.configuration.prices != loaded.configuration.prices {
            parts.prices?.replace(PriceTable(next.configuration.prices))
        }
        parts.state.succeeded()
        told = []
        for line in changes.lines { diagnostics.say(.info, "configuration reloaded: \(line).") }
        if changes.isEmpty { diagnostics.say(.info, "configuration reloaded: its settings are the same.") }
        // Told with each reload until the restart.
        for line in pending { diagnostics.say(.warning, "configuration reloaded: \(line).") }
        loaded = next
    }

    private func fail(_ messages: [String], _ reason: ReloadLoop.Reason) {
        parts.state.failed(messages.joined(separator: "\n"))
        guard reason == .asked || messages != told else { return }
        told = messages
        for message in messages { diagnostics.say(.error, message) }
        diagnostics.say(.error, "the configuration was not reloaded; the one in force stays.")
    }

    private static func message(_ error: any Error) -> String {
        switch error {
        case let fault as UpstreamFault: return fault.message
        case let fault as ListenerCertificateFault: return "server.tls.\(fault.key): \(fault.message)"
        default: return "\(error)"
        }
    }
}

/// What a reload changes besides the gateway.
struct ReloadedParts: Sendable {
    /// What the latest reload came to.
    let state: ReloadState
    /// What `GET /healthz` tells.
    let health: HealthReport
    /// The listener's certificate; nil: it speaks no TLS.
    let certificate: CurrentCertificate?
    /// Where exchanges are told of.
    let log: RequestLog
    /// What the record prices exchanges by; nil: there is no record.
    let prices: CurrentPrices?
    /// Every secret there has been: a request under way may still carry one that is no longer configured.
    let secrets: KnownSecrets

    /// Masks what `configuration` holds in the request log.
    func mask(_ configuration: Configuration) {
        log.setMask(
            TargetMask(names: configuration.recording.redaction.query, secrets: secrets.including(configuration)))
    }
}

/// The secrets of all configurations since the start.
final class KnownSecrets: Sendable {
    private let all = Mutex<Set<String>>([])

    /// All there are, those of `configuration` among them.
    func including(_ configuration: Configuration) -> [String] {
        all.withLock { all in
            all.formUnion(configuration.secrets)
            return all.sorted()
        }
    }

    /// What is masked in the records of a configuration's exchanges.
    func recordMask(_ configuration: Configuration) -> RecordMask {
        RecordMask(configuration, secrets: including(configuration))
    }
}

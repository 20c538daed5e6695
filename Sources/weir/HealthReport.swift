import Policy
import Recording
import Synchronization
import WeirConfiguration

/// What `GET /healthz` tells.
final class HealthReport: Sendable {
    private struct Shown {
        var upstream: String?
        var routes: Int
    }

    private let shown: Mutex<Shown>
    private let state: ReloadState
    private let record: Record?

    init(_ configuration: Configuration, state: ReloadState, record: Record?) {
        shown = Mutex(Self.shown(configuration))
        self.state = state
        self.record = record
    }

    /// Tells of another configuration from now on.
    func show(_ configuration: Configuration) {
        shown.withLock { $0 = Self.shown(configuration) }
    }

    private static func shown(_ configuration: Configuration) -> Shown {
        let route = configuration.routes.first { $0.name == configuration.defaultRoute }
        return Shown(
            upstream: route?.target.map { $0.origin + $0.path }, routes: configuration.routes.count(where: \.isEnabled))
    }

    /// The report as JSON: all of it, or to an address that may not ask the status alone.
    func json(isFull: Bool) -> String {
        guard isFull else { return #"{"status":"ok"}"# }
        let shown = shown.withLock { $0 }
        let (loadedAt, error) = state.current
        return """
            {"status":"ok","version":"\(Version.text)","upstream_base_url":\(Self.quoted(shown.upstream)),\
            "log_dir":\(Self.quoted(record?.logDirectory)),"log_file":\(Self.quoted(record?.logFile)),\
            "routes":\(shown.routes),"config":{"loaded_at":"\(loadedAt)","error":\(Self.quoted(error))},\
            "recording":\(recording)}
            """
    }

    private static func quoted(_ text: String?) -> String { text.map(ErrorBody.quoted) ?? "null" }

    private var recording: String {
        guard let status = record?.service.status else { return #"{"state":"off"}"# }
        return """
            {"state":"\(status.state.rawValue)","lost_exchanges":\(status.lostExchanges),\
            "lost_bodies":\(status.lostBodies),"queued":\(status.queued)}
            """
    }
}

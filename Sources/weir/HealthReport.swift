import Policy
import Recording
import WeirConfiguration

/// What `GET /healthz` tells.
struct HealthReport: Sendable {
    private let upstream: String
    private let routes: Int
    private let record: Record?
    private let loadedAt: String

    init(_ configuration: Configuration, record: Record?) {
        upstream = configuration.routes.first?.target.map { $0.origin + $0.path } ?? ""
        routes = configuration.routes.count
        self.record = record
        loadedAt = Timestamp.now()
    }

    /// The report as JSON: all of it, or to an address that may not ask the status alone.
    func json(isFull: Bool) -> String {
        guard isFull else { return #"{"status":"ok"}"# }
        let logDirectory = record?.logDirectory.map(ErrorBody.quoted) ?? "null"
        let logFile = record?.logFile.map(ErrorBody.quoted) ?? "null"
        return """
            {"status":"ok","version":"\(Version.text)","upstream_base_url":\(ErrorBody.quoted(upstream)),\
            "log_dir":\(logDirectory),"log_file":\(logFile),"routes":\(routes),\
            "config":{"loaded_at":"\(loadedAt)","error":null},"recording":\(recording)}
            """
    }

    private var recording: String {
        guard let status = record?.service.status else { return #"{"state":"off"}"# }
        return """
            {"state":"\(status.state.rawValue)","lost_exchanges":\(status.lostExchanges),\
            "lost_bodies":\(status.lostBodies),"queued":\(status.queued)}
            """
    }
}

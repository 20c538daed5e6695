import Pricing
import Recording
import Synchronization
import WeirConfiguration

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The record of this process, and where it is to be found.
final class Record: Sendable {
    let service: RecordingService
    /// The session files' directory; nil: there are none.
    let logDirectory: String?
    private let latestFile: LatestFile
    /// What its exchanges are priced by.
    let prices: CurrentPrices

    /// Opens the record.
    ///
    /// - Throws: ``ApplicationFault``.
    init(
        _ settings: RecordingSettings, directory: String, mask: RecordMask, prices: PriceTable,
        diagnostics: @escaping @Sendable (String) -> Void
    ) throws(ApplicationFault) {
        logDirectory = settings.logDirectory
        let latestFile = LatestFile()
        self.latestFile = latestFile
        let prices = CurrentPrices(prices)
        self.prices = prices
        do {
            let files = try settings.logDirectory.map {
                try SessionFiles(
                    SessionSettings(
                        directory: $0, maximumSize: Int(clamping: settings.sessionFileSize),
                        keep: settings.sessionFilesKept),
                    prices: prices, fileChanged: { path in latestFile.path.withLock { $0 = path } })
            }
            service = try RecordingService.start(
                directory: directory,
                limits: RecordingLimits(
                    maxBody: settings.maxBody, recordRequestBodies: settings.requestBodies,
                    recordResponseBodies: settings.responseBodies),
                mask: mask, sink: files, diagnostics: diagnostics)
        } catch {
            // A file that was begun for nothing.
            if let path = latestFile.path.withLock({ $0 }) { unlink(path) }
            throw ApplicationFault(message: "\(error)")
        }
    }

    /// Gives up a record that was opened for nothing, because the gateway could not start.
    func abandon() {
        service.shutdown(deadline: .seconds(5))
        var status = stat()
        guard let path = logFile, stat(path, &status) == 0, status.st_size == 0 else { return }
        unlink(path)
    }

    /// The session file that is being written; nil: there is none.
    var logFile: String? { latestFile.path.withLock { $0 } }
}

/// The path of the latest session file.
private final class LatestFile: Sendable {
    let path = Mutex<String?>(nil)
}

import Recording
import WeirConfiguration

/// The record of this process, and where it is to be found.
struct Record: Sendable {
    let service: RecordingService
    /// The session files' directory; nil: there are none.
    let logDirectory: String?
    /// The session file that was begun with the process.
    let logFile: String?

    /// Opens the record.
    ///
    /// - Throws: ``RecordingError``.
    init(
        _ settings: RecordingSettings, directory: String, diagnostics: @escaping @Sendable (String) -> Void
    ) throws {
        logDirectory = settings.logDirectory
        logFile = nil
        service = try RecordingService.start(
            directory: directory,
            limits: RecordingLimits(
                maxBody: settings.maxBody, recordRequestBodies: settings.requestBodies,
                recordResponseBodies: settings.responseBodies),
            mask: RecordMask(), sink: nil, diagnostics: diagnostics)
    }
}

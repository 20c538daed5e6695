import Synchronization

/// What the journal's threads tell one another and `/healthz`.
final class JournalProgress: Sendable {
    struct State {
        /// Everything before it is in the kernel.
        var written: JournalPosition
        var isWriterDone = false
        var isReaderDone = false
        /// The end's deadline has passed: what does not work at once is left.
        var isAbandoned = false
    }

    let monitor: Monitor<State>
    let isWriterFailing = Atomic<Bool>(false)
    let isSinkFailing = Atomic<Bool>(false)
    /// Nothing is taken any more.
    let isStopped = Atomic<Bool>(false)
    /// Exchanges of this process that the sink has committed.
    let committed = Atomic<UInt64>(0)

    init(written: JournalPosition) {
        monitor = Monitor(State(written: written))
    }

    /// Rests before another try.
    ///
    /// - Returns: false where there must be none.
    func rest(_ interval: Duration) -> Bool {
        let deadline = ProcessClock.read().monotonic + interval.nanoseconds
        return monitor.wait(until: deadline) { $0.isAbandoned ? false : nil } ?? true
    }
}

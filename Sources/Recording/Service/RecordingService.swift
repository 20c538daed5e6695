import Synchronization

/// The record of a process: takes what the loops hand over, and sees it to the disk and to the sink.
///
/// Under the data directory it keeps `weir.lock` and `journal/`. One thread writes the journal, another reads behind it.
/// With a sink, a segment goes once everything in it is committed. Without one the journal is the record: a ring of
/// segments whose oldest go first.
package final class RecordingService: Sendable {
    private let limits: RecordingLimits
    private let mask: RecordMask
    private let hasSink: Bool
    private let queue: BatchQueue
    private let progress: JournalProgress
    private let counters = Mutex<[LoopCounters]>([])
    private let lock: Mutex<DataDirectoryLock?>
    private let store: SegmentStore
    /// The clock pair that every exchange's id and times come from.
    package let clock = ProcessClock.read()

    private init(
        limits: RecordingLimits, mask: RecordMask, hasSink: Bool, store: SegmentStore, queue: BatchQueue,
        progress: JournalProgress, lock: DataDirectoryLock
    ) {
        self.store = store
        self.limits = limits
        self.mask = mask
        self.hasSink = hasSink
        self.queue = queue
        self.progress = progress
        self.lock = Mutex(lock)
    }

    /// Opens the record in a data directory, and takes up what an earlier process left there.
    ///
    /// - Parameters:
    ///   - directory: the data directory; made if it is missing.
    ///   - sink: what reads behind the journal; without one the journal itself is the record, in a ring of segments.
    ///   - diagnostics: takes one line for each change of state, on any thread.
    /// - Throws: ``RecordingError`` where the directory is in use or cannot be written.
    package static func start(
        directory: String, limits: RecordingLimits, mask: RecordMask, sink: (any RecordSink & Sendable)?,
        settings: JournalSettings = JournalSettings(), diagnostics: @escaping @Sendable (String) -> Void
    ) throws(RecordingError) -> RecordingService {
        let lock = try DataDirectoryLock(directory: directory)
        let store = SegmentStore(directory: directory + "/journal")
        try JournalFile.makeDirectory(store.directory)
        let checkpoint = Checkpoint.load(from: store.directory)
        let run = UInt64.random(in: 1 ... .max)
        let number = max(store.numbers().last ?? 0, checkpoint?.committed.segment ?? 0) + 1
        let queue = BatchQueue()
        let progress = JournalProgress(
            written: JournalPosition(segment: number, offset: UInt64(SegmentHeader.size)))
        let writer = try JournalWriter(
            store: store, run: run, number: number, settings: settings, isRing: sink == nil, queue: queue,
            progress: progress, diagnostics: diagnostics)
        let service = RecordingService(
            limits: limits, mask: mask, hasSink: sink != nil, store: store, queue: queue, progress: progress,
            lock: lock)
        if let sink {
            try DedicatedThread.start("weir-record") {
                let consumer = JournalConsumer(
                    store: store, run: run, checkpoint: checkpoint, sink: sink, settings: settings,
                    progress: progress, diagnostics: diagnostics)
                consumer.work()
                progress.monitor.withLock { $0.isReaderDone = true }
                progress.monitor.signal()
            }
        } else {
            progress.monitor.withLock { $0.isReaderDone = true }
        }
        do {
            try DedicatedThread.start("weir-journal") {
                writer.work()
                progress.monitor.withLock { $0.isWriterDone = true }
                progress.monitor.signal()
            }
        } catch {
            progress.monitor.withLock { $0.isAbandoned = true }
            progress.monitor.signal()
            throw error
        }
        return service
    }

    /// A recorder for the loop numbered `loop`; the caller confines it to that loop.
    package func makeLoopRecorder(loop: Int) -> LoopRecorder {
        let own = LoopCounters()
        counters.withLock { $0.append(own) }
        return LoopRecorder(
            loop: loop, limits: limits, mask: mask, clock: clock, counters: own, queue: queue, progress: progress)
    }

    /// How the record fares; from any thread.
    package var status: RecordingStatus {
        let loops = counters.withLock { $0 }
        var status = RecordingStatus(state: .ok, lostExchanges: 0, lostBodies: 0, queued: 0)
        var ended: UInt64 = 0
        var written: UInt64 = 0
        var isShedding = false
        // What is done is read before what has begun, so that the difference is never below zero.
        let committed = progress.committed.load(ordering: .acquiring)
        for loop in loops {
            written += loop.writtenEnds.load(ordering: .acquiring)
            ended += loop.ended.load(ordering: .relaxed)
            status.lostExchanges += loop.lostExchanges.load(ordering: .relaxed)
            status.lostBodies += loop.lostBodies.load(ordering: .relaxed)
            isShedding = isShedding || loop.isShedding.load(ordering: .relaxed)
        }
        let done = hasSink ? committed : written
        status.queued = ended > done ? ended - done : 0
        let isFailing =
            progress.isWriterFailing.load(ordering: .relaxed) || progress.isSinkFailing.load(ordering: .relaxed)
        if progress.isStopped.load(ordering: .relaxed) {
            status.state = .stopped
        } else if isFailing || isShedding {
            status.state = .degraded
        }
        return status
    }

    /// Sees everything that was handed over to the disk and to the sink, and stops.
    ///
    /// Blocks its thread. Each loop has called ``LoopRecorder/close()`` before; what a loop hands over later is counted
    /// as lost.
    ///
    /// - Returns: whether all of it was done within `deadline`; what was not is in the journal for the next start.
    @discardableResult
    package func shutdown(deadline: Duration) -> Bool {
        progress.isStopped.store(true, ordering: .relaxed)
        queue.close()
        let isDone = waitForThreads(deadline)
        if !isDone {
            progress.monitor.withLock { $0.isAbandoned = true }
            progress.monitor.signal()
            _ = waitForThreads(.seconds(1))
        }
        store.removeSpares()
        lock.withLock { $0 = nil }
        return isDone
    }

    private func waitForThreads(_ interval: Duration) -> Bool {
        let deadline = ProcessClock.read().monotonic + interval.nanoseconds
        return progress.monitor.wait(until: deadline) { $0.isWriterDone && $0.isReaderDone ? true : nil } ?? false
    }
}

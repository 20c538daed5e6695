import Glibc
import Synchronization

/// Appends batches to the journal's segments, each with one write; runs on a thread of its own.
///
/// A write that fails is tried again at the same place until it works, so that a batch is in the journal once and whole
/// or not at all. Octets are handed to the kernel, not forced to the disk: a crash of the process loses none of them.
final class JournalWriter: Sendable {
    /// The segment that is being written.
    private struct Segment: ~Copyable {
        var file: JournalFile
        var position: JournalPosition
    }

    private let store: SegmentStore
    private let run: UInt64
    private let settings: JournalSettings
    /// Whether segments are dropped by age, there being no sink that reads them.
    private let isRing: Bool
    private let queue: BatchQueue
    private let progress: JournalProgress
    private let diagnostics: @Sendable (String) -> Void

    /// Locked once a batch, by the one thread that writes.
    private let segment: Mutex<Segment>

    /// Opens the segment `number`, which must be new.
    ///
    /// - Throws: ``RecordingError``.
    init(
        store: SegmentStore, run: UInt64, number: UInt64, settings: JournalSettings, isRing: Bool, queue: BatchQueue,
        progress: JournalProgress, diagnostics: @escaping @Sendable (String) -> Void
    ) throws(RecordingError) {
        self.store = store
        self.run = run
        self.settings = settings
        self.isRing = isRing
        self.queue = queue
        self.progress = progress
        self.diagnostics = diagnostics
        segment = Mutex(try Self.makeSegment(store: store, run: run, number: number, settings: settings))
    }

    /// Writes until the queue is closed and empty, or given up.
    func work() {
        while let batches = queue.take() {
            for batch in batches {
                guard segment.withLock({ write(batch, to: &$0) }) else { return }
            }
        }
    }

    /// Writes one batch, however often it takes; false where the end came first.
    private func write(_ taken: Batch, to segment: inout Segment) -> Bool {
        var batch = taken
        while true {
            do {
                try rotateIfFull(&segment)
                FrameHeader.seal(&batch.buffer, loop: batch.loop, run: run, segment: segment.position.segment)
                try Self.write(batch.buffer.contents, to: segment.file, at: segment.position.offset, settings)
                break
            } catch {
                if !progress.isWriterFailing.exchange(true, ordering: .relaxed) {
                    diagnostics("recording: \(error.message); trying again every \(settings.retryInterval)")
                }
                guard progress.rest(settings.retryInterval) else { return false }
            }
        }
        if progress.isWriterFailing.exchange(false, ordering: .relaxed) {
            diagnostics("recording: the journal is written again")
        }
        segment.position.offset += UInt64(batch.buffer.count)
        let written = segment.position
        progress.monitor.withLock { $0.written = written }
        let counters = batch.counters
        counters.writtenEnds.wrappingAdd(batch.ends, ordering: .relaxed)
        counters.returnedBatches.wrappingAdd(1, ordering: .relaxed)
        counters.returnedBytes.wrappingAdd(batch.cost, ordering: .releasing)
        queue.recycle(batch.buffer)
        return true
    }

    private func rotateIfFull(_ segment: inout Segment) throws(RecordingError) {
        guard segment.position.offset >= settings.segmentSize else { return }
        if isRing {
            dropOldest(before: segment.position.segment)
        } else if store.totalSize() >= settings.largestJournal {
            throw RecordingError(
                .fileSystem, "The journal in \(store.directory) holds \(settings.largestJournal) octets not yet stored")
        }
        // What the file held behind this in an earlier life.
        _ = ftruncate(segment.file.descriptor, off_t(segment.position.offset))
        segment = try Self.makeSegment(
            store: store, run: run, number: segment.position.segment + 1, settings: settings)
    }

    private func dropOldest(before latest: UInt64) {
        var total = store.totalSize()
        for number in store.numbers() where total > settings.ringSize - min(settings.ringSize, settings.segmentSize) {
            guard number < latest else { return }
            total -= min(total, store.size(number))
            store.retire(number)
        }
    }

    private static func makeSegment(
        store: SegmentStore, run: UInt64, number: UInt64, settings: JournalSettings
    ) throws(RecordingError) -> Segment {
        let isReused = store.reuse(as: number)
        let file = try JournalFile(store.path(number), O_WRONLY | O_CREAT | (isReused ? 0 : O_TRUNC))
        let header = SegmentHeader(run: run, number: number).encoded(wall: ProcessClock.read().wall)
        defer { header.deallocate() }
        try write(header.contents, to: file, at: 0, settings)
        return Segment(
            file: file, position: JournalPosition(segment: number, offset: UInt64(SegmentHeader.size)))
    }

    private static func write(
        _ octets: UnsafeRawBufferPointer, to file: borrowing JournalFile, at offset: UInt64, _ settings: JournalSettings
    ) throws(RecordingError) {
        var done = 0
        while done < octets.count {
            let rest = UnsafeRawBufferPointer(rebasing: octets[done...])
            let count = settings.write(file.descriptor, rest, offset + UInt64(done))
            if count == -Int(EINTR) { continue }
            guard count > 0 else { throw .system("write", "the journal", Int32(count == 0 ? Int(EIO) : -count)) }
            done += count
        }
    }
}

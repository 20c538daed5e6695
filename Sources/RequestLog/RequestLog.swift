import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How the request log is written.
package struct RequestLogSettings: Sendable {
    /// The format of its lines.
    package var format: LogFormat
    /// Whether emphasis is written in ``LogFormat/text``; the caller knows of terminals and `NO_COLOR`.
    package var isColored = false
    /// Columns of the terminal, for ``LogFormat/text``.
    package var columns = 120
    /// Whether entries tell what the header policy did and what the upstream was asked for (debug level).
    package var isDetailed = false
    /// Octets of entries that may wait for the writer; past it entries are dropped and counted.
    package var maximumQueued = 4 << 20

    /// Settings.
    package init(format: LogFormat) {
        self.format = format
    }
}

/// One line an exchange, on standard error or another descriptor.
///
/// The loops hand over batches of octets (``LoopLog``); one thread formats and writes them, and is started when the first
/// batch comes. A loop never waits: while the descriptor takes nothing the queue fills up to its bound, then entries are
/// dropped, and a line tells how many as soon as lines are taken again.
package final class RequestLog: Sendable {
    /// What the loops and the writer share.
    private struct State {
        var waiting: [EntryBatch] = []
        var spare: [[UInt8]] = []
        var queued = 0
        var mask: TargetMask
        var hasThread = false
        var isClosed = false
        /// When the writer gives up, in nanoseconds of the monotonic clock.
        var deadline = UInt64.max
    }

    private let settings: RequestLogSettings
    private let descriptor: Int32
    private let state: Mutex<State>
    private let wakeUp = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)
    private let droppedEntries = Atomic<UInt64>(0)

    private static let sparesKept = 16

    /// A log that writes to a duplicate of `descriptor`: the caller may close its own while lines are still written.
    package init(_ settings: RequestLogSettings, mask: TargetMask = TargetMask(), descriptor: Int32 = STDERR_FILENO) {
        self.settings = settings
        self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        state = Mutex(State(mask: mask))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Entries that were not written.
    package var dropped: UInt64 { droppedEntries.load(ordering: .relaxed) }

    /// A new log for one event loop, which alone may use it.
    package func makeLoopLog() -> LoopLog { LoopLog(self, isDetailed: settings.isDetailed) }

    /// Masks by another configuration from now on, what waits to be written included.
    package func setMask(_ mask: TargetMask) {
        state.withLock { $0.mask = mask }
    }

    /// Writes what is left and ends the writer; the loops' logs must have handed over before.
    ///
    /// Blocks the calling thread, `deadline` at most.
    ///
    /// - Returns: whether everything was written.
    @discardableResult
    package func shutdown(deadline: Duration) -> Bool {
        let limit = Self.nanoseconds(deadline)
        let before = dropped
        let hasThread = state.withLock { state -> Bool in
            state.isClosed = true
            state.deadline = Self.monotonic() &+ limit
            return state.hasThread
        }
        guard hasThread else { return true }
        wakeUp.signal()
        guard done.wait(timeout: .now() + .nanoseconds(Int(limit)) + .milliseconds(300)) == .success else {
            return false
        }
        // Whoever asks again finds it ended as well.
        done.signal()
        return dropped == before
    }

    // MARK: From the loops

    /// Takes a batch to be written, or drops it where too much waits; gives memory for the next one.
    func take(_ batch: EntryBatch) -> EntryBatch {
        let entries = UInt64(batch.count)
        let (spare, isTaken) = state.withLock { state -> ([UInt8]?, Bool) in
            guard !state.isClosed, state.queued + batch.octets.count <= settings.maximumQueued else {
                return (nil, false)
            }
            if !state.hasThread {
                state.hasThread = LogThread.start { [self] in write() }
                guard state.hasThread else { return (nil, false) }
            }
            state.queued += batch.octets.count
            state.waiting.append(batch)
            return (state.spare.popLast() ?? [], true)
        }
        guard isTaken else {
            droppedEntries.wrappingAdd(entries, ordering: .relaxed)
            return EntryBatch(reusing: batch.octets)
        }
        wakeUp.signal()
        guard let spare, spare.capacity > 0 else { return EntryBatch(capacity: LoopLog.batchRoom) }
        return EntryBatch(reusing: spare)
    }

    // MARK: The writer

    private func write() {
        var formatter = EntryFormatter(settings)
        var output = LineOutput(descriptor: descriptor)
        var told: UInt64 = 0
        while true {
            wakeUp.wait()
            let (taken, mask, isClosed) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.mask, state.isClosed)
            }
            var batches = Array(taken.reversed())
            while let batch = batches.popLast() {
                let lost = output.lost
                BatchedEntry.forEach(in: batch) { output.write(formatter.lines($0, mask), isGivenUp) }
                output.flush(isGivenUp)
                droppedEntries.wrappingAdd(UInt64(output.lost - lost), ordering: .relaxed)
                state.withLock { state in
                    state.queued -= batch.octets.count
                    if state.spare.count < Self.sparesKept { state.spare.append(batch.octets) }
                }
                told = tellDropped(since: told, &output)
            }
            if isClosed { break }
        }
        done.signal()
    }

    /// Says how many entries were dropped since it was last said.
    private func tellDropped(since told: UInt64, _ output: inout LineOutput) -> UInt64 {
        let all = dropped
        guard all > told else { return told }
        let text = "\(all - told) lines of the request log were dropped: standard error was not read in time."
        let line = settings.format.line(level: "warning", message: text, wallTime: LogFormat.now())
        let lost = output.lost
        output.write(line, isGivenUp)
        output.flush(isGivenUp)
        return output.lost == lost ? all : told
    }

    private func isGivenUp() -> Bool {
        Self.monotonic() >= state.withLock { $0.deadline }
    }

    private static func monotonic() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// At least 0, and at most a day: longer is not meant.
    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(86_400)).components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

/// One event loop's end of the request log. Confined to that loop.
package final class LoopLog {
    private let log: RequestLog
    private var batch: EntryBatch

    /// Whether entries should tell what the header policy did and what the upstream was asked for.
    package let isDetailed: Bool

    private static let batchSize = 32 << 10
    /// So that the entry which fills a batch up rarely needs more memory.
    static let batchRoom = batchSize + (8 << 10)

    init(_ log: RequestLog, isDetailed: Bool) {
        self.log = log
        self.isDetailed = isDetailed
        batch = EntryBatch(capacity: Self.batchRoom)
    }

    /// Adds an entry; its method and target are ranges of `head`, empty ones where no head was read.
    package func append(
        _ entry: borrowing RequestLogEntry, head: RawSpan, method: Range<Int>, target: Range<Int>
    ) {
        batch.append(entry, head: head, method: method, target: target, isDetailed: isDetailed)
        if batch.octets.count >= Self.batchSize { tick() }
    }

    /// Hands over what there is: with each tick of the loop, and when the loop ends.
    package func tick() {
        guard batch.count > 0 else { return }
        batch = log.take(batch)
    }
}

/// A batch on its way from a loop to the writer.
struct Batch: @unchecked Sendable {  // Proof: input cannot reach it; one owner has it, from `push` to `recycle`.
    var buffer: BatchBuffer
    let loop: Int
    let counters: LoopCounters
    /// Exchanges whose end is in it.
    let ends: UInt64
    /// What it counts against its loop's bound.
    var cost: UInt64 { UInt64(buffer.capacity) }
}

/// Where the loops leave their batches: one lock and at most one wake-up a batch, none an exchange.
///
/// Bounded by the loops themselves, each of which counts what it has outstanding.
final class BatchQueue: Sendable {
    struct State {
        var waiting: [Batch] = []
        var spare: [BatchBuffer] = []
        var isClosed = false
    }

    /// A batch is handed over once it holds this much.
    static let batchSize = 256 << 10
    /// So that the event which fills it up rarely needs more memory.
    static let bufferSize = batchSize + (64 << 10)
    private static let sparesKept = 16

    let monitor = Monitor(State())

    /// Hands a batch to the writer; once the queue is closed the batch is dropped.
    ///
    /// - Returns: an empty buffer for the next one, and whether the batch was taken.
    func push(_ batch: Batch) -> (next: BatchBuffer, isTaken: Bool) {
        let (spare, isTaken) = monitor.withLock { state -> (BatchBuffer?, Bool) in
            if state.isClosed { return (nil, false) }
            state.waiting.append(batch)
            return (state.spare.popLast(), true)
        }
        if isTaken { monitor.signal() } else { batch.buffer.deallocate() }
        return (spare ?? BatchBuffer(capacity: Self.bufferSize), isTaken)
    }

    /// Waits for batches; nil once the queue is closed and empty.
    func take() -> [Batch]? {
        let batches = monitor.wait(until: nil) { state -> [Batch]? in
            if state.waiting.isEmpty { return state.isClosed ? [] : nil }
            defer { state.waiting = [] }
            return state.waiting
        }
        return batches.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Lets the writer end once it has written what is there.
    func close() {
        monitor.withLock { $0.isClosed = true }
        monitor.signal()
    }

    /// Takes back a buffer whose octets are written.
    func recycle(_ buffer: BatchBuffer) {
        var buffer = buffer
        buffer.truncate(to: 0)
        let isKept = monitor.withLock { state -> Bool in
            guard buffer.capacity == Self.bufferSize, state.spare.count < Self.sparesKept else { return false }
            state.spare.append(buffer)
            return true
        }
        if !isKept { buffer.deallocate() }
    }

    deinit {
        monitor.withLock { state in
            for batch in state.waiting { batch.buffer.deallocate() }
            for buffer in state.spare { buffer.deallocate() }
        }
    }
}

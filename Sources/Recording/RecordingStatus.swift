import Synchronization

/// How the record fares, as `/healthz` shows it (contract 8.1).
package struct RecordingStatus: Sendable, Equatable {
    /// Whether what happens is being recorded.
    package enum State: String, Sendable {
        /// Everything is recorded.
        case ok
        /// The disk or the sink refuses, or something is being shed; traffic goes on, unless what cannot be recorded is refused.
        case degraded
        /// Nothing is recorded any more.
        case stopped
    }

    /// See ``State``.
    package var state: State
    /// Exchanges since the start of which nothing is known.
    package var lostExchanges: UInt64
    /// Bodies since the start that were not kept whole for want of room.
    package var lostBodies: UInt64
    /// Exchanges that have ended and are not committed by the sink yet; without a sink, not written to the journal yet.
    package var queued: UInt64
}

/// What one loop counts. Only that loop writes the first group, only the writer thread the second; anyone reads.
final class LoopCounters: Sendable {
    let ended = Atomic<UInt64>(0)
    let lostExchanges = Atomic<UInt64>(0)
    let lostBodies = Atomic<UInt64>(0)
    let isShedding = Atomic<Bool>(false)

    let returnedBytes = Atomic<UInt64>(0)
    let returnedBatches = Atomic<UInt64>(0)
    let writtenEnds = Atomic<UInt64>(0)
}

package import Recording
import Synchronization

/// What a gateway's record handed on, for tests to look at.
package final class RecordedExchanges: Sendable {
    private struct State {
        var exchanges: [RecordedExchange] = []
        var gaps: [RecordedGap] = []
        var notes: [String] = []
    }

    private struct Sink: RecordSink, Sendable {
        let target: RecordedExchanges

        mutating func write(_ exchange: RecordedExchange) throws {
            target.state.withLock { $0.exchanges.append(exchange) }
        }

        mutating func writeGap(_ gap: RecordedGap) throws {
            target.state.withLock { $0.gaps.append(gap) }
        }

        mutating func commit() throws -> [UInt8] { [] }
        mutating func restore(to mark: [UInt8]?) throws {}
    }

    private let state = Mutex(State())

    /// Nothing yet.
    package init() {}

    /// What the record hands its exchanges to.
    package var sink: any RecordSink & Sendable { Sink(target: self) }

    /// Takes a line that the record says of itself.
    package func note(_ text: String) {
        state.withLock { $0.notes.append(text) }
    }

    /// The exchanges that have come, in the order in which they ended.
    package var all: [RecordedExchange] { state.withLock { $0.exchanges } }
    /// The holes that have come.
    package var gaps: [RecordedGap] { state.withLock { $0.gaps } }
    /// What the record said of itself.
    package var notes: [String] { state.withLock { $0.notes } }

    /// Waits until so many exchanges have come, and gives them.
    package func wait(
        for count: Int, within limit: Duration = WireSocket.patience
    ) throws -> [RecordedExchange] {
        guard eventually(within: limit, { all.count >= count }) else {
            throw WireSocket.Failure(description: "only \(all.count) of \(count) exchanges were recorded in time")
        }
        return all
    }
}

import Dispatch
import Synchronization

/// A value behind a mutex, with a condition to wait for until a deadline.
final class Monitor<State: Sendable>: Sendable {
    private struct Guarded {
        var state: State
        /// Who waits for a signal.
        var sleepers: [DispatchSemaphore] = []
    }

    private let guarded: Mutex<Guarded>

    init(_ state: State) {
        guarded = Mutex(Guarded(state: state))
    }

    /// Runs `body` with the mutex held.
    func withLock<Result: Sendable>(_ body: (inout State) throws -> Result) rethrows -> Result {
        try guarded.withLock { try body(&$0.state) }
    }

    /// Wakes everyone who waits.
    func signal() {
        let sleepers = guarded.withLock { guarded in
            defer { guarded.sleepers = [] }
            return guarded.sleepers
        }
        for sleeper in sleepers { sleeper.signal() }
    }

    /// Waits until `condition` gives a value or the deadline (monotonic nanoseconds) has passed; nil then.
    func wait<Result: Sendable>(until deadline: UInt64?, for condition: (inout State) -> Result?) -> Result? {
        let sleeper = DispatchSemaphore(value: 0)
        while true {
            let result = guarded.withLock { guarded -> Result? in
                // Registered while the lock is held: a signal for what changes from now on comes.
                let result = condition(&guarded.state)
                if result == nil { guarded.sleepers.append(sleeper) }
                return result
            }
            if let result { return result }
            guard let deadline else {
                sleeper.wait()
                continue
            }
            let isSignalled = sleeper.wait(timeout: DispatchTime(uptimeNanoseconds: deadline)) == .success
            if isSignalled { continue }
            return guarded.withLock { guarded -> Result? in
                guarded.sleepers.removeAll { $0 === sleeper }
                return condition(&guarded.state)
            }
        }
    }
}

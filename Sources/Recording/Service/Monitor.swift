import Glibc

/// A value behind a mutex, with a condition to wait on until a deadline.
final class Monitor<State>: @unchecked Sendable {  // Proof: input cannot reach it; all use of `state` holds `mutex`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var state: State

    init(_ state: State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the mutex held.
    func withLock<Result>(_ body: (inout State) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }

    /// Wakes everyone who waits.
    func signal() {
        pthread_cond_broadcast(condition)
    }

    /// Waits until `condition` gives a value or the deadline (monotonic nanoseconds) has passed; nil then.
    func wait<Result>(until deadline: UInt64?, for condition: (inout State) -> Result?) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = condition(&state) { return result }
            guard let deadline else {
                pthread_cond_wait(self.condition, mutex)
                continue
            }
            guard ProcessClock.nanoseconds(CLOCK_MONOTONIC) < deadline else { return nil }
            var time = timespec(
                tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            pthread_cond_timedwait(self.condition, mutex, &time)
        }
    }
}

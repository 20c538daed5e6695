import Glibc

/// The wall clock and the monotonic clock, read together once, so that times derived from them never run backwards.
package struct ProcessClock: Sendable {
    /// Nanoseconds since the epoch at the moment of reading.
    package let wall: Int64
    /// Nanoseconds of the monotonic clock at the same moment.
    package let monotonic: UInt64

    /// A pair that was read elsewhere.
    package init(wall: Int64, monotonic: UInt64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// Reads both clocks.
    package static func read() -> ProcessClock {
        ProcessClock(wall: Int64(bitPattern: nanoseconds(CLOCK_REALTIME)), monotonic: nanoseconds(CLOCK_MONOTONIC))
    }

    /// The wall time, in nanoseconds since the epoch, at a moment of the monotonic clock.
    @inline(__always)
    package func wallTime(at monotonic: UInt64) -> Int64 {
        wall &+ Int64(bitPattern: monotonic &- self.monotonic)
    }

    static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }
}

/// Gives the exchanges of one loop their names, in rising order.
package struct ExchangeIDGenerator {
    private let clock: ProcessClock
    private let loop: UInt64
    private var count: UInt64
    private var latest: UInt64 = 0

    /// A generator for the loop numbered `loop` (below 65,536), on the process's clock pair.
    package init(loop: Int, clock: ProcessClock) {
        self.clock = clock
        self.loop = UInt64(UInt16(truncatingIfNeeded: loop))
        // The top bit stays clear, so that counting up never wraps.
        count = UInt64.random(in: 0...(UInt64.max >> 1))
    }

    /// The next name, for an exchange that begins at `monotonic` (nanoseconds).
    package mutating func next(monotonic: UInt64) -> ExchangeID {
        let time = UInt64(clamping: clock.wallTime(at: monotonic))
        latest = max(latest, time / 1_000_000)
        count &+= 1
        return ExchangeID(high: latest << 16 | loop, low: count)
    }
}

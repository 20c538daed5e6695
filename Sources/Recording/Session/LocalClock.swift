#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A wall clock time in the zone of this machine.
struct LocalTime: Equatable {
    /// Its parts, as people write them.
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int
    /// Below the second.
    var nanosecond: Int
    /// How far the zone is ahead of UTC, in minutes.
    var offsetMinutes: Int
}

/// Turns nanoseconds since the epoch into local time, and asks the system about the zone once a minute's worth.
struct LocalClock: Sendable {
    /// The offset in seconds east of UTC at a time in seconds since the epoch.
    private let offsetAt: @Sendable (Int64) -> Int
    private var cachedMinute = Int64.min
    private var cachedOffset = 0
    private var cachedDate: (day: Int64, year: Int, month: Int, dayOfMonth: Int) = (.min, 0, 0, 0)

    /// A clock in the zone of `TZ` or `/etc/localtime`.
    init() {
        self.init { seconds in
            var time = time_t(seconds)
            var parts = tm()
            return localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
        }
    }

    /// A clock that is told its zone.
    init(offsetAt: @escaping @Sendable (Int64) -> Int) {
        self.offsetAt = offsetAt
    }

    /// The local time at `nanoseconds` since the epoch.
    mutating func localTime(_ nanoseconds: Int64) -> LocalTime {
        let (seconds, nanosecond) = Self.floorDivide(nanoseconds, 1_000_000_000)
        // Zones change on whole minutes of UTC.
        let (minute, _) = Self.floorDivide(seconds, 60)
        if minute != cachedMinute {
            cachedOffset = offsetAt(seconds)
            cachedMinute = minute
        }
        let (day, secondOfDay) = Self.floorDivide(seconds + Int64(cachedOffset), 86_400)
        if day != cachedDate.day {
            let date = Self.civilDate(day)
            cachedDate = (day, date.year, date.month, date.day)
        }
        return LocalTime(
            year: cachedDate.year, month: cachedDate.month, day: cachedDate.dayOfMonth,
            hour: Int(secondOfDay) / 3600, minute: Int(secondOfDay) / 60 % 60, second: Int(secondOfDay) % 60,
            nanosecond: Int(nanosecond), offsetMinutes: cachedOffset / 60)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The date of the proleptic Gregorian calendar, `day` days after 1970-01-01.
    ///
    /// Years are counted from March, so that the leap day is a year's last, and in eras of 400 years.
    private static func civilDate(_ day: Int64) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = floorDivide(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1))
    }
}

/// Decimal digits of a fixed width.
enum FixedDigits {
    /// Calls `body` with the `width` lowest decimal digits of `value`, most significant first.
    @inline(__always)
    static func forEach(_ value: Int, width: Int, _ body: (UInt8) -> Void) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            body(0x30 + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How lines on standard error are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: aligned on a terminal.
    case text
    /// `name=value` pairs, a value quoted like a JSON string where it needs to be.
    case logfmt
    /// One JSON object a line.
    case json

    /// The format where none is asked for: for people on a terminal, for programs elsewhere.
    package static func standard(isTerminal: Bool) -> LogFormat { isTerminal ? .text : .logfmt }

    /// One line of Weir's own, with its newline: controls in `message` are made harmless.
    ///
    /// - Parameters:
    ///   - level: `error`, `warning`, `info` or `debug`.
    ///   - wallTime: nanoseconds since the epoch; not shown in ``text``.
    package func line(level: String, message: String, wallTime: Int64) -> [UInt8] {
        var out: [UInt8] = []
        switch self {
        case .text:
            out.append("weir: ")
            if level != "info" { out += Array((level + ": ").utf8) }
            out.append(visible: message.utf8)
        case .logfmt, .json:
            var clock = LogClock()
            var fields = FieldLine(self)
            fields.add("time", clock.universal(wallTime), isText: true)
            fields.add("level", text: level.utf8)
            fields.add("msg", text: message.utf8)
            out = fields.finished()
        }
        out.append(0x0A)
        return out
    }

    /// The wall clock: nanoseconds since the epoch.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// A line of named values: logfmt, or one JSON object.
struct FieldLine {
    private let isJSON: Bool
    private var out: [UInt8] = []

    /// An empty line in ``LogFormat/logfmt`` or ``LogFormat/json``.
    init(_ format: LogFormat) {
        isJSON = format == .json
        out.reserveCapacity(384)
        if isJSON { out.append("{") }
    }

    private mutating func begin(_ name: StaticString) {
        if out.count > 1 { out.append(isJSON ? 0x2C : 0x20) }
        if isJSON { out.append("\"") }
        out.append(name)
        out.append(isJSON ? "\":" : "=")
    }

    /// Adds text from anywhere.
    mutating func add(_ name: StaticString, text: some Collection<UInt8>) {
        begin(name)
        if isJSON { out.append(json: text) } else { out.append(logfmt: text) }
    }

    /// Adds text from anywhere, unless it is empty.
    mutating func add(_ name: StaticString, known text: some Collection<UInt8>) {
        if !text.isEmpty { add(name, text: text) }
    }

    /// Adds octets that need no quoting: a number, or with `isText` a text.
    mutating func add(_ name: StaticString, _ octets: [UInt8], isText: Bool = false) {
        begin(name)
        if isJSON, isText { out.append("\"") }
        out += octets
        if isJSON, isText { out.append("\"") }
    }

    /// Adds a number.
    mutating func add(_ name: StaticString, _ number: UInt64) {
        begin(name)
        out.append(decimal: number)
    }

    /// Adds a list of texts: an array in JSON, else joined by commas.
    mutating func add(_ name: StaticString, list: [ArraySlice<UInt8>]) {
        guard !list.isEmpty else { return }
        guard isJSON else { return add(name, text: Array(list.joined(separator: [0x2C]))) }
        begin(name)
        out.append("[")
        for (index, text) in list.enumerated() {
            if index > 0 { out.append(",") }
            out.append(json: text)
        }
        out.append("]")
    }

    /// The line, without a newline.
    mutating func finished() -> [UInt8] {
        if isJSON { out.append("}") }
        return out
    }
}

/// Times of day as log lines show them; asks the system about the zone once a minute's worth.
struct LogClock {
    private var minute = Int64.min
    private var offset = 0

    /// `HH:MM:SS.mmm` in the zone of this machine.
    mutating func local(_ wallTime: Int64) -> [UInt8] {
        let (seconds, milliseconds) = Self.split(wallTime)
        // Zones change on whole minutes.
        if seconds / 60 != minute {
            minute = seconds / 60
            var time = time_t(seconds)
            var parts = tm()
            offset = localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
        }
        var out: [UInt8] = []
        Self.append(secondOfDay: Self.floor(seconds + Int64(offset), 86_400).rest, milliseconds, to: &out)
        return out
    }

    /// The time in UTC by RFC 3339, to the millisecond.
    mutating func universal(_ wallTime: Int64) -> [UInt8] {
        let (seconds, milliseconds) = Self.split(wallTime)
        let (day, secondOfDay) = Self.floor(seconds, 86_400)
        // Howard Hinnant's days-to-civil: eras of 400 years that begin on the first of March.
        let (era, dayOfEra) = Self.floor(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        var out: [UInt8] = []
        out.append(decimal: UInt64(clamping: year), width: 4)
        out.append("-")
        out.append(decimal: UInt64(clamping: month), width: 2)
        out.append("-")
        out.append(decimal: UInt64(clamping: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1), width: 2)
        out.append("T")
        Self.append(secondOfDay: secondOfDay, milliseconds, to: &out)
        out.append("Z")
        return out
    }

    private static func split(_ wallTime: Int64) -> (seconds: Int64, milliseconds: Int64) {
        let (seconds, rest) = floor(wallTime, 1_000_000_000)
        return (seconds, rest / 1_000_000)
    }

    private static func floor(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = number % divisor
        return rest < 0 ? (number / divisor - 1, rest + divisor) : (number / divisor, rest)
    }

    private static func append(secondOfDay: Int64, _ milliseconds: Int64, to out: inout [UInt8]) {
        out.append(decimal: UInt64(clamping: secondOfDay / 3600), width: 2)
        out.append(":")
        out.append(decimal: UInt64(clamping: secondOfDay / 60 % 60), width: 2)
        out.append(":")
        out.append(decimal: UInt64(clamping: secondOfDay % 60), width: 2)
        out.append(".")
        out.append(decimal: UInt64(clamping: milliseconds), width: 3)
    }
}

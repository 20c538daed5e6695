import ArgumentParser
import RequestLog
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What Weir says on standard error.
struct Diagnostics: Sendable {
    /// How much of it.
    enum Level: String, ExpressibleByArgument, CaseIterable, Comparable, Sendable {
        case error
        case warning
        case info
        case debug

        static func < (left: Level, right: Level) -> Bool {
            guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right) else {
                return false
            }
            return first < second
        }
    }

    let level: Level
    /// How lines are written.
    var format = LogFormat.text

    /// Says one line.
    func say(_ level: Level, _ text: String) {
        guard level <= self.level else { return }
        Self.write(format.line(level: level.rawValue, message: text, wallTime: LogFormat.now()))
    }

    /// Says lines that stand for themselves, as the start-up table does.
    ///
    /// For people they are written as they are, emphasis and all: whoever makes them takes ``printable(_:)`` of what
    /// came from outside. For programs each is a line of its own, without what only arranges it.
    func show(_ lines: [String], at level: Level = .info) {
        guard level <= self.level else { return }
        guard format != .text else { return Self.write(Array(lines.map { $0 + "\n" }.joined().utf8)) }
        for line in lines {
            let words = line.split(separator: " ")
            if !words.isEmpty { say(level, words.joined(separator: " ")) }
        }
    }

    private static func write(_ line: [UInt8]) {
        var octets = line[...]
        while !octets.isEmpty {
            let count = octets.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            octets = octets.dropFirst(count)
        }
    }

    /// The text without controls that a terminal would act on.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "\u{FFFD}" : $0 }))
    }
}

extension LogFormat: ExpressibleByArgument {
    /// The format of this start: what was asked for, else what standard error is.
    static func chosen(_ asked: LogFormat?) -> LogFormat {
        asked ?? standard(isTerminal: isatty(STDERR_FILENO) == 1)
    }
}

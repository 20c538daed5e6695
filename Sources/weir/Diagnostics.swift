import ArgumentParser
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

    /// Says one line.
    func say(_ level: Level, _ text: String) {
        guard level <= self.level else { return }
        let word = level == .info ? "" : "\(level.rawValue): "
        Self.write("weir: \(word)\(Self.printable(text))\n")
    }

    /// Says lines that stand for themselves, as the start-up table does.
    ///
    /// They are written as they are, emphasis and all: whoever makes them takes ``printable(_:)`` of what came from
    /// outside.
    func show(_ lines: [String], at level: Level = .info) {
        guard level <= self.level else { return }
        Self.write(lines.map { $0 + "\n" }.joined())
    }

    private static func write(_ text: String) {
        var octets = Array(text.utf8)[...]
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

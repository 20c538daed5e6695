#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Emphasis for a terminal; plain text everywhere else.
struct TerminalStyle: Sendable {
    /// Whether escape sequences are written at all.
    let isEnabled: Bool

    /// What standard error takes: emphasis on a terminal, unless `NO_COLOR` is set or the terminal is a dumb one.
    static var standardError: TerminalStyle {
        let environment = Environment.process
        return TerminalStyle(
            isEnabled: isatty(STDERR_FILENO) == 1 && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb")
    }

    /// How wide the terminal behind standard error is; nil: it is none.
    static var columns: Int? {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    func bold(_ text: String) -> String { styled(text, "1") }
    func faint(_ text: String) -> String { styled(text, "2") }

    private func styled(_ text: String, _ code: String) -> String {
        isEnabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

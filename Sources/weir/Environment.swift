import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The environment's variables, empty ones taken as absent.
struct Environment: Sendable {
    private let lookup: @Sendable (String) -> String?

    /// This process's.
    static let process = Environment { name in getenv(name).map { String(cString: $0) } }

    init(_ lookup: @escaping @Sendable (String) -> String?) {
        self.lookup = lookup
    }

    subscript(_ name: String) -> String? {
        lookup(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The variable as it is, an empty one too.
    func raw(_ name: String) -> String? { lookup(name) }

    /// The user's home, or the working directory where there is none.
    var home: String { self["HOME"] ?? "." }

    /// `WEIR_LOG_LEVEL`.
    func logLevel() throws -> Diagnostics.Level? {
        guard let text = self["WEIR_LOG_LEVEL"] else { return nil }
        guard let level = Diagnostics.Level(argument: text) else {
            throw ValidationError("WEIR_LOG_LEVEL: \"\(text)\" is no level; give error, warning, info or debug.")
        }
        return level
    }
}

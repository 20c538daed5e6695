import LLMWire

/// What requests' paths say, kept in mind: most exchanges are of a few paths.
struct KnownPaths: Sendable {
    /// What a path says.
    struct Facts: Sendable {
        var operation: LLMWire.Operation
        /// The model it names; nil where it names none.
        var model: String?
        /// Whether it asks for a stream; nil where the path does not decide it.
        var isStream: Bool?
    }

    private struct Key: Hashable {
        var dialect: Dialect
        var path: [UInt8]
    }

    private var known: [Key: Facts] = [:]
    /// What was asked for last: most often it is asked for again.
    private var latest: (key: Key, facts: Facts)?

    /// Paths come from clients, so their number and length have bounds.
    private static let mostKnown = 256
    private static let longestKnown = 256

    /// What `path` (without its query) says to a request of `dialect`.
    mutating func facts(_ dialect: Dialect, _ path: RawSpan) -> Facts {
        if let latest, latest.key.dialect == dialect, path.withUnsafeBytes({ $0.elementsEqual(latest.key.path) }) {
            return latest.facts
        }
        let isKept = path.byteCount <= Self.longestKnown
        let key = Key(dialect: dialect, path: isKept ? path.withUnsafeBytes { Array($0) } : [])
        if isKept, let facts = known[key] {
            latest = (key, facts)
            return facts
        }
        let operation = LLMWire.Operation(dialect, path: path)
        var facts = Facts(operation: operation)
        if operation != .other {
            facts.model = LLMWire.Operation.model(inPath: path)
            facts.isStream = LLMWire.Operation.isStream(path: path)
        }
        guard isKept else { return facts }
        if known.count >= Self.mostKnown { known.removeAll(keepingCapacity: true) }
        known[key] = facts
        latest = (key, facts)
        return facts
    }
}

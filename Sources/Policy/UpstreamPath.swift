import HTTP1
import WeirConfiguration

/// The path that an upstream is asked for, by a route's `path` and the `/v1` rule.
struct UpstreamPath: Sendable {
    /// A path of the configuration, with a query or without.
    private struct Fixed: Sendable {
        /// The path; empty in the request's place of a map.
        let from: [UInt8]
        let to: [UInt8]
        let hasQuery: Bool

        init(from: String, to: String) {
            self.from = Self.rooted(from)
            self.to = Self.rooted(to)
            hasQuery = to.contains("?")
        }

        private static func rooted(_ path: String) -> [UInt8] { Array((path.hasPrefix("/") ? path : "/" + path).utf8) }
    }

    /// A target in parts: octets to put in front, and where the rest stands in the request's head.
    struct Joined {
        let prefix: [UInt8]
        let rest: Range<Int>
        /// Whether `prefix` has a query, so that an `&` stands for the question mark that `rest` begins with.
        var continuesQuery = false
    }

    private let rule: VersionRule
    /// The upstream's base path, or `/`.
    private let root: [UInt8]
    private let always: Fixed?
    private let map: [Fixed]

    init(_ settings: RouteSettings, isDefault: Bool) {
        let base = settings.target?.path ?? ""
        var versioned = settings.versionedPath
        if versioned == .auto { versioned = isDefault ? .always : .never }
        rule = VersionRule(basePath: base, versionedPath: versioned)
        root = base.isEmpty ? [0x2F] : Array(base.utf8)
        switch settings.path {
        case .request: (always, map) = (nil, [])
        case .fixed(let path): (always, map) = (Fixed(from: "", to: path), [])
        case .map(let aliases): (always, map) = (nil, aliases.map { Fixed(from: $0.from, to: $0.to) })
        }
    }

    /// The upstream's target for what is left of a request's.
    func join(_ head: RawSpan, _ rest: Range<Int>) -> Joined {
        if let always { return with(always, query: head.path(of: rest).upperBound..<rest.upperBound) }
        if !map.isEmpty {
            let path = head.path(of: rest)
            for entry in map where path.isEmpty ? entry.from.count == 1 : head.equals(path, entry.from) {
                return with(entry, query: path.upperBound..<rest.upperBound)
            }
        }
        guard !rest.isEmpty, head.octet(at: rest.lowerBound) == 0x2F else { return Joined(prefix: root, rest: rest) }
        guard let joined = rule.join(head, target: rest) else { return Joined(prefix: [], rest: rest) }
        return Joined(prefix: joined.prefix, rest: joined.rest)
    }

    private func with(_ fixed: Fixed, query: Range<Int>) -> Joined {
        // A question mark alone would leave a lone `&`.
        let isEmpty = fixed.hasQuery && query.count < 2
        return Joined(
            prefix: fixed.to, rest: isEmpty ? query.upperBound..<query.upperBound : query,
            continuesQuery: fixed.hasQuery && !isEmpty)
    }
}

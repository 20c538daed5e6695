import LLMWire
package import Pricing
import Synchronization

/// The prices by which exchanges are priced from now on; a reload may change them while the record is read.
package final class CurrentPrices: Sendable {
    private let current: Mutex<(table: PriceTable, generation: UInt64)>

    /// Prices to begin with.
    package init(_ table: PriceTable = PriceTable()) {
        current = Mutex((table, 1))
    }

    /// Puts another table in force.
    package func replace(_ table: PriceTable) {
        current.withLock { $0 = (table, $0.generation + 1) }
    }

    /// The table in force, unless it is the one of `generation`.
    fileprivate func table(unless generation: UInt64) -> (table: PriceTable, generation: UInt64)? {
        current.withLock { $0.generation == generation ? nil : $0 }
    }
}

/// Finds the prices of exchanges, and keeps in mind what it found: most exchanges are of a few models.
struct PriceFinder: Sendable {
    /// All that a price depends on.
    struct Key: Hashable {
        var dialect: Dialect
        var upstream: String
        var server: String?
        var answered: String?
        var asked: String?

        func isShorter(than limit: Int) -> Bool {
            [upstream, server, answered, asked].allSatisfy { ($0?.utf8.count ?? 0) < limit }
        }
    }

    private let prices: CurrentPrices
    private var table: PriceTable?
    private var generation: UInt64 = 0
    private var found: [Key: PriceTable.Match?] = [:]

    /// Names come from clients and upstreams, so their number has a bound, and their length.
    private static let mostFound = 1024
    private static let longestName = 256

    init(_ prices: CurrentPrices) {
        self.prices = prices
    }

    /// The price of an exchange; nil: none is known.
    mutating func price(_ key: Key) -> PriceTable.Match? {
        if let newer = prices.table(unless: generation) {
            (table, generation) = newer
            found.removeAll(keepingCapacity: true)
        }
        if let known = found[key] { return known }
        let match = table?.price(provider: Self.provider(key), answered: key.answered, asked: key.asked)
        guard key.isShorter(than: Self.longestName) else { return match }
        if found.count >= Self.mostFound { found.removeAll(keepingCapacity: true) }
        found[key] = .some(match)
        return match
    }

    private static func provider(_ key: Key) -> Provider? {
        if key.upstream.hasPrefix("mock:") { return .mock }
        // `scheme://host:port`
        let rest = key.upstream.firstRange(of: "://").map { key.upstream[$0.upperBound...] } ?? key.upstream[...]
        let host = rest.lastIndex(of: ":").map { rest[..<$0] } ?? rest
        return Provider(dialect: key.dialect, host: String(host), server: key.server)
    }
}

package import Pricing
import Synchronization

/// The prices by which exchanges are priced from now on; a reload may change them while the record is read.
package final class CurrentPrices: Sendable {
    private let current: Mutex<PriceTable>

    /// Prices to begin with.
    package init(_ table: PriceTable = PriceTable()) {
        current = Mutex(table)
    }

    /// The table in force.
    package var table: PriceTable {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

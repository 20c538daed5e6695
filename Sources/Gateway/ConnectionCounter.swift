import NIOCore
import Synchronization

/// Counts the clients' connections, in all and by address.
package final class ConnectionCounter: Sendable {
    private struct Counts {
        var total = 0
        var byAddress: [String: Int] = [:]
    }

    private let counts = Mutex(Counts())
    private let maximum: Int
    private let maximumPerAddress: Int

    package init(maximum: Int, maximumPerAddress: Int) {
        self.maximum = maximum
        self.maximumPerAddress = maximumPerAddress
    }

    /// Takes a connection in.
    ///
    /// - Returns: false where it is one too many; then it is not counted.
    func enter(_ address: String) -> Bool {
        counts.withLock { counts in
            let held = counts.byAddress[address, default: 0]
            guard counts.total < maximum, held < maximumPerAddress else { return false }
            counts.total += 1
            counts.byAddress[address] = held + 1
            return true
        }
    }

    /// Lets a connection go that was taken in.
    func leave(_ address: String) {
        counts.withLock { counts in
            counts.total -= 1
            let held = counts.byAddress[address, default: 1]
            counts.byAddress[address] = held > 1 ? held - 1 : nil
        }
    }

    /// Connections now.
    package var total: Int { counts.withLock { $0.total } }
}

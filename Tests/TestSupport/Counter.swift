import Synchronization

/// A number that several threads count up.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    /// A counter at 0.
    package init() {}

    /// Its value.
    package var value: Int { count.load(ordering: .relaxed) }

    /// Counts up.
    package func add(_ number: Int) {
        count.add(number, ordering: .relaxed)
    }
}

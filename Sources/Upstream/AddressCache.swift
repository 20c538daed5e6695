import NIOCore

/// Addresses of names for a short time; pure, times are handed in.
struct AddressCache {
    private struct Entry {
        let addresses: [SocketAddress]
        let expires: UInt64
    }

    private var entries: [String: Entry] = [:]
    private let lifetime: UInt64
    private let capacity: Int

    /// - Parameters:
    ///   - lifetime: nanoseconds that an answer is good for.
    ///   - capacity: names kept at a time.
    init(lifetime: UInt64, capacity: Int) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// What is known of `name` at the time `now`, in nanoseconds.
    func addresses(of name: String, now: UInt64) -> [SocketAddress]? {
        guard let entry = entries[name], entry.expires > now else { return nil }
        return entry.addresses
    }

    /// Keeps an answer.
    mutating func store(_ addresses: [SocketAddress], of name: String, now: UInt64) {
        if entries.count >= capacity {
            entries = entries.filter { $0.value.expires > now }
            if entries.count >= capacity { entries.removeAll(keepingCapacity: true) }
        }
        entries[name] = Entry(addresses: addresses, expires: now &+ lifetime)
    }
}

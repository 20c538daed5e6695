import HTTP1
import WeirConfiguration

/// The configured keys, to be found by their octets.
///
/// A keyed hash (SipHash under the process's random seed) leads to a bucket, so that the time taken tells nothing about
/// how much of a guess is right; in it, keys of the same length are compared octet by octet to the end.
final class KeyTable: Sendable {
    private struct Entry {
        /// Where the key stands in `octets`.
        let start: Int
        let count: Int
        /// The next entry of the bucket, or -1.
        let next: Int
    }

    /// What the credentials of a request say.
    struct Identity {
        /// The known key that comes first in the order of the places.
        var key: ClientKey?
        /// Whether there is any credential, known or not.
        var hasCredential = false
    }

    private let keys: [ClientKey]
    private let entries: [Entry]
    private let octets: [UInt8]
    private let buckets: [Int]
    private let longest: Int

    init(_ keys: [ClientKey]) {
        var octets: [UInt8] = []
        var entries: [Entry] = []
        var size = 1
        while size < keys.count * 2 { size *= 2 }
        var buckets = [Int](repeating: -1, count: size)
        for (index, key) in keys.enumerated() {
            let text = Array(key.settings.key.text.utf8)
            let bucket = Self.hash(text.span.bytes, 0..<text.count) & (size - 1)
            entries.append(Entry(start: octets.count, count: text.count, next: buckets[bucket]))
            buckets[bucket] = index
            octets += text
        }
        self.keys = keys
        self.entries = entries
        self.octets = octets
        self.buckets = buckets
        longest = entries.map(\.count).max() ?? 0
    }

    private static func hash(_ octets: RawSpan, _ range: Range<Int>) -> Int {
        var hasher = Hasher()
        octets.extracting(range).withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    /// The key that the octets in `range` spell, or nil.
    func find(_ head: RawSpan, _ range: Range<Int>) -> ClientKey? {
        guard !range.isEmpty, range.count <= longest else { return nil }
        var index = buckets[Self.hash(head, range) & (buckets.count - 1)]
        while index >= 0 {
            let entry = entries[index]
            if entry.count == range.count {
                var difference: UInt8 = 0
                for offset in 0..<entry.count {
                    difference |= octets[entry.start &+ offset] ^ head.octet(at: range.lowerBound &+ offset)
                }
                if difference == 0 { return keys[index] }
            }
            index = entry.next
        }
        return nil
    }

    /// The key that the octets in `range` spell percent-encoded, or nil.
    func findEncoded(_ head: RawSpan, _ range: Range<Int>) -> ClientKey? {
        guard head.firstIndex(of: 0x25, in: range) != nil else { return find(head, range) }
        // Three octets at most stand for one.
        guard range.count <= 3 * longest else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: range.count, alignment: 1) { decoded in
            var count = 0
            var index = range.lowerBound
            while let octet = QueryScanner.decode(head, range, &index) {
                decoded[count] = octet
                count += 1
            }
            return find(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(decoded)), 0..<count)
        }
    }

    /// Reads the credentials of a request as it came, whatever is dropped from it later.
    func identify(_ head: RawSpan, target: Range<Int>, fields: [Field]) -> Identity {
        var identity = Identity()
        var best = CredentialPlace.query.rawValue
        for field in fields {
            guard field.name != .other, let place = CredentialPlace(field.name) else { continue }
            let credential = head.credential(of: field)
            if credential.isEmpty { continue }
            identity.hasCredential = true
            guard place.rawValue < best, let key = find(head, credential) else { continue }
            identity.key = key
            best = place.rawValue
        }
        var scanner = QueryScanner(head, target: target)
        while let field = scanner.field(head) {
            guard field.isKey, !field.value.isEmpty else { continue }
            identity.hasCredential = true
            if identity.key == nil { identity.key = findEncoded(head, field.value) }
        }
        return identity
    }
}

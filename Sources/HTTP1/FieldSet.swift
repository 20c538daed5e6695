/// A set of field indices, for the at most 256 fields of a head; it never allocates.
package struct FieldSet: Sendable, Equatable {
    @usableFromInline var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// The empty set.
    package init() {}

    /// Whether nothing is in it.
    package var isEmpty: Bool { words.0 | words.1 | words.2 | words.3 == 0 }

    /// Puts `index` in; an index past 255 has no place and is ignored.
    @inlinable
    package mutating func insert(_ index: Int) {
        let bit = UInt64(1) << UInt64(index & 63)
        switch index >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        case 3: words.3 |= bit
        default: break
        }
    }

    /// Whether `index` is in it.
    @inlinable
    package func contains(_ index: Int) -> Bool {
        let bit = UInt64(1) << UInt64(index & 63)
        switch index >> 6 {
        case 0: return words.0 & bit != 0
        case 1: return words.1 & bit != 0
        case 2: return words.2 & bit != 0
        case 3: return words.3 & bit != 0
        default: return false
        }
    }

    package static func == (left: FieldSet, right: FieldSet) -> Bool {
        left.words == right.words
    }
}

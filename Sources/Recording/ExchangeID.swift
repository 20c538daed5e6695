/// The name of an exchange: unique, and in the order of time as text and as number.
///
/// 48 bits of milliseconds since the epoch, 16 bits of the event loop, 64 bits of a per-process random start that counts up.
package struct ExchangeID: Sendable, Hashable, Comparable {
    /// Milliseconds and loop.
    package let high: UInt64
    /// Random start plus count.
    package let low: UInt64

    /// An id from its two halves.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: ExchangeID, right: ExchangeID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// Octets of the text form.
    package static let textLength = 26

    /// Calls `body` with each of the 26 octets of the text form: Crockford's base 32, most significant digit first.
    @inline(__always)
    package func forEachTextOctet(_ body: (UInt8) -> Void) {
        var shift = 125
        while shift >= 0 {
            let bits: UInt64
            if shift >= 64 {
                bits = high >> UInt64(shift - 64)
            } else if shift > 59 {
                bits = high << UInt64(64 - shift) | low >> UInt64(shift)
            } else {
                bits = low >> UInt64(shift)
            }
            body(Self.digit(UInt8(truncatingIfNeeded: bits & 31)))
            shift -= 5
        }
    }

    /// The text form: what `x-weir-request-id` and `request_id` show.
    package var text: String {
        var octets: [UInt8] = []
        octets.reserveCapacity(Self.textLength)
        forEachTextOctet { octets.append($0) }
        return String(decoding: octets, as: UTF8.self)
    }

    /// 0-9 A-H J K M N P-T V-Z.
    @inline(__always)
    private static func digit(_ value: UInt8) -> UInt8 {
        if value < 10 { return 0x30 &+ value }
        var letter = 0x41 &+ value &- 10
        if letter >= 0x49 { letter &+= 1 }
        if letter >= 0x4C { letter &+= 1 }
        if letter >= 0x4F { letter &+= 1 }
        if letter >= 0x55 { letter &+= 1 }
        return letter
    }
}

package import NIOCore

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

    /// Writes the 26 octets of the text form: Crockford's base 32, most significant digit first.
    package func writeText(to out: inout ByteBuffer) {
        out.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.textLength) { octets in
            writeDigits { octets[$0] = $1 }
            return Self.textLength
        }
    }

    /// The octets of the text form.
    var textOctets: InlineArray<26, UInt8> {
        var octets = InlineArray<26, UInt8>(repeating: 0)
        writeDigits { octets[$0] = $1 }
        return octets
    }

    /// The text form: what `x-weir-request-id` and `request_id` show.
    package var text: String {
        String(unsafeUninitializedCapacity: Self.textLength) { octets in
            writeDigits { octets[$0] = $1 }
            return Self.textLength
        }
    }

    @inline(__always)
    private func writeDigits(_ write: (Int, UInt8) -> Void) {
        let digits = Self.digits.utf8Start
        var index = Self.textLength
        var low = low
        var high = high
        while index > 0 {
            index &-= 1
            // 5 bits find one of 32 digits.
            write(index, digits[Int(low & 31)])
            low = low >> 5 | high << 59
            high >>= 5
        }
    }

    private static let digits: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
}

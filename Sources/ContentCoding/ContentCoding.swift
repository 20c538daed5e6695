/// A content coding that can be undone (RFC 9110 §8.4.1, RFC 7932, RFC 8878).
package enum ContentCoding: UInt8, Sendable, CaseIterable {
    case gzip
    /// With zlib's wrapping as it should be, or bare as some servers send it.
    case deflate
    case brotli
    case zstd

    /// More codings than this on one body are refused: nobody sends them, and each multiplies what a few octets can cost.
    package static let stackLimit = 4

    /// Reads the value of `Content-Encoding`, in the order in which the codings were put on; `identity` is left out.
    ///
    /// - Returns: nil if one of them is unknown, or there are more than ``stackLimit``.
    package static func codings(_ fieldValue: RawSpan) -> [ContentCoding]? {
        var codings: [ContentCoding] = []
        var name: [UInt8] = []
        for index in 0...fieldValue.byteCount {
            let octet = index < fieldValue.byteCount ? octet(fieldValue, at: index) : 0x2C
            if octet != 0x2C {
                if name.count > 16 { return nil }
                if octet != 0x20, octet != 0x09 { name.append(octet &- 0x41 < 26 ? octet | 0x20 : octet) }
                continue
            }
            switch String(decoding: name, as: UTF8.self) {
            case "", "identity": break
            case "gzip", "x-gzip": codings.append(.gzip)
            case "deflate": codings.append(.deflate)
            case "br": codings.append(.brotli)
            case "zstd": codings.append(.zstd)
            default: return nil
            }
            name.removeAll(keepingCapacity: true)
        }
        return codings.count <= stackLimit ? codings : nil
    }

    private static func octet(_ span: RawSpan, at offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < span.byteCount)
        // The line above is the proof.
        return unsafe span.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }
}

/// Why the rest of a coded body cannot be had.
package enum ContentCodingFault: Error, Sendable, Equatable {
    /// The octets are not what the coding writes.
    case corrupt(ContentCoding)
    /// The output would pass the limit: what came out up to there stands.
    case limit
    /// The body ended before its coding did.
    case truncated
}

/// How much may come out of a coded body.
///
/// A few octets can be made to decode to gigabytes; real text seldom shrinks more than 200 times.
package struct DecodingLimits: Sendable {
    /// Octets of output that are always allowed.
    package var floor: Int
    /// Octets of output allowed for each octet of input.
    package var ratio: Int
    /// Octets of output never passed.
    package var ceiling: Int

    /// Limits in octets.
    package init(floor: Int = 1 << 20, ratio: Int = 1000, ceiling: Int = 64 << 20) {
        self.floor = floor
        self.ratio = ratio
        self.ceiling = ceiling
    }

    /// What may have come out after `input` octets went in.
    func output(afterInput input: Int) -> Int {
        let (scaled, overflow) = input.multipliedReportingOverflow(by: ratio)
        return min(ceiling, max(floor, overflow ? ceiling : scaled))
    }
}

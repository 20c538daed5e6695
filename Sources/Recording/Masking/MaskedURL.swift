import HTTP1

/// Masks user information and the values of secret query fields, in request targets and in whole URLs.
///
/// A URL inside another's query is read as well, percent-encoded or not. Where a part began with an encoded delimiter,
/// encoded delimiters end it; where it began with a plain one, only plain ones do, so that no secret ends too early.
extension RecordMask {
    /// Whether anything in the URL could need a mask; cheap, and false for the everyday path.
    @inline(__always)
    func needsURLMask(_ span: RawSpan, _ url: Range<Int>) -> Bool {
        var index = url.lowerBound
        while index < url.upperBound {
            switch span[index] {
            case 0x3F, 0x3A, 0x25, 0x23, 0x26: return true
            default: index &+= 1
            }
        }
        return false
    }

    /// Copies a URL, masked.
    ///
    /// - Parameter startsWithAuthority: whether `//` at the very start introduces an authority, as in a reference
    ///   without a scheme; in a request target it is only a path.
    func writeURL(_ span: RawSpan, _ url: Range<Int>, startsWithAuthority: Bool = false, into out: inout BatchBuffer) {
        var cursor = url.lowerBound
        var index = url.lowerBound
        if startsWithAuthority, let secret = span.userInformation(afterColon: index, encoded: false, in: url) {
            write(span, cursor..<secret.lowerBound, into: &out)
            Self.writeEllipsis(into: &out)
            cursor = secret.upperBound
            index = cursor
        }
        while index < url.upperBound {
            let unit = span.unit(at: index, in: url)
            index = unit.next
            let secret: Range<Int>?
            let isQuery: Bool
            switch unit.octet {
            case 0x3A:
                secret = span.userInformation(afterColon: index, encoded: unit.isEncoded, in: url)
                isQuery = false
            case 0x3F, 0x26, 0x3B, 0x23:
                secret = secretValue(span, nameAt: index, encoded: unit.isEncoded, in: url)
                isQuery = true
            default: continue
            }
            guard let secret, !secret.isEmpty else { continue }
            write(span, cursor..<secret.lowerBound, into: &out)
            if isQuery {
                Self.writeMask(of: span, secret, into: &out)
            } else {
                Self.writeEllipsis(into: &out)
            }
            cursor = secret.upperBound
            index = cursor
        }
        write(span, cursor..<url.upperBound, into: &out)
    }

    /// The value of the query field whose name starts at `start`, if the name is a secret one's.
    private func secretValue(_ span: RawSpan, nameAt start: Int, encoded: Bool, in url: Range<Int>) -> Range<Int>? {
        var index = start
        while index < url.upperBound {
            let unit = span.unit(at: index, in: url)
            if unit.octet == 0x3D, encoded || !unit.isEncoded {
                let name = start..<index
                guard queryFields.contains(where: { span.spellsDecoded(name, lowercase: $0) }) else { return nil }
                return unit.next..<span.parameterEnd(from: unit.next, encoded: encoded, in: url)
            }
            switch unit.octet {
            case 0x3F, 0x26, 0x3B, 0x23: return nil
            default: index = unit.next
            }
        }
        return nil
    }
}

extension RawSpan {
    /// One octet of a URL, percent-encoding taken off (RFC 3986 §2.1).
    struct Unit {
        let octet: UInt8
        let next: Int
        let isEncoded: Bool
    }

    /// The unit at `index`, which lies in `range`.
    @inline(__always)
    func unit(at index: Int, in range: Range<Int>) -> Unit {
        let octet = self[index]
        if octet == 0x25, index &+ 2 < range.upperBound, let high = Self.hexadecimal(self[index &+ 1]),
            let low = Self.hexadecimal(self[index &+ 2])
        {
            return Unit(octet: high << 4 | low, next: index &+ 3, isEncoded: true)
        }
        return Unit(octet: octet, next: index &+ 1, isEncoded: false)
    }

    private static func hexadecimal(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: return octet &- 0x30
        case 0x41...0x46: return octet &- 0x37
        case 0x61...0x66: return octet &- 0x57
        default: return nil
        }
    }

    /// Whether `range`, decoded, is `lowercase` but for case.
    func spellsDecoded(_ range: Range<Int>, lowercase: [UInt8]) -> Bool {
        guard range.count >= lowercase.count else { return false }
        var index = range.lowerBound
        var position = 0
        while index < range.upperBound {
            let unit = unit(at: index, in: range)
            guard position < lowercase.count, Octet.lowercased(unit.octet) == lowercase[position] else { return false }
            index = unit.next
            position &+= 1
        }
        return position == lowercase.count
    }

    /// Where a query field's value that starts at `start` ends.
    func parameterEnd(from start: Int, encoded: Bool, in url: Range<Int>) -> Int {
        var index = start
        while index < url.upperBound {
            let unit = unit(at: index, in: url)
            if unit.octet == 0x26 || unit.octet == 0x23, encoded || !unit.isEncoded { return index }
            index = unit.next
        }
        return url.upperBound
    }

    /// The user information of an authority whose scheme's colon ends before `start`: what stands before its last `@`.
    func userInformation(afterColon start: Int, encoded: Bool, in url: Range<Int>) -> Range<Int>? {
        var index = start
        var isEncoded = encoded
        var authority: Int?
        while index < url.upperBound {
            let unit = unit(at: index, in: url)
            guard unit.octet == 0x2F else { break }
            isEncoded = isEncoded || unit.isEncoded
            index = unit.next
            authority = index
        }
        guard let authority else { return nil }
        var at: Int?
        scan: while index < url.upperBound {
            let unit = unit(at: index, in: url)
            if isEncoded || !unit.isEncoded {
                switch unit.octet {
                case 0x40: at = index
                case 0x2F, 0x3F, 0x23: break scan
                case 0x26 where isEncoded: break scan
                default: break
                }
            }
            index = unit.next
        }
        return at.flatMap { $0 > authority ? authority..<$0 : nil }
    }
}

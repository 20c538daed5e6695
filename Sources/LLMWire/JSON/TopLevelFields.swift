/// Looks single members of a body's top-level object up, as the request log does with `model` and `stream`.
///
/// The body may be cut off at its end: what stands whole in front of the cut counts. Of members with one name the last
/// counts, as it does for most readers of JSON. A text that is not JSON, apart from being cut off, has none.
package enum TopLevelFields {
    /// The most octets of UTF-8 that ``string(_:in:)`` gives back; longer values are cut between characters.
    package static let longestString = 256

    private static let logged = JSONNames(["model", "stream"])

    /// The value of the member `name`, if that is `true` or `false`.
    package static func boolean(_ name: String, in body: RawSpan) -> Bool? {
        boolean(in: body, find(JSONNames([name]), in: body)[0])
    }

    /// The value of the member `name`, if that is a string: without its escapes, so that it may hold any character.
    package static func string(_ name: String, in body: RawSpan) -> String? {
        string(in: body, find(JSONNames([name]), in: body)[0])
    }

    /// The members `model` and `stream`, in one reading.
    package static func modelAndStream(in body: RawSpan) -> (model: String?, stream: Bool?) {
        let found = find(logged, in: body)
        return (string(in: body, found[0]), boolean(in: body, found[1]))
    }

    private static func boolean(in body: RawSpan, _ range: Range<Int>?) -> Bool? {
        guard let range else { return nil }
        switch body.octet(at: range.lowerBound) {
        case 0x74: return true
        case 0x66: return false
        default: return nil
        }
    }

    private static func string(in body: RawSpan, _ range: Range<Int>?) -> String? {
        guard let range, body.octet(at: range.lowerBound) == 0x22 else { return nil }
        var octets: [UInt8] = []
        var index = range.lowerBound + 1
        while index < range.upperBound - 1, octets.count < longestString + 4 {
            let octet = body.octet(at: index)
            if octet == 0x5C {
                let escape = JSONEscape(body, index)
                octets += (escape.scalar ?? "\u{FFFD}").utf8
                index = escape.end
            } else {
                octets.append(octet)
                index += 1
            }
        }
        // A body that is cut off may not be UTF-8, and what stands in for such octets is longer than they are.
        let text = String(decoding: octets, as: UTF8.self)
        if text.utf8.count <= longestString { return text }
        octets = Array(text.utf8)
        var end = longestString
        while octets[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: octets[..<end], as: UTF8.self)
    }

    /// Where the values of `names` stand, each only if it is a string, a number or a literal.
    private static func find(_ names: JSONNames, in body: RawSpan) -> [Range<Int>?] {
        var search = Search(names)
        do throws(JSONFault) {
            try JSONText.scan(body, maximumDepth: JSONText.depthLimit, into: &search)
        } catch {
            guard error.kind == .unexpectedEnd else { return Array(repeating: nil, count: names.count) }
        }
        return search.found
    }

    private struct Search: JSONSink {
        let names: JSONNames
        var found: [Range<Int>?]
        var pending: Int?

        init(_ names: JSONNames) {
            self.names = names
            found = Array(repeating: nil, count: names.count)
        }

        @inline(__always)
        mutating func key(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {
            guard depth == 1 else { return }
            pending = names.index(of: text, range)
        }

        @inline(__always)
        mutating func value(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {
            guard depth == 1, let name = pending else { return }
            found[name] = range
            pending = nil
        }

        @inline(__always)
        mutating func opens(_ text: RawSpan, _ offset: Int, _ depth: Int) {
            guard depth == 1, let name = pending else { return }
            found[name] = nil
            pending = nil
        }
    }
}

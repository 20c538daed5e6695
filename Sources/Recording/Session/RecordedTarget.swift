import HTTP1
import LLMWire

/// Writes the parts of a request target (RFC 3986 §3) as JSON.
enum RecordedTarget {
    /// Where the path ends and the query, if there is one, begins.
    static func split(_ head: RawSpan, _ target: Range<Int>) -> (path: Range<Int>, query: Range<Int>?) {
        for index in target where head.octet(at: index) == 0x3F {
            return (target.lowerBound..<index, (index + 1)..<target.upperBound)
        }
        return (target, nil)
    }

    /// Writes a query as a list of pairs, each name and value with `+` and percent-encoding undone.
    ///
    /// What does not decode to UTF-8 is shown as it was sent.
    static func appendQuery(_ head: RawSpan, _ query: Range<Int>, to line: inout JSONLineWriter) {
        var start = query.lowerBound
        while start < query.upperBound {
            var end = start
            var equals: Int?
            while end < query.upperBound, head.octet(at: end) != 0x26 {
                if equals == nil, head.octet(at: end) == 0x3D { equals = end }
                end += 1
            }
            if end > start {
                line.nextElement()
                line.beginArray()
                appendDecoded(head, start..<(equals ?? end), to: &line)
                line.nextElement()
                appendDecoded(head, (equals.map { $0 + 1 } ?? end)..<end, to: &line)
                line.endArray()
            }
            start = end + 1
        }
    }

    private static func appendDecoded(_ head: RawSpan, _ range: Range<Int>, to line: inout JSONLineWriter) {
        var isPlain = true
        for index in range {
            let octet = head.octet(at: index)
            if octet == 0x25 || octet == 0x2B { isPlain = false }
        }
        if isPlain { return line.text(head, range) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let octet = head.octet(at: index)
            if octet == 0x25, index + 2 < range.upperBound,
                let high = digit(head.octet(at: index + 1)), let low = digit(head.octet(at: index + 2))
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(octet == 0x2B ? 0x20 : octet)
                index += 1
            }
        }
        let span = decoded.span.bytes
        if UTF8Text.isValid(span) {
            line.string(span, 0..<span.byteCount)
        } else {
            line.text(head, range)
        }
    }

    private static func digit(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: return octet - 0x30
        case 0x41...0x46: return octet - 0x37
        case 0x61...0x66: return octet - 0x57
        default: return nil
        }
    }

    /// Writes the URL that an attempt asked for: its upstream without a default port, and the target that went out.
    static func appendURL(_ attempt: RecordedAttempt, _ head: borrowing RecordedHead, to line: inout JSONLineWriter) {
        var url = Array(attempt.upstream.utf8)
        if attempt.upstream.hasPrefix("https://"), attempt.upstream.hasSuffix(":443") {
            url.removeLast(4)
        } else if attempt.upstream.hasPrefix("http://"), attempt.upstream.hasSuffix(":80") {
            url.removeLast(3)
        }
        if head.isReadable {
            let target = head.octets[head.requestLine.target]
            if target.first == 0x2F {
                url.append(contentsOf: target)
            } else if target.elementsEqual("*".utf8) == false {
                // Through a proxy the target is a URL of its own.
                url = Array(target)
            }
        }
        let span = url.span.bytes
        line.text(span, 0..<span.byteCount)
    }
}

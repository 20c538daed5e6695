/// How the end of a message body is told (RFC 9112 §6.3).
package enum BodyFraming: Sendable, Equatable {
    /// There is no body.
    case none
    /// So many octets.
    case length(UInt64)
    /// Chunked transfer coding.
    case chunked
    /// Everything until the connection closes; only in responses.
    case untilClose
}

/// What the framing fields of a head say, gathered in one walk.
struct FramingFields {
    private(set) var contentLength: UInt64?
    private(set) var contentLengthIndex: Int?
    private(set) var isChunked = false
    private(set) var transferEncodingIndex: Int?

    /// Takes the Content-Length at `index` in.
    mutating func addContentLength(_ head: RawSpan, _ field: Field, at index: Int) throws(HeadFault) {
        if contentLengthIndex != nil { throw .contentLengthRepeated }
        guard let value = head.decimal(field.valueRange), !head.hasTab(behindValueOf: field) else {
            throw .badContentLength
        }
        contentLength = value
        contentLengthIndex = index
    }

    /// Takes the Transfer-Encoding at `index` in.
    mutating func addTransferEncoding(_ head: RawSpan, _ field: Field, at index: Int) throws(HeadFault) {
        guard transferEncodingIndex == nil, head.matches(field.valueRange, "chunked"),
            !head.hasTab(behindValueOf: field)
        else {
            throw .badTransferEncoding
        }
        isChunked = true
        transferEncodingIndex = index
    }

    /// Refuses what RFC 9112 §6.1 calls ambiguous.
    func check(version: HTTPVersion) throws(HeadFault) {
        guard isChunked else { return }
        if contentLengthIndex != nil { throw .lengthWithTransferEncoding }
        if version == .http10 { throw .transferEncodingInHTTP10 }
    }
}

extension RawSpan {
    /// Whether a tab stands behind the field's value. It may (RFC 9110 §5.6.3), but parsers in wide use then misread a
    /// framing field: `chunked` with a tab behind it counts as another coding there.
    fileprivate func hasTab(behindValueOf field: Field) -> Bool {
        for index in field.valueRange.upperBound..<field.lineRange.upperBound
        where octet(at: index) == Octet.horizontalTab { return true }
        return false
    }

    /// The decimal number in `range`: digits alone, at most 2⁶³ − 1; nil for anything else.
    package func decimal(_ range: Range<Int>) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var value: UInt64 = 0
        for index in range {
            let digit = octet(at: index) &- 0x30
            guard digit < 10 else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow, shifted <= UInt64(Int64.max) &- UInt64(digit) else { return nil }
            value = shifted &+ UInt64(digit)
        }
        return value
    }
}

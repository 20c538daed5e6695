/// HTTP/1.0 or HTTP/1.1 (RFC 9112 §2.3).
package enum HTTPVersion: UInt8, Sendable {
    case http10
    case http11
}

/// A request line as offsets from the head's first octet (RFC 9112 §3).
package struct RequestLine: Sendable, Equatable {
    /// The method's octets.
    package var method: Range<Int>
    /// The target's octets, as sent.
    package var target: Range<Int>
    /// The version that the client speaks.
    package var version: HTTPVersion
    /// The whole line with its CRLF.
    package var line: Range<Int>
}

/// A status line as offsets from the head's first octet (RFC 9112 §4).
package struct StatusLine: Sendable, Equatable {
    /// The three-digit status.
    package var status: Int
    /// The version that the upstream speaks.
    package var version: HTTPVersion
    /// From the status on to the end of the reason phrase: what is passed on byte for byte.
    package var statusAndReason: Range<Int>
    /// The whole line with its CRLF.
    package var line: Range<Int>
}

package import NIOCore

extension HeadEdit {
    /// Fills in what a gateway changes in a response's head before it passes it on.
    ///
    /// The status line goes out as HTTP/1.1 (RFC 9110 §2.5), status and reason as they came; the fields of the upstream's
    /// connection are dropped, and Weir's own names, which only Weir may use. Framing fields are dropped where there
    /// must be none, 1xx and 204 (RFC 9110 §8.6, RFC 9112 §6.1), and are else written anew unless spelled exactly so
    /// already. A 101 keeps its `Upgrade` and gets a `Connection` of its own. Every other line stays as it came. This
    /// edit must be empty before.
    ///
    /// - Parameters:
    ///   - head: the head's octets, from its first one on.
    ///   - response: what was read of it.
    ///   - fields: the head's fields.
    ///   - closing: whether the client's connection ends behind this response: `Connection: close`; false for 1xx.
    ///   - keepsAliveHTTP10Client: whether an HTTP/1.0 client is told that its connection stays: `Connection: keep-alive`.
    ///   - dechunked: whether the chunked coding is taken off the body, for an HTTP/1.0 client: `Transfer-Encoding` and
    ///     `Trailer` go (RFC 9112 §7.1.3).
    ///   - drops: whether a field with the name in this range goes, where there are such besides; nil: none do.
    ///   - appended: appends whole lines, with their CRLF, that stand last.
    package mutating func forwardResponse(
        _ head: RawSpan, _ response: ResponseHead, fields: [Field], closing: Bool, keepsAliveHTTP10Client: Bool,
        dechunked: Bool, drops: ((RawSpan, Range<Int>) -> Bool)? = nil, appended: (inout ByteBuffer) -> Void
    ) {
        let line = response.statusLine
        if line.version != .http11 {
            replace(Self.startLine) { text in
                text.writeStaticString("HTTP/1.1 ")
                text.writeBytes(head, line.statusAndReason)
                text.writeStaticString("\r\n")
            }
        }
        let status = response.status
        let hasNoFraming = status < 200 || status == 204
        for index in fields.indices {
            let field = fields[index]
            if response.connectionFields.contains(index) {
                drop(index)
                continue
            }
            switch field.name {
            case .xWeirRequestID, .xWeirError: drop(index)
            case .trailer: if dechunked { drop(index) }
            case .contentLength:
                if hasNoFraming { drop(index) } else { canonicaliseFraming(head, field, at: index) }
            case .transferEncoding:
                if hasNoFraming || dechunked { drop(index) } else { canonicaliseFraming(head, field, at: index) }
            default: if let drops, drops(head, field.nameRange) { drop(index) }
            }
        }
        append { text in
            if status == 101 {
                text.writeStaticString("Connection: Upgrade\r\n")
            } else if closing {
                text.writeStaticString("Connection: close\r\n")
            } else if keepsAliveHTTP10Client {
                text.writeStaticString("Connection: keep-alive\r\n")
            }
            appended(&text)
        }
    }
}

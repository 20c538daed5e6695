/// What a gateway must know of a response's head before it passes it on.
///
/// Offsets count from the head's first octet.
package struct ResponseHead: Sendable, Equatable {
    /// The status line.
    package let statusLine: StatusLine
    /// How the body is framed, the request's method taken into account (RFC 9112 §6.3).
    package let framing: BodyFraming
    /// Where the framing field stands, if there is one.
    package let framingIndex: Int?
    /// Where `Content-Type` stands, if there is one.
    package let contentTypeIndex: Int?
    /// Whether a content coding other than identity is on the body.
    package let isEncoded: Bool
    /// Whether the upstream's connection may carry another exchange afterwards; of an interim response it says nothing.
    package let isPersistent: Bool
    /// The fields that stay here: hop-by-hop ones and those that `Connection` names.
    package let connectionFields: FieldSet

    /// The status.
    package var status: Int { statusLine.status }
    /// Whether it is an interim response (RFC 9110 §15.2); 101 is not, it ends HTTP on the connection.
    package var isInterim: Bool { status < 200 && status != 101 }

    /// Checks a parsed head.
    ///
    /// - Parameter answersHEAD: whether the request's method was HEAD.
    /// - Throws: ``HeadFault``; from an upstream each of them is a protocol error.
    package init(_ head: RawSpan, parser: borrowing HeadParser, answersHEAD: Bool) throws(HeadFault) {
        statusLine = parser.statusLine
        let version = statusLine.version
        var framingFields = FramingFields()
        var options = ConnectionOptions()
        var connectionFields = FieldSet()
        var contentType: Int?
        var encoded = false
        var namesProtocol = false
        for index in parser.fields.indices {
            let field = parser.fields[index]
            if field.name == .other { continue }
            if field.name.isHopByHop { connectionFields.insert(index) }
            switch field.name {
            case .contentLength: try framingFields.addContentLength(head, field, at: index)
            case .transferEncoding: try framingFields.addTransferEncoding(head, field, at: index)
            case .connection: options.add(head, field.valueRange)
            case .contentType: contentType = index
            case .contentEncoding:
                if !field.valueRange.isEmpty, !head.matches(field.valueRange, "identity") { encoded = true }
            case .upgrade:
                namesProtocol = true
                if statusLine.status != 101 { connectionFields.insert(index) }
            default: break
            }
        }
        try framingFields.check(version: version)
        // RFC 9110 §15.2.2 and §7.8: a switch names its protocol, and HTTP/1.0 has none.
        if statusLine.status == 101, !namesProtocol || !options.upgrade || version == .http10 { throw .upgradeMissing }
        if options.namesFields { head.markNominated(parser.fields, into: &connectionFields) }
        self.connectionFields = connectionFields
        contentTypeIndex = contentType
        isEncoded = encoded
        framingIndex = framingFields.contentLengthIndex ?? framingFields.transferEncodingIndex
        let status = statusLine.status
        if answersHEAD || status < 200 || status == 204 || status == 304 {
            framing = .none
        } else if framingFields.isChunked {
            framing = .chunked
        } else if let length = framingFields.contentLength {
            framing = length > 0 ? .length(length) : .none
        } else {
            framing = .untilClose
        }
        let keeps = version == .http11 ? !options.close : options.keepAlive && !options.close
        isPersistent = keeps && framing != .untilClose && status != 101
    }
}

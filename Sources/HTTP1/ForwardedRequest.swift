package import NIOCore

extension HeadEdit {
    /// Fills in what a gateway changes in a request's head before it passes it on.
    ///
    /// The start line goes out as HTTP/1.1; `Host` becomes the upstream's, in its place, or behind the start line where
    /// the client sent none (HTTP/1.0); the fields of the client's connection are dropped (RFC 9110 §7.6.1); the framing
    /// field is written anew unless it is spelled exactly so already (RFC 9112 §6). A request for a WebSocket keeps its
    /// `Upgrade` and gets a `Connection` of its own. Every other line stays as it came. This edit must be empty before.
    ///
    /// - Parameters:
    ///   - head: the head's octets, from its first one on.
    ///   - request: what was read of it.
    ///   - fields: the head's fields.
    ///   - target: appends the target that the upstream sees; where it appends nothing, the client's stays.
    ///   - host: the value of `Host` for the upstream, with a port where the scheme's own is not meant.
    package mutating func forwardRequest(
        _ head: RawSpan, _ request: RequestHead, fields: [Field], target: (inout ByteBuffer) -> Void = { _ in },
        host: [UInt8]
    ) {
        forwardRequestLine(head, request, target: target, host: host)
        for index in fields.indices {
            let field = fields[index]
            if request.connectionFields.contains(index) {
                drop(index)
                continue
            }
            switch field.name {
            case .host: replaceHost(head, field, at: index, host: host)
            case .contentLength, .transferEncoding: canonicaliseFraming(head, field, at: index)
            default: break
            }
        }
        if request.asksForWebSocket { append { $0.writeStaticString("Connection: Upgrade\r\n") } }
    }

    /// Puts `host` in the place of the value of the `Host` field at `index`.
    package mutating func replaceHost(_ head: RawSpan, _ field: Field, at index: Int, host: [UInt8]) {
        let start = text.writerIndex
        text.writeBytes(head, field.nameRange)
        text.writeStaticString(": ")
        text.writeBytes(host)
        text.writeStaticString("\r\n")
        addChange(index, from: start)
    }

    /// Writes the request line as HTTP/1.1, and `Host` behind it where the client sent none; nothing where the line
    /// goes out as it came.
    ///
    /// - Parameters: as of ``forwardRequest(_:_:fields:target:host:)``.
    package mutating func forwardRequestLine(
        _ head: RawSpan, _ request: RequestHead, target: (inout ByteBuffer) -> Void, host: [UInt8]
    ) {
        let line = request.requestLine
        let start = text.writerIndex
        text.writeBytes(head, line.method.lowerBound..<(line.method.upperBound &+ 1))
        let targetStart = text.writerIndex
        target(&text)
        if text.writerIndex == targetStart {
            if line.version == .http11, request.hostIndex != nil {
                text.moveWriterIndex(to: start)
                return
            }
            text.writeBytes(head, line.target)
        }
        text.writeStaticString(" HTTP/1.1\r\n")
        if request.hostIndex == nil {
            text.writeStaticString("Host: ")
            text.writeBytes(host)
            text.writeStaticString("\r\n")
        }
        addChange(Self.startLine, from: start)
    }

    /// Writes the framing field at `index` anew unless its line is what would be written.
    package mutating func canonicaliseFraming(_ head: RawSpan, _ field: Field, at index: Int) {
        let value = field.valueRange
        let length = field.name == .contentLength ? head.decimal(value) : nil
        let isCanonicalValue: Bool
        if length != nil {
            isCanonicalValue = value.count == 1 || head.octet(at: value.lowerBound) != 0x30
        } else {
            isCanonicalValue = head.equals(value, "chunked")
        }
        let gap = value.lowerBound &- field.nameRange.upperBound &- 1
        let isPlainLine =
            value.upperBound &+ 2 == field.lineRange.upperBound
            && (gap == 0 || gap == 1 && head.octet(at: value.lowerBound &- 1) == Octet.space)
        if isCanonicalValue, isPlainLine { return }
        replace(index) { text in
            text.writeBytes(head, field.nameRange)
            text.writeStaticString(": ")
            if let length { text.writeDecimal(length) } else { text.writeStaticString("chunked") }
            text.writeStaticString("\r\n")
        }
    }
}

extension ByteBuffer {
    /// Appends `value` in decimal digits without leading zeros.
    package mutating func writeDecimal(_ value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor &*= 10 }
        while divisor > 0 {
            writeInteger(UInt8(truncatingIfNeeded: 0x30 &+ value / divisor % 10))
            divisor /= 10
        }
    }
}

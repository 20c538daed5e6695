import HTTP1
import LLMWire
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// Answers that Weir makes itself.
extension ClientConnection {
    /// Answers the present exchange with an error; nothing of an answer has gone out yet.
    func refuse(_ refusal: Refusal) {
        let now = loop.now
        parser.reset()
        if exchange?.hasOwnHead == true { return breakOff(refusal, chunkPosition: .betweenChunks) }
        letGoOfUpstream()
        guard let exchange else { return }
        if phase == .orphaned { return endOrphan(because: refusal) }
        exchange.status = refusal.status
        let isLast = refusal.code == .overloaded || refusal.code == .shuttingDown
        if isLast || !exchange.isRequestComplete { exchange.closesConnection = true }
        let body = ByteBuffer(
            string: ErrorBody.json(refusal, dialect: dialect(), requestID: exchange.id.text))
        let head = Self.head(
            status: refusal.status, exchange, bodyLength: body.readableBytes,
            fields: { out in
                out.writeString("x-weir-error: \(refusal.code.rawValue)\r\n")
                if refusal.mayHaveBeenActedOn { out.writeStaticString("x-should-retry: false\r\n") }
            })
        send(head: head, body: body)
        let outcome: ExchangeOutcome = refusal.status >= 500 && exchange.attempts > 0 ? .upstreamError : .refused
        endExchange(outcome, because: refusal, at: now)
    }

    /// Answers the present exchange with JSON of Weir's own.
    func answer(status: Int, json: String) {
        guard let exchange else { return }
        exchange.status = status
        if !exchange.isRequestComplete { exchange.closesConnection = true }
        let body = ByteBuffer(string: json)
        let head = Self.head(status: status, exchange, bodyLength: body.readableBytes, fields: { _ in })
        parser.reset()
        send(head: head, body: body)
        endExchange(.completed, at: loop.now)
    }

    /// Answers a browser that asks what it may do; nothing else knows of it.
    func answerPreflight() {
        guard let exchange else { return }
        exchange.status = 204
        if !exchange.isRequestComplete { exchange.closesConnection = true }
        parser.reset()
        var head = ByteBufferAllocator().buffer(capacity: 512)
        head.writeStatusLine(204)
        head.writeRequestID(exchange.id)
        Self.endHead(&head, exchange)
        write(head)
        flush()
        endExchange(.completed, at: loop.now)
    }

    /// Answers octets that are no request that may be read.
    ///
    /// - Parameters:
    ///   - start: when the first of them came, where that is known.
    ///   - unread: a head that parsed, of which `end` octets are it; nil where there is none.
    func refuseUnread(
        _ refusal: Refusal, since start: UInt64? = nil, _ now: UInt64, head unread: ByteBuffer? = nil, end: Int = 0
    ) {
        defer { parser.reset() }
        phase = .exchange
        generation &+= 1
        let id = loop.nextID(now)
        let body = ByteBuffer(string: ErrorBody.json(refusal, dialect: dialect(of: unread), requestID: id.text))
        var head = ByteBuffer()
        head.writeStatusLine(refusal.status)
        head.writeString("content-type: application/json\r\ncontent-length: \(body.readableBytes)\r\n")
        head.writeRequestID(id)
        head.writeString("x-weir-error: \(refusal.code.rawValue)\r\n")
        if let unread, let cors = setup.policy.cors {
            head.writeBytes(cors.answerLines(unread.readableBytesSpan, fields: parser.fields))
        }
        head.writeStaticString("connection: close\r\n\r\n")
        recordUnread(id, unread, end: end, head: head, body: body, refusal, since: start ?? now, now)
        write(head)
        write(body)
        finishWriting()
    }

    /// Answers a connection that is not taken.
    func refuseConnection(_ refusal: Refusal) {
        refuseUnread(refusal, loop.now)
    }

    private func recordUnread(
        _ id: ExchangeID, _ unread: ByteBuffer?, end: Int, head: ByteBuffer, body: ByteBuffer, _ refusal: Refusal,
        since start: UInt64, _ now: UInt64
    ) {
        logUnread(id, unread, refusal, since: start, now)
        guard let recorder = loop.recorder else { return }
        // What could not be read as a head cannot be masked either, so none of it is kept.
        record = recorder.begin(
            id: id, wallClock: loop.wallTime(start), monotonic: start, client: clientAddress, route: [],
            head: unread ?? ByteBuffer(), end: end, parser: unread == nil ? HeadParser(role: .request) : parser,
            framing: .none)
        recorder.ownResponse(&record, head: head, body: body, at: now)
        recorder.end(
            &record, outcome: .refused, errorCode: refusal.code.rawValue, errorMessage: refusal.message,
            delivered: UInt64(body.readableBytes), at: now)
    }

    private func send(head: ByteBuffer, body: ByteBuffer) {
        loop.recorder?.ownResponse(&record, head: head, body: body, at: loop.now)
        write(head: head)
        if exchange?.isHEAD == false {
            write(body)
            exchange?.delivered = UInt64(body.readableBytes)
        }
        flush()
    }

    private static func head(
        status: Int, _ exchange: Exchange, bodyLength: Int, fields: (inout ByteBuffer) -> Void
    ) -> ByteBuffer {
        var out = ByteBufferAllocator().buffer(capacity: 512)
        out.writeStatusLine(status)
        out.writeString("content-type: application/json\r\ncontent-length: \(bodyLength)\r\n")
        out.writeRequestID(exchange.id)
        fields(&out)
        endHead(&out, exchange)
        return out
    }

    /// What every head of Weir's own ends with.
    private static func endHead(_ out: inout ByteBuffer, _ exchange: Exchange) {
        out.writeBytes(exchange.corsLines)
        if exchange.closesConnection {
            out.writeStaticString("connection: close\r\n")
        } else if exchange.version == .http10 {
            out.writeStaticString("connection: keep-alive\r\n")
        }
        out.writeStaticString("\r\n")
    }

    /// The dialect of the present exchange, told once from its head.
    func dialect() -> Dialect {
        guard let exchange else { return .openAIChat }
        if let known = exchange.dialect ?? route?.settings.dialect { return known }
        guard let head = exchange.head, let again = Self.parsed(head) else { return .openAIChat }
        let found = Dialect(head.readableBytesSpan, target: again.requestLine.target, fields: again.fields)
        exchange.dialect = found
        return found
    }

    /// Reads a head once more that has been read before, for what is seldom asked of it; nil: it is none.
    static func parsed(_ head: ByteBuffer) -> HeadParser? {
        var parser = HeadParser(role: .request, limits: HeadParser.Limits(head: .max, fields: .max))
        guard case .complete = parser.parse(head.readableBytesSpan) else { return nil }
        return parser
    }

    private func dialect(of head: ByteBuffer?) -> Dialect {
        guard let head else { return .openAIChat }
        return Dialect(head.readableBytesSpan, target: parser.requestLine.target, fields: parser.fields)
    }

    /// The upstream's scheme, host and port, for messages.
    var originText: String { exchange?.destination?.origin ?? route?.originText ?? "" }

    /// What an upstream's fault is told as.
    func refusal(_ fault: UpstreamFault, hasWritten: Bool) -> Refusal {
        let code: Refusal.Code
        var message = fault.message
        switch fault.code {
        case .nameNotResolved, .nameNotResolvedInTime: code = .dnsFailure
        case .notConnected: code = .connectRefused
        case .noDescriptor: code = .overloaded
        case .connectTimeout: code = .connectTimeout
        case .tls: code = .tlsVerifyFailed
        case .destinationDenied: code = .destinationDenied
        case .proxyAuthFailed: code = .proxyAuthFailed
        case .proxyConnectFailed: code = .proxyConnectFailed
        case .closed, .tunnelEnded:
            code = .upstreamReset
            message = "\(originText): \(message) before the answer was complete."
        case .notHTTP:
            code = .upstreamProtocol
            message = "\(originText): \(message)"
        case .headTooLarge:
            code = .upstreamHeadersTooLarge
            message = "\(originText): \(message)"
        }
        return Refusal(code, message, mayHaveBeenActedOn: hasWritten)
    }
}

extension ByteBuffer {
    /// Appends a status line with the reason of RFC 9110 §15.
    mutating func writeStatusLine(_ status: Int) {
        let reason: String
        switch status {
        case 200: reason = "OK"
        case 204: reason = "No Content"
        case 400: reason = "Bad Request"
        case 401: reason = "Unauthorized"
        case 403: reason = "Forbidden"
        case 404: reason = "Not Found"
        case 405: reason = "Method Not Allowed"
        case 408: reason = "Request Timeout"
        case 413: reason = "Content Too Large"
        case 414: reason = "URI Too Long"
        case 417: reason = "Expectation Failed"
        case 431: reason = "Request Header Fields Too Large"
        case 502: reason = "Bad Gateway"
        case 503: reason = "Service Unavailable"
        case 504: reason = "Gateway Timeout"
        case 505: reason = "HTTP Version Not Supported"
        default: reason = ""
        }
        writeString("HTTP/1.1 \(status) \(reason)\r\n")
    }
}

import HTTP1
import LLMWire
import NIOCore
import Policy
import Recording
import RequestLog
import WeirConfiguration

/// What the request log needs of an exchange once its head is gone; only there is one.
struct LoggedRequest {
    /// Method and target, as they came.
    let octets: [UInt8]
    let method: Range<Int>
    let target: Range<Int>
    /// What the upstream was asked for, where that much is told.
    var sentTarget = ""
    /// What became of the header fields, where that much is told.
    var changes: [RequestLogEntry.HeaderChange] = []

    init(_ head: RawSpan, _ line: RequestLine) {
        let range = line.method.lowerBound..<line.target.upperBound
        octets = range.map { head.octet(at: $0) }
        method = 0..<line.method.count
        target = (line.target.lowerBound - range.lowerBound)..<range.count
    }

    /// Takes in what makes the upstream's head of the client's.
    mutating func note(_ edit: HeadEdit, _ head: RawSpan, _ line: RequestLine, fields: [Field]) {
        let made = HeaderChanges(edit, head, fields: fields)
        changes = made.added.map { .init(.added, $0) } + made.replaced.map { .init(.replaced, $0) }
        changes += made.dropped.map { .init(.dropped, $0) }
        var octets = ByteBuffer()
        if let change = edit.changes.first, change.line == HeadEdit.startLine {
            octets.writeBytes(edit.text.readableBytesSpan, change.range)
        } else {
            octets.writeBytes(head, line.line)
        }
        let text = String(decoding: octets.readableBytesView, as: UTF8.self)
        let parts = text.prefix { $0 != "\r\n" }.split(separator: " ", maxSplits: 2)
        sentTarget = parts.count > 1 ? String(parts[1]) : ""
    }
}

extension ClientConnection {
    /// Whether the request log tells what became of requests on their way.
    var logsInDetail: Bool { loop.log?.isDetailed == true }

    /// Hands the present exchange, which has ended, to the request log.
    func logExchange(_ outcome: ExchangeOutcome, because refusal: Refusal?, at now: UInt64) {
        guard let log = loop.log, let exchange, let request = exchange.logged else { return }
        var entry = RequestLogEntry(
            wallTime: loop.wallTime(exchange.startedAt), id: (exchange.id.high, exchange.id.low))
        entry.client = exchange.client?.ipAddress ?? addressText
        entry.status = exchange.status
        entry.outcome = RequestLogEntry.Outcome(rawValue: outcome.rawValue) ?? .completed
        entry.attempts = exchange.attempts
        entry.requestOctets = exchange.requestBody.total
        entry.responseOctets = exchange.delivered
        entry.firstByte = exchange.firstByteAt.map { $0 &- exchange.startedAt }
        entry.total = now &- exchange.startedAt
        if let refusal { entry.errorCode = refusal.code.rawValue }
        if let route = exchange.route {
            entry.route = route.settings.name
            entry.upstream = exchange.destination?.origin ?? route.originText
            entry.proxy = route.proxyText
        }
        if let key = exchange.key { entry.key = key.labelText }
        if log.isDetailed {
            entry.dialect = dialect().rawValue
            entry.sentTarget = request.sentTarget
            entry.changes = request.changes
        }
        log.append(entry, head: request.octets.span.bytes, method: request.method, target: request.target)
    }

    /// Tells the request log of octets that are no request that may be read; `head`, if it is one, is the parser's.
    func logUnread(_ id: ExchangeID, _ head: ByteBuffer?, _ refusal: Refusal, since start: UInt64, _ now: UInt64) {
        guard let log = loop.log, setup.logsRequests else { return }
        var entry = RequestLogEntry(wallTime: loop.wallTime(start), id: (id.high, id.low))
        entry.client = addressText
        entry.status = refusal.status
        entry.errorCode = refusal.code.rawValue
        entry.outcome = .refused
        entry.total = now &- start
        let octets = head ?? ByteBuffer()
        let line = parser.requestLine
        let (method, target) = head == nil ? (0..<0, 0..<0) : (line.method, line.target)
        log.append(entry, head: octets.readableBytesSpan, method: method, target: target)
    }
}

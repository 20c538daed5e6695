import HTTP1
import LLMWire
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// Signs of life in silent streams, for load balancers that take silence for death.
///
/// They stand between events only, and in chunks of their own; the record tells when they were written.
extension ClientConnection {
    /// The client has heard nothing for as long as the route allows.
    func keepAlive(_ exchange: Exchange, _ now: UInt64) {
        let goesOn = phase != .orphaned && writeKeepalive(exchange, now)
        exchange.nextKeepalive = goesOn ? now &+ (route?.keepalive ?? 0) : .max
        deadline = min(exchange.stateLimit, exchange.totalLimit, exchange.nextKeepalive)
    }

    /// - Returns: whether there can be another one later.
    private func writeKeepalive(_ exchange: Exchange, _ now: UInt64) -> Bool {
        guard let text = Self.keepalive(dialect()) else { return false }
        // A client that takes nothing needs no more.
        guard isClientWritable else { return true }
        if exchange.response == .awaited, !exchange.hasOwnHead {
            guard exchange.isRequestComplete, exchange.version == .http11, !exchange.isHEAD, !exchange.asksForWebSocket,
                asksForStream(exchange)
            else { return false }
            beginOwnStream(exchange, now)
        }
        guard let events = exchange.events, events.kind == .events else { return false }
        guard events.isBetween else { return true }
        switch exchange.delivery {
        case .chunked where exchange.response == .streaming && upstream?.chunkPosition != .betweenChunks:
            // A chunk of one's own needs the place between two of the upstream's.
            return true
        case .chunked, .rechunked: write(chunk: ByteBuffer(staticString: text))
        case .untilClose, .dechunked: write(ByteBuffer(staticString: text))
        case .length, .noBody: return false
        }
        flush()
        loop.recorder?.keepalive(&record, at: now)
        return true
    }

    /// What the dialect's clients pass over; nil where there is nothing of the kind.
    private static func keepalive(_ dialect: Dialect) -> StaticString? {
        switch dialect {
        case .openAIChat, .openAIResponses, .anthropicMessages, .other: return ": keep-alive\n\n"
        case .gemini: return "\n"
        case .ollama: return nil
        }
    }

    /// Whether the request asks for server-sent events, as far as what is kept of it tells.
    private func asksForStream(_ exchange: Exchange) -> Bool {
        guard let head = exchange.head, let parser = Self.parsed(head) else { return false }
        let octets = head.readableBytesSpan
        for field in parser.fields
        where octets.matches(field.nameRange, "accept") && octets.equals(field.valueRange, "text/event-stream") {
            return true
        }
        let target = parser.requestLine.target
        if octets.contains(":streamGenerateContent", in: target) { return octets.contains("alt=sse", in: target) }
        return TopLevelFields.boolean("stream", in: sentBody(exchange).readableBytesSpan) == true
    }

    /// The request's body as it went out, or will, as far as it is kept.
    private func sentBody(_ exchange: Exchange) -> ByteBuffer {
        var sent = ByteBuffer()
        for piece in [exchange.replay.first].compactMap({ $0 }) + exchange.replay.rest + exchange.unsent {
            sent.writeImmutableBuffer(piece)
        }
        var parser = HeadParser(role: .request, limits: HeadParser.Limits(head: .max, fields: .max))
        guard case .complete(let bodyStart) = parser.parse(sent.readableBytesSpan) else { return ByteBuffer() }
        sent.moveReaderIndex(forwardBy: bodyStart)
        return sent
    }

    /// Begins the answer in the upstream's stead: a stream of events, as the request asks for.
    private func beginOwnStream(_ exchange: Exchange, _ now: UInt64) {
        exchange.hasOwnHead = true
        exchange.status = 200
        exchange.delivery = .chunked
        exchange.events = EventBoundary(.events)
        _ = dialect()
        var head = ByteBufferAllocator().buffer(capacity: 256)
        head.writeStaticString(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n"
        )
        head.writeRequestID(exchange.id)
        head.writeBytes(exchange.corsLines)
        if exchange.closesConnection { head.writeStaticString("connection: close\r\n") }
        head.writeStaticString("\r\n")
        loop.recorder?.ownResponse(&record, head: head, body: ByteBuffer(), at: now)
        write(head)
    }

    /// The upstream's head has come behind Weir's own: a stream goes on in it, anything else can only be told.
    func continueOwnStream(_ connection: UpstreamConnection, _ head: ResponseHead, end: Int, _ now: UInt64) {
        guard let exchange, let received = connection.received else { return }
        loop.responseEdit.removeAll()
        loop.recorder?.responseHead(
            &record, head: received, end: end, parser: connection.parser, edit: loop.responseEdit,
            framing: head.framing, isDelivered: false, at: now)
        guard head.status == 200, streamKind(connection, head) == .events else {
            let what = head.isEncoded ? ", compressed," : head.status == 200 ? ", but no stream of events," : ""
            let text = "\(originText) answered \(head.status)\(what) when the stream had begun already."
            let refusal = Refusal(.upstreamProtocol, text, mayHaveBeenActedOn: true)
            recordFailure(refusal)
            return breakOff(refusal, chunkPosition: .betweenChunks)
        }
        exchange.replay.drop()
        exchange.response = .streaming
        exchange.head = nil
        exchange.delivery = head.framing == .chunked ? .chunked : .rechunked
        if loop.isDraining { exchange.closesConnection = true }
        refreshDeadline(now)
    }

    /// Writes octets as a chunk of Weir's own.
    func write(chunk piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        var chunk = ByteBufferAllocator().buffer(capacity: piece.readableBytes + 16)
        chunk.writeHexadecimal(UInt64(piece.readableBytes))
        chunk.writeStaticString("\r\n")
        chunk.writeImmutableBuffer(piece)
        chunk.writeStaticString("\r\n")
        write(chunk)
    }
}

extension RawSpan {
    /// Whether `text` stands somewhere in `range`.
    fileprivate func contains(_ text: StaticString, in range: Range<Int>) -> Bool {
        let count = text.utf8CodeUnitCount
        guard range.count >= count else { return false }
        for start in range.lowerBound...(range.upperBound - count) where equals(start..<(start + count), text) {
            return true
        }
        return false
    }
}

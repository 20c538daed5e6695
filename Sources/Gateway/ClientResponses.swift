import HTTP1
import NIOCore
import Policy
import Recording
import Upstream

/// From the upstream's answer to the client's socket.
extension ClientConnection: UpstreamExchange {
    func upstreamWillRead(_ connection: UpstreamConnection) {
        loop.readClock()
    }

    func upstream(_ connection: UpstreamConnection, interim head: ResponseHead, end: Int) {
        guard let exchange, connection === upstream else { return }
        let now = loop.now
        guard let received = connection.received else { return }
        loop.recorder?.interimHead(&record, head: received, end: end, parser: connection.parser, at: now)
        refreshDeadline(now)
        // HTTP/1.0 knows no interim answers (RFC 9110 §15.2), and none may follow a final head; one 100 is enough.
        guard exchange.version == .http11, !exchange.hasOwnHead, !(head.status == 100 && exchange.hasSentContinue)
        else { return }
        if head.status == 100 { noteContinue() }
        loop.responseEdit.removeAll()
        let octets = received.readableBytesSpan
        loop.responseEdit.forwardResponse(
            octets, head, fields: connection.parser.fields, closing: false, keepsAliveHTTP10Client: false,
            dechunked: false, appended: { _ in })
        var out = ByteBufferAllocator().buffer(capacity: end + 32)
        loop.responseEdit.apply(
            to: octets, startLine: head.statusLine.line, fields: connection.parser.fields, end: end, into: &out)
        write(out)
    }

    func upstream(_ connection: UpstreamConnection, head: ResponseHead, end: Int) {
        guard let exchange, connection === upstream else { return }
        let now = loop.now
        if exchange.response == .awaited, putOff(connection, head, now) { return }
        exchange.firstByteAt = now
        exchange.heldShare = nil
        if exchange.hasOwnHead { return continueOwnStream(connection, head, end: end, now) }
        exchange.status = head.status
        beginResponse(connection, head)
        loop.responseEdit.removeAll()
        guard let received = connection.received else { return }
        let octets = received.readableBytesSpan
        loop.responseEdit.forwardResponse(
            octets, head, fields: connection.parser.fields, closing: exchange.closesConnection && head.status != 101,
            keepsAliveHTTP10Client: exchange.version == .http10 && !exchange.closesConnection,
            // No body here, as in an answer to HEAD, is no reason to name a coding that HTTP/1.0 does not know.
            dechunked: exchange.version == .http10,
            drops: setup.policy.cors == nil ? nil : { CORS.isAccessControl($0, $1) },
            appended: { out in
                out.writeRequestID(exchange.id)
                if !exchange.corsLines.isEmpty { out.writeBytes(exchange.corsLines) }
            })
        var out = ByteBufferAllocator().buffer(
            capacity: min(received.readableBytes, GatewayLimits.coalescedOctets) + 96)
        loop.responseEdit.apply(
            to: octets, startLine: head.statusLine.line, fields: connection.parser.fields, end: end, into: &out)
        loop.recorder?.responseHead(
            &record, head: received, end: end, parser: connection.parser, edit: loop.responseEdit,
            framing: head.framing, at: now)
        write(head: out)
        if head.status == 101 { beginTunnel() }
        refreshDeadline(now)
    }

    /// Decides how the answer is delivered and what becomes of the connection behind it.
    private func beginResponse(_ connection: UpstreamConnection, _ head: ResponseHead) {
        exchange?.replay.drop()
        exchange?.response = .streaming
        exchange?.awaitsContinue = false
        guard let exchange else { return }
        switch head.framing {
        case .none: exchange.delivery = .noBody
        case .length: exchange.delivery = .length
        case .untilClose: exchange.delivery = .untilClose
        case .chunked: exchange.delivery = exchange.version == .http10 ? .dechunked : .chunked
        }
        if head.framing == .untilClose || head.framing == .chunked && exchange.version == .http10 || loop.isDraining {
            exchange.closesConnection = true
        }
        if !exchange.isRequestComplete {
            // A final answer that refuses the rest of the body ends the upload; a good one may be a conversation.
            exchange.closesConnection = true
            if head.status >= 300 { exchange.isUploadStopped = true }
        }
        exchange.events = streamKind(connection, head).map(EventBoundary.init)
        if exchange.events != nil || logsInDetail { _ = dialect() }
        // Errors that come later no longer need it; a stream would hold it for long.
        exchange.head = nil
    }

    /// What the answer is made of, if it is a stream that can be read as it comes.
    func streamKind(_ connection: UpstreamConnection, _ head: ResponseHead) -> EventBoundary.Kind? {
        guard !head.isEncoded, let index = head.contentTypeIndex, let received = connection.received else {
            return nil
        }
        let (octets, value) = (received.readableBytesSpan, connection.parser.fields[index].valueRange)
        if octets.isMediaType(value, "text/event-stream") { return .events }
        let lines: [StaticString] = ["application/x-ndjson", "application/ndjson", "application/jsonl"]
        return lines.contains { octets.isMediaType(value, $0) } ? .lines : nil
    }

    func upstream(_ connection: UpstreamConnection, payload run: ByteBuffer, range: Range<Int>) {
        guard let exchange, connection === upstream else { return }
        loop.recorder?.responseBody(&record, run, range: range, at: loop.now)
        if phase == .orphaned { return }
        exchange.delivered &+= UInt64(range.count)
        if exchange.events != nil { exchange.events?.read(run.readableBytesSpan, range) }
        switch exchange.delivery {
        case .dechunked, .rechunked:
            guard let piece = run.getSlice(at: run.readerIndex + range.lowerBound, length: range.count) else { return }
            if exchange.delivery == .rechunked { write(chunk: piece) } else { write(piece) }
        case .noBody, .length, .chunked, .untilClose: break
        }
    }

    func upstream(_ connection: UpstreamConnection, forward piece: ByteBuffer) {
        guard let exchange, connection === upstream else { return }
        if exchange.delivery != .dechunked, exchange.delivery != .rechunked { write(piece) }
    }

    func upstreamReadComplete(_ connection: UpstreamConnection) {
        guard connection === upstream else { return }
        flush()
        if exchange != nil { refreshDeadline(loop.now, isHeard: true) }
    }

    func upstream(_ connection: UpstreamConnection, isWritable: Bool) {
        updateReading()
        refreshDeadline(loop.now)
    }

    func upstreamFinished(_ connection: UpstreamConnection) {
        guard let exchange, connection === upstream else { return connection.abandon() }
        let now = loop.now
        if exchange.delivery == .rechunked { write(ByteBuffer(staticString: "0\r\n\r\n")) }
        flush()
        upstream = nil
        if exchange.isRequestComplete, !loop.isDraining, let pool = exchange.pool {
            pool.giveBack(connection, now: now)
        } else {
            connection.abandon()
        }
        endExchange(.completed, at: now)
    }

    func upstream(_ connection: UpstreamConnection, failed fault: UpstreamFault) {
        guard let exchange, connection === upstream else { return }
        if case .tunnel = phase {
            upstream = nil
            return fault.code == .tunnelEnded ? endTunnel() : breakTunnel(refusal(fault, hasWritten: true))
        }
        // A proxy that asks for credentials has passed nothing on.
        let refusal = refusal(fault, hasWritten: exchange.hasWritten && fault.code != .proxyAuthFailed)
        switch exchange.response {
        case .awaited:
            recordFailure(refusal)
            if fault.code == .closed, retryStale(connection) { return }
            upstream = nil
            refuse(refusal)
        case .streaming:
            recordFailure(refusal)
            upstream = nil
            breakOff(refusal, chunkPosition: connection.chunkPosition)
        }
    }

    // MARK: The tunnel

    private func beginTunnel() {
        phase = .tunnel
        exchange?.nextKeepalive = .max
        guard let early = inbound else { return }
        inbound = nil
        readTunnel(early)
    }

    /// Octets of the client's side of a tunnel.
    func readTunnel(_ run: ByteBuffer) {
        let now = loop.now
        loop.recorder?.requestBody(&record, run, range: 0..<run.readableBytes, at: now)
        upstream?.write(run)
        upstream?.flush()
        updateReading()
        refreshDeadline(now)
    }

    /// The upstream is gone in the middle; a plain close would read as a good end.
    private func breakTunnel(_ refusal: Refusal) {
        flush()
        recordFailure(refusal)
        endRecord(.truncated, because: refusal, at: loop.now)
        exchange = nil
        resetSoon()
    }

    private func endTunnel() {
        flush()
        endRecord(.completed, at: loop.now)
        exchange = nil
        finishWriting()
    }
}

extension RawSpan {
    /// Whether a media type is `type`, parameters set aside.
    fileprivate func isMediaType(_ value: Range<Int>, _ type: StaticString) -> Bool {
        let end = value.lowerBound + type.utf8CodeUnitCount
        guard end <= value.upperBound, matches(value.lowerBound..<end, type) else { return false }
        return end == value.upperBound || [0x3B, 0x20, 0x09].contains(octet(at: end))
    }
}

extension ByteBuffer {
    /// Appends the field line that names the exchange.
    mutating func writeRequestID(_ id: ExchangeID) {
        writeStaticString("x-weir-request-id: ")
        id.writeText(to: &self)
        writeStaticString("\r\n")
    }
}

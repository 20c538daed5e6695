import HTTP1
import LLMWire

/// Writes an exchange as one line of JSON: contract 8.2, the keys in `docs/records.md`.
///
/// It keeps parsers and buffers from line to line.
struct ExchangeLine: Sendable {
    private var clock: LocalClock
    private let bodies = RecordedText()

    init(clock: LocalClock) {
        self.clock = clock
    }

    /// Appends the line of `exchange`, its line break included.
    mutating func append(
        _ exchange: RecordedExchange, _ contents: borrowing ExchangeContents, to line: inout JSONLineWriter
    ) {
        let isOwnAnswer = contents.heads.isOwnAnswer
        line.beginObject()
        appendIdentity(exchange, contents, &line)
        appendRequest(exchange, contents, &line)
        line.key("response_status_code")
        if contents.heads.delivered.isReadable {
            line.integer(contents.heads.delivered.status)
        } else if contents.heads.response.isReadable {
            line.integer(contents.heads.response.status)
        } else {
            line.null()
        }
        if isOwnAnswer {
            appendResponse(exchange, contents.heads.delivered, contents, &line)
        } else {
            appendResponse(exchange, contents.heads.response, contents, &line)
        }
        if isOwnAnswer, contents.heads.response.isReadable {
            line.key("upstream_status_code")
            line.integer(contents.heads.response.status)
            line.key("upstream_response_headers")
            contents.heads.response.appendFields(to: &line)
        }
        line.appendAnswer(contents.reading)
        line.key("duration_ms")
        line.milliseconds(exchange.duration)
        line.key("ttfb_ms")
        if let firstByte = exchange.firstByte { line.milliseconds(firstByte) } else { line.null() }
        line.appendMeasures(contents.reading)
        appendOutcome(exchange, &line)
        appendMeasures(exchange, &line)
        line.endObject()
        line.endLine()
    }

    /// Appends the line of a hole in the record: it has `gap` in place of all that an exchange has but `timestamp`.
    mutating func append(_ gap: RecordedGap, to line: inout JSONLineWriter) {
        line.beginObject()
        line.key("timestamp")
        appendTime(gap.from, &line)
        line.key("gap")
        line.beginObject()
        line.key("from")
        appendTime(gap.from, &line)
        line.key("to")
        appendTime(gap.to, &line)
        line.key("lost_exchanges")
        line.integer(gap.lostExchanges)
        line.key("lost_bodies")
        line.integer(gap.lostBodies)
        line.endObject()
        line.endObject()
        line.endLine()
    }

    // MARK: Parts

    private mutating func appendIdentity(
        _ exchange: RecordedExchange, _ contents: borrowing ExchangeContents, _ line: inout JSONLineWriter
    ) {
        line.key("timestamp")
        appendTime(exchange.startedAt, &line)
        line.key("request_id")
        let id = exchange.id.textOctets
        line.string(id.span.bytes, 0..<id.count)
        line.key("route")
        line.string(exchange.route)
        let span = contents.heads.request.octets.span.bytes
        if contents.heads.request.isReadable {
            let requestLine = contents.heads.request.requestLine
            let (path, query) = RecordedTarget.split(span, requestLine.target)
            line.key("method")
            line.string(span, requestLine.method)
            line.key("path")
            line.text(span, path)
            line.key("query")
            line.beginArray()
            if let query { RecordedTarget.appendQuery(span, query, to: &line) }
            line.endArray()
        } else {
            line.literal(",\"method\":null,\"path\":null,\"query\":[]")
        }
        line.key("upstream_url")
        if let attempt = exchange.attempts.last {
            RecordedTarget.appendURL(attempt, contents.heads.upstreamRequest, to: &line)
        } else {
            line.null()
        }
        line.key("client")
        line.string(exchange.client)
        line.key("key")
        if let key = exchange.key { line.string(key) } else { line.null() }
        line.key("dialect")
        line.string(contents.reading.dialect.rawValue)
        line.key("operation")
        line.string(contents.reading.operation.rawValue)
    }

    private func appendRequest(
        _ exchange: RecordedExchange, _ contents: borrowing ExchangeContents, _ line: inout JSONLineWriter
    ) {
        line.key("http_version")
        if contents.heads.request.isReadable {
            line.literal(contents.heads.request.requestLine.version == .http11 ? "\"1.1\"" : "\"1.0\"")
        } else {
            line.null()
        }
        line.key("request_headers")
        contents.heads.request.appendFields(to: &line)
        if !contents.heads.request.isReadable {
            let span = contents.heads.request.octets.span.bytes
            line.key("request_head")
            line.text(span, 0..<span.byteCount)
        }
        if contents.heads.upstreamRequest.isReadable,
            !contents.heads.request.hasSameEndToEndFields(as: contents.heads.upstreamRequest)
        {
            line.key("upstream_request_headers")
            contents.heads.upstreamRequest.appendFields(to: &line)
        }
        bodies.append(
            exchange.requestBody, decoded: contents.request, .request, hasHead: contents.heads.request.isReadable,
            to: &line)
        appendEdits(exchange, &line)
    }

    private func appendEdits(_ exchange: RecordedExchange, _ line: inout JSONLineWriter) {
        guard exchange.requestEditCount > 0 else { return }
        line.key("upstream_request_body_edits")
        line.array(exchange.requestEdits) { line, edit in
            line.beginArray()
            line.integer(edit.offset)
            line.nextElement()
            line.integer(edit.removed)
            line.nextElement()
            line.string(edit.text)
            line.endArray()
        }
        guard exchange.requestEdits.count < exchange.requestEditCount else { return }
        line.key("upstream_request_body_edit_count")
        line.integer(exchange.requestEditCount)
    }

    private func appendResponse(
        _ exchange: RecordedExchange, _ head: borrowing RecordedHead, _ contents: borrowing ExchangeContents,
        _ line: inout JSONLineWriter
    ) {
        line.key("response_headers")
        if head.isReadable { head.appendFields(to: &line) } else { line.null() }
        bodies.append(
            exchange.responseBody, decoded: contents.response, .response, hasHead: head.isReadable, to: &line)
        guard !exchange.interimHeads.isEmpty else { return }
        line.key("response_interim")
        line.beginArray()
        for head in exchange.interimHeads {
            var interim = RecordedHead(role: .response)
            interim.read(head)
            line.nextElement()
            line.beginObject()
            line.key("status_code")
            if interim.isReadable { line.integer(interim.status) } else { line.null() }
            line.key("headers")
            interim.appendFields(to: &line)
            line.endObject()
        }
        line.endArray()
    }

    private func appendOutcome(_ exchange: RecordedExchange, _ line: inout JSONLineWriter) {
        line.key("error")
        if let code = exchange.errorCode {
            appendError(code, exchange.errorMessage, &line)
        } else if let phrase = Self.phrase(exchange.outcome) {
            appendError(phrase, exchange.errorMessage, &line)
        } else {
            line.null()
        }
        line.key("outcome")
        line.string(exchange.outcome.text)
        line.key("attempts")
        line.beginArray()
        for attempt in exchange.attempts {
            line.nextElement()
            line.beginObject()
            line.key("number")
            line.integer(attempt.number)
            line.key("upstream")
            line.string(attempt.upstream)
            line.key("reused_connection")
            line.bool(attempt.reusedConnection)
            line.key("at_ms")
            line.milliseconds(attempt.at)
            line.key("error")
            if let code = attempt.failureCode { appendError(code, attempt.failureMessage, &line) } else { line.null() }
            line.endObject()
        }
        line.endArray()
    }

    private func appendMeasures(_ exchange: RecordedExchange, _ line: inout JSONLineWriter) {
        line.key("bytes")
        line.beginObject()
        line.key("request_body")
        line.integer(exchange.requestBody.total)
        line.key("response_body")
        line.integer(exchange.responseBody.total)
        line.key("delivered_body")
        line.integer(exchange.deliveredBytes)
        line.endObject()
        if !exchange.keepalives.isEmpty {
            line.key("keepalives_ms")
            line.array(exchange.keepalives) { $0.milliseconds($1) }
        }
        let pieces = exchange.responseBody.pieces
        guard pieces.count > 1 else { return }
        line.key("response_chunks")
        line.array(pieces) { line, piece in
            line.beginArray()
            line.integer(piece.end)
            line.nextElement()
            line.milliseconds(piece.at)
            line.endArray()
        }
    }

    private func appendError(_ message: String, _ detail: String?, _ line: inout JSONLineWriter) {
        line.beginObject()
        line.key("message")
        line.string(message)
        line.key("detail")
        if let detail { line.string(detail) } else { line.null() }
        line.endObject()
    }

    /// What an ending without a code of Weir's own is called.
    private static func phrase(_ outcome: ExchangeOutcome) -> String? {
        switch outcome {
        case .completed: return nil
        case .clientAbort: return "the client went away"
        case .truncated: return "the upstream's answer broke off"
        case .upstreamError: return "no answer from the upstream"
        case .refused: return "refused"
        case .interrupted: return "Weir ended in the middle of it"
        }
    }

    /// A time as RFC 3339 has it, with microseconds and the offset of this machine's zone.
    mutating func time(_ nanoseconds: Int64) -> [UInt8] {
        let time = clock.localTime(nanoseconds)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        func digits(_ value: Int, _ width: Int, _ end: UInt8? = nil) {
            FixedDigits.forEach(value, width: width) { text.append($0) }
            if let end { text.append(end) }
        }
        digits(time.year, 4, 0x2D)
        digits(time.month, 2, 0x2D)
        digits(time.day, 2, 0x54)
        digits(time.hour, 2, 0x3A)
        digits(time.minute, 2, 0x3A)
        digits(time.second, 2, 0x2E)
        digits(time.nanosecond / 1000, 6, time.offsetMinutes < 0 ? 0x2D : 0x2B)
        let offset = abs(time.offsetMinutes)
        digits(offset / 60, 2, 0x3A)
        digits(offset % 60, 2)
        return text
    }

    private mutating func appendTime(_ nanoseconds: Int64, _ line: inout JSONLineWriter) {
        line.append(0x22)
        for octet in time(nanoseconds) { line.append(octet) }
        line.append(0x22)
    }
}

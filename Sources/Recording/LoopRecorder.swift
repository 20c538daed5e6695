package import HTTP1
package import LLMWire
package import NIOCore
import Synchronization

/// Takes the events of one event loop's exchanges and hands them to the journal in batches.
///
/// Confined to its loop: nothing here locks, waits, or wakes anyone but once a batch. In the steady state it allocates
/// nothing. Times `at` are nanoseconds of the monotonic clock. Whatever the disk does, the calls return at once: past
/// half of the loop's memory bodies are shed, past all of it whole exchanges, and the record says so.
package final class LoopRecorder {
    /// What is masked; the loop may replace it, as a reload does.
    package var mask: RecordMask
    /// The process's clock pair.
    package let clock: ProcessClock

    let limits: RecordingLimits
    private let loop: Int
    private let counters: LoopCounters
    private let queue: BatchQueue
    private let progress: JournalProgress

    var buffer: BatchBuffer
    private var sequence: UInt64 = 0
    private var level = Level.everything
    private var handedBytes: UInt64 = 0
    private var handedBatches: UInt64 = 0
    private var endsInBatch: UInt64 = 0
    private var ended: UInt64 = 0
    private var lostExchanges: UInt64 = 0
    private var lostBodies: UInt64 = 0
    private var gap: RecordedGap?
    private var isClosed = false
    private var latest = LatestPiece()

    /// The latest piece of a body, for as long as its event ends the buffer.
    private struct LatestPiece {
        var start = 0
        var end = -1
        var sequence: UInt64 = 0
        var at: UInt64 = 0
        var kind = EventKind.end
    }

    /// What there is room for.
    private enum Level: UInt8, Comparable {
        case everything
        case noBodies
        case noExchanges
        case endsOnly

        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    init(
        loop: Int, limits: RecordingLimits, mask: RecordMask, clock: ProcessClock, counters: LoopCounters,
        queue: BatchQueue, progress: JournalProgress
    ) {
        self.loop = loop
        self.limits = limits
        self.mask = mask
        self.clock = clock
        self.counters = counters
        self.queue = queue
        self.progress = progress
        buffer = BatchBuffer(capacity: BatchQueue.bufferSize)
        startBatch()
    }

    deinit { buffer.deallocate() }

    /// Whether an exchange that begins now will be in the record whole, as far as can be told: nothing is being shed,
    /// the journal takes what it is given, and recording has not ended. What `max_body` cuts off is no loss.
    package var canKeep: Bool {
        if level != .everything { updateLevel() }
        return level == .everything && !isClosed && !progress.isWriterFailing.load(ordering: .relaxed)
            && !progress.isStopped.load(ordering: .relaxed)
    }

    // MARK: - The exchange

    /// An exchange begins: its head has been read whole.
    ///
    /// - Parameters:
    ///   - wallClock: nanoseconds since the epoch.
    ///   - key: what the client's key is called; empty where it has none.
    ///   - dialect: the one that the route is set to; nil where the path tells.
    ///   - head: its reader index stands at the head's first octet.
    ///   - end: the octet behind the head's empty line, counted from there.
    ///   - framing: the request's; a body that may outgrow what is kept is hashed from its first octet on.
    package func begin(
        id: ExchangeID, wallClock: Int64, monotonic: UInt64, client: SocketAddress?, route: [UInt8], key: [UInt8] = [],
        dialect: Dialect? = nil, head: ByteBuffer, end: Int, parser: borrowing HeadParser, framing: BodyFraming
    ) -> ExchangeRecord {
        sequence &+= 1
        guard level < .noExchanges, !isClosed else {
            loseExchange()
            return ExchangeRecord(sequence: sequence, isOpen: false)
        }
        var record = ExchangeRecord(sequence: sequence, isOpen: true)
        // Of a body that is masked no hash is kept: who knows the rest of it could guess the secret by it.
        if mask.jsonKeys == nil, limits.recordRequestBodies, mayOutgrow(framing) {
            let hashes = BodyHashes()
            hashes.startRequest()
            record.hashes = hashes
        }
        let octets = head.readableBytesSpan
        let line = parser.requestLine
        let start = open(
            .begin, record, at: monotonic, flags: DialectFlag.octet(dialect),
            room: 64 &+ route.count &+ RecordMask.room(end &- line.line.lowerBound))
        buffer.append(id.high)
        buffer.append(id.low)
        buffer.append(wallClock)
        buffer.append(client)
        buffer.appendText(route)
        mask.writeHead(
            octets, from: line.line.lowerBound, target: line.target, fields: parser.fields, end: end, into: &buffer)
        close(start)
        if !key.isEmpty {
            let named = open(.key, record, at: monotonic, room: 2 &+ key.count)
            buffer.appendText(key)
            close(named)
        }
        if let names = mask.jsonKeys {
            startMasking(&record, names, head: octets, fields: parser.fields, framing: framing, at: monotonic)
        }
        return record
    }

    /// A try at an upstream begins.
    ///
    /// - Parameters:
    ///   - number: counted from 1.
    ///   - upstream: scheme, host and port, as in `https://api.openai.com:443`.
    ///   - reused: whether the connection has carried an exchange before.
    ///   - edit: what makes the head that goes out of the one that came in; nil: the first attempt's head goes out again.
    package func attempt(
        _ record: inout ExchangeRecord, number: Int, upstream: [UInt8], reused: Bool, edit: HeadEdit?, at: UInt64
    ) {
        guard hasRoomForHead(&record) else { return }
        var flags = AttemptFlags()
        if reused { flags.insert(.reusedConnection) }
        if edit == nil { flags.insert(.repeatsFirst) }
        let start = open(
            .attempt, record, at: at, flags: flags.rawValue, number: UInt16(clamping: number),
            room: 8 &+ upstream.count &+ (edit.map { EventLayout.room($0) } ?? 0))
        buffer.appendText(upstream)
        if let edit { buffer.append(edit, mask) }
        close(start)
    }

    /// The last attempt has failed.
    package func attemptFailed(_ record: inout ExchangeRecord, code: String, message: String, at: UInt64) {
        guard hasRoomForHead(&record) else { return }
        let start = open(.attemptFailed, record, at: at, room: 4 * EventLayout.longestText)
        buffer.appendText(code, message, mask)
        close(start)
    }

    /// Octets of the request's body have come: those in `range`, counted from the buffer's reader index.
    package func requestBody(_ record: inout ExchangeRecord, _ bytes: ByteBuffer, range: Range<Int>, at: UInt64) {
        guard record.isOpen, !range.isEmpty else { return }
        let octets = bytes.readableBytesSpan
        if let masks = record.masks, masks.request.isWithheld {
            record.request.total &+= UInt64(range.count)
            return
        }
        if let hashes = record.hashes { hashes.updateRequest(octets, range) }
        guard
            let kept = room(
                for: range, in: &record.request, isWanted: limits.recordRequestBodies)
        else { return }
        guard let masks = record.masks else { return piece(.requestBody, record, octets, kept, at: at) }
        let offset = Int(record.request.kept) &- kept.count
        maskedPiece(.request, record, &masks.request, octets, kept, offset: offset, at: at)
    }

    /// A sign of life was put into the stream for the client.
    package func keepalive(_ record: inout ExchangeRecord, at: UInt64) {
        guard hasRoomForHead(&record) else { return }
        close(open(.keepalive, record, at: at, room: 0))
    }

    /// The upstream has sent an interim head (1xx).
    package func interimHead(
        _ record: inout ExchangeRecord, head: ByteBuffer, end: Int, parser: borrowing HeadParser, at: UInt64
    ) {
        guard hasRoomForHead(&record) else { return }
        let start = open(.interimHead, record, at: at, room: RecordMask.room(end))
        mask.writeHead(
            head.readableBytesSpan, from: parser.statusLine.line.lowerBound, target: nil, fields: parser.fields,
            end: end, into: &buffer)
        close(start)
    }

    /// The upstream has sent its head, and `edit` makes the one that the client gets.
    ///
    /// - Parameters:
    ///   - framing: the response's; see ``begin(id:wallClock:monotonic:client:route:key:head:end:parser:framing:)``.
    ///   - isDelivered: whether the client gets it; Weir may have begun the answer itself.
    package func responseHead(
        _ record: inout ExchangeRecord, head: ByteBuffer, end: Int, parser: borrowing HeadParser, edit: HeadEdit,
        framing: BodyFraming, isDelivered: Bool = true, at: UInt64
    ) {
        guard hasRoomForHead(&record) else { return }
        if record.masks == nil, limits.recordResponseBodies, mayOutgrow(framing) {
            let hashes = record.hashes ?? BodyHashes()
            hashes.startResponse()
            record.hashes = hashes
        }
        let start = open(
            .responseHead, record, at: at, flags: isDelivered ? 0 : 1,
            room: 8 &+ RecordMask.room(end) &+ EventLayout.room(edit))
        let lengthAt = buffer.count
        buffer.append(0 as UInt32)
        mask.writeHead(
            head.readableBytesSpan, from: parser.statusLine.line.lowerBound, target: nil, fields: parser.fields,
            end: end, into: &buffer)
        buffer.patch(UInt32(truncatingIfNeeded: buffer.count &- lengthAt &- 4), at: lengthAt)
        buffer.append(edit, mask)
        close(start)
        if let masks = record.masks {
            startMaskingResponse(
                record, masks, head: head.readableBytesSpan, parser: parser, framing: framing, at: at)
        }
    }

    /// Weir answers by itself: a whole head, and the body that goes with it.
    package func ownResponse(_ record: inout ExchangeRecord, head: ByteBuffer, body: ByteBuffer, at: UInt64) {
        guard hasRoomForHead(&record) else { return }
        let octets = head.readableBytesSpan
        let start = open(.ownHead, record, at: at, room: RecordMask.room(octets.byteCount))
        let firstLine = 0..<octets.lineEnd(from: 0, to: octets.byteCount)
        mask.write(octets, firstLine, into: &buffer)
        mask.writeLines(octets, firstLine.upperBound..<octets.byteCount, into: &buffer)
        close(start)
        guard body.readableBytes > 0,
            let kept = room(
                for: 0..<body.readableBytes, in: &record.response, isWanted: limits.recordResponseBodies)
        else { return }
        let piece = open(.responseBody, record, at: at, room: RecordMask.room(kept.count))
        mask.write(body.readableBytesSpan, kept, into: &buffer)
        close(piece)
    }

    /// Octets of the answer's body have come from the upstream: those in `range`, counted from the reader index.
    package func responseBody(_ record: inout ExchangeRecord, _ bytes: ByteBuffer, range: Range<Int>, at: UInt64) {
        guard record.isOpen, !range.isEmpty else { return }
        let octets = bytes.readableBytesSpan
        if let masks = record.masks, masks.response.isWithheld {
            record.response.total &+= UInt64(range.count)
            return
        }
        if let hashes = record.hashes { hashes.updateResponse(octets, range) }
        guard
            let kept = room(
                for: range, in: &record.response, isWanted: limits.recordResponseBodies)
        else { return }
        guard let masks = record.masks else { return piece(.responseBody, record, octets, kept, at: at) }
        let offset = Int(record.response.kept) &- kept.count
        maskedPiece(.response, record, &masks.response, octets, kept, offset: offset, at: at)
    }

    /// The exchange is over; a second call does nothing.
    ///
    /// - Parameters:
    ///   - errorCode: contract 4.6, where Weir made an error.
    ///   - delivered: octets of the answer's body that the client's socket was given.
    package func end(
        _ record: inout ExchangeRecord, outcome: ExchangeOutcome, errorCode: String?, errorMessage: String?,
        delivered: UInt64, at: UInt64
    ) {
        guard record.isOpen else { return }
        record.isOpen = false
        var flags = EndFlags()
        if record.request.isLost { flags.insert(.requestLost) }
        if record.response.isLost { flags.insert(.responseLost) }
        if record.request.isCut { flags.insert(.requestCut) }
        if record.response.isCut { flags.insert(.responseCut) }
        let hasError = errorCode != nil || errorMessage != nil
        if hasError { flags.insert(.hasError) }
        let start = open(
            .end, record, at: at, number: UInt16(outcome.rawValue),
            room: 96 &+ (hasError ? 4 * EventLayout.longestText : 0))
        buffer.append(record.request.total)
        buffer.append(record.response.total)
        buffer.append(delivered)
        if let hashes = record.hashes {
            if record.request.isCut, hashes.writeRequest(into: &buffer) { flags.insert(.requestHashed) }
            if record.response.isCut, hashes.writeResponse(into: &buffer) { flags.insert(.responseHashed) }
            record.hashes = nil
        }
        if hasError { buffer.appendText(errorCode ?? "", errorMessage ?? "", mask) }
        buffer.patch(flags.rawValue, at: start &+ EventLayout.kindOffset &+ 1)
        endsInBatch &+= 1
        ended &+= 1
        counters.ended.store(ended, ordering: .relaxed)
        close(start)
    }

    // MARK: - The batch

    /// Whether nothing waits to be handed over, and nothing that was shed to be told of.
    package var isAtRest: Bool { isBatchEmpty && gap == nil && level == .everything }

    private var isBatchEmpty: Bool { buffer.count <= FrameHeader.size }

    /// Hands what has gathered to the writer; the loop calls it about every 40 ms.
    ///
    /// While the writer is behind, small batches wait here, where they are fewer and larger.
    package func tick() {
        if level != .everything || gap != nil { updateLevel() }
        guard !isBatchEmpty else { return }
        let waiting = handedBatches &- counters.returnedBatches.load(ordering: .relaxed)
        if waiting < 2 { handOver() }
    }

    /// Hands the last batch over; called once, when the loop has no exchange any more. Nothing is recorded afterwards.
    package func close() {
        guard !isClosed else { return }
        writeGap()
        isClosed = true
        if !isBatchEmpty { handOver() }
    }

    private func startBatch() {
        buffer.reserve(FrameHeader.size)
        for _ in 0..<(FrameHeader.size / 8) { buffer.append(0 as UInt64) }
    }

    @inline(never)
    private func handOver() {
        let batch = Batch(buffer: buffer, loop: loop, counters: counters, ends: endsInBatch)
        handedBytes &+= batch.cost
        handedBatches &+= 1
        endsInBatch = 0
        latest = LatestPiece()
        let (next, isTaken) = queue.push(batch)
        buffer = next
        if !isTaken {
            lostExchanges &+= batch.ends
            counters.lostExchanges.store(lostExchanges, ordering: .relaxed)
        }
        startBatch()
        updateLevel()
    }

    private func updateLevel() {
        let waiting = handedBytes &- counters.returnedBytes.load(ordering: .acquiring) &+ UInt64(buffer.count)
        let bound = UInt64(limits.queueBytes)
        let reached: Level
        if waiting >= bound &+ bound / 8 {
            reached = .endsOnly
        } else if waiting >= bound {
            reached = .noExchanges
        } else if waiting >= bound / 2 {
            reached = .noBodies
        } else {
            reached = .everything
        }
        // Only a queue that is nearly empty again ends the shedding, so that it does not flap.
        if reached >= level || waiting < bound / 4 { level = reached }
        if level == .everything { writeGap() }
        counters.isShedding.store(level != .everything, ordering: .relaxed)
    }

    // MARK: - What is lost

    @inline(never)
    private func loseExchange() {
        lostExchanges &+= 1
        counters.lostExchanges.store(lostExchanges, ordering: .relaxed)
        openGap { $0.lostExchanges &+= 1 }
    }

    @inline(never)
    private func lose(_ body: inout ExchangeRecord.Body) {
        guard !body.isLost else { return }
        body.isLost = true
        lostBodies &+= 1
        counters.lostBodies.store(lostBodies, ordering: .relaxed)
        openGap { $0.lostBodies &+= 1 }
    }

    private func openGap(_ change: (inout RecordedGap) -> Void) {
        let now = ProcessClock.read().wall
        var gap = self.gap ?? RecordedGap(from: now, to: now, lostExchanges: 0, lostBodies: 0)
        gap.to = now
        change(&gap)
        self.gap = gap
    }

    private func writeGap() {
        guard let gap else { return }
        self.gap = nil
        let now = ProcessClock.read()
        let start = buffer.openEvent(.gap, sequence: 0, at: now.monotonic, flags: 0, number: 0, room: 32)
        buffer.append(gap.from)
        buffer.append(now.wall)
        buffer.append(gap.lostExchanges)
        buffer.append(gap.lostBodies)
        buffer.closeEvent(start)
    }

    /// Whether a head of an open exchange still finds room; where it does not, the answer counts as lost.
    @inline(__always)
    func hasRoomForHead(_ record: inout ExchangeRecord) -> Bool {
        guard record.isOpen else { return false }
        if level < .endsOnly { return true }
        lose(&record.response)
        return false
    }

    /// Counts octets of a body.
    ///
    /// - Returns: those that are kept; nil for none.
    @inline(__always)
    private func room(for range: Range<Int>, in body: inout ExchangeRecord.Body, isWanted: Bool) -> Range<Int>? {
        let count = range.upperBound &- range.lowerBound
        body.total &+= UInt64(count)
        if body.isCut || body.isLost { return nil }
        if level != .everything {
            lose(&body)
            return nil
        }
        let left = (isWanted ? limits.maxBody : 0) &- Int(body.kept)
        guard count > left else {
            body.kept &+= UInt64(count)
            return range
        }
        body.isCut = true
        body.kept &+= UInt64(left)
        return left > 0 ? range.lowerBound..<(range.lowerBound &+ left) : nil
    }

    @inline(__always)
    private func mayOutgrow(_ framing: BodyFraming) -> Bool {
        switch framing {
        case .none: return false
        case .length(let length): return length > UInt64(limits.maxBody)
        case .chunked, .untilClose: return true
        }
    }

    // MARK: - Encoding (see EventKind)

    @inline(__always)
    func open(
        _ kind: EventKind, _ record: borrowing ExchangeRecord, at: UInt64, flags: UInt8 = 0, number: UInt16 = 0,
        room: Int
    ) -> Int {
        buffer.openEvent(kind, sequence: record.sequence, at: at, flags: flags, number: number, room: room)
    }

    @inline(__always)
    func close(_ start: Int) {
        buffer.closeEvent(start)
        if buffer.count >= BatchQueue.batchSize { handOver() }
    }

    @inline(__always)
    private func piece(
        _ kind: EventKind, _ record: borrowing ExchangeRecord, _ octets: RawSpan, _ range: Range<Int>, at: UInt64
    ) {
        var next = range.lowerBound
        if latest.end == buffer.count, latest.sequence == record.sequence, latest.at == at, latest.kind == kind {
            next = extendLatest(octets, range)
        }
        while next < range.upperBound {
            let end = min(range.upperBound, next &+ EventLayout.largestPiece)
            let start = open(kind, record, at: at, room: end &- next)
            buffer.append(octets, next..<end)
            latest = LatestPiece(start: start, end: buffer.count, sequence: record.sequence, at: at, kind: kind)
            close(start)
            next = end
        }
    }

    /// Puts octets that were read together into one event: chunks of an octet each must not cost an event each.
    ///
    /// - Returns: where what found no room in it begins.
    @inline(never)
    private func extendLatest(_ octets: RawSpan, _ range: Range<Int>) -> Int {
        let held = latest.end &- latest.start &- EventLayout.header
        let end = range.lowerBound &+ min(range.count, max(0, EventLayout.largestPiece &- held))
        guard end > range.lowerBound else { return end }
        buffer.reserve(end &- range.lowerBound)
        buffer.append(octets, range.lowerBound..<end)
        latest.end = buffer.count
        close(latest.start)
        return end
    }
}

/// Tells a run's exchanges apart.
struct ExchangeKey: Hashable {
    let loop: Int
    let sequence: UInt64

    func hash(into hasher: inout Hasher) {
        hasher.combine(sequence &+ UInt64(truncatingIfNeeded: loop) << 56)
    }
}

/// Puts exchanges together from the events of frames, in whatever order those of different exchanges come.
///
/// Bodies of open exchanges stay in the journal: only where their pieces stand is kept, 24 octets each.
struct ExchangeAssembler: ~Copyable {
    /// What an event brought to its end.
    enum Product {
        case exchange(RecordedExchange)
        case gap(RecordedGap)
    }

    private var open: [ExchangeKey: OpenExchange] = [:]
    private var latest: (key: ExchangeKey, exchange: OpenExchange)?
    /// While what was committed is read again: the exchanges that were open behind it. Others have ended, maybe in a
    /// segment that is gone. Nil: any exchange may begin.
    var replayed: Set<ExchangeKey>?
    private var segments: [UInt64: Int] = [:]
    private var texts = TextCache()
    private var window: SegmentWindow
    private let store: SegmentStore
    private static let span = 256 << 10
    private static let largestGap: UInt64 = 8 << 10
    /// Events that could not be read.
    private(set) var malformed: UInt64 = 0

    init(store: SegmentStore) {
        self.store = store
        window = SegmentWindow(store, span: Self.span)
    }

    /// Forgets all open exchanges.
    mutating func reset() {
        open = [:]
        latest = nil
        segments = [:]
        window.reset()
    }

    /// Where reading must begin again after a crash for the open exchanges to come out whole; nil where none is open.
    var oldestOpen: JournalPosition? {
        open.values.reduce(nil) { min($0 ?? $1.start, $1.start) }
    }

    /// The exchanges that are open.
    var openKeys: [ExchangeKey] { Array(open.keys) }

    /// Whether an open exchange has something in the segment.
    func needs(_ segment: UInt64) -> Bool { segments[segment] != nil }

    /// Takes a frame's events, and gives what they finish to `emit` in their order.
    mutating func take(
        _ events: UnsafeRawBufferPointer, at position: JournalPosition, loop: Int, emit: (Product) throws -> Void
    ) rethrows {
        let frame = FrameView(octets: events, position: position)
        var offset = 0
        while offset < events.count {
            guard var event = EventCursor(events, at: offset) else {
                malformed += 1
                return
            }
            let start = offset
            offset += event.length
            guard let kind = EventKind(rawValue: event.kind) else { continue }
            switch kind {
            case .gap:
                if let gap = Self.gap(&event) { try emit(.gap(gap)) } else { malformed += 1 }
            case .begin:
                let key = ExchangeKey(loop: loop, sequence: event.sequence)
                if replayed?.contains(key) ?? true { begin(&event, key, frame) }
            case .end:
                if let exchange = end(&event, ExchangeKey(loop: loop, sequence: event.sequence), frame) {
                    try emit(.exchange(exchange))
                }
            default:
                let key = ExchangeKey(loop: loop, sequence: event.sequence)
                guard let exchange = find(key) else { continue }
                touch(exchange, position.segment)
                let body = position.offset + UInt64(start + EventLayout.header)
                if !exchange.take(
                    kind, &event, bodyAt: JournalPosition(segment: position.segment, offset: body), &texts)
                {
                    malformed += 1
                }
            }
        }
    }

    /// Ends all open exchanges: the process that wrote them is gone.
    mutating func interruptAll(emit: (RecordedExchange) throws -> Void) rethrows {
        let left = open.values.sorted { $0.facts.id < $1.facts.id }
        for exchange in left {
            exchange.facts.outcome = .interrupted
            exchange.facts.duration = exchange.latest
            try emit(
                finish(
                    exchange,
                    FrameView(
                        octets: UnsafeRawBufferPointer(start: nil, count: 0), position: .init(segment: 0, offset: 0))))
        }
        reset()
    }

    private mutating func find(_ key: ExchangeKey) -> OpenExchange? {
        if let latest, latest.key == key { return latest.exchange }
        guard let exchange = open[key] else { return nil }
        latest = (key, exchange)
        return exchange
    }

    private mutating func begin(_ event: inout EventCursor, _ key: ExchangeKey, _ frame: FrameView) {
        guard let high = event.read(UInt64.self), let low = event.read(UInt64.self), let wall = event.read(Int64.self),
            let client = event.readClient(), let route = event.readText16()
        else {
            malformed += 1
            return
        }
        var facts = RecordedExchange(
            id: ExchangeID(high: high, low: low), startedAt: wall, client: client, route: texts.text(route),
            requestHead: Array(event.readRest()))
        facts.dialect = DialectFlag.dialect(event.flags)
        let exchange = OpenExchange(facts, monotonic: event.at, start: frame.frameStart)
        open[key] = exchange
        latest = (key, exchange)
        touch(exchange, frame.position.segment)
    }

    private mutating func end(_ event: inout EventCursor, _ key: ExchangeKey, _ frame: FrameView) -> RecordedExchange? {
        guard let exchange = find(key) else { return nil }
        latest = nil
        open[key] = nil
        touch(exchange, frame.position.segment)
        defer { for segment in exchange.segments { release(segment) } }
        if !exchange.end(&event) { malformed += 1 }
        return finish(exchange, frame)
    }

    private mutating func touch(_ exchange: OpenExchange, _ segment: UInt64) {
        guard exchange.segments.last != segment else { return }
        exchange.segments.append(segment)
        segments[segment, default: 0] += 1
    }

    private mutating func release(_ segment: UInt64) {
        guard let count = segments[segment] else { return }
        segments[segment] = count > 1 ? count - 1 : nil
    }

    private mutating func finish(_ exchange: OpenExchange, _ frame: FrameView) -> RecordedExchange {
        var facts = exchange.takeFacts()
        fill(&facts.requestBody, exchange.request, frame)
        fill(&facts.responseBody, exchange.response, frame)
        if facts.outcome == .interrupted {
            facts.requestBody.total = max(facts.requestBody.total, UInt64(facts.requestBody.bytes.count))
            facts.responseBody.total = max(facts.responseBody.total, UInt64(facts.responseBody.bytes.count))
        }
        return facts
    }

    /// Gathers a body's pieces, from the frame at hand or from the segments.
    private mutating func fill(_ body: inout RecordedBody, _ pieces: [OpenExchange.Piece], _ frame: FrameView) {
        guard !pieces.isEmpty else { return }
        body.bytes.reserveCapacity(pieces.reduce(0) { $0 + Int($1.length) })
        body.pieces.reserveCapacity(pieces.count)
        for (index, piece) in pieces.enumerated() {
            let octets: UnsafeRawBufferPointer
            if let near = frame.octets(at: piece.position, count: Int(piece.length)) {
                octets = near
            } else if let far = window.octets(
                at: piece.position, count: Int(piece.length), ahead: Self.reach(pieces[index...]),
                limit: frame.limit(of: piece.position.segment))
            {
                octets = far
            } else {
                body.isLost = true
                break
            }
            body.bytes += octets
            body.pieces.append(RecordedBody.Piece(end: body.bytes.count, at: piece.at))
        }
    }

    /// How far reading ahead from the first of some pieces pays: up to where the next one is so far behind that what
    /// stands between, other exchanges' octets, would cost more than another call of the system.
    private static func reach(_ pieces: ArraySlice<OpenExchange.Piece>) -> Int? {
        guard let first = pieces.first else { return nil }
        let start = UInt64(first.offset)
        var end = start
        for piece in pieces {
            guard piece.segment == first.segment, end < start + UInt64(span), UInt64(piece.offset) <= end + largestGap
            else { break }
            end = max(end, UInt64(piece.offset) + UInt64(piece.length))
        }
        return Int(end - start)
    }

    private static func gap(_ event: inout EventCursor) -> RecordedGap? {
        guard let from = event.read(Int64.self), let to = event.read(Int64.self),
            let exchanges = event.read(UInt64.self), let bodies = event.read(UInt64.self)
        else { return nil }
        return RecordedGap(from: from, to: to, lostExchanges: exchanges, lostBodies: bodies)
    }
}

/// A frame in memory, and where it stands.
struct FrameView {
    let octets: UnsafeRawBufferPointer
    let position: JournalPosition

    /// Where its header stands.
    var frameStart: JournalPosition {
        JournalPosition(segment: position.segment, offset: position.offset - UInt64(FrameHeader.size))
    }

    /// How far the segment may be read: behind this frame a file that is used again still holds its earlier life, and
    /// what was read of that must not be taken for what is written there later.
    func limit(of segment: UInt64) -> UInt64 {
        segment == position.segment ? position.offset + UInt64(octets.count) : .max
    }

    /// The octets at a place of the journal, if the frame holds them.
    func octets(at place: JournalPosition, count: Int) -> UnsafeRawBufferPointer? {
        guard place.segment == position.segment, place.offset >= position.offset,
            place.offset + UInt64(count) <= position.offset + UInt64(octets.count)
        else { return nil }
        let start = Int(place.offset - position.offset)
        return UnsafeRawBufferPointer(rebasing: octets[start..<(start + count)])
    }
}

/// Strings that come again and again, made once: the last one of each length class.
struct TextCache {
    private var known: [(octets: [UInt8], text: String)] = []

    /// The string of some octets; what is not UTF-8 is replaced.
    mutating func text(_ octets: UnsafeRawBufferPointer) -> String {
        for entry in known where entry.octets.count == octets.count {
            if entry.octets.withUnsafeBytes({ $0.elementsEqual(octets) }) { return entry.text }
        }
        let text = String(decoding: octets, as: UTF8.self)
        if known.count >= 8 { known.removeFirst() }
        known.append((Array(octets), text))
        return text
    }
}

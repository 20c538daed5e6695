/// An exchange whose end has not come yet.
final class OpenExchange {
    /// Where a piece of a body stands, and when it came.
    struct Piece {
        let segment: UInt32
        let offset: UInt32
        let length: UInt32
        let at: Int64

        var position: JournalPosition { JournalPosition(segment: UInt64(segment), offset: UInt64(offset)) }
    }

    /// What is known without the bodies.
    var facts: RecordedExchange
    /// Pieces of the request's body.
    private(set) var request: [Piece] = []
    /// Pieces of the answer's body.
    private(set) var response: [Piece] = []
    /// The frame that holds its begin event.
    let start: JournalPosition
    /// The segments that hold events of it.
    var segments: [UInt64] = []
    /// When its latest event came, since its start.
    private(set) var latest: Int64 = 0

    private let monotonic: UInt64

    init(_ facts: RecordedExchange, monotonic: UInt64, start: JournalPosition) {
        self.facts = facts
        self.monotonic = monotonic
        self.start = start
    }

    /// Gives the facts away; only where it began is left of them.
    func takeFacts() -> RecordedExchange {
        var taken = RecordedExchange(id: facts.id, startedAt: facts.startedAt, client: "", route: "", requestHead: [])
        swap(&taken, &facts)
        return taken
    }

    private func since(_ at: UInt64) -> Int64 {
        let time = Int64(bitPattern: at &- monotonic)
        latest = max(latest, time)
        return time
    }

    /// Takes an event in the middle of the exchange; false where it is malformed.
    func take(
        _ kind: EventKind, _ event: inout EventCursor, bodyAt position: JournalPosition, _ texts: inout TextCache
    ) -> Bool {
        let at = since(event.at)
        switch kind {
        case .attempt: return attempt(&event, at: at, &texts)
        case .attemptFailed:
            guard let code = event.readText16(), let message = event.readText32(), !facts.attempts.isEmpty else {
                return false
            }
            facts.attempts[facts.attempts.count - 1].failureCode = texts.text(code)
            facts.attempts[facts.attempts.count - 1].failureMessage = String(decoding: message, as: UTF8.self)
        case .requestBody:
            guard let piece = Self.piece(position, event.left, at) else { return false }
            request.append(piece)
        case .responseBody:
            guard let piece = Self.piece(position, event.left, at) else { return false }
            response.append(piece)
        case .interimHead: facts.interimHeads.append(Array(event.readRest()))
        case .responseHead:
            guard let head = event.readText32(), let edit = event.readEdit() else { return false }
            let octets = Array(head)
            facts.responseHead = octets
            if event.flags & 1 == 0 { facts.deliveredHead = edit.applied(to: octets) }
            facts.firstByte = facts.firstByte ?? at
        case .ownHead:
            facts.deliveredHead = Array(event.readRest())
            facts.firstByte = facts.firstByte ?? at
        case .key:
            guard let name = event.readText16() else { return false }
            facts.key = texts.text(name)
        case .requestEdits: return requestEdits(&event)
        case .keepalive: facts.keepalives.append(at)
        case .masked:
            return MaskFlags(rawValue: event.flags).contains(.response)
                ? Self.masked(&event, &facts.responseBody) : Self.masked(&event, &facts.requestBody)
        case .begin, .end, .gap: return false
        }
        return true
    }

    private func requestEdits(_ event: inout EventCursor) -> Bool {
        guard let all = event.read(UInt32.self), let told = event.read(UInt32.self) else { return false }
        facts.requestEditCount = Int(all)
        for _ in 0..<told {
            guard let offset = event.read(UInt64.self), let removed = event.read(UInt32.self),
                let text = event.readText32()
            else { return false }
            facts.requestEdits.append(
                RecordedBodyEdit(offset: offset, removed: Int(removed), text: String(decoding: text, as: UTF8.self)))
        }
        return true
    }

    private static func masked(_ event: inout EventCursor, _ body: inout RecordedBody) -> Bool {
        if MaskFlags(rawValue: event.flags).contains(.withheld) {
            body.isWithheld = true
            return true
        }
        guard let count = event.read(UInt32.self) else { return false }
        body.maskedCount = Int(count)
        while event.left > 0 {
            guard let offset = event.read(UInt64.self), let length = event.read(UInt32.self),
                let start = Int(exactly: offset), start <= Int.max - Int(length)
            else { return false }
            let end = start + Int(length)
            if let last = body.masked.last, last.upperBound == start {
                body.masked[body.masked.count - 1] = last.lowerBound..<end
            } else {
                body.masked.append(start..<end)
            }
        }
        return true
    }

    private func attempt(_ event: inout EventCursor, at: Int64, _ texts: inout TextCache) -> Bool {
        let flags = AttemptFlags(rawValue: event.flags)
        guard let upstream = event.readText16() else { return false }
        var attempt = RecordedAttempt(
            number: Int(event.number), at: at, upstream: texts.text(upstream),
            reusedConnection: flags.contains(.reusedConnection))
        if flags.contains(.repeatsFirst) {
            attempt.requestHead = facts.attempts.first?.requestHead
        } else {
            guard let edit = event.readEdit() else { return false }
            attempt.requestHead = edit.applied(to: facts.requestHead)
        }
        facts.attempts.append(attempt)
        return true
    }

    /// Takes the end event; false where it is malformed.
    func end(_ event: inout EventCursor) -> Bool {
        facts.duration = since(event.at)
        guard let outcome = UInt8(exactly: event.number).flatMap(ExchangeOutcome.init(rawValue:)),
            let request = event.read(UInt64.self), let response = event.read(UInt64.self),
            let delivered = event.read(UInt64.self)
        else { return false }
        let flags = EndFlags(rawValue: event.flags)
        facts.outcome = outcome
        facts.deliveredBytes = delivered
        facts.requestBody.total = request
        facts.requestBody.isCut = flags.contains(.requestCut)
        facts.requestBody.isLost = flags.contains(.requestLost)
        facts.responseBody.total = response
        facts.responseBody.isCut = flags.contains(.responseCut)
        facts.responseBody.isLost = flags.contains(.responseLost)
        if flags.contains(.requestHashed) { facts.requestBody.sha256 = event.read(32).map { Array($0) } }
        if flags.contains(.responseHashed) { facts.responseBody.sha256 = event.read(32).map { Array($0) } }
        guard flags.contains(.hasError) else { return true }
        guard let code = event.readText16(), let message = event.readText32() else { return false }
        if !code.isEmpty { facts.errorCode = String(decoding: code, as: UTF8.self) }
        if !message.isEmpty { facts.errorMessage = String(decoding: message, as: UTF8.self) }
        return true
    }

    /// A piece of `length` octets; nil past what the numbers hold, which no segment reaches.
    private static func piece(_ position: JournalPosition, _ length: Int, _ at: Int64) -> Piece? {
        guard let segment = UInt32(exactly: position.segment), let offset = UInt32(exactly: position.offset),
            let length = UInt32(exactly: length)
        else { return nil }
        return Piece(segment: segment, offset: offset, length: length, at: at)
    }
}

import NIOCore

/// Follows one stream: takes the body's bytes as they come, in any cut, and counts what arrived and what is missing.
struct StreamCheck {
    let stream: Int
    let events: Int
    private(set) var arrived = 0
    private(set) var lost = 0
    private(set) var isDone = false
    private var next = 0
    private var pending = ByteBuffer()

    init(stream: Int, events: Int) {
        self.stream = stream
        self.events = events
    }

    /// Calls `onEvent` with the time of sending of each event that is complete.
    mutating func consume(_ body: ByteBuffer, onEvent: (UInt64) -> Void) throws {
        if pending.readableBytes == 0 {
            pending = body
        } else {
            pending.writeImmutableBuffer(body)
        }
        while let event = try Event.read(from: &pending) {
            guard !isDone else { throw PeerError("stream \(stream): an event follows [DONE]") }
            switch event {
            case .done:
                isDone = true
            case .chunk(let named, let sequence, let sent):
                try follow(named, sequence)
                onEvent(sent)
            }
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() }
    }

    private mutating func follow(_ named: Int, _ sequence: Int) throws {
        guard named == stream else { throw PeerError("stream \(stream) got an event of stream \(named)") }
        guard sequence >= next else {
            throw PeerError("stream \(stream): event \(sequence) came again, \(next) was due")
        }
        lost += sequence - next
        next = sequence + 1
        arrived += 1
    }

    /// Nil when the stream was whole; else what is wrong with it.
    func finish() -> PeerError? {
        if !isDone { return PeerError("stream \(stream) ended without [DONE] after \(arrived) of \(events) events") }
        if pending.readableBytes > 0 { return PeerError("stream \(stream) ended within an event") }
        if arrived != events { return PeerError("stream \(stream) brought \(arrived) of \(events) events") }
        return nil
    }
}

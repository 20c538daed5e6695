import NIOCore

/// The events of a streamed answer in their order, made one at a time while they are written.
///
/// Knows no dialect: whole events, and runs of tokens set into a frame, are what every dialect's stream is made of.
struct EventTrack: Sendable, Equatable {
    /// What stands before and after a token in its event.
    struct Frame: Sendable, Equatable {
        var before: ByteBuffer
        var after: ByteBuffer

        init(_ before: String, _ after: String) {
            self.before = ByteBuffer(string: before)
            self.after = ByteBuffer(string: after)
        }
    }

    /// A stretch of the stream.
    enum Segment: Sendable, Equatable {
        /// One event, sent as soon as its turn comes.
        case event(ByteBuffer)
        /// Every token in every frame (one a choice) before the next token; sent at the pace.
        case tokens(Pieces, frames: [Frame])
    }

    /// One event and whether it waits for the pace.
    struct Event: Equatable {
        var bytes: ByteBuffer
        var isPaced: Bool
    }

    /// The event that stands for a failure in the middle of the stream, in the dialect's form.
    let error: ByteBuffer

    private let segments: [Segment]
    private var segment = 0
    private var item = 0

    init(_ segments: [Segment], error: ByteBuffer = ByteBuffer()) {
        self.error = error
        self.segments = segments
    }

    /// The next event; nil at the end.
    mutating func next() -> Event? {
        while self.segment < self.segments.count {
            switch self.segments[self.segment] {
            case .event(let bytes):
                self.segment += 1
                return Event(bytes: bytes, isPaced: false)
            case .tokens(let pieces, let frames):
                guard self.item < pieces.count * frames.count else {
                    self.segment += 1
                    self.item = 0
                    continue
                }
                let token = pieces[self.item / frames.count]
                let frame = frames[self.item % frames.count]
                self.item += 1
                var bytes = ByteBuffer()
                bytes.reserveCapacity(
                    frame.before.readableBytes + token.readableBytes + frame.after.readableBytes)
                bytes.writeImmutableBuffer(frame.before)
                bytes.writeImmutableBuffer(token)
                bytes.writeImmutableBuffer(frame.after)
                return Event(bytes: bytes, isPaced: true)
            }
        }
        return nil
    }
}

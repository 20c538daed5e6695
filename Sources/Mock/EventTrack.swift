import NIOCore

/// The events of a streamed answer in their order, made one at a time while they are written.
///
/// Knows no dialect: whole events, and runs of tokens set into a frame, are what every dialect's stream is made of.
struct EventTrack: Sendable, Equatable {
    /// What stands around a token in its event.
    ///
    /// Written as a string with `\(.token)` where the token goes, as the inside of a JSON string, and
    /// `\(.number(n, step: s))` where a number goes that is `n` at the first token and grows by `s` with each.
    struct Frame: Sendable, Equatable {
        /// What is filled in for each token.
        enum Slot: Sendable, Equatable {
            case token
            case number(Int, step: Int)
        }

        fileprivate enum Part: Sendable, Equatable {
            case bytes(ByteBuffer)
            case slot(Slot)
        }

        fileprivate var parts: [Part]

        init(_ before: String, _ after: String) {
            self.parts = [.bytes(ByteBuffer(string: before)), .slot(.token), .bytes(ByteBuffer(string: after))]
        }

        fileprivate func write(_ token: ByteBuffer, at index: Int, into bytes: inout ByteBuffer) {
            for part in self.parts {
                switch part {
                case .bytes(let text): bytes.writeImmutableBuffer(text)
                case .slot(.token): bytes.writeImmutableBuffer(token)
                case .slot(.number(let first, let step)): bytes.writeString(String(first + step * index))
                }
            }
        }

        /// The event of a frame without a slot.
        var event: Segment { .event(self.bytes) }

        /// The text of a frame without a slot.
        var text: String { String(buffer: self.bytes) }

        private var bytes: ByteBuffer {
            var bytes = ByteBuffer()
            self.write(ByteBuffer(), at: 0, into: &bytes)
            return bytes
        }

        fileprivate var length: Int {
            self.parts.reduce(0) { sum, part in
                if case .bytes(let text) = part { sum + text.readableBytes } else { sum + 8 }
            }
        }
    }

    /// A stretch of the stream.
    enum Segment: Sendable, Equatable {
        /// One event, sent as soon as its turn comes.
        case event(ByteBuffer)
        /// Every token in every frame (one a choice) before the next token; sent at the pace.
        case tokens(Pieces, frames: [Frame])

        /// One event, sent as soon as its turn comes.
        static func event(_ text: String) -> Segment { .event(ByteBuffer(string: text)) }
    }

    /// What holds the events together.
    enum Framing: Sendable, Equatable {
        /// Each event stands for itself.
        case separate
        /// The events are the elements of one JSON array.
        case array
    }

    /// One event and whether it waits for the pace.
    struct Event: Equatable {
        var bytes: ByteBuffer
        var isPaced: Bool
    }

    private let segments: [Segment]
    private let framing: Framing
    private let error: Frame
    private var segment = 0
    private var item = 0
    /// How many events were made, and whether the array has its end.
    private var made = 0
    private var isClosed = false

    /// - Parameter error: the event that stands for a failure in the middle of the stream, in the dialect's form; a
    ///   number in it grows with the events before it.
    init(_ segments: [Segment], framing: Framing = .separate, error: Frame = "") {
        self.segments = segments
        self.framing = framing
        self.error = error
    }

    /// The next event; nil at the end.
    mutating func next() -> Event? {
        if let event = self.produce() {
            self.made += 1
            return event
        }
        guard self.framing == .array, !self.isClosed else { return nil }
        self.isClosed = true
        return Event(bytes: ByteBuffer(string: self.made == 0 ? "[]" : "\n]"), isPaced: false)
    }

    /// The event that stands for a failure, in place of the next one; nothing follows it.
    mutating func failure() -> ByteBuffer {
        var bytes = self.opening
        self.error.write(ByteBuffer(), at: self.made, into: &bytes)
        if self.framing == .array { bytes.writeStaticString("\n]") }
        self.segment = self.segments.count
        self.isClosed = true
        return bytes
    }

    /// What stands before an event.
    private var opening: ByteBuffer {
        switch self.framing {
        case .separate: ByteBuffer()
        case .array: ByteBuffer(string: self.made == 0 ? "[" : "\n,\r\n")
        }
    }

    private mutating func produce() -> Event? {
        while self.segment < self.segments.count {
            switch self.segments[self.segment] {
            case .event(var bytes):
                self.segment += 1
                if self.framing == .array {
                    var opened = self.opening
                    opened.writeBuffer(&bytes)
                    bytes = opened
                }
                return Event(bytes: bytes, isPaced: false)
            case .tokens(let pieces, let frames):
                guard self.item < pieces.count * frames.count else {
                    self.segment += 1
                    self.item = 0
                    continue
                }
                let index = self.item / frames.count
                let token = pieces[index]
                let frame = frames[self.item % frames.count]
                self.item += 1
                var bytes = self.opening
                bytes.reserveCapacity(bytes.readableBytes + frame.length + token.readableBytes)
                frame.write(token, at: index, into: &bytes)
                return Event(bytes: bytes, isPaced: true)
            }
        }
        return nil
    }
}

extension EventTrack.Frame: ExpressibleByStringInterpolation {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            self.text.reserveCapacity(literalCapacity)
        }

        mutating func appendLiteral(_ literal: String) { self.text += literal }

        mutating func appendInterpolation(_ text: String) { self.text += text }

        mutating func appendInterpolation(_ number: Int) { self.text += String(number) }

        mutating func appendInterpolation(_ slot: EventTrack.Frame.Slot) {
            self.flush()
            self.parts.append(.slot(slot))
        }

        mutating func appendInterpolation(_ frame: EventTrack.Frame) {
            self.flush()
            self.parts += frame.parts
        }

        fileprivate mutating func flush() {
            if !self.text.isEmpty { self.parts.append(.bytes(ByteBuffer(string: self.text))) }
            self.text = ""
        }
    }

    init(stringLiteral text: String) {
        self.parts = text.isEmpty ? [] : [.bytes(ByteBuffer(string: text))]
    }

    init(stringInterpolation: StringInterpolation) {
        var interpolation = stringInterpolation
        interpolation.flush()
        self.parts = interpolation.parts
    }
}

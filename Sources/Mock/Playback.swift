import NIOCore

/// Where the playing of a script's events stands: decides what comes next, writes nothing, reads no clock.
struct Playback {
    /// What the connection does next.
    enum Step: Equatable {
        /// Write this event and ask again.
        case write(ByteBuffer)
        /// Ask again at this time.
        case wait(until: NIODeadline)
        /// Do this; nothing follows.
        case fault(MockFault)
        /// The body is complete.
        case end
    }

    private var events: EventTrack
    private let fault: MockScript.Fault?
    private let interval: TimeAmount?
    private var due: NIODeadline
    private var held: EventTrack.Event?
    private var isOver = false

    /// How many events were handed out.
    private(set) var sent = 0

    init(_ events: EventTrack, pace: Double?, fault: MockScript.Fault?, now: NIODeadline) {
        self.events = events
        self.fault = fault
        self.interval = pace.flatMap { $0 > 0 ? .nanoseconds(Int64(min(1e9 / $0, 1e12))) : nil }
        self.due = now
    }

    /// The next step.
    mutating func step(now: NIODeadline) -> Step {
        if self.isOver { return .end }
        if let fault = self.fault, self.sent >= fault.after { return self.play(fault.kind) }
        guard let event = self.held ?? self.events.next() else {
            return self.fault.map { self.play($0.kind) } ?? .end
        }
        if event.isPaced, let interval = self.interval {
            guard now >= self.due else {
                self.held = event
                return .wait(until: self.due)
            }
            // Counted from when it was due, so that late timers do not slow the stream down.
            self.due = self.due + interval
        }
        self.held = nil
        self.sent += 1
        return .write(event.bytes)
    }

    private mutating func play(_ fault: MockFault) -> Step {
        guard fault == .errorEvent else { return .fault(fault) }
        // For the connection this one is an event like any other, and then the end.
        self.isOver = true
        self.sent += 1
        return .write(self.events.failure())
    }

    /// The connection took nothing for a while: the pace goes on from now instead of catching up in a burst.
    mutating func resume(now: NIODeadline) {
        self.due = max(self.due, now)
    }
}

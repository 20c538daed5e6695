import NIOCore
import NIOHTTP1

/// A request as the mock sees it: whole.
struct MockRequest: Sendable {
    var method: HTTPMethod
    var target: String
    var fields: HTTPHeaders
    var body: ByteBuffer
}

/// What the mock will write for a request: a value, made before the first byte goes out.
struct MockScript: Sendable, Equatable {
    /// What follows the head.
    enum Body: Sendable, Equatable {
        /// Nothing; the head may name a length all the same (HEAD).
        case none
        /// All at once, with the length in the head.
        case whole(ByteBuffer)
        /// Event by event.
        case events(EventTrack)
    }

    /// A fault and its place.
    struct Fault: Sendable, Equatable {
        var kind: MockFault
        /// After how many events; at the end of the events when there are fewer.
        var after: Int
    }

    /// The wait before anything is written.
    var delay: TimeAmount = .zero
    var status: HTTPResponseStatus
    var fields: HTTPHeaders
    var body: Body
    /// Content events a second; nil: no pace.
    var pace: Double?
    var fault: Fault?

    /// An answer of one piece.
    init(status: HTTPResponseStatus = .ok, type: String, _ bytes: ByteBuffer) {
        self.status = status
        self.fields = ["content-type": type, "content-length": String(bytes.readableBytes)]
        self.body = .whole(bytes)
    }

    /// An answer of one piece of JSON.
    init(status: HTTPResponseStatus = .ok, json: ByteBuffer) {
        self.init(status: status, type: "application/json", json)
    }

    /// An answer of one piece of JSON.
    init(status: HTTPResponseStatus = .ok, json: String) {
        self.init(status: status, json: ByteBuffer(string: json))
    }

    /// An answer of events, server-sent ones where `type` is not given.
    init(events: EventTrack, pace: Double?, type: String = "text/event-stream; charset=utf-8") {
        self.status = .ok
        self.fields = ["content-type": type, "cache-control": "no-cache"]
        self.body = .events(events)
        self.pace = pace
    }

    /// Puts delay and fault of the request's headers in place. A fault that needs a stream is refused where the
    /// answer is none.
    mutating func apply(_ controls: MockControls) throws(MockRefusal) {
        self.delay = .milliseconds(Int64(controls.delay))
        guard let kind = controls.fault else { return }
        var after = controls.faultAfter
        switch (kind, self.body) {
        case (.stallBeforeHead, _), (.closeBeforeHead, _), (_, .events):
            break
        case (.errorEvent, _), (.badChunk, _):
            throw .control(
                "x-mock-fault", kind.rawValue, "another fault, as this answer is not streamed")
        case (_, .whole(let bytes)):
            // A plain answer is one event cut in the middle, its head naming the whole length.
            let half = bytes.getSlice(at: bytes.readerIndex, length: bytes.readableBytes / 2)
            self.body = .events(EventTrack(after == 0 ? [] : [.event(half ?? ByteBuffer())]))
            after = min(after, 1)
        case (_, .none):
            self.body = .events(EventTrack([]))
        }
        self.fault = Fault(kind: kind, after: after)
    }

    /// Keeps the head alone, as HEAD asks (RFC 9110 section 9.3.2).
    mutating func dropBody() {
        self.body = .none
    }
}

import HTTP1
import LLMWire
import NIOCore
import Policy
import Recording
import Upstream
import WeirConfiguration

/// One request and its answer, as far as they have come.
///
/// A class, so that handing it about costs one reference count and not one for each buffer in it.
final class Exchange {
    /// How far the answer has come.
    enum Response {
        /// Nothing final has come.
        case awaited
        /// The head has gone to the client.
        case streaming
    }

    /// How the client is told where the answer's body ends.
    enum Delivery {
        case noBody
        case length
        case chunked
        /// Until the connection closes, body octets as they come.
        case untilClose
        /// Until the connection closes, the upstream's chunked framing taken off.
        case dechunked
        /// In chunks of Weir's own, behind a head of its own.
        case rechunked
    }

    let id: ExchangeID
    let route: Route?
    let version: HTTPVersion
    let isHEAD: Bool
    let isIdempotent: Bool
    let asksForWebSocket: Bool

    /// The client's head, kept until the answer begins: errors are worded after it.
    var head: ByteBuffer?
    var dialect: Dialect?

    /// Whose key it brought.
    var key: ClientKey?
    /// Whom it comes from, where that is not the connection's peer.
    var client: SocketAddress?
    /// What the request log will tell; nil: there is none.
    var logged: LoggedRequest?
    /// When the request's head had come, in nanoseconds of the loop's clock.
    let startedAt: UInt64
    /// Where it goes, on a universal route.
    var destination: UpstreamURL?
    /// Where its connections come from.
    var pool: ConnectionPool?

    var requestBody: BodyReader
    /// The body, while it is gathered to be rewritten.
    var held: HeldBody?
    /// What a body that was gathered counts for until the answer begins.
    var heldShare: HeldShare?
    var isRequestComplete: Bool
    var isUploadStopped = false
    var awaitsContinue: Bool
    var hasSentContinue = false

    /// What has not been written to an upstream yet: it is still being dialled.
    var unsent: [ByteBuffer] = []
    var unsentOctets = 0
    var replay = Replay()
    var attempts = 0
    var isDialing = false
    /// When a request that the upstream has put off is sent again; nil: it is not waiting.
    var waitsUntil: UInt64?
    /// Whether any octet of the request has been handed to an upstream's socket.
    var hasWritten = false

    var response = Response.awaited
    var delivery = Delivery.noBody
    /// Whether the end of the client's connection is the end of the answer.
    var endsByClose: Bool { delivery == .untilClose || delivery == .dechunked }
    /// Whether the client's connection ends behind this exchange.
    var closesConnection: Bool
    var delivered: UInt64 = 0
    /// The status that the client was sent.
    var status = 0
    /// When the answer's head came.
    var firstByteAt: UInt64?
    /// What a browser of another origin is told, whole lines.
    var corsLines: [UInt8] = []
    /// Whether Weir has begun the answer itself, to keep the client's connection alive.
    var hasOwnHead = false

    /// When the present state has lasted too long, where ``totalLimit`` and ``nextKeepalive`` are looked at besides.
    var stateLimit = UInt64.max
    /// When the whole exchange has lasted too long.
    var totalLimit = UInt64.max
    /// When the client next needs a sign of life.
    var nextKeepalive = UInt64.max
    var events: EventBoundary?

    init(
        id: ExchangeID, route: Route?, head: ByteBuffer, octets: RawSpan, request: RequestHead, at now: UInt64
    ) {
        startedAt = now
        self.id = id
        self.route = route
        self.head = head
        let method = request.requestLine.method
        version = request.requestLine.version
        isHEAD = octets.equals(method, "HEAD")
        isIdempotent = Self.isIdempotent(octets, method)
        asksForWebSocket = request.asksForWebSocket
        requestBody = BodyReader(request.framing)
        isRequestComplete = request.framing == .none
        awaitsContinue = request.expectsContinue && request.framing != .none
        // What stands behind a request for an upgrade may be another protocol's.
        closesConnection = !request.isPersistent || request.asksForUpgrade
        if let route {
            if let total = route.totalTimeout { totalLimit = now &+ total }
            if let keepalive = route.keepalive { nextKeepalive = now &+ keepalive }
        }
    }

    /// Makes what was written once wait for the next connection.
    func queueReplay() {
        unsent = replay.first.map { [$0] } ?? []
        unsent += replay.rest
        unsentOctets = unsent.reduce(0) { $0 + $1.readableBytes }
        replay = Replay()
    }

    /// RFC 9110 §9.2.2.
    private static func isIdempotent(_ head: RawSpan, _ method: Range<Int>) -> Bool {
        switch method.count {
        case 3: return head.equals(method, "GET") || head.equals(method, "PUT")
        case 4: return head.equals(method, "HEAD")
        case 5: return head.equals(method, "TRACE")
        case 6: return head.equals(method, "DELETE")
        case 7: return head.equals(method, "OPTIONS")
        default: return false
        }
    }
}

/// The request as it was written, to be written again if the connection turns out to have been dead.
struct Replay {
    /// The head, and what of the body came with it.
    private(set) var first: ByteBuffer?
    private(set) var rest: [ByteBuffer] = []
    private(set) var isWhole = true
    private var octets = 0

    /// Keeps one written piece, within the bound.
    mutating func keep(_ piece: ByteBuffer) {
        guard isWhole else { return }
        octets += piece.readableBytes
        guard octets <= GatewayLimits.replayOctets else {
            drop()
            return
        }
        if first == nil { first = piece } else { rest.append(piece) }
    }

    /// Lets everything go: an answer has begun, or the request is too large.
    mutating func drop() {
        isWhole = false
        first = nil
        rest = []
    }
}

/// Whether a stream stands between two events (WHATWG HTML §9.2.5: a blank line ends one), or two lines of JSON.
struct EventBoundary {
    /// What the stream is made of.
    enum Kind {
        /// Server-sent events.
        case events
        /// A JSON value a line.
        case lines
    }

    let kind: Kind
    /// The last four octets, the latest in the low byte.
    private var tail: UInt32 = 0
    private var isAtStart = true

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// Takes body octets in.
    mutating func read(_ octets: RawSpan, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        isAtStart = false
        for index in max(range.lowerBound, range.upperBound - 4)..<range.upperBound {
            tail = tail << 8 | UInt32(octets.octet(at: index))
        }
    }

    /// Whether an event, or a line, of one's own may follow.
    var isBetween: Bool {
        if isAtStart { return true }
        switch kind {
        case .events: return tail & 0xFFFF == 0x0A0A || tail & 0xFFFF == 0x0D0D || tail == 0x0D0A_0D0A
        case .lines: return tail & 0xFF == 0x0A
        }
    }
}

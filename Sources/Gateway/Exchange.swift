import HTTP1
import NIOCore
import Policy
import Recording
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

    var requestBody: BodyReader
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
    /// Whether any octet of the request has been handed to an upstream's socket.
    var hasWritten = false

    var response = Response.awaited
    var delivery = Delivery.noBody
    /// Whether the end of the client's connection is the end of the answer.
    var endsByClose: Bool { delivery == .untilClose || delivery == .dechunked }
    /// Whether the client's connection ends behind this exchange.
    var closesConnection: Bool
    var delivered: UInt64 = 0
    var events: EventBoundary?

    init(
        id: ExchangeID, route: Route?, head: ByteBuffer, octets: RawSpan, request: RequestHead
    ) {
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

/// Whether a stream of server-sent events stands between two events (WHATWG HTML §9.2.5: a blank line ends one).
struct EventBoundary {
    /// The last four octets, the latest in the low byte.
    private var tail: UInt32 = 0
    private var isAtStart = true

    /// Takes body octets in.
    mutating func read(_ octets: RawSpan, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        isAtStart = false
        for index in max(range.lowerBound, range.upperBound - 4)..<range.upperBound {
            tail = tail << 8 | UInt32(octets.octet(at: index))
        }
    }

    /// Whether an event of one's own may follow.
    var isBetweenEvents: Bool {
        isAtStart || tail & 0xFFFF == 0x0A0A || tail & 0xFFFF == 0x0D0D || tail == 0x0D0A_0D0A
    }
}

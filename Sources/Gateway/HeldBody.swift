import HTTP1
import NIOCore
import Policy

/// A request body that is gathered before any of it goes out, because the route may rewrite it.
struct HeldBody {
    let forwarding: Forwarding
    let request: RequestHead
    /// The octet behind the request's head.
    let headEnd: Int
    /// The body, its framing taken off.
    private(set) var payload: ByteBuffer
    /// A chunked body as it came, for the case that nothing is rewritten.
    private(set) var framed: [ByteBuffer] = []
    /// What it takes of what all such bodies may.
    let share: HeldShare
    private var looksLikeJSON: Bool?

    init(_ forwarding: Forwarding, _ request: RequestHead, headEnd: Int, _ share: HeldShare) {
        self.forwarding = forwarding
        self.request = request
        self.headEnd = headEnd
        self.share = share
        var capacity = 0
        if case .length(let length) = request.framing {
            capacity = Int(clamping: min(length, UInt64(GatewayLimits.heldBodyReserve)))
        }
        payload = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Takes payload octets in.
    mutating func read(_ octets: RawSpan, _ range: Range<Int>) {
        payload.writeBytes(octets, range)
        guard looksLikeJSON == nil else { return }
        for index in range {
            switch octets.octet(at: index) {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case 0x7B, 0x5B: looksLikeJSON = true
            default: looksLikeJSON = false
            }
            return
        }
    }

    /// Takes in what would go out of a chunked body.
    mutating func keep(framed piece: ByteBuffer) {
        if request.framing == .chunked { framed.append(piece) }
    }

    /// Whether it is already certain that nothing is rewritten.
    var isPlain: Bool { looksLikeJSON == false }

    /// Whether it is, or says that it will be, more than is held.
    var isTooLarge: Bool {
        if payload.readableBytes > GatewayLimits.heldBodyOctets { return true }
        guard looksLikeJSON == true, case .length(let length) = request.framing else { return false }
        return length > UInt64(GatewayLimits.heldBodyOctets)
    }

    /// The body as it came, as far as it has.
    var asItCame: [ByteBuffer] {
        if request.framing == .chunked { return framed }
        return payload.readableBytes > 0 ? [payload] : []
    }
}

/// How many octets of bodies one event loop holds; confined to it.
final class HeldBodies {
    fileprivate(set) var octets = 0
}

/// What one exchange holds of them, from the body's first octet to the answer's; gives it back when it goes.
final class HeldShare {
    private let all: HeldBodies
    private var octets = 0

    init(of all: HeldBodies) {
        self.all = all
    }

    deinit { all.octets -= octets }

    /// Takes more, so that it is `octets`.
    ///
    /// - Returns: whether all shares together stay within `limit`.
    func grow(to octets: Int, atMost limit: Int) -> Bool {
        all.octets += octets - self.octets
        self.octets = octets
        return all.octets <= limit
    }
}

extension RequestHead {
    /// Whether the body may be JSON text that can be read: not when a content coding hides it, or when its media type
    /// says that it is something else.
    func mayBringJSON(_ head: RawSpan, fields: [Field]) -> Bool {
        guard framing != .none else { return false }
        for field in fields {
            switch field.name {
            case .contentEncoding:
                guard field.valueRange.isEmpty || head.matches(field.valueRange, "identity") else { return false }
            case .contentType:
                let value = field.valueRange
                let others: [StaticString] = ["multipart/", "audio/", "image/", "video/", "application/octet-stream"]
                for type in others where type.utf8CodeUnitCount <= value.count {
                    let start = value.lowerBound..<(value.lowerBound + type.utf8CodeUnitCount)
                    if head.matches(start, type) { return false }
                }
            default: break
            }
        }
        return true
    }
}

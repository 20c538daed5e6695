import WeirConfiguration

/// The listener's settings in the units of the forwarding path: nanoseconds and octets.
struct GatewayLimits: Sendable {
    let headTimeout: UInt64
    let bodyTimeout: UInt64
    let idleTimeout: UInt64
    let maxRequestBody: UInt64
    let maxHeldBodies: Int
    let maxHead: Int
    let maxFields: Int
    let allowsHalfClose: Bool

    /// How long Weir waits for a final answer, or an interim one, before it asks for the body itself.
    static let continueWait: UInt64 = 1_000_000_000
    /// How long a connection that is closing waits for its client to close too.
    static let lingering: UInt64 = 2_000_000_000
    /// How long the last octets of a broken stream get before the connection is reset.
    static let lastWords: UInt64 = 250_000_000
    /// Octets of pipelined requests, or of a body that cannot go out yet, that a connection holds.
    static let heldOctets = 65_536
    /// Octets of a request that are kept to send it again.
    static let replayOctets = 1 << 20
    /// Octets of a body that is held whole to be rewritten; past it the answer is 413.
    static let heldBodyOctets = 64 << 20
    /// Room that such a body gets on its `Content-Length` alone.
    static let heldBodyReserve = 1 << 20
    /// How long an upstream may ask for by `Retry-After`; past it, its answer goes to the client.
    static let longestRetryWait: UInt64 = 30_000_000_000
    /// How long to wait before the first try again, where the upstream says nothing; doubled with each.
    static let retryWait: UInt64 = 500_000_000
    /// Pieces up to this size are copied behind a head, so that both go out as one.
    static let coalescedOctets = 16_384

    init(_ settings: ServerSettings) {
        headTimeout = settings.headTimeout.wholeNanoseconds
        bodyTimeout = settings.bodyTimeout.wholeNanoseconds
        idleTimeout = settings.idleTimeout.wholeNanoseconds
        maxRequestBody = settings.maxRequestBody
        maxHeldBodies = settings.maxHeldBodies
        maxHead = settings.maxHead
        maxFields = settings.maxFields
        allowsHalfClose = settings.halfClose == .allow
    }
}

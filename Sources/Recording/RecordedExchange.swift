package import LLMWire

/// How an exchange ended.
package enum ExchangeOutcome: UInt8, Sendable, CaseIterable {
    /// The client has the whole answer.
    case completed
    /// The client went away before it had.
    case clientAbort
    /// The upstream's answer broke off.
    case truncated
    /// No answer could be had from the upstream.
    case upstreamError
    /// Weir did not forward the request.
    case refused
    /// Weir ended in the middle of it.
    case interrupted

    /// The word that records show.
    package var text: String {
        switch self {
        case .completed: return "completed"
        case .clientAbort: return "client_abort"
        case .truncated: return "truncated"
        case .upstreamError: return "upstream_error"
        case .refused: return "refused"
        case .interrupted: return "interrupted"
        }
    }
}

/// One exchange as the journal kept it: masked already, in the order of its events.
///
/// Times are nanoseconds; those of events count from the exchange's start, by a monotonic clock.
package struct RecordedExchange: Sendable {
    /// Its name.
    package var id: ExchangeID
    /// When it began: nanoseconds since the epoch.
    package var startedAt: Int64
    /// The client's address and port.
    package var client: String
    /// The route it took.
    package var route: String
    /// What the client's key is called; nil where it brought none of the configured ones.
    package var key: String?
    /// The dialect that the route was set to; nil where the path tells.
    package var dialect: Dialect?
    /// The head that the client sent, secrets masked.
    package var requestHead: [UInt8]
    /// Every attempt at the upstream.
    package var attempts: [RecordedAttempt] = []
    /// The body that the client sent.
    package var requestBody = RecordedBody()
    /// What the upstream got in other octets than the client sent; the first ones where there were very many.
    package var requestEdits: [RecordedBodyEdit] = []
    /// How many such places there were.
    package var requestEditCount = 0
    /// When signs of life were put into the answer.
    package var keepalives: [Int64] = []
    /// Interim heads as the upstream sent them.
    package var interimHeads: [[UInt8]] = []
    /// The head that the upstream sent, secrets masked; nil if none came.
    package var responseHead: [UInt8]?
    /// The head that the client was sent, Weir's own answers included; nil if none went out.
    package var deliveredHead: [UInt8]?
    /// The body of the answer.
    package var responseBody = RecordedBody()
    /// How it ended.
    package var outcome = ExchangeOutcome.interrupted
    /// The code of Weir's own error, if it made one.
    package var errorCode: String?
    /// Its message.
    package var errorMessage: String?
    /// When the answer's first octet came.
    package var firstByte: Int64?
    /// How long it took.
    package var duration: Int64 = 0
    /// Octets of the answer's body that were handed to the client's socket.
    package var deliveredBytes: UInt64 = 0

    /// An exchange that has begun.
    package init(id: ExchangeID, startedAt: Int64, client: String, route: String, requestHead: [UInt8]) {
        self.id = id
        self.startedAt = startedAt
        self.client = client
        self.route = route
        self.requestHead = requestHead
    }
}

/// A place of a request's body that Weir changed.
package struct RecordedBodyEdit: Sendable, Equatable {
    /// The first octet, in the client's body.
    package var offset: UInt64
    /// How many octets of the client's body went.
    package var removed: Int
    /// What came in their place.
    package var text: String

    /// A change.
    package init(offset: UInt64, removed: Int, text: String) {
        self.offset = offset
        self.removed = removed
        self.text = text
    }
}

/// One try to have an exchange answered by an upstream.
package struct RecordedAttempt: Sendable {
    /// Counted from 1.
    package var number: Int
    /// When it began.
    package var at: Int64
    /// Scheme, host and port, as in `https://api.openai.com:443`.
    package var upstream: String
    /// Whether the connection had carried an exchange before.
    package var reusedConnection: Bool
    /// The head that went out, secrets masked.
    package var requestHead: [UInt8]?
    /// Why it failed, if it did.
    package var failureCode: String?
    /// The same in words.
    package var failureMessage: String?

    /// An attempt that has begun.
    package init(number: Int, at: Int64, upstream: String, reusedConnection: Bool) {
        self.number = number
        self.at = at
        self.upstream = upstream
        self.reusedConnection = reusedConnection
    }
}

/// A body as far as it was recorded.
package struct RecordedBody: Sendable {
    /// Where a piece ends in ``RecordedBody/bytes``, and when it came.
    package struct Piece: Sendable, Equatable {
        /// The octet behind the piece.
        package var end: Int
        /// When it came.
        package var at: Int64

        /// A piece that ends before octet `end`.
        package init(end: Int, at: Int64) {
            self.end = end
            self.at = at
        }
    }

    /// The octets on the wire, chunked framing taken off, content coding left on, and masked in ``masked``.
    package var bytes: [UInt8] = []
    /// The pieces as they came.
    package var pieces: [Piece] = []
    /// Octets that flowed, recorded or not.
    package var total: UInt64 = 0
    /// Whether the recorded copy stops at the size limit.
    package var isCut = false
    /// Whether octets were shed because the record could not keep up.
    package var isLost = false
    /// The ranges of ``bytes`` in which every octet was written over, because a configured key names what stood there;
    /// the first ones where there were very many.
    package var masked: [Range<Int>] = []
    /// How many such ranges there were.
    package var maskedCount = 0
    /// Whether the body, or what came of it behind a switch of protocols, was not kept, because what is to be masked
    /// could not be found in it.
    package var isWithheld = false
    /// SHA-256 of the whole body, where the copy is cut and no masking of bodies is configured.
    package var sha256: [UInt8]?

    /// An empty body.
    package init() {}
}

/// A hole in the record.
package struct RecordedGap: Sendable, Equatable {
    /// When it began and ended: nanoseconds since the epoch.
    package var from: Int64
    /// See ``from``.
    package var to: Int64
    /// Exchanges of which nothing is known.
    package var lostExchanges: UInt64
    /// Bodies that were not kept whole.
    package var lostBodies: UInt64

    /// A gap between two times.
    package init(from: Int64, to: Int64, lostExchanges: UInt64, lostBodies: UInt64) {
        self.from = from
        self.to = to
        self.lostExchanges = lostExchanges
        self.lostBodies = lostBodies
    }
}

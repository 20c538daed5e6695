/// What one exchange's entry in the request log tells; a text that is empty is not known.
///
/// The request line is not in it: ``LoopLog/append(_:head:method:target:)`` takes it from the head's own octets.
package struct RequestLogEntry: Sendable {
    /// How an exchange ended; the names are those of the records (contract 8.2).
    package enum Outcome: UInt8, Sendable, CaseIterable {
        case completed
        case clientAbort
        case truncated
        case upstreamError
        case refused
        case interrupted

        /// As it is written.
        package var name: StaticString {
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

    /// What the header policy did to one field.
    package struct HeaderChange: Sendable, Equatable {
        /// What became of it.
        package enum Kind: UInt8, Sendable, CaseIterable {
            case added
            case replaced
            case dropped

            /// As it is written.
            package var name: StaticString {
                switch self {
                case .added: return "added"
                case .replaced: return "replaced"
                case .dropped: return "dropped"
                }
            }
        }

        /// What became of the field.
        package var kind: Kind
        /// Its name; values are never logged.
        package var name: String

        /// A change.
        package init(_ kind: Kind, _ name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// When the request began: nanoseconds since the epoch.
    package var wallTime: Int64
    /// The exchange's id, its two halves.
    package var id: (high: UInt64, low: UInt64)
    /// The status that the client saw; 0: none.
    package var status = 0
    /// How the exchange ended.
    package var outcome = Outcome.completed
    /// Times that an upstream was tried.
    package var attempts = 0
    /// Octets of the request's body.
    package var requestOctets: UInt64 = 0
    /// Octets of the answer's body that went to the client.
    package var responseOctets: UInt64 = 0
    /// From the request's begin to the answer's first octet, in nanoseconds; nil: none came.
    package var firstByte: UInt64?
    /// From the request's begin to the answer's end, in nanoseconds.
    package var total: UInt64 = 0
    /// Tokens read, where that is known.
    package var inputTokens: UInt64?
    /// Tokens written, where that is known.
    package var outputTokens: UInt64?
    /// The client's address.
    package var client = ""
    /// The name of the client's key, never the key.
    package var key = ""
    /// The route's name.
    package var route = ""
    /// The upstream's scheme, host and port.
    package var upstream = ""
    /// The outbound proxy, without its credentials.
    package var proxy = ""
    /// The code of Weir's own error.
    package var errorCode = ""
    /// The dialect.
    package var dialect = ""
    /// The model that was asked for.
    package var model = ""
    /// The target that the upstream was asked for; told at debug level.
    package var sentTarget = ""
    /// What the header policy did; told at debug level.
    package var changes: [HeaderChange] = []

    /// An entry that knows nothing else yet.
    package init(wallTime: Int64, id: (high: UInt64, low: UInt64)) {
        self.wallTime = wallTime
        self.id = id
    }
}

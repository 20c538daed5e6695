package import NIOCore

/// What a mock answers with where a request's `x-mock-…` headers do not say otherwise, and its bounds.
package struct MockSettings: Sendable {
    /// The pace of a streamed answer in content events a second; nil: as fast as the connection takes them.
    /// Values that are not above zero count as nil.
    package var tokensPerSecond: Double?

    /// What `GET /models` lists. Chat Completions takes any model name and echoes it.
    package var models: [String]

    /// The `created` of every answer, in seconds of the Unix epoch. Fixed, so that answers can be predicted.
    package var created: Int

    /// The longest request body in bytes; past it the answer is 413 and the connection ends.
    package var maxBody: Int

    /// Whether a client that closes its sending side still gets its answer. When false, it counts as gone at once.
    package var toleratesHalfClose: Bool

    /// How long a connection may stay without anything from the client while no answer is due.
    package var idleLimit: TimeAmount

    /// How long an answer may stay without a byte moving: bounds a stall, and a client that reads nothing.
    package var stallLimit: TimeAmount

    /// Called on the connection's event loop when an answer has ended in whatever way; for tests and counters.
    package var onEnd: (@Sendable (MockExchange) -> Void)?

    /// The defaults: no pace, three models, 64 MiB of body, two minutes idle, fifteen minutes in a stall.
    package init(tokensPerSecond: Double? = nil) {
        self.tokensPerSecond = tokensPerSecond
        self.models = ["mock-1", "mock-1-mini", "weir/mock-1:free"]
        self.created = 1_767_225_600
        self.maxBody = 64 * 1024 * 1024
        self.toleratesHalfClose = true
        self.idleLimit = .seconds(120)
        self.stallLimit = .minutes(15)
        self.onEnd = nil
    }
}

/// How one exchange with the mock ended.
package struct MockExchange: Sendable, Equatable {
    /// The ways in which an answer ends.
    package enum Outcome: Sendable, Equatable {
        /// The whole answer was written.
        case completed
        /// The fault that the request asked for was played.
        case faulted
        /// The client went away, or the connection failed, before the end.
        case abandoned
    }

    /// The answer's status, chosen even where a fault kept it from being written.
    package var status: Int

    /// How many stream events, or pieces of a plain answer cut by a fault, were handed to the connection.
    package var events: Int

    /// How it ended.
    package var outcome: Outcome
}

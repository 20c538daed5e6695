/// Which addresses may ask at all.
package struct AccessSettings: Sendable, Equatable {
    /// Addresses that may; empty: all.
    package var allow: [AddressRange] = []
    /// Addresses that may not, whatever ``allow`` says.
    package var deny: [AddressRange] = []
    /// Peers whose `X-Forwarded-For` is believed.
    package var trustedProxies: [AddressRange] = []

    /// Everyone may.
    package init() {}
}

/// A key that a client presents, and what the upstream gets for it.
package struct KeySettings: Sendable, Equatable {
    /// What its bearer may see.
    package enum Role: String, Sendable, CaseIterable {
        /// Its own exchanges.
        case user
        /// All exchanges.
        case admin
    }

    /// What the client presents.
    package var key: Secret
    /// What the upstream gets in its place; nil: the client's key is taken out.
    package var upstreamKey: Secret?
    /// What records and pages call it; nil: they show its fingerprint alone.
    package var name: String?
    /// What its bearer may see.
    package var role = Role.user
    /// The routes that it may use; nil: all.
    package var routes: [String]?

    /// A key that is good for every route.
    package init(key: Secret, upstreamKey: Secret? = nil) {
        self.key = key
        self.upstreamKey = upstreamKey
    }
}

/// What becomes of a request whose credential is no configured key.
package enum UnknownKeys: String, Sendable, CaseIterable {
    /// It is refused.
    case reject
    /// It goes on with what it brought.
    case pass
}

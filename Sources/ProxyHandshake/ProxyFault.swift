package import WeirConfiguration

/// Why an outbound proxy leads nowhere.
package struct ProxyFault: Error, Sendable, Equatable {
    /// What kind of fault it is.
    package enum Code: Sendable, Equatable {
        /// The proxy does not know who asks.
        case authentication
        /// It will not, or cannot, reach the upstream.
        case refused
        /// What it says is not what was asked of it.
        case malformed
        /// The credentials, or the upstream's name, cannot be said in the proxy's protocol.
        case unspeakable
    }

    /// What kind of fault it is.
    package let code: Code
    /// What happened and how to mend it: a sentence about "it", the proxy; without credentials, in printable ASCII.
    package let message: String

    /// A fault.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A proxy that answered 407 (RFC 9110 §15.5.8).
    ///
    /// - Parameter offersBasic: whether the only scheme that Weir speaks is among those it asks for.
    package static func authenticationRequired(by proxy: OutboundProxy, offersBasic: Bool) -> ProxyFault {
        if !offersBasic {
            return ProxyFault(
                .authentication, "it asks (407) for a scheme other than Basic, and Weir speaks no other.")
        }
        return ProxyFault(
            .authentication,
            proxy.user == nil
                ? "it asks for a user name and password (407); write them into its URL, as in http://user:password@host."
                : "it does not accept the user name and password of its URL.")
    }

    /// A proxy that ended the connection before it had answered.
    package static let closed = ProxyFault(.refused, "it closed the connection before its answer was complete.")
}

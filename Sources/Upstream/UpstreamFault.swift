/// Why an upstream could not be reached, or why its answer cannot be used.
package struct UpstreamFault: Error, Sendable {
    /// What kind of fault it is.
    package enum Code: Sendable, Equatable {
        /// The name has no address.
        case nameNotResolved
        /// The name's addresses did not come in time.
        case nameNotResolvedInTime
        /// No connection could be made.
        case notConnected
        /// No descriptor is left for a connection.
        case noDescriptor
        /// No connection in time.
        case connectTimeout
        /// The address must not be dialled; no socket was opened.
        case destinationDenied
        /// The outbound proxy does not accept the credentials, or wants some.
        case proxyAuthFailed
        /// The outbound proxy cannot be reached, or did not make the connection.
        case proxyConnectFailed
        /// The TLS handshake failed, or the certificate is not to be trusted.
        case tls
        /// The connection ended before the answer did.
        case closed
        /// The upstream has ended a tunnel in good order.
        case tunnelEnded
        /// The answer is not HTTP that may be passed on.
        case notHTTP
        /// The answer's head is larger than allowed.
        case headTooLarge
    }

    /// What kind of fault it is.
    package let code: Code
    /// What happened, in words, without any octet of the traffic.
    package let message: String

    /// A fault.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

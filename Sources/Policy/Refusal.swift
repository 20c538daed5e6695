package import HTTP1

/// An answer that Weir makes itself because it does not, or cannot, forward.
package struct Refusal: Error, Sendable, Equatable {
    /// The codes of the outside contract.
    package enum Code: String, Sendable, CaseIterable {
        case routeNotFound = "route_not_found"
        case routeDisabled = "route_disabled"
        case keyRequired = "key_required"
        case keyUnknown = "key_unknown"
        case keyForbidden = "key_forbidden"
        case addressDenied = "address_denied"
        case destinationDenied = "destination_denied"
        case badTarget = "bad_target"
        case badRequest = "bad_request"
        case bodyTooLarge = "body_too_large"
        case requestTimeout = "request_timeout"
        case dnsFailure = "dns_failure"
        case connectRefused = "connect_refused"
        case tlsVerifyFailed = "tls_verify_failed"
        case upstreamReset = "upstream_reset"
        case upstreamProtocol = "upstream_protocol"
        case upstreamHeadersTooLarge = "upstream_headers_too_large"
        case proxyAuthFailed = "proxy_auth_failed"
        case proxyConnectFailed = "proxy_connect_failed"
        case connectTimeout = "connect_timeout"
        case firstByteTimeout = "first_byte_timeout"
        case recordingUnavailable = "recording_unavailable"
        case overloaded
        case shuttingDown = "shutting_down"
    }

    /// What happened.
    package let code: Code
    /// The status that says so.
    package let status: Int
    /// What, where, and how to mend it.
    package let message: String
    /// Whether the upstream may have acted on the request, so that a client must not repeat it by itself.
    package let mayHaveBeenActedOn: Bool

    /// A refusal with the code's own status, or another.
    package init(_ code: Code, status: Int? = nil, _ message: String, mayHaveBeenActedOn: Bool = false) {
        self.code = code
        self.status = status ?? Self.status(of: code)
        self.message = message
        self.mayHaveBeenActedOn = mayHaveBeenActedOn
    }

    /// What a malformed head is answered with.
    package init(_ fault: HeadFault) {
        self.init(.badRequest, status: fault.status, fault.message)
    }

    private static func status(of code: Code) -> Int {
        switch code {
        case .badRequest, .badTarget: return 400
        case .keyRequired, .keyUnknown: return 401
        case .keyForbidden, .addressDenied, .destinationDenied: return 403
        case .routeNotFound, .routeDisabled: return 404
        case .requestTimeout: return 408
        case .bodyTooLarge: return 413
        case .dnsFailure, .connectRefused, .tlsVerifyFailed, .upstreamReset, .upstreamProtocol,
            .upstreamHeadersTooLarge, .proxyAuthFailed, .proxyConnectFailed:
            return 502
        case .connectTimeout, .firstByteTimeout: return 504
        case .recordingUnavailable, .overloaded, .shuttingDown: return 503
        }
    }
}

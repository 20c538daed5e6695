package import WeirConfiguration

/// What is to be done with a request.
package enum Decision {
    /// Send it on.
    case forward(Forwarding)
    /// Tell how Weir is: all of it, or to an address that may not ask its status alone.
    case health(isFull: Bool)
    /// Say hello.
    case greeting
    /// Answer a browser's preflight (WHATWG Fetch §3.2.2).
    case preflight
    /// Answer with an error; the route where the request had come so far.
    case refuse(Refusal, Route?)
}

/// A request on its way to an upstream.
package struct Forwarding {
    /// The way that it goes.
    package let route: Route
    /// Whose key it brought.
    package let key: ClientKey?
    /// Where it goes, on a universal route.
    package let destination: UpstreamURL?
    /// What is left of its target once Weir's own part is taken off: a path with its query; it may lack its slash.
    package let rest: Range<Int>

    /// Whether the upstream's target is in absolute-form: a plain one behind an HTTP proxy (RFC 9112 §3.2.2).
    package var sendsAbsoluteForm: Bool {
        guard let destination else { return route.sendsAbsoluteForm }
        return route.proxiesAbsoluteForm && destination.scheme == .http
    }
}

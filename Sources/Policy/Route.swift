package import HTTP1
package import LLMWire
import NIOCore
package import WeirConfiguration

/// A route made ready for the forwarding path: nothing in it needs to be computed again for a request.
///
/// A class, and made once for each event loop: a value of several arrays would cost a reference count for each of them
/// with every request, and counts that loops share cost far more.
package final class Route: Sendable {
    /// Its place among the routes of its snapshot.
    package let index: Int
    /// Its name.
    package let name: [UInt8]
    /// Its settings.
    package let settings: RouteSettings
    /// What `Host` says upstream.
    package let host: [UInt8]
    /// Scheme, host and port, for records and messages.
    package let origin: [UInt8]
    /// How request paths are joined to the upstream's.
    package let versionRule: VersionRule
    /// What is changed in JSON request bodies; nil: nothing.
    package let rewrite: BodyRewrite?
    /// The proxy in between.
    package let proxy: OutboundProxy?
    /// Whether requests go to a proxy as its own, so that it sees their targets whole (RFC 9112 §3.2.2).
    package let sendsAbsoluteForm: Bool
    /// ``TimeoutSettings/total`` in nanoseconds.
    package let totalTimeout: UInt64?
    /// ``RouteSettings/sseKeepalive`` in nanoseconds.
    package let keepalive: UInt64?
    /// Whether an exchange has deadlines besides that of its present state.
    package let hasFurtherDeadlines: Bool
    /// Whether some status of an answer is a reason to try again.
    package let retriesByStatus: Bool
    /// Whether a request is kept, within a bound, until its answer begins, whatever connection it goes out on.
    package let keepsRequest: Bool
    /// ``TimeoutSettings/firstByte`` in nanoseconds.
    package let firstByteTimeout: UInt64
    /// ``TimeoutSettings/idle`` in nanoseconds.
    package let idleTimeout: UInt64

    init(_ settings: RouteSettings, index: Int) {
        self.index = index
        self.settings = settings
        name = Array(settings.name.utf8)
        host = Array((settings.target?.authority ?? "").utf8)
        origin = Array((settings.target?.origin ?? "").utf8)
        versionRule = VersionRule(basePath: settings.target?.path ?? "", versionedPath: settings.versionedPath)
        let aliases = settings.fieldAliases.map { (from: $0.from, to: $0.to) }
        let models = settings.modelAliases.map { (from: $0.from, to: $0.to) }
        // A value that is no JSON has been refused with the configuration.
        let rewrite = try? BodyRewrite(
            fieldAliases: aliases, modelAliases: models,
            setBody: settings.setBody.map { (name: $0.name, json: $0.json) })
        self.rewrite = rewrite?.isEmpty == false ? rewrite : nil
        proxy = nil
        sendsAbsoluteForm = false
        totalTimeout = settings.timeouts.total?.wholeNanoseconds
        keepalive = settings.sseKeepalive?.wholeNanoseconds
        hasFurtherDeadlines = totalTimeout != nil || keepalive != nil
        keepsRequest = keepalive != nil || !settings.retries.statuses.isEmpty
        retriesByStatus = !settings.retries.statuses.isEmpty
        firstByteTimeout = settings.timeouts.firstByte.wholeNanoseconds
        idleTimeout = settings.timeouts.idle.wholeNanoseconds
    }

    /// Whether an answer of this status is a reason to try again.
    package func retries(status: Int) -> Bool {
        retriesByStatus && settings.retries.statuses.contains(status)
    }
}

/// One configuration as the forwarding path sees it; a request keeps the one it began with.
package struct PolicySnapshot: Sendable {
    /// The routes.
    package let routes: [Route]
    private let defaultIndex: Int?

    /// Makes `configuration` ready.
    package init(_ configuration: Configuration) {
        let routes = configuration.routes.enumerated().map { Route($0.element, index: $0.offset) }
        self.routes = routes
        defaultIndex = routes.firstIndex { $0.settings.name == configuration.defaultRoute }
    }

    /// Decides about a request; pure.
    ///
    /// - Parameter peer: the address that the client's connection comes from; nil where it has none.
    package func decide(
        _ head: RawSpan, _ request: RequestHead, fields: [Field], peer: IPAddress?
    ) -> Decision {
        let target = request.requestLine.target
        if target.count <= Self.longestOwnTarget, isReading(head, request) {
            if head.equals(target, "/") { return .greeting }
            if head.equals(target, "/healthz") { return .health(isFull: true) }
        }
        guard let defaultIndex else {
            return .refuse(Refusal(.routeNotFound, "No route is configured; start with --upstream-base-url URL."), nil)
        }
        return .forward(Forwarding(route: routes[defaultIndex], key: nil, destination: nil, rest: target))
    }

    private static let longestOwnTarget = "/healthz".utf8.count

    private func isReading(_ head: RawSpan, _ request: RequestHead) -> Bool {
        head.equals(request.requestLine.method, "GET") || head.equals(request.requestLine.method, "HEAD")
    }
}

extension Forwarding {
    /// Fills in what the upstream's head differs in from the client's; `edit` must be empty before.
    ///
    /// - Parameter bodyLength: octets of the body that goes out, where it is not the client's; nil: it is.
    package func edit(
        _ edit: inout HeadEdit, _ head: RawSpan, _ request: RequestHead, fields: [Field], bodyLength: Int?
    ) {
        let joined = route.versionRule.join(head, target: rest)
        edit.forwardRequest(
            head, request, fields: fields,
            target: { out in
                guard let joined else { return }
                out.writeBytes(joined.prefix)
                out.writeBytes(head, joined.rest)
            }, host: route.host)
    }
}

package import HTTP1
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
        firstByteTimeout = settings.timeouts.firstByte.wholeNanoseconds
        idleTimeout = settings.timeouts.idle.wholeNanoseconds
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

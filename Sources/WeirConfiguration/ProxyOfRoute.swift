extension Configuration {
    /// The proxy that requests on `route` go through; nil: none.
    package func proxy(of route: RouteSettings) -> OutboundProxy? {
        if route.target?.scheme == .mock { return nil }
        switch route.proxy {
        case .global: return globalProxy
        case .direct: return nil
        case .proxy(let proxy): return proxy
        }
    }
}

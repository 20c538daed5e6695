import WeirConfiguration

/// Where a universal route may go.
///
/// A name is checked twice: when the request comes, and, by what it resolved to, when it is dialled. Where an outbound
/// proxy dials, only the first check can be made: with nothing allowed by name, the names that are private by their
/// spelling are refused, and the proxy is trusted with the others.
struct DestinationRules: Sendable {
    private let allowed: [AllowedHost]
    private let own: OwnListeners
    private let isProxied: Bool
    private let routeName: String

    init(_ settings: RouteSettings, own: OwnListeners, isProxied: Bool) {
        allowed = settings.allowedHosts.map { rule in
            switch rule.host {
            case .name(let name): AllowedHost(.name(name.lowercased()), port: rule.port)
            case .suffix(let suffix): AllowedHost(.suffix("." + suffix.lowercased()), port: rule.port)
            case .any, .addresses: rule
            }
        }
        self.own = own
        self.isProxied = isProxied
        routeName = settings.name
    }

    /// What refuses a request that names `target`; nil: nothing so far.
    func refusal(_ target: UniversalTarget) -> Refusal? {
        let (host, port) = (target.url.host, target.url.port)
        if let address = target.address {
            if own.include(address, port: port) { return denied(target, "Weir itself listens there") }
            if mayReach(host, port: port, address: address), !(target.isMapped && allowed.isEmpty) { return nil }
            let reason =
                allowed.isEmpty
                ? "the address is \(target.isMapped ? "mapped into IPv6" : "not public: \(AddressClass(address))")"
                : "it is not among them"
            return denied(target, reason)
        }
        if own.include(host: host, port: port) { return denied(target, "Weir itself listens there") }
        if allowed.isEmpty {
            guard isProxied, Self.isPrivateName(host) else { return nil }
            return denied(target, "the name is a private one")
        }
        // What the name resolves to may still be among the addresses.
        let mayResolve =
            !isProxied
            && allowed.contains { rule in
                if case .addresses = rule.host { return rule.port == nil || rule.port == port }
                return false
            }
        return mayResolve || isNamed(host, port: port) ? nil : denied(target, "it is not among them")
    }

    /// Whether `address`, which `host` is or resolved to, may be dialled.
    func mayDial(_ host: String, port: Int, address: IPAddress) -> Bool {
        !own.include(address, port: port) && mayReach(host, port: port, address: address)
    }

    private func mayReach(_ host: String, port: Int, address: IPAddress) -> Bool {
        if allowed.isEmpty { return AddressClass(address) == .public }
        if isNamed(host, port: port) { return true }
        return allowed.contains { rule in
            guard case .addresses(let range) = rule.host else { return false }
            return range.contains(address) && (rule.port == nil || rule.port == port)
        }
    }

    /// Whether `host` is allowed by its name, so that it may resolve to anything.
    private func isNamed(_ host: String, port: Int) -> Bool {
        allowed.contains { rule in
            guard rule.port == nil || rule.port == port else { return false }
            switch rule.host {
            case .any: return true
            case .name(let name): return name == host
            case .suffix(let suffix): return host.count > suffix.count && host.hasSuffix(suffix)
            case .addresses: return false
            }
        }
    }

    /// Names that only a private network gives a meaning to (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`).
    private static func isPrivateName(_ host: String) -> Bool {
        if !host.contains(".") { return true }
        return [".localhost", ".local", ".internal", ".home.arpa"].contains { host.hasSuffix($0) }
    }

    private func denied(_ target: UniversalTarget, _ reason: String) -> Refusal {
        let text =
            "The route '\(routeName)' may not go to \(target.url.host) port \(target.url.port): \(reason). "
            + "Its allowed_hosts name what it may reach; empty means public addresses."
        return Refusal(.destinationDenied, text)
    }
}

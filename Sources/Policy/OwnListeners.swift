import WeirConfiguration

/// Where Weir itself listens: no universal route may go there, whatever it allows.
struct OwnListeners: Sendable {
    private struct Listener: Sendable {
        let name: String
        let address: IPAddress?
        let port: Int
        let isLoopback: Bool
        let isEverywhere: Bool
    }

    private let listeners: [Listener]
    private let localAddresses: [IPAddress]

    /// The listeners of `configuration`; `localAddresses` are this machine's own.
    init(_ configuration: Configuration, localAddresses: [IPAddress]) {
        var places = [(configuration.server.host, configuration.server.port)]
        if let port = configuration.intercept.transparentPort { places.append((configuration.server.host, port)) }
        if configuration.console.isEnabled { places.append((configuration.console.host, configuration.console.port)) }
        listeners = places.map { place in
            let (host, port) = (place.0.lowercased(), place.1)
            let address = IPAddress(host)
            let addressClass = address.map { AddressClass($0) }
            return Listener(
                name: host, address: address, port: port,
                isLoopback: addressClass == .loopback || Self.isLocalhost(host),
                // What a name leads to is not known here: any address of this machine.
                isEverywhere: address.map { $0.low == 0 && $0.high == 0 } ?? !Self.isLocalhost(host))
        }
        self.localAddresses = localAddresses
    }

    /// Whether one of them answers at `host`, a name in lowercase.
    func include(host: String, port: Int) -> Bool {
        listeners.contains { listener in
            listener.port == port
                && (listener.name == host
                    || Self.isLocalhost(host) && (listener.isLoopback || listener.isEverywhere))
        }
    }

    /// Whether one of them answers at `address`.
    func include(_ address: IPAddress, port: Int) -> Bool {
        let addressClass = AddressClass(address)
        // To dial `0.0.0.0` is to dial oneself.
        let isHere = addressClass == .loopback || address.high == 0 && address.low == 0
        return listeners.contains { listener in
            guard listener.port == port else { return false }
            if listener.address == address { return true }
            if listener.isEverywhere { return isHere || localAddresses.contains(address) }
            return listener.isLoopback && isHere
        }
    }

    /// `localhost` and what is below it (RFC 6761 §6.3).
    static func isLocalhost(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost")
    }
}

/// Something in a configuration that cannot be meant.
package struct ConfigurationFault: Error, Sendable, Equatable {
    /// The option or key that holds it.
    package let place: String
    /// What is wrong, and how to mend it.
    package let message: String

    /// A fault at `place`.
    package init(_ place: String, _ message: String) {
        self.place = place
        self.message = message
    }
}

extension Configuration {
    /// Everything that is impossible in it.
    package func faults() -> [ConfigurationFault] {
        var found: [ConfigurationFault] = []
        if !(0...65_535).contains(server.port) {
            found.append(ConfigurationFault("--port", "\(server.port) is no port; give a number from 0 to 65535."))
        }
        if threads < 1 || threads > 1024 {
            found.append(ConfigurationFault("--threads", "\(threads) is out of range; give a number from 1 to 1024."))
        }
        for target in routes.compactMap(\.target) where isOwnListener(target) {
            let text = "\(target.origin) is where Weir itself listens; requests would go round in circles."
            found.append(ConfigurationFault("--upstream-base-url", text))
        }
        return found
    }

    private func isOwnListener(_ target: UpstreamURL) -> Bool {
        guard target.scheme != .mock, target.port == server.port else { return false }
        let listensEverywhere = server.host == "0.0.0.0" || server.host == "::"
        return target.host == server.host.lowercased()
            || Self.isLoopback(target.host) && (listensEverywhere || Self.isLoopback(server.host))
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
            || host == "0.0.0.0" || host == "::"
    }
}

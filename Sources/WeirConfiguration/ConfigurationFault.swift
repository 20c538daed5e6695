/// Something in a configuration that cannot be meant.
package struct ConfigurationFault: Error, Sendable, Equatable {
    /// The option, environment variable or key path that holds it.
    package let place: String
    /// What is wrong, and how to mend it; never a secret's value.
    package let message: String
    /// The file that holds it; nil: none does.
    package let file: String?
    /// The line in it, the first being 1.
    package let line: Int?
    /// The column in it, counted in Unicode scalars, the first being 1.
    package let column: Int?

    /// A fault at `place`.
    package init(_ place: String, _ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil) {
        self.place = place
        self.message = message
        self.file = file
        self.line = line
        self.column = column
    }
}

extension ConfigurationFault: CustomStringConvertible {
    /// One line, in the form that editors and compilers share.
    package var description: String {
        let position = [line, column].compactMap { $0.map(String.init) }.joined(separator: ":")
        let parts = [
            [file, position.isEmpty ? nil : position].compactMap { $0 }.joined(separator: ":"), place, message,
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: ": ")
    }
}

/// Every fault of a configuration at once.
package struct ConfigurationFaults: Error, Sendable, Equatable, CustomStringConvertible {
    /// The faults, in the order of the file; those without a place in it come last.
    package let all: [ConfigurationFault]

    /// Puts `all` in order.
    package init(_ all: [ConfigurationFault]) {
        self.all = all.enumerated().sorted { left, right in
            let first = (left.element.line ?? .max, left.element.column ?? .max, left.offset)
            return first < (right.element.line ?? .max, right.element.column ?? .max, right.offset)
        }.map(\.element)
    }

    package var description: String { all.map(\.description).joined(separator: "\n") }
}

extension Configuration {
    /// Everything that is impossible in its values, whatever gave them.
    package func faults() -> [ConfigurationFault] {
        var found: [ConfigurationFault] = []
        if !(0...65_535).contains(server.port) {
            found.append(ConfigurationFault("--port", "\(server.port) is no port; give a number from 0 to 65535."))
        }
        if threads < 1 || threads > 1024 {
            found.append(ConfigurationFault("--threads", "\(threads) is out of range; give a number from 1 to 1024."))
        }
        for route in routes {
            guard let target = route.target, isOwnListener(target) else { continue }
            let text = "\(target.origin) is where Weir itself listens; requests would go round in circles."
            found.append(ConfigurationFault("routes.\(route.name).target_url", text))
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

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
    /// All files that were read or missed, by absolute path: a change of one may mend what is wrong.
    package let files: [String]

    /// Puts `all` in order.
    package init(_ all: [ConfigurationFault], files: [String] = []) {
        self.files = files
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
        let (asked, own) = (Self.place(target.host), Self.place(server.host))
        return asked == own || asked.isHere && own.isHere
    }

    /// A host, its address where it is one, so that all spellings of one are the same.
    private struct Place: Equatable {
        var name: String
        /// Loopback, or every address: to dial that is to dial oneself.
        var isHere = false
    }

    private static func place(_ host: String) -> Place {
        let name = host.lowercased().hasSuffix(".") ? String(host.lowercased().dropLast()) : host.lowercased()
        guard let address = IPAddress(name) else {
            // Short spellings such as 127.1 are for the system to read.
            let isShort = name.hasPrefix("127.") && name.allSatisfy { $0.isNumber || $0 == "." }
            return Place(name: name, isHere: isShort || name == "localhost" || name.hasSuffix(".localhost"))
        }
        let isV4Loopback = address.family == .v4 && address.low >> 24 == 127
        return Place(name: "\(address)", isHere: isV4Loopback || address.high == 0 && address.low <= 1)
    }
}

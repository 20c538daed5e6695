extension AllowedHost {
    /// The rule that `text` spells: `*`, a name, `*.suffix`, an address or a CIDR block, each with an optional `:port`;
    /// an IPv6 address or block with a port stands in brackets. Nil for anything else.
    package init?(_ text: String) {
        guard let (host, port) = Self.split(text) else { return nil }
        if host == "*" {
            self.init(.any, port: port)
        } else if let range = AddressRange(host) {
            self.init(.addresses(range), port: port)
        } else if host.hasPrefix("*.") {
            guard let name = Self.name(host.dropFirst(2)) else { return nil }
            self.init(.suffix(name), port: port)
        } else {
            guard let name = Self.name(host) else { return nil }
            self.init(.name(name), port: port)
        }
    }

    private static func split(_ text: String) -> (Substring, Int?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let host = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            guard host.contains(":"), behind.isEmpty || behind.hasPrefix(":") else { return nil }
            if behind.isEmpty { return (host, nil) }
            return port(behind.dropFirst()).map { (host, $0) }
        }
        guard let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon else { return (text[...], nil) }
        return port(text[text.index(after: colon)...]).map { (text[..<colon], $0) }
    }

    private static func port(_ text: Substring) -> Int? {
        guard let port = Int(text), (1...65_535).contains(port), text == String(port) else { return nil }
        return port
    }

    /// A name, lower-cased and without a dot at its end; one whose last label is a number would be read as an address
    /// (WHATWG URL, "ends in a number").
    private static func name(_ text: Substring) -> String? {
        var text = text.lowercased()[...]
        if text.hasSuffix(".") { text = text.dropLast() }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy({ (1...63).contains($0.utf8.count) }),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || "-._".utf8.contains($0) }
            ),
            labels.last?.allSatisfy(\.isNumber) == false, labels.last?.hasPrefix("0x") == false
        else { return nil }
        return String(text)
    }
}

extension AllowedHost: CustomStringConvertible {
    /// As it would be configured.
    package var description: String {
        let suffix = port.map { ":\($0)" } ?? ""
        switch host {
        case .any: return "*" + suffix
        case .name(let name): return name + suffix
        case .suffix(let name): return "*." + name + suffix
        case .addresses(let range):
            return port != nil && range.first.family == .v6 ? "[\(range)]" + suffix : "\(range)" + suffix
        }
    }
}

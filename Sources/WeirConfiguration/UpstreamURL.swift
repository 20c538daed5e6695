/// The base URL of an upstream, taken apart.
package struct UpstreamURL: Sendable, Hashable {
    /// How the upstream is spoken to.
    package enum Scheme: String, Sendable {
        /// Plain HTTP/1.1 over TCP.
        case http
        /// HTTP/1.1 over TLS.
        case https
        /// The mock inside this process, without a network.
        case mock
    }

    /// Why a text is no base URL.
    package struct Fault: Error, Sendable, Equatable {
        /// What is wrong, and how to mend it; it never repeats what could hold a secret.
        package let message: String
    }

    /// How the upstream is spoken to.
    package let scheme: Scheme
    /// Name or address literal, an IPv6 one without its brackets.
    package let host: String
    /// The port.
    package let port: Int
    /// The path without a slash at its end: empty, or with one at its start.
    package let path: String

    /// A URL of parts that are known to be good, without a path.
    package init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
        path = ""
    }

    /// Takes `text` apart.
    ///
    /// - Throws: ``Fault`` with what to mend.
    package init(_ text: String) throws(Fault) {
        let octets = Array(text.utf8)
        guard octets.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Fault(message: "The URL holds a space, a control or a non-ASCII character; percent-encode it.")
        }
        guard let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
        else {
            throw Fault(message: "The URL must begin with http:// or https://, as in https://api.openai.com/v1.")
        }
        let rest = text[separator.upperBound...]
        if rest.contains("?") || rest.contains("#") {
            throw Fault(message: "The URL must not have a query or a fragment; clients send their own query.")
        }
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        if authority.contains("@") {
            throw Fault(message: "The URL must not hold a user name or password; clients send their own credentials.")
        }
        var path = rest[authorityEnd...]
        while path.hasSuffix("/") { path = path.dropLast() }
        guard Self.isPath(path.utf8) else {
            throw Fault(message: "The path of the URL holds a character that must be percent-encoded.")
        }
        self.scheme = scheme
        self.path = String(path)
        if scheme == .mock {
            host = "mock"
            port = 0
            return
        }
        (host, port) = try Self.split(authority, defaultPort: scheme == .https ? 443 : 80)
    }

    private static func split(_ authority: Substring, defaultPort: Int) throws(Fault) -> (String, Int) {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else {
                throw Fault(message: "The address in brackets does not end; write it as [::1].")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let behind = authority[authority.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else {
                throw Fault(message: "Only a port may stand behind the address in brackets.")
            }
            port = behind.isEmpty ? nil : behind.dropFirst()
        } else if let colon = authority.lastIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(":") || authority.hasPrefix("[") else {
            throw Fault(message: "The URL has no host, or an IPv6 address without brackets.")
        }
        guard authority.hasPrefix("[") ? isAddress(host.utf8) : host.utf8.allSatisfy(isNameOctet) else {
            throw Fault(message: "The host must be a name of letters, digits, '-', '.' and '_', or an address.")
        }
        guard let port else { return (host.lowercased(), defaultPort) }
        guard let number = Int(port), (1...65_535).contains(number), port.allSatisfy({ $0.isNumber }) else {
            throw Fault(message: "The port must be a number from 1 to 65535.")
        }
        return (host.lowercased(), number)
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            return true
        default: return false
        }
    }

    /// Whether it may be an IPv6 address: the dialler has the last word.
    private static func isAddress(_ octets: Substring.UTF8View) -> Bool {
        octets.contains(UInt8(ascii: ":"))
            && octets.allSatisfy { octet in
                octet == UInt8(ascii: ":") || octet == UInt8(ascii: ".") || isHexadecimal(octet)
            }
    }

    private static func isHexadecimal(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            return true
        default: return false
        }
    }

    /// `path-abempty` of RFC 3986 §3.3.
    private static func isPath(_ path: Substring.UTF8View) -> Bool {
        let marks = "/-._~!$&'()*+,;=:@".utf8
        var rest = path
        while let octet = rest.popFirst() {
            if octet == UInt8(ascii: "%") {
                guard let high = rest.popFirst(), let low = rest.popFirst(), isHexadecimal(high), isHexadecimal(low)
                else { return false }
            } else if !isNameOctet(octet), !marks.contains(octet) {
                return false
            }
        }
        return true
    }

    /// Host, and port where it is not the scheme's own: what `Host` says (RFC 9110 §7.2).
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        switch scheme {
        case .mock: return name
        case .http: return port == 80 ? name : "\(name):\(port)"
        case .https: return port == 443 ? name : "\(name):\(port)"
        }
    }

    /// The URL without its path.
    package var origin: String { "\(scheme.rawValue)://\(authority)" }
}

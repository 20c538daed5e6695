extension OutboundProxy {
    /// Why a text is no proxy's URL.
    package struct Fault: Error, Sendable, Equatable {
        /// What is wrong, and how to mend it; it never repeats the text, which may hold a password.
        package let message: String
    }

    /// Takes `scheme://[user[:password]@]host[:port]` apart; user and password are percent-decoded (RFC 3986 §2.1).
    ///
    /// - Throws: ``Fault`` with what to mend.
    package init(_ text: String) throws(Fault) {
        guard let separator = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased())
        else {
            throw Fault(message: "A proxy's URL begins with http://, https:// or socks5://, as in http://proxy:3128.")
        }
        var authority = text[separator.upperBound...]
        if authority.hasSuffix("/") { authority = authority.dropLast() }
        var credentials: Substring?
        if let at = authority.lastIndex(of: "@") {
            credentials = authority[..<at]
            authority = authority[authority.index(after: at)...]
        }
        guard !authority.contains(where: { "/?#".contains($0) }), credentials?.contains("/") != true else {
            throw Fault(
                message: "A proxy's URL has no path, query or fragment; percent-encode '/', '?', '#' and '@' in user "
                    + "name and password.")
        }
        let place: UpstreamURL
        do throws(UpstreamURL.Fault) {
            // An explicit port keeps this scheme's default from being taken for the proxy's.
            let hasPort = authority.hasPrefix("[") ? authority.contains("]:") : authority.contains(":")
            place = try UpstreamURL("http://\(authority)" + (hasPort ? "" : ":\(scheme.defaultPort)"))
        } catch {
            throw Fault(message: error.message)
        }
        self.init(scheme: scheme, host: place.host, port: place.port)
        guard let credentials else { return }
        let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let user = Self.percentDecoded(parts[0]),
            let password = Self.percentDecoded(parts.dropFirst().first ?? "")
        else {
            throw Fault(
                message: "User name or password of the proxy holds a '%' that begins no octet; write it as %25.")
        }
        guard !user.isEmpty else { throw Fault(message: "The proxy's URL has a password and no user name.") }
        let octets = user.utf8.count > 255 || password.utf8.count > 255
        guard !octets, !user.contains(":"),
            (user + password).unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw Fault(
                message: "User name and password of a proxy hold no control characters, the name no ':', and neither "
                    + "more than 255 octets.")
        }
        self.user = user
        self.password = Secret(password)
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var octets: [UInt8] = []
        var rest = text.utf8[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                octets.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else {
                return nil
            }
            octets.append(high << 4 | low)
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static func hexadecimal(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: return octet - 0x30
        case 0x41...0x46: return octet - 0x37
        case 0x61...0x66: return octet - 0x57
        default: return nil
        }
    }
}

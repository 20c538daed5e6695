package import HTTP1

/// What browsers of other origins are told (WHATWG Fetch §3.2), where `server.cors` names some.
///
/// Weir answers for all its upstreams then: an upstream's own `Access-Control-*` lines are not passed on
/// (``isAccessControl(_:_:)``), and the lines made here go out in their place, with Weir's own errors too.
package struct CORS: Sendable {
    private let origins: [[UInt8]]
    private let allowsAny: Bool

    /// Rules for `origins`, each `scheme://host[:port]` or `*`; nil where there is none.
    init?(origins: [String]) {
        guard !origins.isEmpty else { return nil }
        allowsAny = origins.contains("*")
        self.origins = origins.map { Array($0.lowercased().utf8) }
    }

    /// Whether a field with this name is one that only Weir may send.
    package static func isAccessControl(_ head: RawSpan, _ name: Range<Int>) -> Bool {
        let prefix = "access-control-".utf8.count
        guard name.count > prefix else { return false }
        return head.matches(name.lowerBound..<(name.lowerBound + prefix), "access-control-")
    }

    /// Whether a request is a preflight: `OPTIONS` with `Origin` and `Access-Control-Request-Method`.
    static func isPreflight(_ head: RawSpan, _ request: RequestHead, fields: [Field]) -> Bool {
        head.equals(request.requestLine.method, "OPTIONS")
            && value(head, fields, "access-control-request-method") != nil && value(head, fields, "origin") != nil
    }

    /// The lines, each with its CRLF, that an answer to this request gets.
    package func answerLines(_ head: RawSpan, fields: [Field]) -> [UInt8] {
        var lines = originLines(head, fields: fields)
        if isAllowed(head, fields: fields) { lines += Array("Access-Control-Expose-Headers: \(Self.exposed)\r\n".utf8) }
        return lines
    }

    /// The lines, each with its CRLF, that the answer to a preflight gets; the browser's requests are granted where the
    /// origin is allowed.
    package func preflightLines(_ head: RawSpan, fields: [Field]) -> [UInt8] {
        var lines = originLines(head, fields: fields)
        guard isAllowed(head, fields: fields) else { return lines }
        if let method = Self.value(head, fields, "access-control-request-method"), Self.isToken(head, method) {
            lines += Self.line("Access-Control-Allow-Methods", head, method)
        }
        // Credentials are named one by one: `*` does not cover `Authorization`.
        if let names = Self.value(head, fields, "access-control-request-headers"), Self.isTokenList(head, names) {
            lines += Self.line("Access-Control-Allow-Headers", head, names)
        }
        if let network = Self.value(head, fields, "access-control-request-private-network"),
            head.equals(network, "true")
        {
            lines += Array("Access-Control-Allow-Private-Network: true\r\n".utf8)
        }
        return lines + Array("Access-Control-Max-Age: \(Self.maxAge)\r\n".utf8)
    }

    /// What scripts may read of an answer besides the safelisted fields.
    private static let exposed = "x-weir-request-id, x-weir-error, x-should-retry, retry-after, retry-after-ms"
    /// Seconds for which a browser may keep the answer to a preflight; Chromium keeps none longer.
    private static let maxAge = 7200

    private func isAllowed(_ head: RawSpan, fields: [Field]) -> Bool {
        guard let origin = Self.value(head, fields, "origin") else { return false }
        return allowsAny || origins.contains { head.matches(origin, $0) }
    }

    private func originLines(_ head: RawSpan, fields: [Field]) -> [UInt8] {
        // An answer that depends on the origin must not be kept for another one.
        if allowsAny {
            return isAllowed(head, fields: fields) ? Array("Access-Control-Allow-Origin: *\r\n".utf8) : []
        }
        let vary = Array("Vary: Origin\r\n".utf8)
        guard isAllowed(head, fields: fields), let origin = Self.value(head, fields, "origin") else { return vary }
        return Self.line("Access-Control-Allow-Origin", head, origin) + vary
    }

    private static func value(_ head: RawSpan, _ fields: [Field], _ name: StaticString) -> Range<Int>? {
        fields.first { $0.name == .other && head.matches($0.nameRange, name) }?.valueRange
    }

    private static func line(_ name: String, _ head: RawSpan, _ value: Range<Int>) -> [UInt8] {
        Array("\(name): ".utf8) + value.map { head.octet(at: $0) } + [0x0D, 0x0A]
    }

    private static func isToken(_ head: RawSpan, _ range: Range<Int>) -> Bool {
        !range.isEmpty && range.allSatisfy { Octet.isTokenCharacter(head.octet(at: $0)) }
    }

    private static func isTokenList(_ head: RawSpan, _ range: Range<Int>) -> Bool {
        var start = range.lowerBound
        while start <= range.upperBound {
            let end = head.firstIndex(of: 0x2C, in: start..<range.upperBound) ?? range.upperBound
            guard isToken(head, head.trimmingWhitespace(start..<end)) else { return false }
            start = end + 1
        }
        return true
    }
}

import HTTP1
import LLMWire

/// What must not stand in a record in the clear (contract 8.4), and how it is written instead.
///
/// Applied while a head or a body is copied into the batch, so that no secret is ever buffered. A secret of twelve octets or more
/// shows its last four; a shorter one shows nothing.
package final class RecordMask: Sendable {
    /// Names of further header fields whose values are masked, in lower case.
    let headers: [[UInt8]]
    /// Names of the query fields whose values are masked, in lower case.
    let queryFields: [[UInt8]]
    /// The names of keys whose values are masked in JSON bodies; nil: there are none.
    let jsonKeys: JSONKeyMask?
    /// The configuration's secrets, masked wherever they appear.
    let secrets: SecretSearch?

    static let builtInQueryFields = [
        "key", "api_key", "access_token", "token", "sig", "x-amz-signature", "x-amz-security-token", "x-amz-credential",
    ]

    /// A mask with the built-in names and these besides.
    ///
    /// - Parameters:
    ///   - headers: names of header fields, in any case.
    ///   - queryFields: names of query fields, in any case.
    ///   - jsonKeys: names of members in the JSON of bodies, in any case.
    ///   - secrets: values that are masked wherever they appear in heads and in Weir's own texts; those shorter than
    ///     four octets would hit too much else and are left out.
    package init(
        headers: [String] = [], queryFields: [String] = [], jsonKeys: [String] = [], secrets: [String] = []
    ) {
        self.headers = headers.map { Array($0.lowercased().utf8) }
        self.queryFields = (Self.builtInQueryFields + queryFields.map { $0.lowercased() }).map { Array($0.utf8) }
        self.jsonKeys = jsonKeys.isEmpty ? nil : JSONKeyMask(names: jsonKeys, framing: .document)
        self.secrets = SecretSearch(secrets)
    }

    /// How a field's value is masked.
    enum Rule {
        case plain
        case credential
        case cookie
        case setCookie
        case subprotocols
        case url
    }

    private static let ruled: UInt64 = {
        let names: [FieldName] = [
            .authorization, .proxyAuthorization, .xAPIKey, .apiKey, .xGoogAPIKey, .xAmzSecurityToken, .cookie,
            .setCookie, .referer, .location, .secWebSocketProtocol,
        ]
        return names.reduce(0) { $0 | 1 << UInt64($1.rawValue) }
    }()

    /// Which rule a field's name asks for.
    @inline(__always)
    func rule(_ name: FieldName, _ head: RawSpan, _ nameRange: @autoclosure () -> Range<Int>) -> Rule {
        if Self.ruled >> UInt64(name.rawValue) & 1 == 1 {
            switch name {
            case .cookie: return .cookie
            case .setCookie: return .setCookie
            case .secWebSocketProtocol: return isConfigured(head, nameRange()) ? .credential : .subprotocols
            case .referer, .location: return isConfigured(head, nameRange()) ? .credential : .url
            default: return .credential
            }
        }
        if headers.isEmpty { return .plain }
        return isConfigured(head, nameRange()) ? .credential : .plain
    }

    private func isConfigured(_ head: RawSpan, _ name: Range<Int>) -> Bool {
        headers.contains { head.spells(name, lowercase: $0) }
    }

    /// Room that `octets` octets may need once they are masked: one octet may become the three of `…`.
    @inline(__always)
    static func room(_ octets: Int) -> Int { 3 &* octets }

    /// Copies octets, the configuration's secrets among them masked.
    @inline(__always)
    func write(_ span: RawSpan, _ range: Range<Int>, into out: inout BatchBuffer) {
        if let secrets {
            secrets.write(span, range, into: &out)
        } else {
            out.append(span, range)
        }
    }

    /// Writes a secret's mask.
    static func writeMask(of span: RawSpan, _ secret: Range<Int>, into out: inout BatchBuffer) {
        guard !secret.isEmpty else { return }
        writeEllipsis(into: &out)
        guard secret.count >= 12 else { return }
        let tail = (secret.upperBound - 4)..<secret.upperBound
        for index in tail where span[index] <= 0x20 || span[index] >= 0x7F { return }
        out.append(span, tail)
    }

    /// `…` in UTF-8.
    static func writeEllipsis(into out: inout BatchBuffer) {
        out.append(0xE2 as UInt8)
        out.append(0x80 as UInt8)
        out.append(0xA6 as UInt8)
    }
}

extension RawSpan {
    /// Whether the octets in `range` are `lowercase` but for the case of ASCII letters.
    func spells(_ range: Range<Int>, lowercase: [UInt8]) -> Bool {
        guard range.count == lowercase.count else { return false }
        for index in 0..<lowercase.count
        where Octet.lowercased(self[range.lowerBound &+ index]) != lowercase[index] { return false }
        return true
    }
}

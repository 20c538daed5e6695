import HTTP1

/// The places where a request may carry a credential, in the order in which they are believed.
enum CredentialPlace: Int, Sendable {
    case authorization
    case xAPIKey
    case apiKey
    case xGoogAPIKey
    case query

    /// The place that a field of this name is; nil: none.
    @inline(__always)
    init?(_ name: FieldName) {
        switch name {
        case .authorization: self = .authorization
        case .xAPIKey: self = .xAPIKey
        case .apiKey: self = .apiKey
        case .xGoogAPIKey: self = .xGoogAPIKey
        default: return nil
        }
    }

    /// The line that carries `credential` there; empty for a query.
    func line(_ credential: String) -> [UInt8] {
        switch self {
        case .authorization: Array("Authorization: Bearer \(credential)\r\n".utf8)
        case .xAPIKey: Array("x-api-key: \(credential)\r\n".utf8)
        case .apiKey: Array("api-key: \(credential)\r\n".utf8)
        case .xGoogAPIKey: Array("x-goog-api-key: \(credential)\r\n".utf8)
        case .query: []
        }
    }
}

extension RawSpan {
    /// Where the credential itself stands in a field of one of the places: behind the scheme of `Authorization`, which
    /// some clients leave out (RFC 6750 §2.1), else the whole value. It may be empty: some SDKs send `Bearer` alone.
    func credential(of field: Field) -> Range<Int> {
        let value = field.valueRange
        guard case .authorization = field.name else { return value }
        if matches(value, "bearer") { return value.upperBound..<value.upperBound }
        // A tab parts scheme and credential to lenient readers.
        guard let gap = value.first(where: { octet(at: $0) == Octet.space || octet(at: $0) == 0x09 }) else {
            return value
        }
        return trimmingWhitespace(gap..<value.upperBound)
    }
}

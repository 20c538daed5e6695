/// The field names that Weir acts on, told apart once while a head is parsed.
///
/// Everything else is ``other`` and is never looked at again: its line is copied as it came.
package enum FieldName: UInt8, Sendable {
    case other
    case te
    case host
    case cookie
    case expect
    case apiKey
    case referer
    case trailer
    case upgrade
    case location
    case xAPIKey
    case connection
    case keepAlive
    case setCookie
    case contentType
    case authorization
    case contentLength
    case http2Settings
    case xGoogAPIKey
    case xWeirError
    case contentEncoding
    case proxyConnection
    case transferEncoding
    case xWeirRequestID
    case proxyAuthenticate
    case proxyAuthorization
    case xAmzSecurityToken
    case secWebSocketProtocol
    /// A framing field's name with an underscore, which some servers read as the real one.
    case framingLookalike

    /// Tells which name the bytes in `range` spell, whatever their case (RFC 9110 §5.1).
    @inline(__always)
    package static func classify(_ bytes: RawSpan, _ range: Range<Int>) -> FieldName {
        switch range.count {
        case 2: return bytes.matches(range, "te") ? .te : .other
        case 4: return bytes.matches(range, "host") ? .host : .other
        case 6:
            if bytes.matches(range, "cookie") { return .cookie }
            return bytes.matches(range, "expect") ? .expect : .other
        case 7:
            if bytes.matches(range, "upgrade") { return .upgrade }
            if bytes.matches(range, "api-key") { return .apiKey }
            if bytes.matches(range, "referer") { return .referer }
            return bytes.matches(range, "trailer") ? .trailer : .other
        case 8: return bytes.matches(range, "location") ? .location : .other
        case 9: return bytes.matches(range, "x-api-key") ? .xAPIKey : .other
        case 10:
            if bytes.matches(range, "connection") { return .connection }
            if bytes.matches(range, "keep-alive") { return .keepAlive }
            return bytes.matches(range, "set-cookie") ? .setCookie : .other
        case 12:
            if bytes.matches(range, "content-type") { return .contentType }
            return bytes.matches(range, "x-weir-error") ? .xWeirError : .other
        case 13: return bytes.matches(range, "authorization") ? .authorization : .other
        case 14:
            if bytes.matches(range, "content-length") { return .contentLength }
            if bytes.matches(range, "x-goog-api-key") { return .xGoogAPIKey }
            if isFramingLookalike(bytes, range, underscore: 7, "content", "length") { return .framingLookalike }
            return bytes.matches(range, "http2-settings") ? .http2Settings : .other
        case 16:
            if bytes.matches(range, "content-encoding") { return .contentEncoding }
            return bytes.matches(range, "proxy-connection") ? .proxyConnection : .other
        case 17:
            if bytes.matches(range, "transfer-encoding") { return .transferEncoding }
            if isFramingLookalike(bytes, range, underscore: 8, "transfer", "encoding") { return .framingLookalike }
            return bytes.matches(range, "x-weir-request-id") ? .xWeirRequestID : .other
        case 18: return bytes.matches(range, "proxy-authenticate") ? .proxyAuthenticate : .other
        case 19: return bytes.matches(range, "proxy-authorization") ? .proxyAuthorization : .other
        case 20: return bytes.matches(range, "x-amz-security-token") ? .xAmzSecurityToken : .other
        case 22: return bytes.matches(range, "sec-websocket-protocol") ? .secWebSocketProtocol : .other
        default: return .other
        }
    }

    private static func isFramingLookalike(
        _ bytes: RawSpan, _ range: Range<Int>, underscore: Int, _ first: StaticString, _ last: StaticString
    ) -> Bool {
        let place = range.lowerBound &+ underscore
        return bytes.octet(at: place) == 0x5F && bytes.matches(range.lowerBound..<place, first)
            && bytes.matches((place &+ 1)..<range.upperBound, last)
    }

    /// Whether a field of this name belongs to one connection only and is never passed on (RFC 9110 §7.6.1).
    ///
    /// `Transfer-Encoding` and `Upgrade` are decided by framing and by the tunnel rule instead.
    package var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .proxyConnection, .te, .proxyAuthorization, .proxyAuthenticate, .http2Settings:
            return true
        default:
            return false
        }
    }

    /// Whether `Connection` may name it away. Without framing and host a message would be misread (RFC 9112 §6, RFC 9110
    /// §7.2); `Upgrade` is always named there and has its own rule.
    var mayBeNominated: Bool {
        self != .host && self != .contentLength && self != .transferEncoding && self != .upgrade
    }

    /// Whether a trailer of this name would change how the message is framed, routed or authorised (RFC 9110 §6.5.1).
    package var isForbiddenInTrailers: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding, .connection, .keepAlive, .proxyConnection, .te, .trailer,
            .upgrade,
            .expect, .authorization, .proxyAuthorization, .proxyAuthenticate, .apiKey, .xAPIKey, .xGoogAPIKey, .cookie,
            .setCookie, .contentType, .contentEncoding, .http2Settings, .location, .xWeirRequestID, .xWeirError,
            .xAmzSecurityToken, .framingLookalike:
            return true
        default:
            return false
        }
    }
}

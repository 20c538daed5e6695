/// Why a message head, or a chunked body's framing, must not be passed on.
///
/// Each kind knows the status with which a server answers it (RFC 9110 §15.5, §15.6); from an upstream it is always a 502.
package enum HeadFault: UInt8, Error, Sendable, CaseIterable {
    case bareLineFeed
    case leadingEmptyLines
    case badMethod
    case badRequestLine
    case badTarget
    case targetTooLong
    case badVersion
    case versionNotSupported
    case badStatusLine
    case fieldLineFolded
    case badFieldName
    case ambiguousFieldName
    case badFieldValue
    case headTooLarge
    case tooManyFields
    case hostMissing
    case hostRepeated
    case badHost
    case lengthWithTransferEncoding
    case badContentLength
    case contentLengthRepeated
    case badTransferEncoding
    case transferEncodingInHTTP10
    case absoluteFormRefused
    case connectRefused
    case expectationFailed
    case upgradeMissing

    /// The status that tells the client.
    package var status: Int {
        switch self {
        case .targetTooLong: return 414
        case .headTooLarge, .tooManyFields: return 431
        case .versionNotSupported: return 505
        case .connectRefused: return 405
        case .expectationFailed: return 417
        default: return 400
        }
    }

    /// What is wrong and how to mend it, in one sentence, without any byte of the message.
    package var message: String {
        switch self {
        case .bareLineFeed: return "A line of the head ends without CR before LF; end each line with CRLF."
        case .leadingEmptyLines: return "Too many empty lines before the request line."
        case .badMethod:
            return
                "The method is not a token of at most 64 characters; is this TLS or another protocol sent to a plain HTTP port?"
        case .badRequestLine: return "The request line must be: method, one space, target, one space, HTTP/1.1."
        case .badTarget:
            return
                "The request target holds a character that must be percent-encoded, or has a form that is not served."
        case .targetTooLong: return "The request target is longer than the head may be."
        case .badVersion: return "The protocol version is malformed; expected HTTP/1.1."
        case .versionNotSupported: return "Only HTTP/1.0 and HTTP/1.1 are spoken here."
        case .badStatusLine: return "The status line is malformed."
        case .fieldLineFolded: return "A field line starts with white space; folded lines are obsolete and refused."
        case .badFieldName: return "A field name is empty or holds a character that is not allowed in names."
        case .ambiguousFieldName:
            return
                "A field is named like Content-Length or Transfer-Encoding, with an underscore; some servers read both alike."
        case .badFieldValue: return "A field value holds a control character."
        case .headTooLarge: return "The head is larger than the limit."
        case .tooManyFields: return "The head has more fields than the limit."
        case .hostMissing: return "The Host field is missing."
        case .hostRepeated: return "The Host field stands more than once."
        case .badHost: return "The Host field is empty or not a host name with an optional port."
        case .lengthWithTransferEncoding:
            return "Content-Length and Transfer-Encoding stand together; send one of them."
        case .badContentLength: return "Content-Length is not a decimal number in range."
        case .contentLengthRepeated: return "Content-Length stands more than once."
        case .badTransferEncoding: return "Transfer-Encoding must be exactly: chunked."
        case .transferEncodingInHTTP10: return "Transfer-Encoding does not exist in HTTP/1.0."
        case .absoluteFormRefused:
            return
                "The target names a host; this port is not a forward proxy. Send only the path, with the host in Host."
        case .connectRefused: return "CONNECT is not served; this port is not a forward proxy."
        case .upgradeMissing: return "A 101 answer names no protocol in Upgrade, or does not list it in Connection."
        case .expectationFailed: return "Only the expectation 100-continue is known."
        }
    }
}

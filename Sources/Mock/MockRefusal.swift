/// A request that the mock answers with an error, or an error that it was asked for.
///
/// The members are those of OpenAI's error object (platform.openai.com/docs/guides/error-codes); a dialect writes
/// them in its own form.
struct MockRefusal: Error, Sendable, Equatable {
    /// The HTTP status.
    var status: Int
    /// What is wrong, where, and how to mend it.
    var message: String
    /// OpenAI's `type`.
    var type: String
    /// The field or header at fault.
    var param: String?
    /// OpenAI's `code`.
    var code: String?
    /// The value of an `allow` field, for 405.
    var allow: String?
    /// The seconds to wait that `x-mock-retry-after` asked for, where a dialect says them in the body.
    var retryAfter: Int?

    /// An `x-mock-…` header with a value that it cannot have.
    static func control(_ name: String, _ value: String, _ expected: String) -> MockRefusal {
        MockRefusal(
            status: 400, message: "The header \(name) has the value \"\(value)\"; it must be \(expected).",
            type: "invalid_request_error", param: name, code: "invalid_mock_header")
    }

    /// A fault of the request's body at a field.
    static func body(_ message: String, param: String?, code: String? = nil) -> MockRefusal {
        MockRefusal(status: 400, message: message, type: "invalid_request_error", param: param, code: code)
    }

    /// The error that `x-mock-status` asked for, with the type and code that providers use with that status.
    static func asked(_ status: Int) -> MockRefusal {
        let (type, code): (String, String?) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key")
            case 403: ("invalid_request_error", "unsupported_country_region_territory")
            case 404: ("invalid_request_error", "model_not_found")
            case 429: ("requests", "rate_limit_exceeded")
            case 503: ("server_error", "slow_down")
            case 500...: ("server_error", nil)
            default: ("invalid_request_error", nil)
            }
        return MockRefusal(
            status: status, message: "The mock answers \(status), as the header x-mock-status asked.",
            type: type, param: nil, code: code)
    }
}

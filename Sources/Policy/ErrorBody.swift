package import LLMWire

/// The JSON that tells a client of an error, in the form its SDK shows the message of.
package enum ErrorBody {
    /// The body of an answer that Weir makes itself.
    package static func json(_ refusal: Refusal, dialect: Dialect, requestID: String) -> String {
        let message = quoted(refusal.message)
        let id = quoted(requestID)
        switch dialect {
        case .anthropicMessages:
            let type = anthropicType(refusal.status)
            return #"{"type":"error","error":{"type":"\#(type)","message":\#(message)},"request_id":\#(id)}"#
        case .gemini:
            let status = geminiStatus(refusal.status)
            return #"{"error":{"code":\#(refusal.status),"message":\#(message),"status":"\#(status)"}}"#
        case .ollama:
            return #"{"error":\#(message)}"#
        case .openAIChat, .openAIResponses, .other:
            let code = refusal.code.rawValue
            return
                #"{"error":{"message":\#(message),"type":"weir_error","code":"\#(code)","param":null,"request_id":\#(id)}}"#
        }
    }

    /// The server-sent event that ends a stream that broke off, with the empty line behind it.
    package static func event(_ refusal: Refusal, dialect: Dialect, requestID: String) -> String {
        switch dialect {
        case .openAIChat, .gemini, .other:
            return "data: \(json(refusal, dialect: dialect, requestID: requestID))\n\n"
        case .openAIResponses:
            // OpenAI's Python SDK raises only what stands under `error`; flat errors it gives out as events.
            let body = json(refusal, dialect: dialect, requestID: requestID)
            return "event: error\ndata: {\"type\":\"error\",\(body.dropFirst())\n\n"
        case .anthropicMessages:
            return "event: error\ndata: \(json(refusal, dialect: dialect, requestID: requestID))\n\n"
        case .ollama:
            // Its own streams are lines; what it serves as events is OpenAI's.
            return event(refusal, dialect: .openAIChat, requestID: requestID)
        }
    }

    /// The line that ends a stream of JSON lines that broke off; nil for dialects that have no such streams.
    package static func line(_ refusal: Refusal, dialect: Dialect, requestID: String) -> String? {
        guard dialect == .ollama else { return nil }
        return json(refusal, dialect: dialect, requestID: requestID) + "\n"
    }

    /// Anthropic's `error.type` for a status.
    static func anthropicType(_ status: Int) -> String {
        switch status {
        case 400: return "invalid_request_error"
        case 401: return "authentication_error"
        case 403: return "permission_error"
        case 404: return "not_found_error"
        case 408, 504: return "timeout_error"
        case 413: return "request_too_large"
        case 429: return "rate_limit_error"
        case 503: return "overloaded_error"
        default: return "api_error"
        }
    }

    /// Gemini's `error.status` for a status.
    static func geminiStatus(_ status: Int) -> String {
        switch status {
        case 400...400, 405, 413, 414, 417, 431: return "INVALID_ARGUMENT"
        case 401: return "UNAUTHENTICATED"
        case 403: return "PERMISSION_DENIED"
        case 404: return "NOT_FOUND"
        case 408, 504: return "DEADLINE_EXCEEDED"
        case 429: return "RESOURCE_EXHAUSTED"
        case 502, 503: return "UNAVAILABLE"
        default: return "INTERNAL"
        }
    }

    /// `text` as a JSON string.
    package static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            default:
                if scalar.value < 0x20 {
                    let digits = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                } else {
                    out.unicodeScalars.append(scalar)
                }
            }
        }
        return out + "\""
    }
}

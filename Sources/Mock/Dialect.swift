import NIOCore
import NIOHTTP1

/// The families of formats that the mock speaks: whose error form and whose header fields an answer has.
enum Dialect: CaseIterable {
    case openAI, anthropic, gemini, ollama

    /// The dialect of a request, by its path, and where several share one by its header fields.
    init(_ method: HTTPMethod, _ target: Target, _ fields: HTTPHeaders) {
        let path = target.path
        if target.version == nil, path.hasPrefix("/api/") || (path == "/" && (method == .GET || method == .HEAD)) {
            self = .ollama
        } else if path == "/messages" || path.hasPrefix("/messages/") {
            self = .anthropic
        } else if target.version.map({ $0 != "v1" }) == true {
            self = .gemini
        } else if Self.openAIPaths.contains(where: { path.hasPrefix($0) }) {
            self = .openAI
        } else if GeminiTarget(target)?.verb != nil {
            self = .gemini
        } else if fields.contains(name: "anthropic-version") {
            self = .anthropic
        } else if fields.contains(name: "x-goog-api-key") || fields.contains(name: "x-goog-api-client") {
            self = .gemini
        } else {
            self = .openAI
        }
    }

    private static let openAIPaths = ["/chat/", "/responses", "/completions", "/embeddings", "/audio/"]

    /// An error object of this dialect.
    func error(_ refusal: MockRefusal, requestID: String? = nil) -> String {
        let message = JSONText.quoted(refusal.message)
        switch self {
        case .openAI:
            // https://platform.openai.com/docs/guides/error-codes
            return #"{"error":{"message":\#(message),"type":\#(JSONText.quoted(refusal.type)),"#
                + #""param":\#(JSONText.quotedOrNull(refusal.param)),"code":\#(JSONText.quotedOrNull(refusal.code))}}"#
        case .anthropic:
            // https://platform.claude.com/docs/en/api/errors
            return #"{"type":"error","error":{"type":"\#(Self.anthropicType(refusal.status))","#
                + #""message":\#(message)}\#(requestID.map { #","request_id":"\#($0)""# } ?? "")}"#
        case .gemini:
            // https://ai.google.dev/gemini-api/docs/troubleshooting
            let details = refusal.retryAfter.map {
                #","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"\#($0)s"}]"#
            }
            return #"{"error":{"code":\#(refusal.status),"message":\#(message),"#
                + #""status":"\#(Self.geminiStatus(refusal.status))"\#(details ?? "")}}"#
        case .ollama:
            // https://docs.ollama.com/api/errors
            return #"{"error":\#(message)}"#
        }
    }

    /// An error as a whole answer.
    func script(_ refusal: MockRefusal, for request: MockRequest) -> MockScript {
        var error = self.error(refusal, requestID: self.requestID(request))
        // Where a JSON array would be streamed, the error is its one element.
        if self == .gemini {
            let target = Target(request.target)
            if GeminiTarget(target)?.verb == .streamGenerateContent, target.member("alt") != "sse" {
                error = "[\(error)]"
            }
        }
        var script = MockScript(status: HTTPResponseStatus(statusCode: refusal.status), json: error)
        if let allow = refusal.allow { script.fields.add(name: "allow", value: allow) }
        return script
    }

    /// The error that stands for a failure in the middle of a stream.
    var failure: String {
        self.error(
            MockRefusal(
                status: 500, message: "The mock failed in the middle of the stream, as the header x-mock-fault asked.",
                type: "server_error"))
    }

    /// Adds the fields that this provider's answers have besides: a request id, rate limits at fixed values.
    func addFields(to script: inout MockScript, for request: MockRequest, settings: MockSettings) {
        switch self {
        case .openAI:
            script.fields.add(name: "x-request-id", value: self.requestID(request))
            script.fields.add(name: "openai-version", value: "2020-10-01")
            for (name, requests, tokens) in [
                ("limit", "10000", "2000000"), ("remaining", "9999", "1999000"), ("reset", "6ms", "30ms"),
            ] {
                script.fields.add(name: "x-ratelimit-\(name)-requests", value: requests)
                script.fields.add(name: "x-ratelimit-\(name)-tokens", value: tokens)
            }
        case .anthropic:
            script.fields.add(name: "request-id", value: self.requestID(request))
            script.fields.add(name: "anthropic-organization-id", value: "00000000-0000-4000-8000-000000000000")
            let reset = MockTime.text(settings.created + 60)
            for (name, limit, remaining) in [
                ("requests", "4000", "3999"), ("input-tokens", "2000000", "1999000"),
                ("output-tokens", "400000", "399000"), ("tokens", "2400000", "2398000"),
            ] {
                script.fields.add(name: "anthropic-ratelimit-\(name)-limit", value: limit)
                script.fields.add(name: "anthropic-ratelimit-\(name)-remaining", value: remaining)
                script.fields.add(name: "anthropic-ratelimit-\(name)-reset", value: reset)
            }
        case .gemini, .ollama:
            // These send neither.
            break
        }
    }

    /// What the provider calls a request; differs where the target or the end of the body differ.
    private func requestID(_ request: MockRequest) -> String {
        var hash = Fingerprint()
        hash.mix(request.target.utf8)
        hash.mix(0)
        hash.mix(request.body.readableBytesView.suffix(512))
        return self == .anthropic ? "req_mock_\(hash.digits)" : "req-mock-\(hash.digits)"
    }

    private static func anthropicType(_ status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 409: "conflict_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 408, 504: "timeout_error"
        case 503, 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }

    private static func geminiStatus(_ status: Int) -> String {
        switch status {
        case 401: "UNAUTHENTICATED"
        case 403: "PERMISSION_DENIED"
        case 404: "NOT_FOUND"
        case 409: "ABORTED"
        case 429: "RESOURCE_EXHAUSTED"
        case 499: "CANCELLED"
        case 501: "UNIMPLEMENTED"
        case 503, 529: "UNAVAILABLE"
        case 408, 504: "DEADLINE_EXCEEDED"
        case 500...: "INTERNAL"
        default: "INVALID_ARGUMENT"
        }
    }
}

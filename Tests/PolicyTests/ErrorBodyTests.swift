import Foundation
import HTTP1
import LLMWire
import Policy
import Testing
import WeirConfiguration

/// The errors that Weir makes itself, in the form of each dialect.
@Suite struct ErrorBodyTests {
    static let hostile = "a \"quote\", a \\, \n\r\t\u{0}\u{1}\u{1f}\u{7f}, \u{e9}\u{1F600}\u{2028}, </script>"

    @Test(arguments: Dialect.allCases)
    func theMessageSurvivesEscaping(in dialect: Dialect) throws {
        let refusal = Refusal(.upstreamReset, Self.hostile)
        let body = try object(ErrorBody.json(refusal, dialect: dialect, requestID: "id-\"1\""))
        let message =
            dialect == .ollama ? body["error"] as? String : (body["error"] as? [String: Any])?["message"] as? String
        #expect(message == Self.hostile)
        let id =
            dialect == .anthropicMessages
            ? body["request_id"] as? String : (body["error"] as? [String: Any])?["request_id"] as? String
        if dialect != .ollama, dialect != .gemini { #expect(id == "id-\"1\"") }
    }

    @Test(arguments: [Dialect.openAIChat, .openAIResponses, .other])
    func openAIForm(_ dialect: Dialect) {
        #expect(
            ErrorBody.json(Refusal(.connectRefused, "m"), dialect: dialect, requestID: "r")
                == #"{"error":{"message":"m","type":"weir_error","code":"connect_refused","param":null,"request_id":"r"}}"#
        )
    }

    @Test func ollamaForm() {
        #expect(ErrorBody.json(Refusal(.badRequest, "m"), dialect: .ollama, requestID: "r") == #"{"error":"m"}"#)
    }

    @Test(arguments: [
        (400, "invalid_request_error"), (401, "authentication_error"), (403, "permission_error"),
        (404, "not_found_error"), (405, "api_error"), (408, "timeout_error"), (413, "request_too_large"),
        (429, "rate_limit_error"), (500, "api_error"), (502, "api_error"), (503, "overloaded_error"),
        (504, "timeout_error"),
    ])
    func anthropicForm(_ status: Int, _ type: String) {
        #expect(
            ErrorBody.json(Refusal(.badRequest, status: status, "m"), dialect: .anthropicMessages, requestID: "r")
                == #"{"type":"error","error":{"type":"\#(type)","message":"m"},"request_id":"r"}"#)
    }

    @Test(arguments: [
        (400, "INVALID_ARGUMENT"), (401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND"),
        (408, "DEADLINE_EXCEEDED"), (413, "INVALID_ARGUMENT"), (429, "RESOURCE_EXHAUSTED"), (500, "INTERNAL"),
        (503, "UNAVAILABLE"), (504, "DEADLINE_EXCEEDED"),
    ])
    func geminiForm(_ status: Int, _ name: String) {
        #expect(
            ErrorBody.json(Refusal(.badRequest, status: status, "m"), dialect: .gemini, requestID: "r")
                == #"{"error":{"code":\#(status),"message":"m","status":"\#(name)"}}"#)
    }

    /// An event is one run of lines without an empty one inside, and an empty line behind.
    @Test(arguments: Dialect.allCases)
    func theLastEventOfABrokenStreamIsWellFormed(in dialect: Dialect) throws {
        let refusal = Refusal(.upstreamReset, Self.hostile, mayHaveBeenActedOn: true)
        let event = ErrorBody.event(refusal, dialect: dialect, requestID: "r")
        #expect(event.utf8.suffix(2).elementsEqual([0x0A, 0x0A]) && !event.utf8.contains(0x0D))
        let lines = event.dropLast(2).split(separator: "\n", omittingEmptySubsequences: false)
        let named = dialect == .anthropicMessages || dialect == .openAIResponses
        #expect(lines.count == (named ? 2 : 1))
        #expect(!named || lines[0] == "event: error")
        let data = try #require(lines.last)
        #expect(data.hasPrefix("data: "))
        let body = try object(String(data.dropFirst(6)))
        #expect((body["error"] as? [String: Any])?["message"] as? String == Self.hostile)
        if named { #expect(body["type"] as? String == "error") }
        let line = ErrorBody.line(refusal, dialect: dialect, requestID: "r")
        #expect((line != nil) == (dialect == .ollama))
        if let line { #expect(try object(line)["error"] as? String == Self.hostile && line.hasSuffix("}\n")) }
    }

    private func object(_ json: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }
}

@Suite struct RefusalTests {
    static let statuses: [Refusal.Code: Int] = [
        .routeNotFound: 404, .badRequest: 400, .requestTimeout: 408, .bodyTooLarge: 413, .dnsFailure: 502,
        .connectRefused: 502,
        .tlsVerifyFailed: 502, .upstreamReset: 502, .upstreamProtocol: 502, .upstreamHeadersTooLarge: 502,
        .connectTimeout: 504, .firstByteTimeout: 504, .overloaded: 503, .shuttingDown: 503,
        .routeDisabled: 404, .keyRequired: 401, .keyUnknown: 401, .keyForbidden: 403, .addressDenied: 403,
        .destinationDenied: 403, .badTarget: 400, .proxyAuthFailed: 502, .proxyConnectFailed: 502,
        .recordingUnavailable: 503,
    ]

    @Test(arguments: Refusal.Code.allCases)
    func everyCodeHasItsStatus(_ code: Refusal.Code) throws {
        #expect(try #require(Self.statuses[code]) == Refusal(code, "m").status)
    }

    @Test(arguments: HeadFault.allCases)
    func aMalformedHeadIsABadRequest(_ fault: HeadFault) {
        let refusal = Refusal(fault)
        #expect(refusal.code == .badRequest && refusal.status == fault.status && !refusal.message.isEmpty)
        #expect([400, 405, 414, 417, 431, 501, 505].contains(refusal.status))
    }
}

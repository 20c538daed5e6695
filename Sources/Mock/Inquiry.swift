import NIOCore
import NIOHTTP1

/// A request with what was read of its head: all that an endpoint answers from.
struct Inquiry {
    var request: MockRequest
    var target: Target
    var controls: MockControls
    var settings: MockSettings

    /// The body's value; throws what is wrong with it.
    func body<Value: Decodable>(_ type: Value.Type) throws(MockRefusal) -> Value {
        try RequestBody.read(type, self.request.body)
    }

    /// The pace of a stream: the request's, else the server's.
    var pace: Double? { self.controls.tokensPerSecond ?? self.settings.tokensPerSecond }

    /// Refuses other methods than these with 405.
    func allow(_ methods: HTTPMethod...) throws(MockRefusal) {
        guard !methods.contains(self.request.method) else { return }
        throw MockRefusal(
            status: 405, message: "\(self.target.path) does not take \(self.request.method.rawValue).",
            type: "invalid_request_error", param: nil, code: nil,
            allow: methods.map(\.rawValue).joined(separator: ", "))
    }

    /// A model that the mock lists; throws 404 for others.
    func model(_ id: String) throws(MockRefusal) -> String {
        guard self.settings.models.contains(id) else {
            throw MockRefusal(
                status: 404, message: "The model \"\(id)\" does not exist; the mock lists its models at /v1/models.",
                type: "invalid_request_error", param: "model", code: "model_not_found")
        }
        return id
    }

    /// The settings' fixed time as RFC 3339 writes it.
    var created: String { MockTime.text(self.settings.created) }

    /// The refusal of a path that there is nothing at.
    var unknown: MockRefusal {
        MockRefusal(
            status: 404,
            message: "The mock has nothing at \(self.request.method.rawValue) \(self.target.path); docs/mock.md lists "
                + "what it knows: OpenAI's /v1/chat/completions, Anthropic's /v1/messages, Gemini's "
                + "/v1beta/models/MODEL:generateContent, Ollama's /api/chat and their kin.",
            type: "invalid_request_error", param: nil, code: "unknown_url")
    }
}

/// Times as text.
enum MockTime {
    /// Seconds of the Unix epoch as an RFC 3339 timestamp in UTC.
    static func text(_ seconds: Int) -> String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let time = seconds - day * 86_400
        // Days of the proleptic Gregorian calendar, in eras of 400 years that begin on 1 March.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let date = ofYear - (153 * month + 2) / 5 + 1
        let calendarMonth = month < 10 ? month + 3 : month - 9
        let calendarYear = year + era * 400 + (calendarMonth <= 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(calendarYear)-\(two(calendarMonth))-\(two(date))T"
            + "\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60))Z"
    }
}

import NIOCore
import NIOHTTP1

/// Errors in OpenAI's form. https://platform.openai.com/docs/guides/error-codes
enum OpenAIError {
    /// The JSON object.
    static func object(_ refusal: MockRefusal) -> String {
        "{\"error\":{\"message\":\(JSONText.quoted(refusal.message)),\"type\":\(JSONText.quoted(refusal.type)),"
            + "\"param\":\(JSONText.quotedOrNull(refusal.param)),\"code\":\(JSONText.quotedOrNull(refusal.code))}}"
    }

    /// The answer.
    static func script(_ refusal: MockRefusal) -> MockScript {
        var script = MockScript(
            status: HTTPResponseStatus(statusCode: refusal.status), json: ByteBuffer(string: self.object(refusal)))
        if let allow = refusal.allow { script.fields.add(name: "allow", value: allow) }
        return script
    }
}

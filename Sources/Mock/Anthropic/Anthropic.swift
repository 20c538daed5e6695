import NIOHTTP1

/// Anthropic's endpoints. https://platform.claude.com/docs/en/api/overview
enum Anthropic {
    /// The answer to an inquiry.
    static func answer(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        switch inquiry.target.path {
        case "/messages":
            try inquiry.allow(.POST)
            return try AnthropicMessages.script(inquiry)
        case "/messages/count_tokens":
            try inquiry.allow(.POST)
            let tokens = try MessagesRequest.read(inquiry, needsLimit: false).prompt.tokens
            return MockScript(json: #"{"input_tokens":\#(tokens)}"#)
        case "/models":
            try inquiry.allow(.GET, .HEAD)
            let models = inquiry.settings.models
            return MockScript(
                json: #"{"data":[\#(models.map { self.model($0, inquiry) }.joined(separator: ","))],"#
                    + #""has_more":false,"first_id":\#(JSONText.quotedOrNull(models.first)),"#
                    + #""last_id":\#(JSONText.quotedOrNull(models.last))}"#)
        default:
            guard let id = inquiry.target.rest(after: "/models/") else { throw inquiry.unknown }
            try inquiry.allow(.GET, .HEAD)
            return MockScript(json: self.model(try inquiry.model(id), inquiry))
        }
    }

    private static func model(_ id: String, _ inquiry: Inquiry) -> String {
        #"{"type":"model","id":\#(JSONText.quoted(id)),"display_name":\#(JSONText.quoted(id)),"#
            + #""created_at":"\#(inquiry.created)","max_input_tokens":200000,"max_tokens":64000}"#
    }
}

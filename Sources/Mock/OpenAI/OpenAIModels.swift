/// OpenAI's list of models. https://platform.openai.com/docs/api-reference/models
enum OpenAIModels {
    /// `GET /models`.
    static func list(_ settings: MockSettings) -> MockScript {
        let models = settings.models.map { self.object($0, settings) }.joined(separator: ",")
        return MockScript(json: "{\"object\":\"list\",\"data\":[\(models)]}")
    }

    /// `GET /models/{id}`; the id may hold slashes and colons, in the clear or percent-encoded.
    static func one(_ id: String, _ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        MockScript(json: self.object(try inquiry.model(id), inquiry.settings))
    }

    private static func object(_ id: String, _ settings: MockSettings) -> String {
        "{\"id\":\(JSONText.quoted(id)),\"object\":\"model\",\"created\":\(settings.created),\"owned_by\":\"weir-mock\"}"
    }
}

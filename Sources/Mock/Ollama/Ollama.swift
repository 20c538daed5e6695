import NIOCore
import NIOHTTP1

/// Ollama's own endpoints. https://docs.ollama.com/api
enum Ollama {
    /// The answer to an inquiry.
    static func answer(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        switch inquiry.target.path {
        case "/":
            return MockScript(type: "text/plain; charset=utf-8", ByteBuffer(string: "Ollama is running"))
        case "/api/chat":
            try inquiry.allow(.POST)
            return try OllamaChat.script(inquiry, isChat: true)
        case "/api/generate":
            try inquiry.allow(.POST)
            return try OllamaChat.script(inquiry, isChat: false)
        case "/api/embed":
            try inquiry.allow(.POST)
            return try self.embed(inquiry)
        case "/api/embeddings":
            try inquiry.allow(.POST)
            return try self.embedOne(inquiry)
        case "/api/tags":
            try inquiry.allow(.GET, .HEAD)
            let models = inquiry.settings.models.map { self.model($0, inquiry) }.joined(separator: ",")
            return MockScript(json: #"{"models":[\#(models)]}"#)
        case "/api/ps":
            try inquiry.allow(.GET, .HEAD)
            let running = inquiry.settings.models.prefix(1).map { self.model($0, inquiry, isRunning: true) }
            return MockScript(json: #"{"models":[\#(running.joined(separator: ","))]}"#)
        case "/api/show":
            try inquiry.allow(.POST)
            return try self.show(inquiry)
        case "/api/version":
            try inquiry.allow(.GET, .HEAD)
            return MockScript(json: #"{"version":"0.0.0-mock"}"#)
        default:
            throw inquiry.unknown
        }
    }

    // MARK: Models

    private static let details =
        #"{"parent_model":"","format":"gguf","family":"mock","families":["mock"],"parameter_size":"1B","#
        + #""quantization_level":"Q4_0"}"#

    private static func model(_ id: String, _ inquiry: Inquiry, isRunning: Bool = false) -> String {
        let name = JSONText.quoted(id)
        var digest = ""
        for salt in UInt8(0)..<4 {
            var hash = Fingerprint()
            hash.mix(salt)
            hash.mix(id.utf8)
            digest += hash.digits
        }
        let more =
            isRunning
            ? #""expires_at":"\#(MockTime.text(inquiry.settings.created + 300))","size_vram":1000000000,"#
                + #""context_length":131072"#
            : #""modified_at":"\#(inquiry.created)""#
        return #"{"name":\#(name),"model":\#(name),"size":1000000000,"digest":"\#(digest)","#
            + #""details":\#(self.details),\#(more)}"#
    }

    private struct ShowRequest: Decodable {
        var model: String?
        var name: String?
    }

    private static func show(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(ShowRequest.self)
        guard let model = request.model ?? request.name else { throw .body("model is missing.", param: "model") }
        return MockScript(
            json: #"{"modelfile":\#(JSONText.quoted("FROM \(model)")),"parameters":"","template":"{{ .Prompt }}","#
                + #""details":\#(self.details),"model_info":{"general.architecture":"mock","#
                + #""general.parameter_count":1000000000,"mock.context_length":131072},"#
                + #""capabilities":["completion","tools","thinking","embedding"],"#
                + #""modified_at":"\#(inquiry.created)"}"#)
    }

    // MARK: Embeddings

    private struct EmbedRequest: Decodable {
        var model: String
        var input: OneOrMany
        var dimensions: Int?
    }

    private struct EmbedOneRequest: Decodable {
        var model: String
        var prompt: String
    }

    private static func embed(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(EmbedRequest.self)
        let texts = request.input.texts
        guard texts.count <= 2_048 else {
            throw .body("input has \(texts.count) texts; it must not have more than 2048.", param: "input")
        }
        let dimensions = try Embedding.check(request.dimensions, inputs: texts.count, param: "dimensions")
        let vectors = texts.map { Embedding.json(Embedding.vector($0, dimensions: dimensions)) }
        let tokens = texts.reduce(0) { $0 + ($1.utf8.count + 3) / 4 }
        return MockScript(
            json: #"{"model":\#(JSONText.quoted(request.model)),"embeddings":[\#(vectors.joined(separator: ","))],"#
                + #""total_duration":\#(OllamaChat.load + tokens * OllamaChat.promptToken),"#
                + #""load_duration":\#(OllamaChat.load),"prompt_eval_count":\#(tokens)}"#)
    }

    private static func embedOne(_ inquiry: Inquiry) throws(MockRefusal) -> MockScript {
        let request = try inquiry.body(EmbedOneRequest.self)
        let vector = Embedding.vector(request.prompt, dimensions: Embedding.dimensions)
        return MockScript(json: #"{"embedding":\#(Embedding.json(vector))}"#)
    }
}

import NIOCore
import NIOHTTP1
import Testing

@testable import Mock

@Suite struct ControlTests {
    @Test(arguments: [400, 401, 403, 404, 429, 500, 503, 529])
    func answersTheStatusAskedFor(status: Int) throws {
        let fields: HTTPHeaders = ["x-mock-status": "\(status)", "x-mock-retry-after": "7"]
        for (method, target) in [(HTTPMethod.POST, "/v1/chat/completions"), (.GET, "/models"), (.PUT, "/other")] {
            let script = script(method, target, "no JSON", fields: fields)
            #expect(script.status.code == UInt(status))
            #expect(script.fields["retry-after"] == ["7"])
            #expect(try !script.error.message.isEmpty)
        }
        if status == 429 {
            let error = try script(fields: fields).error
            #expect(error.type == "requests")
            #expect(error.code == "rate_limit_exceeded")
        }
    }

    @Test(arguments: [
        ("x-mock-status", "200"), ("x-mock-status", "600"), ("x-mock-status", "many"), ("x-mock-delay", "-1"),
        ("x-mock-tokens", "1.5"), ("x-mock-tokens-per-second", "0"), ("x-mock-tokens-per-second", "nan"),
        ("x-mock-fault", "explode"), ("x-mock-fault-after", ""), ("x-mock-retry-after", "soon"),
        ("x-mock-tool-call", "a,"), ("X-Mock-Statuses", "429"),
    ])
    func refusesValuesItDoesNotKnow(name: String, value: String) throws {
        let script = script(.POST, "/v1/chat/completions", chat(), fields: [name: value])
        #expect(script.status == .badRequest)
        #expect(try script.error.param == name.lowercased())
        #expect(try script.error.message.contains(name.lowercased()))
    }

    @Test func refusesAControlGivenTwice() {
        let twice: HTTPHeaders = ["x-mock-delay": "1", "X-Mock-Delay": "2"]
        #expect(script(.POST, "/v1/chat/completions", chat(), fields: twice).status == .badRequest)
        #expect(script(.POST, "/v1/chat/completions", chat(), fields: ["x-mock": "1", "x-moc": "2"]).status == .ok)
    }

    @Test func delaysAndPaces() {
        var settings = MockSettings(tokensPerSecond: 5)
        let streamed = chat("x", #","stream":true"#)
        let fields: HTTPHeaders = ["x-mock-delay": "250", "x-mock-tokens-per-second": "20"]
        let asked = script(.POST, "/v1/chat/completions", streamed, fields: fields, settings: settings)
        #expect(asked.delay == .milliseconds(250))
        #expect(asked.pace == 20)
        #expect(script(.POST, "/v1/chat/completions", streamed, settings: settings).pace == 5)
        settings.tokensPerSecond = nil
        #expect(script(.POST, "/v1/chat/completions", streamed, settings: settings).pace == nil)
    }

    @Test func cutsAPlainAnswerInHalf() {
        let whole = script(.POST, "/v1/chat/completions", chat())
        let cut = script(.POST, "/v1/chat/completions", chat(), fields: ["x-mock-fault": "cut"])
        #expect(cut.fields["content-length"] == whole.fields["content-length"])
        #expect(cut.bodyText == String(whole.bodyText.prefix(whole.bodyText.utf8.count / 2)))
        #expect(cut.fault == .init(kind: .cut, after: 1))
        let none = script(
            .POST, "/v1/chat/completions", chat(), fields: ["x-mock-fault": "reset", "x-mock-fault-after": "0"])
        #expect(none.bodyText.isEmpty)
        #expect(none.fault == .init(kind: .reset, after: 0))
    }

    @Test(arguments: ["error-event", "bad-chunk"])
    func refusesAStreamsFaultForAPlainAnswer(fault: String) throws {
        let script = script(.POST, "/v1/chat/completions", chat(), fields: ["x-mock-fault": fault])
        #expect(script.status == .badRequest)
        #expect(try script.error.param == "x-mock-fault")
    }

    // MARK: Models and other paths

    @Test(arguments: ["/models", "/v1/models", "/v1/models?limit=1"])
    func listsModels(target: String) {
        let list = script(.GET, target)
        #expect(list.status == .ok)
        for model in MockSettings().models { #expect(list.bodyText.contains(JSONText.quoted(model))) }
        let head = script(.HEAD, target)
        #expect(head.fields == list.fields)
        #expect(head.body == .none)
    }

    @Test(arguments: ["/v1/models/weir/mock-1:free", "/models/weir%2Fmock-1%3afree"])
    func showsAModel(target: String) {
        #expect(script(.GET, target).bodyText.contains(#""id":"weir/mock-1:free""#))
    }

    @Test func refusesWhatItDoesNotHave() throws {
        let unknown = script(.GET, "/v1/models/gpt%2")
        #expect(unknown.status == .notFound)
        #expect(try unknown.error.code == "model_not_found")
        for target in ["/", "*", "/v2/models", "/v1/images/edits", "/chat/completions/x", "host:443", "http://host"] {
            #expect(script(.POST, target).status == .notFound, "\(target)")
        }
        let wrong = script(.GET, "/v1/chat/completions")
        #expect(wrong.status == .methodNotAllowed)
        #expect(wrong.fields["allow"] == ["POST"])
        #expect(script(.DELETE, "/v1/models").fields["allow"] == ["GET, HEAD"])
    }
}

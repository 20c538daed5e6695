package import NIOCore
import NIOHTTP1

/// A provider for tests: speaks the dialects of OpenAI, Anthropic, Gemini and Ollama, and fails in the ways a request
/// asks for.
///
/// What it answers is a function of the request alone; `docs/mock.md` tells the rules and the `x-mock-…` headers.
package enum MockProvider {
    /// Makes a connected channel answer as the provider. Call it on the channel's event loop. Assumes nothing of the
    /// transport: a socket pair serves as well as TCP.
    ///
    /// - Throws: what NIO throws when the pipeline cannot be changed, that is when the channel is closed.
    package static func configure(_ channel: any Channel, settings: MockSettings) throws {
        // Half closure is always told apart from an end, and the handler decides what it means.
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: true)
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withErrorHandling: true)
        try channel.pipeline.syncOperations.addHandler(MockHandler(settings: settings))
    }

    /// The script for a request: pure.
    static func script(for request: MockRequest, settings: MockSettings) -> MockScript {
        let target = Target(request.target)
        let dialect = Dialect(request.method, target, request.fields)
        var script: MockScript
        do throws(MockRefusal) {
            let controls = try MockControls(request.fields)
            do throws(MockRefusal) {
                if let status = controls.status { throw MockRefusal.asked(status) }
                let inquiry = Inquiry(request: request, target: target, controls: controls, settings: settings)
                script = try self.answer(inquiry, dialect)
            } catch {
                var refusal = error
                refusal.retryAfter = controls.retryAfter
                script = dialect.script(refusal, for: request)
            }
            if let seconds = controls.retryAfter { script.fields.add(name: "retry-after", value: "\(seconds)") }
            try script.apply(controls)
        } catch {
            script = dialect.script(error, for: request)
        }
        dialect.addFields(to: &script, for: request, settings: settings)
        if request.method == .HEAD { script.dropBody() }
        return script
    }

    /// The refusal of a body that is longer than the settings allow, in the dialect of its head.
    static func tooLong(_ head: HTTPRequestHead, settings: MockSettings) -> MockScript {
        let request = MockRequest(method: head.method, target: head.uri, fields: head.headers, body: ByteBuffer())
        let dialect = Dialect(head.method, Target(head.uri), head.headers)
        let refusal = MockRefusal(
            status: 413, message: "The body is longer than the \(settings.maxBody) bytes that the mock takes.",
            type: "invalid_request_error", param: nil, code: "request_too_large")
        var script = dialect.script(refusal, for: request)
        dialect.addFields(to: &script, for: request, settings: settings)
        return script
    }

    private static func answer(_ inquiry: Inquiry, _ dialect: Dialect) throws(MockRefusal) -> MockScript {
        switch dialect {
        case .openAI: try OpenAI.answer(inquiry)
        case .anthropic: try Anthropic.answer(inquiry)
        case .gemini: try Gemini.answer(inquiry)
        case .ollama: try Ollama.answer(inquiry)
        }
    }
}

package import NIOCore
import NIOHTTP1

/// A provider for tests: speaks OpenAI Chat Completions and Models, and fails in the ways a request asks for.
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
        var script: MockScript
        do throws(MockRefusal) {
            let controls = try MockControls(request.fields)
            do throws(MockRefusal) {
                if let status = controls.status { throw MockRefusal.asked(status) }
                script = try self.route(request, controls: controls, settings: settings)
            } catch {
                script = OpenAIError.script(error)
            }
            if let seconds = controls.retryAfter { script.fields.add(name: "retry-after", value: "\(seconds)") }
            try script.apply(controls)
        } catch {
            script = OpenAIError.script(error)
        }
        if request.method == .HEAD { script.dropBody() }
        return script
    }

    /// One case an endpoint; further dialects add theirs.
    private static func route(
        _ request: MockRequest, controls: MockControls, settings: MockSettings
    ) throws(MockRefusal) -> MockScript {
        let path = self.path(of: request.target)
        switch path {
        case "/chat/completions":
            try self.allow([.POST], request, path)
            return try OpenAIChat.script(body: request.body, controls: controls, settings: settings)
        case "/models":
            try self.allow([.GET, .HEAD], request, path)
            return OpenAIModels.list(settings)
        case _ where path.hasPrefix("/models/"):
            try self.allow([.GET, .HEAD], request, path)
            return try OpenAIModels.one(path.dropFirst("/models/".count), settings)
        default:
            throw MockRefusal(
                status: 404,
                message: "The mock has nothing at \(request.method.rawValue) \(path); it knows /chat/completions, "
                    + "/models and /models/{id}, with or without /v1.",
                type: "invalid_request_error", param: nil, code: "unknown_url")
        }
    }

    /// The path of a target in origin or absolute form (RFC 9112 section 3.2), without query and `/v1`.
    private static func path(of target: String) -> Substring {
        var path = target[...]
        if !path.hasPrefix("/"), let scheme = path.firstRange(of: "://") {
            let rest = path[scheme.upperBound...]
            path = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        path = path.prefix { $0 != "?" }
        return path.hasPrefix("/v1/") ? path.dropFirst("/v1".count) : path
    }

    private static func allow(
        _ methods: [HTTPMethod], _ request: MockRequest, _ path: Substring
    ) throws(MockRefusal) {
        guard !methods.contains(request.method) else { return }
        throw MockRefusal(
            status: 405, message: "\(path) does not take \(request.method.rawValue).",
            type: "invalid_request_error", param: nil, code: nil,
            allow: methods.map(\.rawValue).joined(separator: ", "))
    }
}

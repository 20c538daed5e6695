import LLMWire
import Policy
import Testing
import WeirConfiguration

/// Step 6 of section 3.2 of the outside contract: the credential of requests that bring none.
@Suite struct DefaultKeyTests {
    private func run(_ change: (inout Configuration) -> Void = { _ in }) -> PolicyRun {
        PolicyRun(
            .test("r", "own", "plain") {
                $0.defaultRoute = "r"
                $0.defaultKey = Secret("global")
                $0.routes[1].defaultKey = Secret("mine")
                change(&$0)
            })
    }

    @Test(arguments: [
        // Target, fields, what arrives.
        ("/v1/x", [], ["Authorization: Bearer global"]), ("/r/v1/x", [], ["Authorization: Bearer global"]),
        ("/own/v1/x", [], ["Authorization: Bearer mine"]), ("/plain/v1/x", [], []),
        // Whatever credential there is keeps it away.
        ("/own", ["Authorization: Bearer a"], ["Authorization: Bearer a"]),
        ("/own", ["x-api-key: a"], ["x-api-key: a"]),
        ("/own", ["api-key: a"], ["api-key: a"]), ("/own", ["X-Goog-Api-Key: a"], ["X-Goog-Api-Key: a"]),
        ("/own", ["Authorization: Basic a"], ["Authorization: Basic a"]), ("/own?key=a", [], []),
        ("/own?x&key=a", [], []), ("/own?key=", [], ["Authorization: Bearer mine"]),
        ("/own?keys=a", [], ["Authorization: Bearer mine"]),
        // A credential without octets is none.
        ("/own", ["Authorization: Bearer", "A: b"], ["A: b", "Authorization: Bearer mine"]),
        ("/own", ["Authorization:", "A: b"], ["A: b", "Authorization: Bearer mine"]),
        ("/own", ["x-api-key:", "A: b"], ["x-api-key:", "A: b", "Authorization: Bearer mine"]),
        ("/own", ["Authorization:", "x-api-key: a"], ["Authorization:", "x-api-key: a"]),
        ("/own", ["Connection: authorization", "Authorization: Bearer a"], ["Authorization: Bearer mine"]),
        // The place by the dialect of the request.
        ("/own/v1/messages", [], ["x-api-key: mine"]),
        ("/own/x", ["Anthropic-Version: 1"], ["Anthropic-Version: 1", "x-api-key: mine"]),
        ("/own/v1beta/models/g:streamGenerateContent?alt=sse", [], ["x-goog-api-key: mine"]),
        ("/own/api/chat", [], ["Authorization: Bearer mine"]),
        ("/own/v1/responses", [], ["Authorization: Bearer mine"]),
    ])
    func aRequestWithoutACredentialGetsIt(_ target: String, _ fields: [String], _ arrives: [String]) throws {
        #expect(try run().upstreamFields(ParsedHead("POST", target, fields: fields)) == arrives)
    }

    @Test(arguments: [
        (Dialect.anthropicMessages, "up.test", "x-api-key: mine"), (.gemini, "up.test", "x-goog-api-key: mine"),
        (.openAIChat, "up.test", "Authorization: Bearer mine"), (.other, "up.test", "Authorization: Bearer mine"),
        (.openAIChat, "my.openai.azure.com", "api-key: mine"), (nil, "my.openai.azure.com", "api-key: mine"),
        (nil, "my.cognitiveservices.azure.com", "api-key: mine"), (nil, "my.services.ai.azure.com", "api-key: mine"),
        (nil, "openai.azure.com.test", "Authorization: Bearer mine"),
        (nil, "myopenai.azure.com", "Authorization: Bearer mine"),
        (.anthropicMessages, "my.services.ai.azure.com", "x-api-key: mine"),
    ])
    func theRoutesDialectAndAzureChooseThePlace(_ dialect: Dialect?, _ host: String, _ line: String) throws {
        let run = run {
            $0.routes[1].dialect = dialect
            $0.routes[1].target = UpstreamURL(scheme: .https, host: host, port: 443)
        }
        #expect(try run.upstreamFields(ParsedHead("POST", "/own/x")) == [line])
    }

    @Test func itStandsInForWhatWasTakenAway() throws {
        let run = run {
            $0.keys = [KeySettings(key: Secret("bare")), KeySettings(key: Secret("k"), upstreamKey: Secret("up"))]
            $0.routes[1].headersToDrop = ["api-key"]
        }
        let cases = [
            ("/own", "x-api-key: bare", ["Authorization: Bearer mine"]), ("/own", "x-api-key: k", ["x-api-key: up"]),
            ("/own", "api-key: k", ["Authorization: Bearer mine"]),
            ("/own?key=bare", "A: b", ["A: b", "Authorization: Bearer mine"]), ("/own?key=k", "A: b", ["A: b"]),
        ]
        for (target, field, arrives) in cases {
            #expect(try run.upstreamFields(ParsedHead("POST", target, fields: [field])) == arrives)
        }
    }

    @Test func aCustomCredentialKeepsItAway() throws {
        let run = run { $0.routes[1].customHeaders = [CustomHeader(name: "X-Api-Key", value: Secret("c"))] }
        #expect(try run.upstreamFields(ParsedHead("POST", "/own")) == ["X-Api-Key: c"])
    }

    @Test func theGlobalOneNeverGoesToAUniversalRoute() throws {
        let run = run {
            $0.routes[0].isUniversal = true
            $0.routes[1].isUniversal = true
            $0.routes[1].allowedHosts = [AllowedHost(.any)]
        }
        #expect(try run.upstreamFields(ParsedHead("POST", "/r/https://api.test/x")) == [])
        #expect(try run.upstreamFields(ParsedHead("POST", "/https://api.test/x")) == [])
        #expect(
            try run.upstreamFields(ParsedHead("POST", "/own/https://api.test/v1/messages")) == ["x-api-key: mine"])
        #expect(
            try run.upstreamFields(ParsedHead("POST", "/own/https://a.openai.azure.com/x")) == ["api-key: mine"])
    }

    @Test func aRouteCalledDefaultIsNotTheDefaultRouteForThat() throws {
        let run = PolicyRun(
            .test("default", "main") {
                $0.defaultRoute = "main"
                $0.defaultKey = Secret("global")
            })
        #expect(try run.upstreamFields(ParsedHead("POST", "/default/x")) == [])
        #expect(try run.upstreamFields(ParsedHead("POST", "/main/x")) == ["Authorization: Bearer global"])
    }
}

import Policy
import Testing
import WeirConfiguration

/// Step 3 of section 3.2, and section 5 of the outside contract: keys in each of their places.
@Suite struct KeyTests {
    /// Client keys: `mapped` and `other` have upstream keys, `bare` has none, `limited` is good for the route `b` alone.
    private func run(unknown: UnknownKeys? = nil, change: (inout Configuration) -> Void = { _ in }) -> PolicyRun {
        PolicyRun(
            .test("a", "b") {
                var mapped = KeySettings(key: Secret("mapped"), upstreamKey: Secret("sk-up/1"))
                mapped.name = "alice"
                var limited = KeySettings(key: Secret("limited"), upstreamKey: Secret("sk-up/3"))
                limited.routes = ["b"]
                $0.keys = [
                    mapped, KeySettings(key: Secret("other"), upstreamKey: Secret("sk-up/2")),
                    KeySettings(key: Secret("bare")), limited, KeySettings(key: Secret("")),
                ]
                $0.unknownKeys = unknown
                change(&$0)
            })
    }

    struct Place: Sendable, CustomTestStringConvertible {
        let title: String
        let field: String?
        let query: String?
        var testDescription: String { title }

        /// The request that carries `key` there.
        func head(_ key: String, target: String = "/a/x") throws -> ParsedHead {
            var fields = ["A: b", "C: d"]
            if let field { fields.insert(field.replacing("KEY", with: key), at: 1) }
            return try ParsedHead("POST", target + (query?.replacing("KEY", with: key) ?? ""), fields: fields)
        }
    }

    static let places = [
        Place(title: "Bearer", field: "Authorization: Bearer KEY", query: nil),
        Place(title: "bearer, spaced", field: "authorization:  bEARER   KEY ", query: nil),
        Place(title: "Authorization without a scheme", field: "Authorization: KEY", query: nil),
        Place(title: "Authorization with another scheme", field: "Authorization: Token KEY", query: nil),
        Place(title: "bearer, a tab", field: "Authorization: Bearer\tKEY", query: nil),
        Place(title: "x-api-key", field: "X-API-Key:KEY", query: nil),
        Place(title: "api-key", field: "api-key: KEY", query: nil),
        Place(title: "x-goog-api-key", field: "x-goog-api-key: KEY", query: nil),
        Place(title: "query alone", field: nil, query: "?key=KEY"),
        Place(title: "query first", field: nil, query: "?key=KEY&alt=sse"),
        Place(title: "query last", field: nil, query: "?alt=sse&key=KEY"),
        Place(title: "query between", field: nil, query: "?a=1&key=KEY&&b=key"),
        Place(title: "query twice", field: nil, query: "?key=KEY&b&key=KEY"),
        Place(title: "query, name encoded", field: nil, query: "?%6bey=KEY&b"),
    ]

    @Test(arguments: places)
    func aKnownKeyBecomesItsUpstreams(_ place: Place) throws {
        let arrived = run().upstreamHead(try place.head("mapped"))
        let field = place.field.map { [$0.replacing("KEY", with: "sk-up/1")] } ?? []
        let query = place.query?.replacing("KEY", with: "sk-up%2F1") ?? ""
        let lines = ["POST /x\(query) HTTP/1.1", "Host: a.test", "A: b"] + field + ["C: d", "", ""]
        #expect(arrived == lines.joined(separator: "\r\n"))
        guard case .forward(let forwarding) = run().decide(try place.head("mapped")) else {
            Issue.record("not forwarded")
            return
        }
        #expect(forwarding.key?.settings.name == "alice")
        #expect(forwarding.key?.label == Array("alice".utf8))
    }

    @Test(
        arguments: zip(
            places,
            [
                "", "", "", "", "", "", "", "", "", "?alt=sse", "?alt=sse", "?a=1&&b=key", "?b", "?b",
            ]))
    func aKnownKeyWithoutAnUpstreamsIsTakenOut(_ place: Place, _ query: String) throws {
        let lines = ["POST /x\(query) HTTP/1.1", "Host: a.test", "A: b", "C: d", "", ""]
        #expect(run().upstreamHead(try place.head("bare")) == lines.joined(separator: "\r\n"))
    }

    @Test(arguments: places)
    func anUnknownKeyIsRefusedOrPassed(_ place: Place) throws {
        for guess in ["nobody", "mappe", "mappedd", "Mapped", "mapped2", "m"] {
            let head = try place.head(guess)
            #expect(run().word(head) == "key_unknown")
            #expect(run(unknown: .reject).word(head) == "key_unknown")
            let passed = PolicyRun(.test("a")).upstreamHead(head)
            #expect(run(unknown: .pass).upstreamHead(head) == passed)
            #expect(passed.contains(guess))
        }
    }

    @Test(arguments: places)
    func noKeyIsRefusedOrPassed(_ place: Place) throws {
        let head = try place.head("")
        let word = place.title == "Authorization with another scheme" ? "key_unknown" : "key_required"
        #expect(run().word(head) == word)
        #expect(run(unknown: .pass).word(head) == "forward a")
    }

    @Test func aQueryKeyMayBePercentEncoded() throws {
        let run = run { $0.keys = [KeySettings(key: Secret("k/1 ü"), upstreamKey: Secret("up"))] }
        #expect(try run.upstreamTarget(ParsedHead("GET", "/a/x?key=k%2f1%20%C3%bc")) == "/x?key=up")
        #expect(try run.word(ParsedHead("GET", "/a/x?key=k%2f1%20%C3%b")) == "key_unknown")
        #expect(try run.word(ParsedHead("GET", "/a/x?key=%")) == "key_unknown")
        #expect(try run.word(ParsedHead("GET", "/a/x?xkey=k%2f1%20%C3%bc&keys=a&KEY=b")) == "key_required")
    }

    @Test(arguments: [
        // Fields, query, whose key counts, what arrives.
        (["Authorization: Bearer mapped", "x-api-key: other"], "", "alice", "sk-up/1 sk-up/2"),
        (["x-api-key: other", "Authorization: Bearer mapped"], "", "alice", "sk-up/2 sk-up/1"),
        (["x-goog-api-key: mapped", "api-key: other"], "", nil, "sk-up/1 sk-up/2"),
        (["Authorization: Bearer nobody", "x-api-key: mapped"], "", "alice", "nobody sk-up/1"),
        (["Authorization: Bearer bare", "x-api-key: mapped"], "", nil, "sk-up/1"),
        (["x-api-key: mapped"], "?key=other", "alice", "sk-up%2F2 sk-up/1"),
        (["api-key: nobody"], "?key=mapped", "alice", "sk-up%2F1 nobody"),
        (["api-key: mapped", "api-key: other"], "", "alice", "sk-up/1 sk-up/2"),
    ])
    func severalKeysAreAllReplaced(_ fields: [String], _ query: String, _ name: String?, _ arrives: String) throws {
        let head = try ParsedHead("POST", "/a\(query)", fields: fields)
        guard case .forward(let forwarding) = run().decide(head) else {
            Issue.record("not forwarded")
            return
        }
        #expect(forwarding.key?.settings.name == name)
        let arrived = run().upstreamHead(head)
        let found = arrived.split { " \r\n=".contains($0) }.filter { $0.hasPrefix("sk-") || $0 == "nobody" }
        #expect(found.joined(separator: " ") == arrives)
        for key in ["mapped", "other", "bare"] { #expect(!arrived.contains(key)) }
    }

    @Test(arguments: [
        ("/a", "key_forbidden"), ("/b", "forward b"), ("/c", "route_not_found"), ("/d", "route_disabled"),
    ])
    func aKeyMayBeLimitedToRoutes(_ target: String, _ word: String) throws {
        let run = run {
            $0.routes.append(RouteSettings(name: "d", target: $0.routes[0].target))
            $0.routes[2].isEnabled = false
        }
        #expect(try run.word(ParsedHead("GET", target, fields: ["x-api-key: limited"])) == word)
        // Whoever has no key learns nothing about routes.
        #expect(try run.word(ParsedHead("GET", target)) == "key_required")
        #expect(try run.word(ParsedHead("GET", target, fields: ["x-api-key: nobody"])) == "key_unknown")
    }

    @Test func aDroppedFieldStillTellsTheKey() throws {
        let run = run { $0.headersToDrop = ["authorization"] }
        let head = try ParsedHead("GET", "/a", fields: ["Authorization: Bearer mapped", "A: b"])
        #expect(run.upstreamFields(head) == ["A: b"])
    }

    @Test func aForcedHeaderTakesTheKeysPlace() throws {
        let custom = CustomHeader(name: "Authorization", value: Secret("Bearer own"))
        let head = try ParsedHead("GET", "/a", fields: ["authorization: Bearer mapped", "A: b"])
        let forced = run {
            $0.forceHeaderOverwrite = true
            $0.routes[0].customHeaders = [custom]
        }
        #expect(forced.upstreamFields(head) == ["Authorization: Bearer own", "A: b"])
        let unforced = run { $0.routes[0].customHeaders = [custom] }
        #expect(unforced.upstreamFields(head) == ["authorization: Bearer sk-up/1", "A: b"])
        let bare = try ParsedHead("GET", "/a", fields: ["authorization: Bearer bare", "A: b"])
        #expect(unforced.upstreamFields(bare) == ["A: b", "Authorization: Bearer own"])
        let elsewhere = try ParsedHead("GET", "/a", fields: ["x-api-key: mapped", "A: b"])
        #expect(unforced.upstreamFields(elsewhere) == ["x-api-key: sk-up/1", "A: b", "Authorization: Bearer own"])
    }

    @Test func ownAnswersNeedNoKey() throws {
        #expect(try run().word(ParsedHead("GET", "/")) == "greeting")
        #expect(try run().word(ParsedHead("GET", "/healthz")) == "health")
        #expect(try run().word(ParsedHead("POST", "/")) == "key_required")
    }

    @Test func aKeyWithoutANameHasAFingerprint() {
        // printf mapped | openssl dgst -sha256 -hmac secret
        let label = ClientKey.fingerprint(Secret("mapped"), secret: Array("secret".utf8))
        #expect(label == "fp_85216785a09f")
        let key = run { $0.keys = [KeySettings(key: Secret("mapped"))] }.snapshot.keys[0]
        #expect(key.label == Array(label.utf8))
        #expect(ClientKey.fingerprint(Secret("mapped"), secret: Array("other".utf8)) != label)
    }

    @Test func refusalsNeverShowAKey() throws {
        for fields in [["x-api-key: nobody-secret"], ["Authorization: Bearer nobody-secret"]] {
            guard
                case .refuse(let refusal, _) = run().decide(
                    try ParsedHead("GET", "/a?key=nobody-secret", fields: fields))
            else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.status == 401 && !refusal.message.contains("secret") && !refusal.message.isEmpty)
        }
    }

    @Test func manyKeysAreAllFound() throws {
        let run = run { configuration in
            configuration.keys = (0..<500).map {
                KeySettings(key: Secret("key-\($0)"), upstreamKey: Secret("up-\($0)"))
            }
        }
        for index in 0..<500 {
            let head = try ParsedHead("GET", "/a", fields: ["x-api-key: key-\(index)"])
            #expect(run.upstreamFields(head) == ["x-api-key: up-\(index)"])
        }
        #expect(try run.word(ParsedHead("GET", "/a", fields: ["x-api-key: key-500"])) == "key_unknown")
    }

    @Test func aKeyBringsNothingToARouteThatItMayNotUse() throws {
        // Whoever holds both keys must not carry one's upstream key to the other's upstream.
        let fields = ["Authorization: Bearer mapped", "x-api-key: limited"]
        #expect(
            try run().upstreamHead(ParsedHead("POST", "/a/x?key=limited&b", fields: fields))
                == "POST /x?b HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer sk-up/1\r\n\r\n")
        #expect(
            try run().upstreamHead(ParsedHead("POST", "/b/x?key=limited", fields: fields))
                == "POST /x?key=sk-up%2F3 HTTP/1.1\r\nHost: b.test\r\nAuthorization: Bearer sk-up/1\r\n"
                + "x-api-key: sk-up/3\r\n\r\n")
    }

    @Test func upstreamKeysGoNowhereThatOnlyAClientNames() throws {
        func arrived(_ allowed: [AllowedHost]) throws -> String {
            let run = run {
                $0.routes[0].isUniversal = true
                $0.routes[0].target = nil
                $0.routes[0].allowedHosts = allowed
                $0.routes[0].defaultKey = nil
            }
            return try run.upstreamHead(
                ParsedHead("POST", "/a/https://up.test/x?key=mapped", fields: ["Authorization: Bearer mapped"]))
        }
        #expect(try arrived([]) == "POST /x HTTP/1.1\r\nHost: up.test\r\n\r\n")
        #expect(
            try arrived([AllowedHost(.name("up.test"))])
                == "POST /x?key=sk-up%2F1 HTTP/1.1\r\nHost: up.test\r\nAuthorization: Bearer sk-up/1\r\n\r\n")
    }

    @Test(arguments: [
        ("http://weir.test/a/x?key=mapped", false), ("http://weir.test/a/x?b&%6bey=m%61pped&c", false),
        ("http://weir.test/a/x?key=other", false), ("http://weir.test/a/x?key=unknown", true),
        ("http://weir.test/a/x", true),
    ])
    func noKeyLeaksInTheReferer(_ referer: String, _ stays: Bool) throws {
        let fields = ["Authorization: Bearer mapped", "Referer: \(referer)"]
        let arrived = try run().upstreamFields(ParsedHead("POST", "/a/x", fields: fields))
        #expect(arrived == ["Authorization: Bearer sk-up/1"] + (stays ? ["Referer: \(referer)"] : []))
    }
}

import LLMWire
import Testing

/// The body that goes out, or nil where it goes out untouched.
private func rewritten(
    _ body: String, fields: [(from: String, to: String)] = [], models: [(from: String, to: String)] = [],
    set: [(name: String, json: String)] = []
) throws -> String? {
    let rewrite = try BodyRewrite(fieldAliases: fields, modelAliases: models, setBody: set)
    let body = Array(body.utf8)
    return rewrite.edits(in: body).map { String(decoding: applied($0, to: body), as: UTF8.self) }
}

@Suite struct FieldAliasTests {
    @Test(arguments: [
        (#"{"model":"x"}"#, #"{"model_id":"x"}"#),
        (
            #"{"a":{"model":1},"b":[{"model":2},[[{"model":3}]]]}"#,
            #"{"a":{"model_id":1},"b":[{"model_id":2},[[{"model_id":3}]]]}"#
        ),
        (#"[{"model":1}]"#, #"[{"model_id":1}]"#),
        (#"{"mod\u0065l":1,"\u006D\u006f\u0064\u0065\u006C":2}"#, #"{"model_id":1,"model_id":2}"#),
        (#"{"model":1,"model":2}"#, #"{"model_id":1,"model_id":2}"#),
        (" { \"model\" :\t1.0 } ", " { \"model_id\" :\t1.0 } "),
        (#"{"model_id":1,"model":2}"#, #"{"model_id":1,"model_id":2}"#),
        (#"{"say \"hi\"\n":1}"#, #"{"q\"\\\u0001":1}"#),
        (#"{"\u0073ay\u0020\u0022hi\"\u000a":1}"#, #"{"q\"\\\u0001":1}"#),
        (#"{"":1}"#, #"{"empty":1}"#),
        (#"{"\ud83d\ude00":1,"😀":2}"#, #"{"smile":1,"smile":2}"#),
        (#"{"one":1,"two":2}"#, #"{"two":1,"one":2}"#),
    ])
    func namesAreChangedEverywhere(_ body: String, _ expected: String) throws {
        let result = try rewritten(
            body,
            fields: [
                ("model", "model_id"), ("say \"hi\"\n", "q\"\\\u{1}"), ("", "empty"), ("😀", "smile"), ("one", "two"),
                ("two", "one"),
            ])
        #expect(result == expected)
    }

    @Test(arguments: [
        #"{"a":"model"}"#, #"["model"]"#, #""model""#, #"{"Model":1,"model ":1,"mode":1,"models":1,"mod\u0045l":1}"#,
        #"{"model\u0000":1,"\\u006dodel":1,"m\u00f6del":1}"#, "{}", "",
        #"{"\ud83d":1,"\ude00\ud83d":1,"\ud83d\ud83d":1}"#,
        #"{"e\u0301":1}"#, "{\"e\u{301}\":1}",
    ])
    func othersAreNot(_ body: String) throws {
        // The alias is of one character, the body has it as a letter and an accent: in JSON not the same name.
        #expect(try rewritten(body, fields: [("model", "x"), ("\u{E9}", "x"), ("😀", "x")]) == nil)
    }

    @Test func theFirstOfTwoRulesCounts() throws {
        #expect(try rewritten(#"{"a":1}"#, fields: [("a", "b"), ("a", "c")]) == #"{"b":1}"#)
    }

    @Test func aNameRenamedToItselfKeepsItsSpelling() throws {
        #expect(try rewritten(#"{"\u0061":1}"#, fields: [("a", "a"), ("a", "b")]) == nil)
    }
}

@Suite struct ModelAliasTests {
    @Test(arguments: [
        (#"{"model":"gpt-4"}"#, #"{"model":"anthropic/claude"}"#),
        (#"{"\u006dodel" : "gpt\u002d4" }"#, #"{"\u006dodel" : "anthropic/claude" }"#),
        (
            #"{"model":"gpt-4","a":{"model":"gpt-4"},"model":"gpt-4"}"#,
            #"{"model":"anthropic/claude","a":{"model":"gpt-4"},"model":"anthropic/claude"}"#
        ),
        (#"{"model":"chain"}"#, #"{"model":"gpt-4"}"#),
        (#"{"model":"模型"}"#, #"{"model":"\"\\\n"}"#),
        (#"{"model":1,"model":""}"#, #"{"model":1,"model":"none"}"#),
    ])
    func theTopLevelModelIsReplaced(_ body: String, _ expected: String) throws {
        let models = [("gpt-4", "anthropic/claude"), ("chain", "gpt-4"), ("模型", "\"\\\n"), ("", "none")]
        #expect(try rewritten(body, models: models) == expected)
    }

    @Test(arguments: [
        #"{"model":"gpt-4o"}"#, #"{"model":"gpt-"}"#, #"{"model":["gpt-4"]}"#, #"{"model":{"model":"gpt-4"}}"#,
        #"[{"model":"gpt-4"}]"#, #"{"x":"gpt-4"}"#, #"{"Model":"gpt-4"}"#, #"{"model":null}"#, #""gpt-4""#,
        #"{"a":{"model":"gpt-4"}}"#, #"{"model":4}"#, #"{"model":"gpt-4\ud800"}"#, #"["model","gpt-4"]"#,
    ])
    func othersAreNot(_ body: String) throws {
        #expect(try rewritten(body, models: [("gpt-4", "x"), ("4", "x"), ("null", "x")]) == nil)
    }

    @Test func itIsTheClientsNameThatCounts() throws {
        let fields = [("model", "model_id"), ("m", "model")]
        let result = try rewritten(#"{"model":"a","m":"a"}"#, fields: fields, models: [("a", "b")])
        #expect(result == #"{"model_id":"b","model":"a"}"#)
    }
}

@Suite struct SetBodyTests {
    @Test(arguments: [
        ("{}", #"{"stream":true,"é\"":[1.0, {}]}"#),
        (" { \n} ", #" {"stream":true,"é\"":[1.0, {}] \#n} "#),
        (#"{"a":1}"#, #"{"a":1,"stream":true,"é\"":[1.0, {}]}"#),
        ("{\"a\": [1 ]\r\n}\r\n", "{\"a\": [1 ],\"stream\":true,\"é\\\"\":[1.0, {}]\r\n}\r\n"),
        (#"{"a":"x" , "b":{} }"#, #"{"a":"x" , "b":{},"stream":true,"é\"":[1.0, {}] }"#),
        (#"{"stream":false}"#, #"{"stream":true,"é\"":[1.0, {}]}"#),
        (#"{"stream" : {"stream":[1,{"stream":2}]} ,"a":1}"#, #"{"stream" : true ,"a":1,"é\"":[1.0, {}]}"#),
        (
            #"{"stream":0,"\u0073tream":"","stream":true,"\u00e9\"":1}"#,
            #"{"stream":true,"\u0073tream":true,"stream":true,"\u00e9\"":[1.0, {}]}"#
        ),
        (#"{"a":{"stream":false}}"#, #"{"a":{"stream":false},"stream":true,"é\"":[1.0, {}]}"#),
        (#"{"é\"":[1.0,{}],"stream":true}"#, #"{"é\"":[1.0, {}],"stream":true}"#),
    ])
    func membersAreSetOrAdded(_ body: String, _ expected: String) throws {
        #expect(try rewritten(body, set: [("stream", "true"), ("é\"", "[1.0, {}]")]) == expected)
    }

    @Test(arguments: [#"{"stream":true}"#, " {\"a\":1, \"stream\" : true}\n", "[]", "[{}]", "1", "\"stream\"", "null"])
    func whatIsSoAlreadyStays(_ body: String) throws {
        #expect(try rewritten(body, set: [("stream", "true")]) == nil)
    }

    @Test func theNameIsTheUpstreams() throws {
        let fields = [("stream", "flow"), ("x", "stream")]
        let set = [("stream", "1"), ("flow", "2")]
        #expect(try rewritten(#"{"stream":0,"x":0}"#, fields: fields, set: set) == #"{"flow":2,"stream":1}"#)
        #expect(try rewritten(#"{"stream":0}"#, fields: fields, set: set) == #"{"flow":2,"stream":1}"#)
        #expect(try rewritten(#"{"x":[0]}"#, fields: fields, set: set) == #"{"stream":1,"flow":2}"#)
    }

    @Test func aliasesLeaveWhatIsSetAlone() throws {
        let result = try rewritten(
            #"{"a":{"model":"m"},"b":{"model":"m"}}"#, fields: [("model", "x"), ("new", "y")], models: [("m", "n")],
            set: [("a", #"{"model":1}"#), ("new", #"{"new":"m"}"#)])
        #expect(result == #"{"a":{"model":1},"b":{"x":"m"},"new":{"new":"m"}}"#)
    }

    @Test func itWinsOverModelAliases() throws {
        let models = [("gpt-4", "x")]
        #expect(try rewritten(#"{"model":"gpt-4"}"#, models: models, set: [("model", "\"y\"")]) == #"{"model":"y"}"#)
        let renamed = try rewritten(
            #"{"model":"gpt-4"}"#, fields: [("model", "m")], models: models, set: [("m", "\"y\"")])
        #expect(renamed == #"{"m":"y"}"#)
        // The upstream sees no `model` here, so that one is added.
        let added = try rewritten(
            #"{"model":"gpt-4"}"#, fields: [("model", "m")], models: models, set: [("model", "\"y\"")])
        #expect(added == #"{"m":"x","model":"y"}"#)
    }

    @Test(arguments: ["", " ", "x", "{", "1 2", "{\"a\":1,}", "nan", "\"\n\"", String(repeating: "[", count: 512)])
    func valuesAreJSON(_ json: String) {
        #expect {
            try BodyRewrite(fieldAliases: [], modelAliases: [], setBody: [("a", "1"), ("field", json)])
        } throws: { error in
            (error as? BodyRewrite.Fault)?.name == "field" && "\(error)".contains("\"field\"")
        }
    }

    @Test func valuesFitIntoABodyAtItsDeepest() throws {
        let deep = String(repeating: "[", count: 511) + String(repeating: "]", count: 511)
        let result = try #require(try rewritten("{}", set: [("a", deep)]))
        try JSONText.validate(Array(result.utf8).span.bytes)
        #expect(throws: BodyRewrite.Fault.self) {
            try BodyRewrite(fieldAliases: [], modelAliases: [], setBody: [("a", "[" + deep + "]")])
        }
    }
}

@Suite struct BodyEditsTests {
    private let rules = (
        fields: [(from: "model", to: "m")], models: [(from: "gpt-4", to: "x")], set: [(name: "a", json: "1")]
    )

    @Test(arguments: [
        "", " ", "{", "{\"model\":1", "{\"model\":1,}", "{\"model\":1}}", "{\"model\":1} x", "{\"model\":01}",
        "{\"model\":1.}", "{\"model\":.5}", "{\"model\":+1}", "{\"model\":NaN}", "{\"model\":Infinity}", "{model:1}",
        "{'model':1}", "{\"model\":1 /* c */}", "{\"model\":1} // c", "{\"model\":\"\n\"}", "{\"model\":\"\\x\"}",
        "{\"model\":\"\\u12\"}", "[{\"model\":1}", "{\"model\":1}\u{0}", "\u{FEFF}{\"model\":1}", "{\"model\":1},{}",
        "{\"model\":tru}", "{\"model\"}", "{\"model\" 1}", "{\"model\":1 \"b\":2}", "{\"model\":[1,]}", "{,}",
        "data: {\"model\":1}\n\n", "{\"model\":1}\n{\"model\":1}", "model=gpt-4", "\u{A0}{\"model\":1}",
    ])
    func whatIsNotJSONGoesOutUntouched(_ body: String) throws {
        #expect(try rewritten(body, fields: rules.fields, models: rules.models, set: rules.set) == nil)
    }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE4, 0xBD], [0x80],
        ] as [[UInt8]])
    func whatIsNotUTF8GoesOutUntouched(_ octets: [UInt8]) throws {
        let rewrite = try BodyRewrite(fieldAliases: rules.fields, modelAliases: [], setBody: rules.set)
        for front in [#"{"model":""#, #"{""#, #"{"model":1,""#] {
            let back = front.hasSuffix(#":""#) ? "\"}" : "\":1}"
            let body = Array(front.utf8) + octets + Array(back.utf8)
            #expect(rewrite.edits(in: body) == nil)
            let whole = Array((front + back).utf8)
            #expect(rewrite.edits(in: whole) != nil, "only the octets make the difference")
        }
    }

    @Test func nestingIsBounded() throws {
        for (depth, isChanged) in [(511, true), (512, true), (513, false), (100_000, false)] {
            let body = String(repeating: "{\"model\":", count: depth) + "0" + String(repeating: "}", count: depth)
            #expect(try (rewritten(body, fields: rules.fields) != nil) == isChanged)
        }
    }

    @Test func editsTellWhereAndWhat() throws {
        let rewrite = try BodyRewrite(fieldAliases: rules.fields, modelAliases: rules.models, setBody: rules.set)
        let body = Array(#"{"model":"gpt-4","b":[]}"#.utf8)
        let edits = try #require(rewrite.edits(in: body))
        #expect(edits.map(\.range) == [1..<8, 9..<16, 23..<23])
        let texts = edits.map { String(decoding: edits.replacement(of: $0), as: UTF8.self) }
        #expect(texts == [#""m""#, #""x""#, #","a":1"#])
        #expect(edits.bodyLength == body.count)
        #expect(edits.resultLength == #"{"m":"x","b":[],"a":1}"#.utf8.count)
        var segments: [BodyEdits.Segment] = []
        edits.forEachSegment { segments.append($0) }
        #expect(
            segments == [
                .body(0..<1), .text(edits[0].replacement), .body(8..<9), .text(edits[1].replacement), .body(16..<23),
                .text(edits[2].replacement), .body(23..<24),
            ])
    }

    @Test func withoutRulesNothingIsRead() throws {
        #expect(try BodyRewrite(fieldAliases: [], modelAliases: [], setBody: []).isEmpty)
        #expect(try BodyRewrite(fieldAliases: [("a", "a")], modelAliases: [("b", "b")], setBody: []).isEmpty)
        #expect(try rewritten("{\"a\":1}") == nil)
        #expect(try !BodyRewrite(fieldAliases: [], modelAliases: [], setBody: [("a", "1")]).isEmpty)
    }
}

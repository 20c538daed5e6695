import LLMWire
import Testing

private func stream(_ body: String) -> Bool? { TopLevelFields.boolean("stream", in: Array(body.utf8).span.bytes) }
private func model(_ body: String) -> String? { TopLevelFields.string("model", in: Array(body.utf8).span.bytes) }

@Suite struct TopLevelFieldsTests {
    @Test(
        arguments: [
            (#"{"stream":true}"#, true), (#"{"a":[{"stream":false}],"stream" : true , "#, true),
            (#"{"stream":false,"x":"cut o"#, false), (#"{"\u0073tream":true"#, true), (#"{"stream":tru"#, nil),
            (#"{"stream":"true"}"#, nil), (#"{"stream":1}"#, nil), (#"{"stream":null}"#, nil), (#"{"stream""#, nil),
            (#"{"stream":{"stream":true}}"#, nil), (#"{"a":{"stream":true}}"#, nil), (#"[{"stream":true}]"#, nil),
            (#"{"stream":true,"stream":false}"#, false), (#"{"stream":true,"stream":[]}"#, nil),
            (#"{"stream":true,"stream":fal"#, true), (#"{"stream":true,x"#, nil), (#"{"stream":true}}"#, nil),
            ("", nil),
            ("{", nil), ("true", nil), (#"{"stream":true,"a":"\u00"#, true), (#"{"a":"stream","b":true}"#, nil),
        ] as [(String, Bool?)])
    func booleans(_ body: String, _ value: Bool?) {
        #expect(stream(body) == value)
    }

    @Test(
        arguments: [
            (#"{"model":"gpt-4"}"#, "gpt-4"),
            (#"{"messages":[{"model":"x"}],"model":"m\u00e9\n\ud83d\ude00\ud800!""#, "mé\n😀\u{FFFD}!"),
            (#"{"model":"gpt-4","messages":[{"content":"cut"#, "gpt-4"), (#"{"model":"gpt-"#, nil),
            (#"{"model":""}"#, ""),
            (#"{"model":4}"#, nil), (#"{"model":["a"]}"#, nil), (#"{"model":"a","model":"b"}"#, "b"),
            (#"["model","a"]"#, nil),
        ] as [(String, String?)])
    func strings(_ body: String, _ value: String?) {
        #expect(model(body) == value)
    }

    @Test func longStringsAreCutBetweenCharacters() {
        let long = String(repeating: "a", count: 300)
        #expect(model("{\"model\":\"\(long)\"}") == String(repeating: "a", count: 256))
        #expect(model("{\"model\":\"\(long.prefix(256))\"}")?.utf8.count == 256)
        for front in 253...256 {
            let text = String(repeating: "a", count: front) + "😀b"
            #expect(model("{\"model\":\"\(text)\"}") == String(text.prefix(front)))
        }
        #expect(model("{\"model\":\"\(long.prefix(252))😀b\"}") == long.prefix(252) + "😀")
    }

    @Test func octetsThatAreNotUTF8AreStoodInFor() {
        let body = Array("{\"model\":\"".utf8) + Array(repeating: 0xBA, count: 200) + Array("\",".utf8)
        let model = TopLevelFields.string("model", in: body.span.bytes)
        #expect(model == String(repeating: "\u{FFFD}", count: 85))
    }

    @Test func everyCutGivesWhatStandsInFrontOfIt() {
        let body =
            #"{"messages":[{"role":"user","content":"é \" }"}],"model":"gpt-4","n":-1.5e3,"stream":true,"b":null}"#
        let octets = Array(body.utf8)
        let modelEnd = body.utf8.count - #","n":-1.5e3,"stream":true,"b":null}"#.utf8.count
        let streamEnd = body.utf8.count - #","b":null}"#.utf8.count
        for end in 0...octets.count {
            let found = TopLevelFields.modelAndStream(in: octets.span.bytes.extracting(0..<end))
            #expect(found.model == (end >= modelEnd ? "gpt-4" : nil))
            #expect(found.stream == (end >= streamEnd ? true : nil))
        }
    }
}

/// Request bodies of every shape that a rewrite must leave alone but for the named places.
enum RequestBodies {
    /// Stands in a body for an image too large to be read by ``SlowRewrite`` in a test's time.
    static let imageMark = "@image@"
    /// Five MB as base 64.
    static let image: [UInt8] = {
        var random = SeededRandom(state: 5)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return (0..<(5 << 20)).map { _ in digits[Int(random.next() % 64)] }
    }()

    static let all: [String] = chats + numbers + strings + spaces + nests + names + others

    private static let chats = [
        #"{"model":"gpt-4","messages":[{"role":"user","content":"Hello"}]}"#,
        #"{"model": "gpt-4", "messages": [{"role": "user", "content": "Hello"}], "stream": true}"#,
        #"{"messages":[{"content":"x","role":"user","name":"n"}],"stream":false,"model":"m"}"#,
        #"{"model":"gpt-4","temperature":1.0,"top_p":1e0,"max_tokens":16,"stop":["\n"],"a":{"model":"gpt-4"}}"#,
        #"{"model":"gpt-4","input":"Say \"a\"","stream":null,"b":[],"c":{}}"#,
        #"{"model":"claude","system":[{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}],"max_tokens":1}"#,
        #"{"contents":[{"parts":[{"text":"t"}]}],"generationConfig":{"stream":{"a":{"b":{"c":[{"a":1}]}}}}}"#,
        #"{"model":"gpt-4","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,@image@"}},{"type":"text","text":"what?"}]}]}"#,
        #"{"a":"@image@","model":"gpt-4","é":"@image@","b":"\u0041@image@\n"}"#,
        #"{"model":"@image@","stream":"@image@","content":["@image@"]}"#,
        #"{"model":"gpt-4","tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"model":{"type":"string"},"content":{}},"required":["model"]}}}]}"#,
        #"{"model":"gpt-4","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"model\":\"gpt-4\",\"a\":1}"}}]}]}"#,
    ]

    private static let numbers = [
        #"{"model":"m","a":1.0,"b":1e5,"c":-0,"temperature":1E+2,"d":0.10}"#,
        #"{"a":1234567890123456789012345,"b":-9007199254740993,"c":0.1000000000000000055511151231257827}"#,
        #"{"a":1e400,"b":-1e-400,"k":[1,1.0,1.00,10e-1,-0.0,0e0]}"#,
        #"{"stream":1,"temperature":-0.0E-0}"#, "-0", " 1e5 ", "[1.0,{\"a\":1.0,\"b\":1e5}]",
    ]

    private static let strings = [
        #"{"mod\u0065l":"gpt\u002d4","\u006dodel":"gpt-4","model\u0000":"gpt-4"}"#,
        #"{"model":"\u006d","\u0061":1,"\u0062":{"\u0061":2},"co\u006Etent":"\/"}"#,
        #"{"content":"😀 é 你好 \ud83d\ude00 \u00e9 \u4f60","😀":1,"\ud83d\ude00":2,"\u00E9":3,"é":4}"#,
        #"{"\ud83d":1,"\ude00\ud83d":2,"\ud83d\u0041":3,"model":"\ud800","\udead":{"\ud83d😀":1}}"#,
        #"{"e\u0301":1,"é":2,"model":"模型","model_id":"\u6a21\u578B"}"#,
        #"{"":"","a":"","model":""}"#, #"{"\\":"\"","\"":"\\","model":"\\\"","a\\":"a"}"#,
        #"{"model":"\b\f\n\r\t\/\\\"","a\tb":1,"\n":2,"messages":"\u2028\u2029\u007f"}"#,
        "{\"model\":\"\u{7F}\u{2028}\u{FFFF}\u{10FFFF}\u{80}\",\"\u{2028}\":{\"a\":\"\u{FEFF}\"}}",
        #"{"model":"gpt-4\u0020","a":"m","model ":"gpt-4","Model":"gpt-4"}"#,
    ]

    private static let spaces = [
        " \t\r\n{ \t\"model\"\r\n:\n\n\"gpt-4\"\t,\r\n  \"a\" : [ 1 , 2 ] \r\n} \n\n",
        "{\r\n  \"model\": \"gpt-4\",\r\n  \"messages\": [\r\n    {\r\n      \"content\": \"a\\r\\nb\"\r\n    }\r\n  ]\r\n}\r\n",
        "{ }", "{\n\t\n}", "{\"a\":\t{ } , \"b\":[ ]\n}", "\n[\n{\n\"a\"\n:\n1\n}\n]\n",
        " { \"stream\" : { \"a\" : 1 } } ",
    ]

    private static let nests = [
        String(repeating: "{\"a\":", count: 512) + "1" + String(repeating: "}", count: 512),
        String(repeating: "[", count: 512) + String(repeating: "]", count: 512),
        "{\"stream\":" + String(repeating: "[{\"b\":", count: 255) + "null" + String(repeating: "}]", count: 255) + "}",
        #"{"a":{"a":{"a":{"b":{"a":[[[[{"a":1}]]]]}}}},"b":[{"model":{"model":"gpt-4"}}]}"#,
        "[[],{},[{}],{\"a\":{}},{\"a\":[]},[[[[[[]]]]]]]",
    ]

    private static let names = [
        #"{"model":"gpt-4","model":"m","model":1,"model":"gpt-4"}"#,
        #"{"a":1,"a":2,"b":1,"b":2,"a":{"a":1,"a":1},"stream":true,"stream":true,"stream":false}"#,
        #"{"stream":[{"model":"gpt-4"},{"a":1}],"a":{"stream":1},"temperature":{"content":1}}"#,
        #"{"model":{"model":"gpt-4"},"a":"gpt-4"}"#, #"{"model":["gpt-4"],"b":{"b":"b"}}"#,
        #"{"x":"gpt-4","m":"gpt-4","b":"gpt-4","name":"gpt-4","model_id":"gpt-4","c":[{"name":1}]}"#,
    ]

    private static let others = [
        "[]", "null", "\"model\"", "true", "[{\"model\":\"gpt-4\",\"stream\":true},\"gpt-4\"]", "[\"model\",\"gpt-4\"]",
        #"{"role":"user","role2":"model","values":["model","a","stream"]}"#,
    ]
}

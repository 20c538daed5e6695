import Foundation
import LLMWire
import LLMWireInvariants
import Testing

/// Takes a text in which ⟦…⟧ surrounds what is to be masked, and compares in pieces of every length and at every cut.
private func check(_ marked: String, _ names: [String], _ framing: JSONKeyMask.Framing = .document) {
    var body: [UInt8] = []
    var expected: [Bool] = []
    var isMarked = false
    for character in marked.unicodeScalars {
        if character == "⟦" || character == "⟧" {
            isMarked = character == "⟦"
            continue
        }
        body += character.utf8
        expected += Array(repeating: isMarked, count: character.utf8.count)
    }
    for step in [Int.max, 1, 2, 3, 5, 8, 13] {
        #expect(MaskInvariants.masked(body, names, framing, step: step) == expected, "\(marked) by \(step)")
    }
    for cut in 0...body.count {
        var mask = JSONKeyMask(names: names, framing: framing)
        var flags = Array(repeating: false, count: body.count)
        for (start, end) in [(0, cut), (cut, body.count)] {
            var last = 0
            let piece = Array(body[start..<end])
            mask.read(piece.span.bytes) { range, _ in
                #expect(range.lowerBound >= last && !range.isEmpty && range.upperBound <= piece.count)
                last = range.upperBound
                for index in range { flags[start + index] = true }
            }
        }
        #expect(flags == expected, "\(marked) cut at \(cut)")
    }
}

@Suite struct JSONKeyMaskTests {
    @Test(arguments: [
        #"{"api_key":"⟦sk-secret⟧","model":"gpt-4"}"#, #"{"API_Key" : "⟦a \"quoted\" \\⟧" }"#,
        #"{"a":[{"api_key":⟦12.5e3⟧},{"api_key":⟦true⟧},{"api_key":⟦null⟧ }]}"#, #"{"\u0061pi\u005fKEY":"⟦x⟧"}"#,
        #"{"api_key":{"a":"⟦x⟧","b":[⟦1⟧,"⟦2⟧",{"c":⟦false⟧}],"d":{}},"e":"f","g":1}"#,
        #"{"api_key":["⟦x⟧",["⟦y⟧"]],"b":["z"]}"#, #"{"api_key":"","b":"api_key","c":["api_key","x"]}"#,
        #"{"api_key2":"x","api_ke":"x","xapi_key":"x","api_key\u0000":"x","api_key ":"x"}"#,
        #"{"key":"⟦x⟧","é":"⟦y⟧","\u00e9":"⟦z⟧","É":"w","😀":"⟦1⟧","\ud83D\uDe00":"⟦2⟧","\ud83d":"3","\ude00":"4"}"#,
        #"[{"api_key":"⟦x⟧"},"api_key",{"b":"y"}]"#, #""api_key""#, #"{"b":"{\"api_key\":\"x\"}"}"#,
        "{\r\n  \"api_key\" :\r\n\t\"⟦x⟧\"\r\n}\n", #"{"api_key":"⟦x⟧","api_key":⟦2⟧}{"api_key":"⟦y⟧"}"#,
        #"{"api_key":"⟦cut off⟧"#, #"{"api_key":⟦12⟧"#, #"{"api_key"#, #"{"api_key":"#,
        #"{"api_key":{"api_key":[⟦1⟧]},"b":2}"#,
        #"{"password":{"key":"⟦a⟧"},"b":{"key":{"x":"⟦b⟧"},"y":"c"}}"#,
    ])
    func membersOfDocuments(_ marked: String) {
        check(marked, ["api_key", "KEY", "Password", "é", "😀"])
    }

    @Test(arguments: [
        "api_key=secret&key=x", "key: \"value\"\n", "GET /?key=1 \"",
        "--boundary\r\n\r\n{\"key\":\"⟦x⟧\"}\r\n--boundary--",
        "]]}}{\"key\":\"⟦x⟧\"}", "{key:\"x\",\"key\" \"x\",\"key\":⟦true⟧", "{\"key\",:\"x\"}", "\u{FEFF}{\"key\":⟦1⟧}",
        "{\"a\":1}, {\"key\":\"⟦x⟧\"}",
    ])
    func whatIsNotJSONIsReadAsFarAsItGoes(_ marked: String) {
        check(marked, ["key"])
    }

    @Test func linesBeginAnew() {
        check("{\"key\":\"⟦a⟧\"}\n{\"b\":[{\"key\":\"⟦torn⟧\n{\"key\":⟦1⟧}\r\n\r\n{\"b\":\"key\"}\n", ["key"], .lines)
    }

    @Test(arguments: [
        "data: {\"key\":\"⟦a⟧\"}\n\ndata: {\"b\":1}\n\n",
        "event: {\"key\":\"a\"}\r\ndata:{\"key\":\"⟦a⟧\"}\r\n\r\ndata: [DONE]\r\n\r\n",
        ": \"comment\n\ndata: {\"key\":[⟦1⟧]}\n\n: {\"key\":1}\n\n", "data: {\"key\":\ndata: \"⟦a⟧\"}\n\n",
        "data: {\"b\":\"torn\n\ndata: {\"key\":\"⟦a⟧\"}\n\n",
        "data: {\"key\":\"⟦a⟧\"}\ndata: {\"key\":⟦12⟧\ndata: ,\"b\":2}\n\n",
        "data: {\"key\":\"⟦a⟧\"}\r\rdata: {\"b\":[\rdata: {\"key\":⟦1⟧}\r\r",
        "id: 1\ndat: {\"key\":1}\ndata\ndata {\"key\":1}\n\n",
        "\u{FEFF}data: {\"key\":\"⟦a⟧\"}\n\n", "retry: 5\n\n\n\ndata:{\"b\":\"data: \",\"key\":\"⟦ data: ⟧\"}\n",
    ])
    func dataOfEvents(_ marked: String) {
        check(marked, ["key"], .events)
    }

    @Test func deepTextIsReadWithoutEnd() {
        for depth in [511, 512, 513, 600] {
            let open = String(repeating: "{\"a\":[", count: depth / 2)
            let close = String(repeating: "]}", count: depth / 2)
            let body = Array((open + "{\"key\":\"x\",\"b\":2}" + close + "{\"key\":\"y\",\"b\":\"z\"}").utf8)
            let flags = MaskInvariants.masked(body, ["key"], .document, step: 7)
            let covered = zip(body, flags).filter(\.1).map(\.0)
            #expect(covered == Array("xy".utf8))
        }
        let body = Array(String(repeating: "[", count: 1 << 16).utf8) + Array("{\"key\":\"x\"}".utf8)
        #expect(MaskInvariants.masked(body, ["key"], .document).filter { $0 }.count == 1)
    }

    @Test func randomDocumentsAreMaskedAsTheyWereMade() {
        var random = SeededRandom(state: 77)
        for _ in 0..<150 {
            let marked = document(&random, depth: 4, isMasked: false)
            check(marked, ["key", "secret"])
            let line = String(marked.unicodeScalars.filter { $0 != "\n" })
            check(line + "\n" + line + "\n", ["key", "secret"], .lines)
            check("data: " + line + "\n\n", ["key", "secret"], .events)
        }
    }

    @Test func withoutNamesNothingIsRead() {
        var mask = JSONKeyMask(names: [], framing: .document)
        #expect(mask.isEmpty)
        let body = Array("{\"\":1}".utf8)
        mask.read(body.span.bytes) { _, _ in Issue.record("nothing is named") }
        #expect(mask.offset == body.count)
    }

    @Test func theFuzzersCorpusKeepsTheInvariants() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let corpus = root.appending(path: "Fuzzing/corpus/jsonmask")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        #expect(files.count > 20)
        for file in files {
            let broken = MaskInvariants.violation(inFuzzInput: [UInt8](try Data(contentsOf: file)))
            #expect(broken == nil, "\(file.lastPathComponent): \(broken ?? "")")
        }
    }

    /// A random value with its marks.
    private func document(_ random: inout SeededRandom, depth: Int, isMasked: Bool) -> String {
        func space() -> String { ["", "", " ", "\n", " \n "][Int(random.next() % 5)] }
        func mark(_ text: String) -> String { isMasked && !text.isEmpty ? "⟦" + text + "⟧" : text }
        switch random.next() % (depth > 0 ? 8 : 4) {
        case 0: return mark(["1", "-2.5e7", "true", "null"][Int(random.next() % 4)])
        case 1, 2: return "\"" + mark(["x", "", "a \\\" b", "{}", "\\\\", "你好", "key"][Int(random.next() % 7)]) + "\""
        case 3: return ["[]", "{}"][Int(random.next() % 2)]
        case 4, 5:
            let values = (0...(random.next() % 3)).map { _ in
                space() + document(&random, depth: depth - 1, isMasked: isMasked) + space()
            }
            return "[" + values.joined(separator: ",") + "]"
        default:
            let members = (0...(random.next() % 3)).map { _ in
                let names = ["a", "key", "b", "\\u006bEy", "SECRET", "keys", "k\\/"]
                let name = Int(random.next() % UInt64(names.count))
                let isNamed = [1, 3, 4].contains(name)
                return space() + "\"\(names[name])\"" + space() + ":" + space()
                    + document(&random, depth: depth - 1, isMasked: isMasked || isNamed) + space()
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }
}

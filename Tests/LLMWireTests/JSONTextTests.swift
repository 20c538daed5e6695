import Foundation
import Testing

@testable import LLMWire

/// The compact form of `octets`, or the fault.
private func compact(_ octets: [UInt8], depth: Int = JSONText.depthLimit) -> Result<[UInt8], JSONFault> {
    var writer = JSONLineWriter()
    writer.literal("x")
    do throws(JSONFault) {
        try writer.appendJSON(octets.span.bytes, maximumDepth: depth)
        return .success(Array(writer.octets.dropFirst()))
    } catch {
        #expect(writer.octets == [0x78], "a fault leaves the writer as it was")
        return .failure(error)
    }
}

private func faultKind(_ octets: [UInt8], depth: Int = JSONText.depthLimit) -> JSONFault.Kind? {
    var kind: JSONFault.Kind?
    if case .failure(let fault) = compact(octets, depth: depth) { kind = fault.kind }
    var validated: JSONFault.Kind?
    do throws(JSONFault) {
        try JSONText.validate(octets.span.bytes, maximumDepth: depth)
    } catch {
        validated = error.kind
    }
    #expect(validated == kind, "validating and writing judge alike")
    return kind
}

@Suite struct JSONTextTests {
    @Test(arguments: [
        ("{}", "{}"), ("[]", "[]"), (" { } ", "{}"), ("\t[\r\n]\n", "[]"), ("0", "0"), ("-0", "-0"),
        ("-0.0e-0", "-0.0e-0"),
        ("1E+400", "1E+400"), ("123456789012345678901234567890.10", "123456789012345678901234567890.10"),
        ("true", "true"), (" false ", "false"), ("null", "null"), ("\"\"", "\"\""), ("\" a\\tb \"", "\" a\\tb \""),
        ("{\"a\" : 1 ,\n\"a\":\t2}", "{\"a\":1,\"a\":2}"), ("[1, 2 ,3]", "[1,2,3]"),
        ("[[[]], {\"b\": [ {} ] }]", "[[[]],{\"b\":[{}]}]"), ("\"\\ud800\"", "\"\\ud800\""),
        ("\"\\u00e9\\uD83D\\uDE00\\/\\b\\f\\n\\r\\\"\\\\\"", "\"\\u00e9\\uD83D\\uDE00\\/\\b\\f\\n\\r\\\"\\\\\""),
        (
            "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{2028}\"",
            "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{2028}\""
        ),
        ("{\"长\": \"文本 文本\", \"k\" :\"v\"}", "{\"长\":\"文本 文本\",\"k\":\"v\"}"),
        ("[true,false,null]", "[true,false,null]"),
        (
            "{\"long key beyond a word\"\n:\n\"long value beyond a word\"\n}",
            "{\"long key beyond a word\":\"long value beyond a word\"}"
        ),
    ])
    func validIsWrittenOnOneLine(_ text: String, _ line: String) {
        #expect(faultKind(Array(text.utf8)) == nil)
        #expect(compact(Array(text.utf8)) == .success(Array(line.utf8)))
    }

    @Test(arguments: [
        "", " ", "{", "[", "]", "}", "{]", "[}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{,}", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1}}", "[]]", "[] []", "1 2", "01",
        "-",
        "-a", "+1", "1.", ".5", "1.e3", "1e", "1e+", "0x10", "1a", "NaN", "Infinity", "tru", "truE", "trued", "nul",
        "nulll", "fals",
        "falsy", "\"", "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u123", "\"a\nb\"",
        "\"a\tb\"",
        "\"a\u{0}b\"", "\"12345678\u{1F}\"", "'a'", "/**/1", "1//", "\u{FEFF}1", "\u{A0}1", "[\u{B}1]", "\u{0}",
        "1\u{0}",
        "{\"a\":1,\"b\"", "{\"a\":1,\"b\":", "{\"a\" ", "{\"a\"\u{1}:1}", ":", ",", "[:]", "{:}", "[\"a\":1]",
        "\"a\" \"b\"", "{\"a\"}\"b\":",
    ])
    func invalidIsRefused(_ text: String) {
        #expect(faultKind(Array(text.utf8)) != nil)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x9F, 0xBF], [0xE4, 0xBD],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xE4, 0xBD, 0xA0, 0xBD],
        ] as [[UInt8]])
    func whatIsNotUTF8IsRefused(_ octets: [UInt8]) {
        for front in ["\"", "\"abcdefgh", "\"你好吗", "[\"a\",\""] {
            for tail in ["", "x", "abcdefghijk", "你"] {
                let text = Array(front.utf8) + octets + Array((tail + "\"" + (front.hasPrefix("[") ? "]" : "")).utf8)
                #expect(faultKind(text) == .notUTF8)
                #expect(String(validating: text, as: UTF8.self) == nil, "the standard library agrees")
            }
        }
    }

    @Test func nestingIsBounded() {
        let nested: (Int) -> [UInt8] = { Array(repeating: 0x5B, count: $0) + Array(repeating: 0x5D, count: $0) }
        #expect(faultKind(nested(512)) == nil)
        #expect(faultKind(nested(513)) == .tooDeep)
        #expect(faultKind(nested(3), depth: 2) == .tooDeep)
        #expect(faultKind(Array(repeating: 0x5B, count: 1 << 20)) == .tooDeep)
        // Objects and arrays in turn, across the words that hold the nesting.
        var front: [UInt8] = []
        var back: [UInt8] = []
        for level in 0..<500 {
            front += level % 3 == 0 ? Array("[".utf8) : Array("{\"k\":".utf8)
            back.append(level % 3 == 0 ? 0x5D : 0x7D)
        }
        #expect(faultKind(front + [0x31] + back.reversed()) == nil)
        var wrong = back
        wrong.swapAt(64, 66)
        #expect(faultKind(front + [0x31] + wrong.reversed()) == .unexpectedOctet)
    }

    @Test func randomDocumentsSurvive() throws {
        var random = SeededRandom(state: 42)
        for _ in 0..<1000 {
            var spaced: [UInt8] = []
            var expected: [UInt8] = []
            random.document(depth: 5, &spaced, &expected)
            #expect(compact(spaced) == .success(expected))
            let parsed = try JSONSerialization.jsonObject(with: Data(spaced), options: .fragmentsAllowed) as? NSObject
            let again = try JSONSerialization.jsonObject(with: Data(expected), options: .fragmentsAllowed) as? NSObject
            #expect(parsed != nil && parsed == again)
            // Cut anywhere, a document that is not a bare number is none.
            if expected.count > 1, let last = expected.last, last == 0x5D || last == 0x7D || last == 0x22 {
                #expect(faultKind(Array(expected[0..<Int(random.next() % UInt64(expected.count))])) != nil)
            }
        }
    }

    @Test func damagedDocumentsAreJudgedAsFoundationJudgesThem() {
        var random = SeededRandom(state: 7)
        var refused = 0
        for _ in 0..<2000 {
            var spaced: [UInt8] = []
            var line: [UInt8] = []
            random.document(depth: 3, &spaced, &line)
            let octets = Array("{}[]\",:\\0129.eE+-truefalsn \n\u{1}".utf8)
            spaced[Int(random.next() % UInt64(spaced.count))] = octets[Int(random.next() % UInt64(octets.count))]
            let ours = faultKind(spaced) == nil
            let theirs = (try? JSONSerialization.jsonObject(with: Data(spaced), options: .fragmentsAllowed)) != nil
            if !ours { refused += 1 }
            // What Foundation reads we read, but for a comma before a bracket (RFC 8259 has none there).
            let tight = spaced.filter { $0 > 0x20 }
            let hasLooseComma = zip(tight, tight.dropFirst()).contains { $0 == 0x2C && ($1 == 0x5D || $1 == 0x7D) }
            if theirs, !hasLooseComma { #expect(ours, "\(String(decoding: spaced, as: UTF8.self))") }
        }
        #expect(refused > 250)
    }
}

/// A small generator with a seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    private mutating func space(_ spaced: inout [UInt8]) {
        for _ in 0..<(next() % 4) { spaced.append([0x20, 0x0A, 0x0D, 0x09][Int(next() % 4)]) }
    }

    /// Appends one random value with white space to `spaced`, and the same without to `line`.
    mutating func document(depth: Int, _ spaced: inout [UInt8], _ line: inout [UInt8]) {
        space(&spaced)
        let kind = next() % (depth > 0 ? 7 : 5)
        switch kind {
        case 0: scalar(["true", "false", "null"][Int(next() % 3)], &spaced, &line)
        case 1: scalar(["0", "-1", "3.25", "1e5", "12E-3", "-0.5e+1"][Int(next() % 6)], &spaced, &line)
        case 2, 3, 4: scalar(string(), &spaced, &line)
        default:
            let isObject = kind == 5
            scalar(isObject ? "{" : "[", &spaced, &line)
            let count = next() % 4
            for index in 0..<count {
                if index > 0 { scalar(",", &spaced, &line) }
                if isObject {
                    space(&spaced)
                    scalar("\"k\(index)\"", &spaced, &line)
                    space(&spaced)
                    scalar(":", &spaced, &line)
                }
                document(depth: depth - 1, &spaced, &line)
            }
            if count == 0 { space(&spaced) }
            scalar(isObject ? "}" : "]", &spaced, &line)
        }
        space(&spaced)
    }

    private func scalar(_ text: String, _ spaced: inout [UInt8], _ line: inout [UInt8]) {
        spaced.append(contentsOf: text.utf8)
        line.append(contentsOf: text.utf8)
    }

    private mutating func string() -> String {
        let parts = ["a", " ", "word and more", "\\n", "\\\"", "\\\\", "\\u4f60", "你好", "é", "😀", "}", "]", ","]
        return "\"" + (0..<(next() % 6)).map { _ in parts[Int(next() % UInt64(parts.count))] }.joined() + "\""
    }
}

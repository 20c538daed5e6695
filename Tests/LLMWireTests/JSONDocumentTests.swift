import Testing

@testable import LLMWire

private func document(_ text: String) throws -> JSONDocument {
    var document = JSONDocument()
    try document.read(Array(text.utf8).span.bytes)
    return document
}

@Suite struct JSONDocumentTests {
    @Test func valuesAreFoundByTheirPlaces() throws {
        let it = try document(#" { "a" : [1, {"b": "x\ny"}, [], {}], "c": null, "d": true, "e": -2.5e1 } "#)
        #expect(it.kind(it.root) == .object)
        let elements = Array(it.elements(it[it.root, "a"]))
        #expect(elements.count == 4)
        #expect(it.integer(elements[0]) == 1)
        #expect(it.string(it[elements[1], "b"]) == "x\ny")
        #expect(Array(it.elements(elements[2])).isEmpty && Array(it.members(elements[3])).isEmpty)
        #expect(it.kind(it[it.root, "c"]) == .null && !it.isPresent(it[it.root, "c"]))
        #expect(it.boolean(it[it.root, "d"]) == true)
        #expect(it.double(it[it.root, "e"]) == -25 && it.integer(it[it.root, "e"]) == -25)
        #expect(it.members(it.root).map(\.name) == ["a", "c", "d", "e"])
        #expect(it.raw(elements[1]) == #"{"b": "x\ny"}"#)
    }

    @Test func whatIsAbsentOrOfAnotherKindAnswersAlike() throws {
        let it = try document(#"{"s":"x","n":1,"a":[1],"o":{}}"#)
        for name in ["missing", "n", "a", "o"] as [StaticString] { #expect(it.string(it[it.root, name]) == nil) }
        for name in ["missing", "s", "a", "o"] as [StaticString] { #expect(it.integer(it[it.root, name]) == nil) }
        for name in ["missing", "s", "n", "o"] as [StaticString] {
            #expect(Array(it.elements(it[it.root, name])).isEmpty)
        }
        for name in ["missing", "s", "n", "a"] as [StaticString] { #expect(it[it[it.root, name], "x"] == nil) }
        #expect(it[nil, "x"] == nil && it.boolean(nil) == nil && it.kind(nil) == nil)
    }

    @Test func ofEqualNamesTheLastCountsHoweverItIsSpelt() throws {
        let it = try document(#"{"a":1,"b":2,"\u0061":3}"#)
        #expect(it.integer(it[it.root, "a"]) == 3)
        #expect(it.first(it.root, "x", "b", "a").flatMap { it.integer($0) } == 2)
    }

    @Test(arguments: [
        (#""\u00e5\ud83d\ude00\"\\\/\b\f\n\r\t""#, "å😀\"\\/\u{8}\u{c}\n\r\t"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ud83dx""#, "\u{FFFD}x"), (#""\ude00\ud83d""#, "\u{FFFD}\u{FFFD}"), ("\"日本\"", "日本"), ("\"\"", ""),
    ])
    func stringsWithoutTheirEscapes(json: String, expected: String) throws {
        let it = try document(json)
        #expect(it.string(it.root) == expected)
        var octets: [UInt8] = Array("<".utf8)
        #expect(it.append(it.root, to: &octets) == expected.utf8.count)
        #expect(octets == Array("<\(expected)".utf8))
    }

    @Test(arguments: [
        ("0", 0), ("-0", 0), ("9223372036854775807", Int.max), ("9223372036854775808", nil), ("1.0", 1), ("1e3", 1000),
        ("1.5", nil), ("1e400", nil), ("-7", -7), ("12345678901234567890123", nil),
        ("12345678901234567890123e-99999", 0), ("120000000000000000000000e-22", 12), ("98765432109876543210.5", nil),
    ])
    func integers(json: String, expected: Int?) throws {
        let it = try document(json)
        #expect(it.integer(it.root) == expected)
        #expect(it.count(it.root) == expected.flatMap { $0 < 0 ? nil : $0 })
    }

    @Test func aFaultLeavesNothingOfTheTextBefore() throws {
        var it = try document(#"{"a":1}"#)
        for broken in ["{", #"{"a":}"#, "", "nul", "[1,]"] {
            #expect(throws: JSONFault.self) { try it.read(Array(broken.utf8).span.bytes) }
            #expect(it.kind(it.root) == .null && it[it.root, "a"] == nil)
        }
        try it.read(Array("[true]".utf8).span.bytes)
        #expect(it.elements(it.root).map { it.boolean($0) } == [true])
    }

    @Test func depthHasALimit() throws {
        var it = JSONDocument()
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(throws: JSONFault.self) { try it.read(Array(deep.utf8).span.bytes, maximumDepth: 39) }
        try it.read(Array(deep.utf8).span.bytes, maximumDepth: 40)
    }
}

@Suite struct JSONDigestTests {
    private func digest(_ message: String) throws -> UInt64 {
        let it = try document(message)
        var digest = JSONDigest()
        digest.add(MessageSource(.user, it.root), it)
        return digest.value
    }

    @Test func cacheMarksAndTheFormOfLoneTextMakeNoDifference() throws {
        let plain = try digest(#"{"role":"user","content":"Hi"}"#)
        for same in [
            #"{"role":"user","content":[{"type":"text","text":"Hi"}]}"#,
            #"{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}"#,
            #"{"role": "user", "content": "Hi", "cache_control": null}"#,
        ] { #expect(try digest(same) == plain) }
        for other in [
            #"{"role":"user","content":"Ho"}"#, #"{"role":"user","content":["Hi"]}"#,
            #"{"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":""}]}"#,
            #"{"role":"user","content":[{"type":"text","text":"Hi","id":1}]}"#,
        ] { #expect(try digest(other) != plain) }
    }
}

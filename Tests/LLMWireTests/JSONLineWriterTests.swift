import Foundation
import Testing

@testable import LLMWire

private func written(_ body: (inout JSONLineWriter) -> Void) -> String {
    var writer = JSONLineWriter()
    body(&writer)
    return String(decoding: writer.octets, as: UTF8.self)
}

@Suite struct JSONLineWriterTests {
    @Test func structureHasItsCommas() {
        let line = written { writer in
            writer.beginObject()
            writer.key("a")
            writer.integer(1)
            writer.key("b")
            writer.beginArray()
            for value in ["x", "["] {
                writer.nextElement()
                writer.string(value)
            }
            writer.nextElement()
            writer.beginArray()
            writer.endArray()
            writer.endArray()
            writer.key("c")
            writer.beginObject()
            writer.endObject()
            writer.key("d")
            writer.null()
            writer.key("e")
            writer.bool(true)
            writer.endObject()
            writer.endLine()
        }
        #expect(line == "{\"a\":1,\"b\":[\"x\",\"[\",[]],\"c\":{},\"d\":null,\"e\":true}\n")
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (10, "10"), (99, "99"), (100, "100"), (-1, "-1"), (Int.max, "9223372036854775807"),
        (Int.min, "-9223372036854775808"),
    ])
    func integers(_ value: Int, _ text: String) {
        #expect(written { $0.integer(value) } == text)
    }

    @Test func largestInteger() {
        #expect(written { $0.integer(UInt64.max) } == "18446744073709551615")
    }

    @Test(
        arguments: [
            (0, "0.000"), (999, "0.000"), (1000, "0.001"), (999_999, "0.999"), (1_000_000, "1.000"),
            (12_345_678_901, "12345.678"), (-5, "0.000"),
        ] as [(Int64, String)])
    func milliseconds(_ nanoseconds: Int64, _ text: String) {
        #expect(written { $0.milliseconds(nanoseconds) } == text)
    }

    @Test func everyControlIsEscapedAtEveryPlace() throws {
        for place in 0..<18 {
            for octet in UInt8(0)..<0x80 {
                var text = Array(repeating: UInt8(0x61), count: 18)
                text[place] = octet
                let line = written { $0.string(text.span.bytes, 0..<18) }
                #expect(!line.utf8.contains { $0 < 0x20 })
                let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
                #expect(parsed as? String == String(decoding: text, as: UTF8.self))
            }
        }
    }

    @Test func randomStringsComeBack() throws {
        var random = SeededRandom(state: 1)
        let characters: [Character] = [
            "a", "\"", "\\", "\n", "\u{1}", "é", "你", "😀", "\u{2028}", "/", "\u{7F}", "b", "c",
        ]
        for round in 0..<400 {
            // Some longer than the block in which escaping goes.
            let length = Int(random.next() % (round % 20 == 0 ? 9000 : 60))
            let text = String((0..<length).map { _ in characters[Int(random.next() % UInt64(characters.count))] })
            let line = written { $0.string(text) }
            let parsed = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
            #expect(parsed as? String == text)
        }
    }

    @Test func controlsAloneFitTheirRoom() {
        let text = Array(repeating: UInt8(1), count: 20_000)
        #expect(written { $0.string(text.span.bytes, 0..<20_000) }.utf8.count == 120_002)
    }

    @Test func onlyTheRangeIsWritten() {
        let text = Array("abcdefghijklmnop".utf8)
        #expect(written { $0.string(text.span.bytes, 3..<12) } == "\"defghijkl\"")
        #expect(written { $0.string(text.span.bytes, 3..<3) } == "\"\"")
    }

    @Test func latin1() throws {
        let line = written { $0.latin1String(([0xE9, 0x22, 0x0A, 0xFF, 0x41] as [UInt8]).span.bytes, 0..<5) }
        #expect(line == "\"\u{E9}\\\"\\n\u{FF}A\"")
    }

    @Test func base64IsFoundations() {
        var random = SeededRandom(state: 3)
        for length in Array(0..<20) + [12_287, 12_288, 12_289, 30_000] {
            let octets = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            #expect(written { $0.base64String(octets.span.bytes) } == "\"\(Data(octets).base64EncodedString())\"")
        }
    }

    @Test func hexadecimal() {
        #expect(written { $0.hexadecimalString(([0x00, 0x9F, 0xFA] as [UInt8]).span.bytes) } == "\"009ffa\"")
    }

    @Test func memoryIsGivenBack() {
        var writer = JSONLineWriter()
        writer.string(String(repeating: "x", count: 100_000))
        let grown = writer.capacity
        writer.removeAll(keepingCapacityUpTo: grown)
        #expect(writer.capacity == grown && writer.count == 0)
        writer.removeAll(keepingCapacityUpTo: 1000)
        #expect(writer.capacity == 0)
        writer.string("y")
        #expect(writer.octets == Array("\"y\"".utf8))
    }
}

@Suite struct UTF8TextTests {
    @Test func judgesAsTheStandardLibraryDoes() {
        var random = SeededRandom(state: 9)
        let pieces: [[UInt8]] = [
            Array("a".utf8), Array("ascii run of text".utf8), Array("é".utf8), Array("你".utf8), Array("😀".utf8), [0x80],
            [0xC2], [0xE0, 0xA0], [0xED, 0xA0, 0x80], [0xF0, 0x90, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xC0, 0xAF],
            [0xFF],
        ]
        var valid = 0
        for _ in 0..<20_000 {
            let span = random.next() % 8 == 0 ? UInt64(pieces.count) : 5
            let text = (0..<(random.next() % 8)).flatMap { _ in pieces[Int(random.next() % span)] }
            let expected = String(validating: text, as: UTF8.self) != nil
            #expect(UTF8Text.isValid(text.span.bytes) == expected, "\(text)")
            if expected { valid += 1 }
        }
        #expect(valid > 5000 && valid < 20_000)
    }

    @Test(arguments: ["é", "你", "😀"])
    func incompleteTails(_ character: String) {
        let octets = Array(character.utf8)
        for kept in 0...octets.count {
            let text = Array("ab".utf8) + octets[0..<kept]
            #expect(UTF8Text.incompleteTail(of: text.span.bytes) == (kept == octets.count ? 0 : kept))
            #expect(UTF8Text.incompleteTail(of: octets[0..<kept].span.bytes) == (kept == octets.count ? 0 : kept))
        }
    }

    @Test func strayOctetsAreNoTail() {
        #expect(UTF8Text.incompleteTail(of: ([0x80, 0x80, 0x80, 0x80] as [UInt8]).span.bytes) == 0)
        #expect(UTF8Text.incompleteTail(of: ([0xFF] as [UInt8]).span.bytes) == 0)
    }
}

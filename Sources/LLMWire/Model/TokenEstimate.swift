/// How many tokens a text probably is, for answers whose provider did not say.
///
/// Counted in quarters by what UTF-8 tells of the script: an ASCII octet one (four letters a token), a character of two
/// octets two, of three (Chinese, Japanese, Korean and most of Asia) three, of four (emoji) eight. Against the
/// tokenizers in use this is right within a third for prose, and rather high for code.
package struct TokenEstimate: Sendable, Equatable {
    private var quarters = 0

    /// Of nothing.
    package init() {}

    /// The tokens, rounded up.
    package var tokens: Int { (quarters + 3) / 4 }

    /// Adds a text.
    package mutating func add(_ text: some Sequence<UInt8>) {
        for octet in text {
            switch octet {
            case 0x00...0x7F: quarters += 1
            case 0xC0...0xDF: quarters += 2
            case 0xE0...0xEF: quarters += 3
            case 0xF0...0xFF: quarters += 8
            default: break
            }
        }
    }

    /// Adds what a model said, thought and asked for.
    package mutating func add(_ choice: Choice) {
        for part in choice.parts {
            switch part {
            case .text(let text), .reasoning(let text), .refusal(let text): add(text.utf8)
            case .toolCall(let call):
                add(call.name.utf8)
                add(call.arguments.utf8)
            case .toolResult, .media, .other: break
            }
        }
    }

    /// Adds all strings of a request but those that are data and no text: images, sound, documents in base 64.
    package mutating func add(_ request: JSONDocument) {
        request.forEachString { octets in if !Self.isData(octets) { add(octets) } }
    }

    /// Whether a long string is made of the alphabets of base 64 and what a `data:` URL has in front of it, as text of any
    /// script is not.
    private static func isData(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.count >= 256 else { return false }
        return text.prefix(256).allSatisfy { octet in
            switch octet {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B...0x2F, 0x3A...0x3B, 0x3D, 0x5F, 0x0A, 0x0D: true
            default: false
            }
        }
    }
}

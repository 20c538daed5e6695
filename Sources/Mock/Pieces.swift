import NIOCore

/// A text cut into tokens, each kept as the inside of a JSON string: encoded once, written many times.
///
/// A token is white space followed by text up to the next white space, cut further after `longest` bytes at the next
/// character (Unicode scalar). Tokens joined are the text.
struct Pieces: Sendable, Equatable {
    /// How many bytes of text a token of an answer has before it is cut.
    static let longestWord = 16

    private var text = ByteBuffer()
    private var ends: [Int] = []
    /// The tokens from here on repeat when `count` goes past what was appended.
    private var cycle = 0

    /// How many tokens there are.
    private(set) var count = 0

    init() {}

    /// The text's tokens.
    init(_ text: String, longest: Int = Pieces.longestWord) {
        self.append(text, longest: longest)
    }

    private mutating func append(_ text: String, longest: Int) {
        var word = 0
        for byte in text.utf8 {
            let isWhite = byte == 0x20 || (0x09...0x0d).contains(byte)
            let beginsCharacter = byte & 0xc0 != 0x80
            if isWhite ? word > 0 : (beginsCharacter && word >= longest) {
                self.ends.append(self.text.writerIndex)
                word = 0
            }
            JSONText.writeEscaped(byte, into: &self.text)
            if !isWhite { word += 1 }
        }
        if self.text.writerIndex > (self.ends.last ?? 0) { self.ends.append(self.text.writerIndex) }
        self.count = self.ends.count
    }

    /// Makes it exactly `count` tokens: fewer, or more by repeating the tokens of `filler`.
    mutating func resize(to count: Int, filler: String) {
        if count > self.count {
            self.cycle = self.ends.count
            self.append(filler, longest: Self.longestWord)
        }
        self.count = count
    }

    /// One token.
    subscript(index: Int) -> ByteBuffer {
        let held = self.ends.count
        let index = index < held ? index : self.cycle + (index - held) % (held - self.cycle)
        let start = index == 0 ? 0 : self.ends[index - 1]
        return self.text.getSlice(at: start, length: self.ends[index] - start) ?? ByteBuffer()
    }

    /// Writes all tokens, as the inside of one JSON string.
    func write(into buffer: inout ByteBuffer) {
        for index in 0..<self.count { buffer.writeImmutableBuffer(self[index]) }
    }

    /// All tokens, as the inside of one JSON string.
    var joined: String {
        var buffer = ByteBuffer()
        self.write(into: &buffer)
        return String(buffer: buffer)
    }
}

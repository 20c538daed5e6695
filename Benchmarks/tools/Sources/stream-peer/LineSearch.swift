import NIOCore

enum LineSearch {
    /// The offset of the first LF.
    static func lineFeed(in buffer: ByteBuffer, limit: Int) -> Int? {
        let span = buffer.readableBytesUInt8Span
        for index in 0..<min(limit, span.count) where span[index] == 0x0a { return index }
        return nil
    }

    /// The offset behind the empty line that ends a head.
    static func endOfHead(in buffer: ByteBuffer, limit: Int) -> Int? {
        let span = buffer.readableBytesUInt8Span
        var index = 3
        while index < min(limit, span.count) {
            if span[index] == 0x0a, span[index - 1] == 0x0d, span[index - 2] == 0x0a, span[index - 3] == 0x0d {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    /// Whether `name` is `lowercase` in any case.
    static func equals(_ name: some Collection<UInt8>, _ lowercase: StaticString) -> Bool {
        guard name.count == lowercase.utf8CodeUnitCount else { return false }
        return lowercase.withUTF8Buffer { expected in
            zip(name, expected).allSatisfy { byte, wanted in
                byte == wanted || (byte >= 0x41 && byte <= 0x5a && byte | 0x20 == wanted)
            }
        }
    }
}

extension String {
    /// Without the blanks and the line end around it.
    var trimmingSpaces: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        let front = self.drop(while: isBlank)
        guard let last = front.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(front[...last])
    }
}

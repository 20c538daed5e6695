/// Reads JSON by its own grammar (RFC 8259): a YAML reader stumbles over surrogate pairs and long keys, and calls
/// numbers what is none.
struct JSONDocument {
    private let octets: [UInt8]
    private var position = 0
    private var line = 1
    /// Where the column was last counted to, so that a long line is counted once.
    private var counted = (position: 0, column: 1)
    private var depth = 0

    private static let deepest = 128

    private struct NotJSON: Error {}

    /// The document that `text` is; nil: it is no JSON.
    static func read(_ text: String) -> DocumentNode? {
        var document = JSONDocument(octets: Array(text.utf8))
        document.skipSpace()
        guard document.peek == UInt8(ascii: "{"), let node = try? document.value() else { return nil }
        document.skipSpace()
        return document.peek == nil ? node : nil
    }

    private init(octets: [UInt8]) {
        self.octets = octets
    }

    private var peek: UInt8? { position < octets.count ? octets[position] : nil }

    private mutating func place() -> TextPlace {
        for octet in octets[counted.position..<position] where octet & 0xC0 != 0x80 { counted.column += 1 }
        counted.position = position
        return TextPlace(line: line, column: counted.column)
    }

    private mutating func skipSpace() {
        while let octet = peek, octet == 0x20 || octet == 0x09 || octet == 0x0A || octet == 0x0D {
            position += 1
            let isBreak = octet == 0x0A || octet == 0x0D && peek != 0x0A
            guard isBreak else { continue }
            line += 1
            counted = (position, 1)
        }
    }

    private mutating func take(_ character: Unicode.Scalar) throws(NotJSON) {
        guard peek == UInt8(truncatingIfNeeded: character.value) else { throw NotJSON() }
        position += 1
    }

    private mutating func value() throws(NotJSON) -> DocumentNode {
        skipSpace()
        let place = place()
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw NotJSON() }
        switch peek {
        case UInt8(ascii: "{"): return DocumentNode(content: .mapping(try members()), place: place)
        case UInt8(ascii: "["): return DocumentNode(content: .sequence(try elements()), place: place)
        case UInt8(ascii: "\""): return DocumentNode(content: .scalar(try string(), isQuoted: true), place: place)
        default: return DocumentNode(content: .scalar(try literal(), isQuoted: false), place: place)
        }
    }

    private mutating func members() throws(NotJSON) -> [DocumentNode.Entry] {
        var entries: [DocumentNode.Entry] = []
        try take("{")
        skipSpace()
        if peek == UInt8(ascii: "}") {
            position += 1
            return []
        }
        while true {
            skipSpace()
            let place = place()
            let key = try string()
            skipSpace()
            try take(":")
            entries.append(DocumentNode.Entry(key: key, keyPlace: place, value: try value()))
            skipSpace()
            if peek == UInt8(ascii: "}") {
                position += 1
                return entries
            }
            try take(",")
        }
    }

    private mutating func elements() throws(NotJSON) -> [DocumentNode] {
        var nodes: [DocumentNode] = []
        try take("[")
        skipSpace()
        if peek == UInt8(ascii: "]") {
            position += 1
            return []
        }
        while true {
            nodes.append(try value())
            skipSpace()
            if peek == UInt8(ascii: "]") {
                position += 1
                return nodes
            }
            try take(",")
        }
    }

    private mutating func literal() throws(NotJSON) -> String {
        let start = position
        while let octet = peek, !",]} \t\r\n".utf8.contains(octet) { position += 1 }
        let text = String(decoding: octets[start..<position], as: UTF8.self)
        guard ["true", "false", "null"].contains(text) || JSONNumber.isOne(text) else { throw NotJSON() }
        return text
    }

    private mutating func string() throws(NotJSON) -> String {
        try take("\"")
        var text: [UInt8] = []
        while let octet = peek {
            position += 1
            switch octet {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            case 0..<0x20: throw NotJSON()
            default: text.append(octet)
            }
        }
        throw NotJSON()
    }

    private mutating func escape() throws(NotJSON) -> Unicode.Scalar {
        defer { position += 1 }
        switch peek {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try unit()
            guard unit & 0xFC00 == 0xD800 else {
                // A lone low half stands for no character.
                return Unicode.Scalar(unit) ?? "\u{FFFD}"
            }
            guard octets[position...].dropFirst().starts(with: #"\u"#.utf8) else { return "\u{FFFD}" }
            position += 2
            let low = try self.unit()
            guard low & 0xFC00 == 0xDC00 else { return "\u{FFFD}" }
            return Unicode.Scalar(0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF))) ?? "\u{FFFD}"
        default: throw NotJSON()
        }
    }

    /// The four digits behind the `u` that is next; the last of them is next afterwards.
    private mutating func unit() throws(NotJSON) -> UInt16 {
        let digits = octets[position...].dropFirst().prefix(4)
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 4, text.allSatisfy(\.isHexDigit), let unit = UInt16(text, radix: 16) else {
            throw NotJSON()
        }
        position += 4
        return unit
    }
}

/// `number` of RFC 8259 §6.
enum JSONNumber {
    static func isOne(_ text: String) -> Bool {
        var rest = text.utf8[...]
        let isDigit = { (octet: UInt8) in (0x30...0x39).contains(octet) }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let exponent = rest.popFirst() else { return true }
        guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }
}

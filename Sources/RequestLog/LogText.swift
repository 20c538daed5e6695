/// Octets of log lines: whatever came from outside is written so that it cannot be taken for anything else.
extension [UInt8] {
    /// The octets of text that is Weir's own.
    init(_ text: StaticString) {
        self = text.withUTF8Buffer { Array($0) }
    }

    /// Appends text that is Weir's own.
    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends a number in decimal digits, with zeros in front up to `width`.
    mutating func append(decimal number: UInt64, width: Int = 1) {
        var rest = number
        var digits: [UInt8] = []
        repeat {
            digits.append(0x30 + UInt8(rest % 10))
            rest /= 10
        } while rest > 0 || digits.count < width
        append(contentsOf: digits.reversed())
    }

    /// Appends text for a terminal or a file that people read: controls, invisible characters and octets that are no
    /// UTF-8 become escapes.
    mutating func append(visible text: some Collection<UInt8>) {
        guard !text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return append(contentsOf: text) }
        LogText.decode(text) { character in
            switch character {
            case .scalar(let scalar) where LogText.isHarmless(scalar):
                append(contentsOf: UTF8.encode(scalar) ?? .init())
            case .scalar(let scalar):
                append("\\u{")
                append(contentsOf: String(scalar.value, radix: 16).utf8)
                append("}")
            case .invalid(let octet):
                append("\\x")
                append(hexadecimal: UInt32(octet), digits: 2)
            }
        }
    }

    /// Appends a JSON string (RFC 8259 §7); what is no UTF-8 becomes U+FFFD.
    mutating func append(json text: some Collection<UInt8>) {
        append("\"")
        if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) {
            append(contentsOf: text)
        } else {
            LogText.decode(text) { append(jsonCharacter: $0) }
        }
        append("\"")
    }

    private mutating func append(jsonCharacter character: LogText.Character) {
        guard case .scalar(let scalar) = character else { return append("\\ufffd") }
        switch scalar.value {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        case _ where LogText.isHarmless(scalar): append(contentsOf: UTF8.encode(scalar) ?? .init())
        default:
            for unit in UTF16.encode(scalar) ?? .init() {
                append("\\u")
                append(hexadecimal: UInt32(unit), digits: 4)
            }
        }
    }

    /// Appends a logfmt value: as it is where that is unambiguous, else as a JSON string.
    mutating func append(logfmt text: some Collection<UInt8>) {
        let isPlain = text.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D && $0 != 0x5C }
        if isPlain, !text.isEmpty { append(contentsOf: text) } else { append(json: text) }
    }

    private mutating func append(hexadecimal number: UInt32, digits: Int) {
        let text = String(number, radix: 16)
        for _ in text.utf8.count..<Swift.max(digits, text.utf8.count) { append(0x30) }
        append(contentsOf: text.utf8)
    }

    /// Appends spaces.
    mutating func append(spaces count: Int) {
        if count > 0 { append(contentsOf: repeatElement(0x20, count: count)) }
    }
}

/// What characters are, to a log.
enum LogText {
    /// What stands at one place of a text.
    enum Character {
        case scalar(Unicode.Scalar)
        case invalid(UInt8)
    }

    /// Calls `body` with each character.
    static func decode(_ text: some Collection<UInt8>, _ body: (Character) -> Void) {
        let octets = Array(text)
        var index = 0
        while index < octets.count {
            if octets[index] < 0x80 {
                body(.scalar(Unicode.Scalar(octets[index])))
                index += 1
            } else if let (scalar, length) = scalar(octets, at: index) {
                body(.scalar(scalar))
                index += length
            } else {
                body(.invalid(octets[index]))
                index += 1
            }
        }
    }

    /// The character of several octets that begins at `index`, if there is one (RFC 3629 §3).
    private static func scalar(_ octets: [UInt8], at index: Int) -> (Unicode.Scalar, length: Int)? {
        let first = octets[index]
        let (length, least): (Int, UInt32)
        switch first {
        case 0xC2...0xDF: (length, least) = (2, 0x80)
        case 0xE0...0xEF: (length, least) = (3, 0x800)
        case 0xF0...0xF4: (length, least) = (4, 0x1_0000)
        default: return nil
        }
        guard index + length <= octets.count else { return nil }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for next in octets[(index + 1)..<(index + length)] {
            guard next & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(next & 0x3F)
        }
        // Longer than it need be, a surrogate, or past the last: no character.
        guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, length)
    }

    /// Whether a character shows as what it is: no control, nothing that hides or turns the text around it.
    static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }

    /// Columns that a harmless text takes on a terminal.
    static func width(_ text: some Collection<UInt8>) -> Int {
        if text.allSatisfy({ $0 < 0x80 }) { return text.count }
        var width = 0
        decode(text) { if case .scalar(let scalar) = $0 { width += columns(scalar) } else { width += 1 } }
        return width
    }

    private static func columns(_ scalar: Unicode.Scalar) -> Int {
        // Nothing below combines, and arrows and punctuation are what the lines themselves are made of.
        switch scalar.value {
        case ..<0x300, 0x2010...0x20CF, 0x2100...0x22FF: return 1
        default: break
        }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }

    /// A harmless text in at most `width` columns, its middle left out where it is longer: the end of a path tells most.
    static func shortened(_ text: [UInt8], to width: Int) -> [UInt8] {
        guard self.width(text) > width else { return text }
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        let front = width / 3
        var head = String.UnicodeScalarView()
        var taken = 0
        for scalar in scalars {
            guard taken + columns(scalar) <= front else { break }
            taken += columns(scalar)
            head.append(scalar)
        }
        taken += 1
        var tail: [Unicode.Scalar] = []
        for scalar in scalars.reversed() {
            guard taken + columns(scalar) <= width else { break }
            taken += columns(scalar)
            tail.append(scalar)
        }
        head.append("…")
        head.append(contentsOf: tail.reversed())
        return Array(String(head).utf8)
    }
}

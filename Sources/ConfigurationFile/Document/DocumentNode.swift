/// Where something stands in a text; both numbers begin at 1, the column counts Unicode scalars.
struct TextPlace: Hashable, Sendable {
    let line: Int
    let column: Int
}

/// A document as it was read, YAML or JSON, before anything in it means something.
struct DocumentNode {
    enum Content {
        case scalar(String, isQuoted: Bool)
        case sequence([DocumentNode])
        case mapping([Entry])
    }

    struct Entry {
        let key: String
        let keyPlace: TextPlace
        let value: DocumentNode
    }

    let content: Content
    let place: TextPlace
}

/// Why a text is no document.
struct DocumentFault: Error {
    let message: String
    let place: TextPlace?
}

/// What an unquoted scalar is: YAML 1.2's core schema, and the truth values of YAML 1.1 that other readers take for such.
enum ScalarForm: Equatable {
    case null
    case flag(Bool)
    case number
    case text

    init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": self = .flag(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": self = .flag(false)
        default: self = Self.isNumber(text) ? .number : .text
        }
    }

    /// `1`, `-1.5`, `.5`, `1e5`, `0x1F`, `0o17`, `.inf`, `.nan`.
    private static func isNumber(_ text: String) -> Bool {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(String(Substring(rest))) { return true }
        if rest.starts(with: "0x".utf8) {
            return rest.count > 2 && rest.dropFirst(2).allSatisfy { isDigit($0) || isHexadecimalLetter($0) }
        }
        if rest.starts(with: "0o".utf8) {
            return rest.count > 2 && rest.dropFirst(2).allSatisfy { (0x30...0x37).contains($0) }
        }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit).count
            rest = rest.dropFirst(1 + fraction)
        }
        guard !whole.isEmpty || fraction > 0 else { return false }
        guard let exponent = rest.popFirst() else { return true }
        guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ octet: UInt8) -> Bool { (0x30...0x39).contains(octet) }

    private static func isHexadecimalLetter(_ octet: UInt8) -> Bool { (0x61...0x66).contains(octet | 0x20) }
}

/// A document to be written, as YAML or as JSON.
indirect enum Tree: Equatable {
    /// A text.
    case text(String)
    /// A number, `true`, `false` or `null`, as it is spelled.
    case literal(String)
    case list([Tree])
    case map([(String, Tree)])

    static let null = Tree.literal("null")

    static func number(_ number: some BinaryInteger) -> Tree { .literal(String(number)) }

    static func flag(_ flag: Bool) -> Tree { .literal(flag ? "true" : "false") }

    static func == (left: Tree, right: Tree) -> Bool { left.json == right.json }

    /// One line of JSON.
    var json: String {
        switch self {
        case .text(let text): return Self.quoted(text)
        case .literal(let text): return text
        case .list(let elements): return "[" + elements.map(\.json).joined(separator: ",") + "]"
        case .map(let members):
            return "{" + members.map { Self.quoted($0.0) + ":" + $0.1.json }.joined(separator: ",") + "}"
        }
    }

    /// JSON over several lines.
    func indentedJSON(_ indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .list(let elements) where !elements.isEmpty && !elements.allSatisfy(\.isScalar):
            return "[\n" + elements.map { inner + $0.indentedJSON(inner) }.joined(separator: ",\n") + "\n\(indent)]"
        case .map(let members) where !members.isEmpty:
            let lines = members.map { inner + Self.quoted($0.0) + ": " + $0.1.indentedJSON(inner) }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        default: return json
        }
    }

    /// Block YAML, its lines without the last one's end.
    var yaml: [String] {
        switch self {
        case .text, .literal: return [flowYAML]
        case .list(let elements):
            guard !elements.isEmpty, !elements.allSatisfy(\.isScalar) else { return [flowYAML] }
            return elements.flatMap { element in
                let lines = element.yaml
                return lines.prefix(1).map { "- " + $0 } + lines.dropFirst().map { "  " + $0 }
            }
        case .map(let members):
            guard !members.isEmpty else { return ["{}"] }
            return members.flatMap { name, value in
                let key = Self.plainOrQuoted(name) + ":"
                guard value.isBlock else { return [key + " " + value.flowYAML] }
                return [key] + value.yaml.map { "  " + $0 }
            }
        }
    }

    private var isBlock: Bool {
        switch self {
        case .text, .literal: return false
        case .list(let elements): return !elements.allSatisfy(\.isScalar)
        case .map(let members): return !members.isEmpty
        }
    }

    private var isScalar: Bool {
        switch self {
        case .text, .literal: return true
        case .list, .map: return false
        }
    }

    private var flowYAML: String {
        switch self {
        case .text(let text): return Self.plainOrQuoted(text)
        case .literal(let text): return text
        case .list(let elements): return "[" + elements.map(\.flowYAML).joined(separator: ", ") + "]"
        case .map(let members):
            return "{" + members.map { Self.plainOrQuoted($0.0) + ": " + $0.1.flowYAML }.joined(separator: ", ") + "}"
        }
    }

    /// Plain where no reader could take it for anything else.
    private static func plainOrQuoted(_ text: String) -> String {
        let isPlain =
            ScalarForm(text) == .text && text.first?.isLetter == true
            && text.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) || "_-./".utf8.contains(octet)
            }
        return isPlain ? text : quoted(text)
    }

    /// A JSON string, which YAML reads the same way.
    static func quoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "\""
    }
}

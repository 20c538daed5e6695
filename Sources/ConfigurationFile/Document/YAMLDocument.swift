import Yams

/// Reads YAML into nodes.
///
/// Yams refuses a mapping with a key given twice and stops there. So that this is one fault among others, the key is
/// made unique by one scalar of the private use area, which keeps every column, and given its name back in the tree.
struct YAMLDocument {
    private var renamed: [TextPlace: Unicode.Scalar] = [:]
    private var budget = Self.mostNodes

    /// A document may name a part again (`*alias`), so that a short text can stand for an endless one.
    private static let mostNodes = 100_000
    private static let mostRenamed = 64

    /// The document that `text` is; nil: it is empty.
    ///
    /// - Throws: ``DocumentFault``.
    static func read(_ text: String) throws(DocumentFault) -> DocumentNode? {
        var document = YAMLDocument()
        guard let node = try document.compose(text) else { return nil }
        return try document.convert(node)
    }

    private mutating func compose(_ text: String) throws(DocumentFault) -> Node? {
        var scalars = Array(text.unicodeScalars)
        while true {
            do {
                return try Yams.compose(yaml: String(String.UnicodeScalarView(scalars)))
            } catch YamlError.duplicatedKeysInMapping(_, let context) {
                let place = TextPlace(line: context.mark.line, column: context.mark.column)
                guard renamed.count < Self.mostRenamed, rename(&scalars, at: place) else {
                    throw DocumentFault(message: "A key of this mapping is given twice; keep one.", place: place)
                }
            } catch {
                throw Self.fault(error, text)
            }
        }
    }

    private mutating func rename(_ scalars: inout [Unicode.Scalar], at place: TextPlace) -> Bool {
        guard var index = Self.index(of: place, in: scalars), renamed[place] == nil else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard index < scalars.count, !"\\\"'!&*?[{".unicodeScalars.contains(scalars[index]),
            let stand = Unicode.Scalar(0xE000 + UInt32(renamed.count))
        else { return false }
        renamed[place] = scalars[index]
        scalars[index] = stand
        return true
    }

    /// Lines end as libyaml sees them.
    private static func index(of place: TextPlace, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1
        var index = 0
        while line < place.line, index < scalars.count {
            switch scalars[index] {
            case "\r":
                line += 1
                if index + 1 < scalars.count, scalars[index + 1] == "\n" { index += 1 }
            case "\n", "\u{85}", "\u{2028}", "\u{2029}": line += 1
            default: break
            }
            index += 1
        }
        index += place.column - 1
        return line == place.line && index < scalars.count ? index : nil
    }

    private mutating func spend(at place: TextPlace) throws(DocumentFault) {
        budget -= 1
        guard budget > 0 else {
            throw DocumentFault(
                message: "The document has more than \(Self.mostNodes) parts, aliases counted each time.", place: place)
        }
    }

    private mutating func convert(_ node: Node) throws(DocumentFault) -> DocumentNode {
        let place = node.place
        try spend(at: place)
        switch node {
        case .scalar(let scalar):
            let isText = scalar.tag.rawValue == Tag.Name.str.rawValue
            let isQuoted = isText || scalar.style != .plain
            return DocumentNode(content: .scalar(scalar.string, isQuoted: isQuoted), place: place)
        case .sequence(let sequence):
            var nodes: [DocumentNode] = []
            for element in sequence { nodes.append(try convert(element)) }
            return DocumentNode(content: .sequence(nodes), place: place)
        case .mapping(let mapping):
            return DocumentNode(content: .mapping(try entries(mapping)), place: place)
        case .alias:
            throw DocumentFault(message: "The alias names nothing.", place: place)
        }
    }

    private mutating func entries(_ mapping: Node.Mapping) throws(DocumentFault) -> [DocumentNode.Entry] {
        var entries: [DocumentNode.Entry] = []
        var merged: [DocumentNode.Entry] = []
        for (key, value) in mapping {
            let place = key.place
            guard case .scalar(let scalar) = key else {
                throw DocumentFault(message: "A key must be a text, not a list or a mapping.", place: place)
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged += try mergedEntries(value)
                continue
            }
            var name = scalar.string.unicodeScalars
            if let original = renamed[place], !name.isEmpty {
                name.replaceSubrange(...name.startIndex, with: [original])
            }
            entries.append(DocumentNode.Entry(key: String(name), keyPlace: place, value: try convert(value)))
        }
        // What stands in the mapping itself wins, then what was merged first (https://yaml.org/type/merge.html).
        var known = Set(entries.map(\.key))
        return entries + merged.filter { known.insert($0.key).inserted }
    }

    private mutating func mergedEntries(_ node: Node) throws(DocumentFault) -> [DocumentNode.Entry] {
        try spend(at: node.place)
        switch node {
        case .mapping(let mapping): return try entries(mapping)
        case .sequence(let sequence):
            var all: [DocumentNode.Entry] = []
            for element in sequence {
                guard case .mapping(let mapping) = element else { throw Self.badMerge(node) }
                try spend(at: element.place)
                all += try entries(mapping)
            }
            return all
        default: throw Self.badMerge(node)
        }
    }

    private static func badMerge(_ node: Node) -> DocumentFault {
        DocumentFault(message: "\"<<\" takes a mapping, or a list of mappings.", place: node.place)
    }

    /// Yams' own words, without the piece of the text that it shows, which may hold a secret.
    private static func fault(_ error: any Error, _ text: String) -> DocumentFault {
        switch error {
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            let hint =
                problem.contains("cannot start any token")
                ? " YAML is indented with spaces, not tabs, and a text that begins with a mark stands in quotes." : ""
            return DocumentFault(
                message: "This is no YAML: \(problem).\(hint)", place: TextPlace(line: mark.line, column: mark.column))
        case YamlError.reader(let problem, let offset, _, let yaml):
            let before = offset.map { yaml.prefix($0) }
            let line = before.map { $0.count(where: \.isNewline) + 1 }
            return DocumentFault(
                message: "This is no YAML: \(problem).", place: line.map { TextPlace(line: $0, column: 1) })
        default:
            return DocumentFault(message: "This is no YAML.", place: nil)
        }
    }
}

extension Node {
    fileprivate var place: TextPlace { TextPlace(line: mark?.line ?? 1, column: mark?.column ?? 1) }
}

/// `${NAME}`, `${NAME:-default}` and `$$` in a text.
struct Substitution {
    /// Why a text cannot be filled in.
    struct Fault: Error, Equatable {
        let message: String
    }

    /// The text with what stands in it.
    private(set) var text = ""
    /// Whether the environment or a default took part.
    private(set) var isSubstituted = false

    private let lookup: (String) -> String?
    private var depth = 0

    private static let deepest = 16

    /// Fills `source` in. A default stands for what is unset or empty, and may hold the like itself, 16 deep; what the
    /// environment gives is taken as it is. `$$` is a dollar sign; one before anything but `{` is itself.
    ///
    /// - Throws: ``Fault``, which names the variable.
    init(_ source: String, _ lookup: @escaping (String) -> String?) throws(Fault) {
        self.lookup = lookup
        guard source.contains("$") else {
            text = source
            return
        }
        text = try fill(Array(source)[...])
    }

    private mutating func fill(_ source: ArraySlice<Character>) throws(Fault) -> String {
        var out = ""
        var rest = source
        while let character = rest.popFirst() {
            guard character == "$" else {
                out.append(character)
                continue
            }
            switch rest.first {
            case "$":
                rest = rest.dropFirst()
                out.append("$")
            case "{":
                guard let end = Self.end(of: rest) else {
                    throw Fault(message: "\"${\" has no \"}\"; a dollar sign itself is written $$.")
                }
                out += try value(rest[(rest.startIndex + 1)..<end])
                rest = rest[(end + 1)...]
            default: out.append("$")
            }
        }
        return out
    }

    private mutating func value(_ inner: ArraySlice<Character>) throws(Fault) -> String {
        isSubstituted = true
        let name = String(inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        let behind = inner.dropFirst(name.count)
        guard !name.isEmpty, name.first?.isNumber == false, behind.isEmpty || behind.starts(with: ":-") else {
            throw Fault(
                message:
                    "What stands in ${…} must be the name of a variable, as in ${NAME} or ${NAME:-default}; a dollar "
                    + "sign itself is written $$.")
        }
        if let value = lookup(name), !value.isEmpty || behind.isEmpty { return value }
        guard !behind.isEmpty else {
            throw Fault(message: "The environment has no \(name); set it, or give a default: ${\(name):-default}.")
        }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw Fault(message: "Defaults stand in one another more than \(Self.deepest) deep.")
        }
        return try fill(behind.dropFirst(2))
    }

    /// Where the brace that opens `rest` is closed.
    private static func end(of rest: ArraySlice<Character>) -> Int? {
        var depth = 0
        for index in rest.indices {
            if rest[index] == "{", index == rest.startIndex || rest[index - 1] == "$" { depth += 1 }
            guard rest[index] == "}" else { continue }
            depth -= 1
            if depth == 0 { return index }
        }
        return nil
    }
}

import WeirConfiguration

/// What a reading of a document carries along: where it is, what it found wrong, and what it may ask.
struct Walk {
    /// A scalar with what stands in it filled in.
    struct Scalar {
        let text: String
        let form: ScalarForm
        let isSubstituted: Bool
    }

    /// A place that names a route.
    struct Reference {
        let route: String
        /// The name as it may be shown.
        let shown: String
        let keyPath: String
        let place: TextPlace
    }

    /// What the reading may ask of the world.
    let surroundings: Surroundings
    /// The file's path as it was given; nil: what is read is no file.
    let file: String?
    /// The directory that relative paths are taken from.
    let directory: String
    /// What is wrong.
    private(set) var faults: [ConfigurationFault] = []
    /// Files that were read besides.
    private(set) var files: [String] = []
    /// Where each key path's value stands.
    private(set) var places: [String: TextPlace] = [:]
    /// Routes that are named, which must be there in the end.
    private(set) var references: [Reference] = []
    private var path: [String] = []

    init(_ surroundings: Surroundings, file: String?, directory: String) {
        self.surroundings = surroundings
        self.file = file
        self.directory = directory
    }

    /// The key path of what is being read: `routes.openai.timeouts.connect`, `access.allow[0]`, `routes."a.b".path`.
    var keyPath: String { Self.joined(path) }

    static func joined(_ path: [String]) -> String {
        path.reduce(into: "") { $0 += ($0.isEmpty || $1.hasPrefix("[") ? "" : ".") + $1 }
    }

    /// A name as part of a key path.
    static func segment(_ name: String) -> String {
        let isPlain =
            !name.isEmpty
            && name.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) || "_-".utf8.contains(octet)
            }
        return isPlain ? name : Tree.quoted(name)
    }

    /// Reads `body` one step further down.
    mutating func within<Result>(
        _ segment: String, _ place: TextPlace, _ body: (inout Walk) -> Result
    ) -> Result {
        path.append(segment)
        defer { path.removeLast() }
        places[keyPath] = place
        return body(&self)
    }

    /// Notes a fault at the key path of what is being read.
    mutating func fault(_ message: String, at place: TextPlace?) {
        fault(message, at: place, keyPath: keyPath)
    }

    /// Notes a fault elsewhere.
    mutating func fault(_ message: String, at place: TextPlace?, keyPath: String) {
        faults.append(
            ConfigurationFault(keyPath, message, file: file, line: place?.line, column: place?.column))
    }

    /// Whether something is wrong with the value of a key path itself.
    func hasFault(at keyPath: String) -> Bool { faults.contains { $0.place == keyPath } }

    /// Notes that what is being read names a route.
    mutating func refer(to route: Scalar, at place: TextPlace) {
        references.append(
            Reference(route: route.text, shown: Self.quoted(route), keyPath: keyPath, place: place))
    }

    /// Notes that `node` is not what was expected.
    mutating func mismatch(_ node: DocumentNode, _ expected: String) {
        fault("Give \(expected); this is \(found(node)).\(Self.slip(node, expected))", at: node.place)
    }

    /// What probably went wrong where a text stands in another thing's place.
    private static func slip(_ node: DocumentNode, _ expected: String) -> String {
        guard case .scalar(let text, let isQuoted) = node.content else { return "" }
        let words = expected.split(separator: " ").prefix(2)
        if isQuoted {
            // Whether it would do as it stands, were it not a text.
            let isOther = ScalarForm(text) != .text && !text.isEmpty
            return isOther && !words.contains("list") && !words.contains("mapping") ? " Take off the quotes." : ""
        }
        if words.contains("list"), !text.isEmpty, ScalarForm(text) != .null { return " Put it in brackets: [ ]." }
        guard words.contains("mapping"), let colon = text.firstIndex(of: ":") else { return "" }
        let name = text[..<colon]
        let isKey = !name.isEmpty && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        return isKey && !text[colon...].hasPrefix("://") ? " A space is missing behind the colon." : ""
    }

    private func found(_ node: DocumentNode) -> String {
        switch node.content {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .scalar(_, isQuoted: true): return "a text"
        case .scalar(let text, isQuoted: false):
            switch ScalarForm(text) {
            case .null: return "null"
            case .flag: return "a truth value"
            case .number: return "a number"
            case .text: return "a text"
            }
        }
    }

    /// A mapping's members, each key once; nil: it is none, which is noted.
    mutating func members(_ node: DocumentNode, _ expected: String) -> [DocumentNode.Entry]? {
        guard case .mapping(let entries) = node.content else {
            mismatch(node, expected)
            return nil
        }
        var first: [String: TextPlace] = [:]
        return entries.filter { entry in
            guard let place = first[entry.key] else {
                first[entry.key] = entry.keyPlace
                return true
            }
            let name = presentable(entry.key)
            let message = "\(name) is given twice in this mapping, first on line \(place.line); keep one."
            fault(message, at: entry.keyPlace, keyPath: Self.joined(path + [name]))
            return false
        }
    }

    /// A list's elements; nil: it is none, which is noted.
    mutating func elements(_ node: DocumentNode, _ expected: String) -> [DocumentNode]? {
        guard case .sequence(let nodes) = node.content else {
            mismatch(node, expected)
            return nil
        }
        return nodes
    }

    /// A scalar filled in; nil: it is none, or cannot be, which is noted.
    mutating func scalar(_ node: DocumentNode, _ expected: String) -> Scalar? {
        guard case .scalar(let source, let isQuoted) = node.content else {
            mismatch(node, expected)
            return nil
        }
        guard let filled = filled(source, at: node.place) else { return nil }
        let isText = isQuoted && !filled.isSubstituted
        return Scalar(
            text: filled.text, form: isText ? .text : ScalarForm(filled.text), isSubstituted: filled.isSubstituted)
    }

    /// A text filled in; nil: `node` is none, or cannot be, which is noted.
    mutating func text(_ node: DocumentNode, _ expected: String) -> Scalar? {
        guard let scalar = scalar(node, expected) else { return nil }
        guard scalar.form == .text || scalar.isSubstituted else {
            let remedy = scalar.form == .null ? "" : " Put it in quotes if it is meant as it stands."
            fault("Give \(expected); this is \(found(node)).\(remedy)", at: node.place)
            return nil
        }
        return scalar
    }

    /// What was written, where it may be shown: not where the environment gave it.
    static func quoted(_ scalar: Scalar) -> String {
        guard !scalar.isSubstituted else { return "What the environment gives" }
        // A provider's key in a wrong place.
        if scalar.text.lowercased().hasPrefix("sk-") { return Tree.quoted(Secret(scalar.text).description) }
        let text = scalar.text.count > 60 ? scalar.text.prefix(60) + "…" : scalar.text[...]
        return Tree.quoted(String(text))
    }

    /// A key that nobody foresaw; masked where it could be a client key that slipped out of its place.
    func presentable(_ key: String) -> String {
        let isNearKeys = path.isEmpty || path.first == "keys"
        let isWord = key.count <= 40 && !key.contains(where: \.isNumber) && !key.lowercased().hasPrefix("sk-")
        return !isNearKeys || isWord ? Self.segment(key) : Secret(key).description
    }

    /// `source` with the environment in it; nil: it cannot be filled in, which is noted.
    mutating func filled(_ source: String, at place: TextPlace) -> Substitution? {
        do throws(Substitution.Fault) {
            return try Substitution(source, surroundings.environment)
        } catch {
            fault(error.message, at: place)
            return nil
        }
    }

    /// A secret: a text, or what is in the file that `file:PATH` names. Empty ones are for the caller to judge; nil: there
    /// is none, which is noted.
    mutating func secret(_ node: DocumentNode) -> String? {
        let expected = "a text, ${NAME} or file:PATH"
        guard let scalar = text(node, expected), case .scalar(let source, _) = node.content else { return nil }
        guard source.hasPrefix("file:") else { return scalar.text }
        return secret(inFile: String(scalar.text.dropFirst("file:".count)), at: node.place)
    }

    /// What is in a file, without the line's end behind it.
    mutating func secret(inFile name: String, at place: TextPlace) -> String? {
        let path = resolved(name)
        files.append(path)
        switch surroundings.contents(path) {
        case .failure(let fault):
            self.fault("\(path): \(fault.message)", at: place)
            return nil
        case .success(let text):
            guard text.utf8.count <= 64 << 10 else {
                fault("\(path) is larger than 64 KiB, too large for a secret.", at: place)
                return nil
            }
            return text.last?.isNewline == true ? String(text.dropLast()) : text
        }
    }

    /// The path of a file that must be there, and what is in it; nil: it cannot be read, which is noted.
    mutating func contents(ofFile name: String, upTo limit: Int, at place: TextPlace) -> (path: String, text: String)? {
        let path = resolved(name)
        files.append(path)
        switch surroundings.contents(path, upTo: limit) {
        case .failure(let fault):
            self.fault("\(path): \(fault.message)", at: place)
            return nil
        case .success(let text): return (path, text)
        }
    }

    /// The path of a file that must be there; nil: it cannot be read, which is noted.
    mutating func readableFile(_ name: String, at place: TextPlace) -> String? {
        let path = resolved(name)
        files.append(path)
        guard let fault = surroundings.faultOfRegularFile(path) else { return path }
        self.fault("\(path): \(fault.message)", at: place)
        return nil
    }

    /// A path of the file: from the home directory, absolute, or relative to the file.
    func resolved(_ path: String) -> String {
        if path == "~" { return surroundings.home }
        if path.hasPrefix("~/") { return surroundings.home + path.dropFirst(1) }
        if path.hasPrefix("/") || directory.isEmpty { return path }
        return directory + "/" + path
    }
}

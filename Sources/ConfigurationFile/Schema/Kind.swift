/// A kind of value: how it is described to an editor, read, and written.
///
/// The walker, the list of near misses, the JSON schema and what `weir check` prints all come from the same tables of
/// keys with kinds, so that none of them can know something that another does not.
struct Kind<Value> {
    /// Its JSON schema.
    let schema: Tree
    /// Reads it; nil: it is none, which has been noted.
    let read: (DocumentNode, inout Walk) -> Value?
    /// Writes it, secrets masked.
    let show: (Value) -> Tree

    /// The same, or null.
    var optional: Kind<Value?> {
        Kind<Value?>(
            schema: .map([("anyOf", .list([schema, .map([("type", .text("null"))])]))]),
            read: { node, walk in
                if node.isNull(walk.surroundings.environment) { return .some(nil) }
                return read(node, &walk).map { .some($0) }
            },
            show: { $0.map(show) ?? .null })
    }

    /// A list of it.
    func list(_ expected: String = "a list") -> Kind<[Value]> {
        Kind<[Value]>(
            schema: .map([("type", .text("array")), ("items", schema)]),
            read: { node, walk in
                guard let nodes = walk.elements(node, expected) else { return nil }
                return nodes.enumerated().compactMap { index, element in
                    walk.within("[\(index)]", element.place) { read(element, &$0) }
                }
            },
            show: { .list($0.map(show)) })
    }
}

extension DocumentNode {
    /// Whether it is null, or a lone variable that stands for nothing.
    func isNull(_ environment: @escaping (String) -> String?) -> Bool {
        guard case .scalar(let text, isQuoted: false) = content else { return false }
        if text.hasPrefix("${"), let filled = try? Substitution(text, environment) {
            return ScalarForm(filled.text) == .null
        }
        return ScalarForm(text) == .null
    }
}

/// A key of a mapping.
struct Key<Root> {
    let name: String
    let summary: String
    let schema: Tree
    let read: (DocumentNode, inout Walk, inout Root) -> Void
    let show: (Root) -> Tree?

    /// A key whose value is a member of what the mapping becomes.
    init<Value>(_ name: String, _ kind: Kind<Value>, _ path: WritableKeyPath<Root, Value>, _ summary: String) {
        self.init(name, kind, get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 }, summary)
    }

    /// A key whose value is kept in another form.
    ///
    /// - Parameter get: nil: the key is not shown.
    init<Value>(
        _ name: String, _ kind: Kind<Value>, get: @escaping (Root) -> Value?,
        set: @escaping (inout Root, Value) -> Void,
        _ summary: String
    ) {
        self.name = name
        self.summary = summary
        schema = kind.schema
        read = { node, walk, root in
            guard let value = kind.read(node, &walk) else { return }
            set(&root, value)
        }
        show = { get($0).map(kind.show) }
    }

    /// A key whose value is a mapping of its own.
    init<Inner>(_ name: String, _ table: Table<Inner>, _ path: WritableKeyPath<Root, Inner>, _ summary: String) {
        self.name = name
        self.summary = summary
        schema = table.schema
        read = { node, walk, root in
            // A section without a member is as good as none: YAML makes null of it.
            if node.isNull(walk.surroundings.environment) { return }
            table.read(node, &walk, &root[keyPath: path])
        }
        show = { table.show($0[keyPath: path]) }
    }
}

/// The keys of a mapping.
struct Table<Root> {
    let keys: [Key<Root>]
    /// Keys that must be given.
    let required: [String]
    /// What the keys are when they are not given; nil: they are as they are read into.
    let defaults: Root?

    init(_ keys: [Key<Root>], defaults: Root?, required: [String] = []) {
        self.keys = keys
        self.required = required
        self.defaults = defaults
    }

    var names: [String] { keys.map(\.name) }

    /// Reads a mapping into `root`.
    func read(_ node: DocumentNode, _ walk: inout Walk, _ root: inout Root) {
        guard let entries = walk.members(node, "a mapping") else { return }
        for entry in entries {
            guard let key = keys.first(where: { $0.name == entry.key }) else {
                walk.unknownKey(entry, names)
                continue
            }
            walk.within(key.name, entry.value.place) { key.read(entry.value, &$0, &root) }
        }
        for name in required where !entries.contains(where: { $0.key == name }) {
            walk.fault("\(name) is missing.", at: node.place)
        }
    }

    /// Writes `root`.
    func show(_ root: Root) -> Tree {
        .map(keys.compactMap { key in key.show(root).map { (key.name, $0) } })
    }

    /// Its JSON schema.
    var schema: Tree {
        let properties = keys.map { key in
            var members = [("description", Tree.text(key.summary))]
            if case .map(let inner) = key.schema { members += inner }
            if let shown = defaults.flatMap({ key.show($0) }), !members.contains(where: { $0.0 == "properties" }) {
                members.append(("default", shown))
            }
            return (key.name, Tree.map(members))
        }
        var members: [(String, Tree)] = [
            ("type", .text("object")), ("additionalProperties", .flag(false)), ("properties", .map(properties)),
        ]
        if !required.isEmpty { members.append(("required", .list(required.map { .text($0) }))) }
        return .map(members)
    }

    /// A mapping that is a value by itself, read into a copy of `initial`.
    func kind(_ initial: Root) -> Kind<Root> {
        Kind(
            schema: schema,
            read: { node, walk in
                let before = walk.faults.count
                var root = initial
                read(node, &walk, &root)
                return walk.faults.count == before ? root : nil
            },
            show: show)
    }
}

extension Walk {
    /// Notes a key that is none of `names`.
    mutating func unknownKey(_ entry: DocumentNode.Entry, _ names: [String]) {
        let remedy: String
        if let near = NearMiss.of(entry.key, among: names) {
            remedy = "Did you mean \(near)?"
        } else {
            remedy = "Known here: \(names.joined(separator: ", "))."
        }
        let name = Self.presentable(entry.key)
        let path = keyPath.isEmpty ? name : keyPath + "." + name
        fault("Weir knows no such key. \(remedy)", at: entry.keyPlace, keyPath: path)
    }
}

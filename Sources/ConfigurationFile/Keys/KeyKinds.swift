import WeirConfiguration

extension Kind where Value == [KeySettings] {
    private static var settings: Table<KeySettings> {
        Table(
            [
                Key(
                    "upstream_key", .upstreamKey, \.upstreamKey,
                    "What the upstream gets in its place; null: the client's key is taken out."),
                Key("name", Kind<String>.text("a name").optional, \.name, "What records and pages call it."),
                Key("role", .choice(), \.role, "Whether its bearer sees its own exchanges, or all."),
                Key(
                    "routes", Kind<String>.routeName.list("a list of routes").optional, \.routes,
                    "The routes that it may use; null: all."),
            ], defaults: KeySettings(key: Secret("")))
    }

    /// From what a client presents to what the upstream gets. A key path tells them by their number: they are secrets.
    static var clientKeys: Kind<[KeySettings]> {
        let table = settings
        return Kind<[KeySettings]>(
            schema: .map([
                ("type", .text("object")),
                (
                    "additionalProperties",
                    .map([("anyOf", .list([.string(), .map([("type", .text("null"))]), table.schema]))])
                ),
            ]),
            read: { node, walk in
                guard let entries = walk.clientKeyEntries(node) else { return nil }
                var known: [String: Int] = [:]
                return entries.enumerated().compactMap { index, entry in
                    walk.within("[\(index)]", entry.value.place) { walk in
                        guard let key = walk.clientKey(entry) else { return nil }
                        if let first = known.updateValue(entry.keyPlace.line, forKey: key) {
                            walk.fault("The same key stands on line \(first) already; keep one.", at: entry.keyPlace)
                            return nil
                        }
                        return walk.keySettings(entry.value, Secret(key), table)
                    }
                }
            },
            show: { keys in
                var masks: [String: Int] = [:]
                return .map(
                    keys.map { settings in
                        let mask = settings.key.description
                        let number = masks[mask, default: 0] + 1
                        masks[mask] = number
                        return (number == 1 ? mask : "\(mask) (\(number))", table.show(settings))
                    })
            })
    }
}

extension Walk {
    /// The members of `keys`, those that stand twice among them: what tells them apart is not to be shown.
    fileprivate mutating func clientKeyEntries(_ node: DocumentNode) -> [DocumentNode.Entry]? {
        guard case .mapping(let entries) = node.content else {
            mismatch(node, "a mapping from client key to upstream key")
            return nil
        }
        return entries
    }

    /// What clients present: the text itself, or what the environment or a file has.
    fileprivate mutating func clientKey(_ entry: DocumentNode.Entry) -> String? {
        guard let filled = filled(entry.key, at: entry.keyPlace) else { return nil }
        var key = filled.text
        if entry.key.hasPrefix("file:") {
            guard let text = secret(inFile: String(key.dropFirst("file:".count)), at: entry.keyPlace) else {
                return nil
            }
            key = text
        }
        guard !key.isEmpty else {
            fault("The client's key is empty.", at: entry.keyPlace)
            return nil
        }
        guard key.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            fault(
                "The client's key holds a space or a control character, which no client can send.", at: entry.keyPlace)
            return nil
        }
        return key
    }

    /// A key's settings, or the upstream's key alone.
    fileprivate mutating func keySettings(
        _ node: DocumentNode, _ key: Secret, _ table: Table<KeySettings>
    ) -> KeySettings? {
        var settings = KeySettings(key: key)
        if case .mapping = node.content {
            table.read(node, &self, &settings)
            return settings
        }
        if case .sequence = node.content {
            mismatch(node, "an upstream key, null or a mapping")
            return nil
        }
        guard let upstreamKey = Kind<Secret?>.upstreamKey.read(node, &self) else { return nil }
        settings.upstreamKey = upstreamKey
        return settings
    }
}

extension Kind where Value == Secret? {
    /// A credential or null; an empty text is a slip, not a wish for none.
    fileprivate static var upstreamKey: Kind<Secret?> {
        let kind = Kind<Secret>.secret
        return Kind<Secret?>(
            schema: .map([("type", .list([.text("string"), .text("null")]))]),
            read: { node, walk in
                if case .scalar(let text, isQuoted: false) = node.content, ScalarForm(text) == .null {
                    return .some(nil)
                }
                return kind.read(node, &walk).map { .some($0) }
            },
            show: { $0.map(kind.show) ?? .null })
    }
}

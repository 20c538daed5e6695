import WeirConfiguration

extension Kind where Value == UpstreamURL {
    /// A base URL; what is wrong with one is told without it, since it may hold a password.
    static var upstream: Kind<UpstreamURL> {
        Kind<UpstreamURL>(
            schema: .string(("pattern", .text(#"^([hH][tT][tT][pP][sS]?|[mM][oO][cC][kK])://|\$\{.+\}"#))),
            read: { node, walk in
                guard let scalar = walk.text(node, "a URL, as in https://api.openai.com") else { return nil }
                do throws(UpstreamURL.Fault) {
                    return try UpstreamURL(scalar.text)
                } catch {
                    walk.fault(error.message, at: node.place)
                    return nil
                }
            },
            show: { .text($0.origin == "mock://mock" ? "mock://" : $0.origin + $0.path) })
    }
}

extension Kind where Value == OutboundProxy? {
    /// A proxy; null and an empty text mean none.
    static var proxy: Kind<OutboundProxy?> {
        let choice = Kind<ProxyChoice>.proxyChoice
        return Kind<OutboundProxy?>(
            schema: choice.schema,
            read: { node, walk in
                switch choice.read(node, &walk) {
                case nil: return nil
                case .proxy(let proxy): return .some(proxy)
                case .global, .direct: return .some(nil)
                }
            },
            show: { $0.map { choice.show(.proxy($0)) } ?? .null })
    }
}

extension Kind where Value == ProxyChoice {
    static var proxyChoice: Kind<ProxyChoice> {
        Kind<ProxyChoice>(
            schema: .map([
                (
                    "anyOf",
                    .list([
                        .map([("type", .text("null"))]), .map([("const", .text(""))]),
                        .string(("pattern", .text(#"^([hH][tT][tT][pP][sS]?|[sS][oO][cC][kK][sS]5)://|\$\{.+\}"#))),
                    ])
                )
            ]),
            read: { node, walk in
                // A lone variable that stands for nothing means what an empty text means.
                if case .scalar(let text, isQuoted: false) = node.content, ScalarForm(text) == .null { return .global }
                guard let scalar = walk.text(node, "null, \"\" or a proxy's URL") else { return nil }
                guard !scalar.text.isEmpty else { return .direct }
                do throws(OutboundProxy.Fault) {
                    return .proxy(try OutboundProxy(scalar.text))
                } catch {
                    walk.fault(error.message, at: node.place)
                    return nil
                }
            },
            show: { choice in
                switch choice {
                case .global: return .null
                case .direct: return .text("")
                case .proxy(let proxy):
                    guard proxy.user != nil else { return .text("\(proxy)") }
                    return .text("\(proxy)".replacing("://", with: "://***@", maxReplacements: 1))
                }
            })
    }
}

extension Kind where Value == [CustomHeader] {
    /// Fields that a connection or a message's framing needs for itself, and that no rule may set.
    private static var reserved: Set<String> {
        [
            "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
            "trailer",
            "transfer-encoding", "upgrade", "host", "content-length", "expect",
        ]
    }

    static var customHeaders: Kind<[CustomHeader]> {
        Kind<[CustomHeader]>(
            schema: .map([
                ("type", .text("object")), ("additionalProperties", .string()),
                ("propertyNames", .map([("pattern", .text(#"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"#))])),
            ]),
            read: { node, walk in
                guard let entries = walk.members(node, "a mapping from header name to value") else { return nil }
                var known: [String: TextPlace] = [:]
                return entries.enumerated().compactMap { index, entry in
                    let isName = FieldText.isName(entry.key)
                    let segment = isName ? Walk.segment(entry.key) : "[\(index)]"
                    return walk.within(segment, entry.value.place) { walk in
                        guard isName else {
                            walk.fault(
                                "The key is no name of a header field; give letters, digits and '-' (RFC 9110 §5.1).",
                                at: entry.keyPlace)
                            return nil
                        }
                        if reserved.contains(entry.key.lowercased()) {
                            walk.fault("This field belongs to the connection; Weir sets it itself.", at: entry.keyPlace)
                            return nil
                        }
                        if let first = known.updateValue(entry.keyPlace, forKey: entry.key.lowercased()) {
                            let message =
                                "The field is given twice, whatever the case, first on line \(first.line); keep one."
                            walk.fault(message, at: entry.keyPlace)
                            return nil
                        }
                        guard let value = walk.secret(entry.value) else { return nil }
                        guard FieldText.isValue(value) else {
                            walk.fault(FieldText.remedy, at: entry.value.place)
                            return nil
                        }
                        let trimmed = value.trimmed
                        return trimmed.isEmpty ? nil : CustomHeader(name: entry.key, value: Secret(trimmed))
                    }
                }
            },
            show: { .map($0.map { ($0.name, .text($0.value.description)) }) })
    }
}

extension String {
    /// Without spaces and tabs at either end, which are no part of a field's value.
    var trimmed: String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var text = drop(while: isSpace)
        while text.last.map(isSpace) == true { text = text.dropLast() }
        return String(text)
    }
}

extension Kind where Value == [Alias] {
    /// A mapping from text to text, in its order.
    static func aliases(_ expected: String) -> Kind<[Alias]> {
        .aliases(expected, .text("a text"))
    }

    static func aliases(_ expected: String, _ kind: Kind<String>, key: @escaping (String) -> Bool = { !$0.isEmpty })
        -> Kind<
            [Alias]
        >
    {
        Kind<[Alias]>(
            schema: .map([("type", .text("object")), ("additionalProperties", kind.schema)]),
            read: { node, walk in
                guard let entries = walk.members(node, expected) else { return nil }
                return entries.compactMap { entry in
                    walk.within(Walk.segment(entry.key), entry.value.place) { walk in
                        guard key(entry.key) else {
                            walk.fault("The key is not accepted; give \(expected).", at: entry.keyPlace)
                            return nil
                        }
                        return kind.read(entry.value, &walk).map { Alias(from: entry.key, to: $0) }
                    }
                }
            },
            show: { .map($0.map { ($0.from, .text($0.to)) }) })
    }
}

extension Kind where Value == PathRule {
    static var pathRule: Kind<PathRule> {
        let fixed = Kind<String>.urlPath("a path that begins with a slash, as in /chat")
        let map = Kind<[Alias]>.aliases(
            "a mapping from request path to upstream path, both beginning with a slash", fixed,
            key: { $0.hasPrefix("/") })
        return Kind<PathRule>(
            schema: .map([("anyOf", .list([.map([("type", .text("null"))]), fixed.schema, map.schema]))]),
            read: { node, walk in
                if node.isNull(walk.surroundings.environment) { return .request }
                if case .mapping = node.content { return map.read(node, &walk).map { .map($0) } }
                guard let path = fixed.read(node, &walk) else { return nil }
                // A path of "/" alone: an empty one stands for the root.
                return .fixed(path.isEmpty ? "/" : path)
            },
            show: { rule in
                switch rule {
                case .request: return .null
                case .fixed(let path): return .text(path)
                case .map(let aliases): return map.show(aliases)
                }
            })
    }
}

extension Kind where Value == AllowedHost {
    static var allowedHost: Kind<AllowedHost> {
        .parsed(
            "a name, *.suffix, an address or a CIDR block, each with an optional :port ([v6]:port), or \"*\"",
            { AllowedHost($0) }, show: \.description)
    }
}

extension Kind where Value == AddressRange {
    static var addresses: Kind<AddressRange> {
        .parsed(
            "an address or a CIDR block without bits behind its prefix, as in 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32",
            { AddressRange($0) }, show: \.description)
    }
}

extension Kind where Value == [BodyField] {
    /// Fields with any JSON values.
    static var bodyFields: Kind<[BodyField]> {
        Kind<[BodyField]>(
            schema: .map([("type", .text("object"))]),
            read: { node, walk in
                guard let entries = walk.members(node, "a mapping from field to value") else { return nil }
                return entries.compactMap { entry in
                    walk.within(Walk.segment(entry.key), entry.value.place) { walk in
                        walk.json(entry.value).map { BodyField(name: entry.key, json: $0.json) }
                    }
                }
            },
            show: { .map($0.map { ($0.name, .literal($0.json)) }) })
    }
}

extension Walk {
    /// Any value as JSON, numbers as they are spelled; nil: JSON has no such value, which is noted.
    mutating func json(_ node: DocumentNode) -> Tree? {
        switch node.content {
        case .sequence(let nodes):
            let elements = nodes.enumerated().map { index, element in
                within("[\(index)]", element.place) { $0.json(element) }
            }
            return elements.contains { $0 == nil } ? nil : .list(elements.compactMap { $0 })
        case .mapping:
            guard let entries = members(node, "a mapping") else { return nil }
            let values = entries.map { entry in
                within(Self.segment(entry.key), entry.value.place) { walk in
                    walk.json(entry.value).map { (entry.key, $0) }
                }
            }
            return values.contains { $0 == nil } ? nil : .map(values.compactMap { $0 })
        case .scalar(_, let isQuoted):
            guard let scalar = scalar(node, "a value") else { return nil }
            switch isQuoted ? .text : scalar.form {
            case .text: return .text(scalar.text)
            case .null: return .null
            case .flag(let flag): return .flag(flag)
            case .number:
                guard JSONNumber.isOne(scalar.text) else {
                    fault("JSON has no such number; spell it as JSON does, or put it in quotes.", at: node.place)
                    return nil
                }
                return .literal(scalar.text)
            }
        }
    }
}

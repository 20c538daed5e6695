import WeirConfiguration

extension Tree {
    /// What a value may be besides its own form: a text that the environment fills in.
    static func substitutable(_ schema: [(String, Tree)]) -> Tree {
        .map([("anyOf", .list([.map(schema), .map([("type", .text("string")), ("pattern", .text(#"\$\{.+\}"#))])]))])
    }

    static func string(_ more: (String, Tree)...) -> Tree { .map([("type", .text("string"))] + more) }
}

extension Kind where Value == Bool {
    static var flag: Kind<Bool> {
        Kind<Bool>(
            schema: .substitutable([("type", .text("boolean"))]),
            read: { node, walk in
                let expected = "true or false"
                guard let scalar = walk.scalar(node, expected) else { return nil }
                guard case .flag(let flag) = scalar.form else {
                    walk.mismatch(node, expected)
                    return nil
                }
                return flag
            },
            show: Tree.flag)
    }
}

extension Kind where Value == Int {
    /// A whole number; `what` says what it counts: "a port".
    static func integer(_ range: ClosedRange<Int>, _ what: String = "a whole number") -> Kind<Int> {
        let expected = "\(what) from \(range.lowerBound) to \(range.upperBound)"
        return Kind<Int>(
            schema: .substitutable([
                ("type", .text("integer")), ("minimum", .number(range.lowerBound)),
                ("maximum", .number(range.upperBound)),
            ]),
            read: { node, walk in
                guard let scalar = walk.scalar(node, expected) else { return nil }
                guard scalar.form == .number else {
                    walk.mismatch(node, expected)
                    return nil
                }
                guard let number = Int(scalar.text), range.contains(number) else {
                    walk.fault("\(Walk.quoted(scalar)) is out of range; give \(expected).", at: node.place)
                    return nil
                }
                return number
            },
            show: { .number($0) })
    }

    static var port: Kind<Int> { .integer(1...65_535, "a port") }
}

extension Kind where Value == String {
    /// A text that `accept` takes as it is or in its own form; nil: it is none.
    static func text(
        _ expected: String, pattern: String? = nil, _ accept: @escaping (String) -> String? = { $0.isEmpty ? nil : $0 }
    ) -> Kind<String> {
        .parsed(expected, pattern: pattern, accept, show: { $0 })
    }

    /// A name by RFC 9110 §5.1.
    static var fieldName: Kind<String> {
        .text("the name of a header field, as in x-forwarded-for", pattern: #"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$|\$\{.+\}"#)
        {
            FieldText.isName($0) ? $0 : nil
        }
    }

    /// The name of a route that must be there.
    static var routeName: Kind<String> {
        Kind<String>(
            schema: .string(("minLength", .number(1))),
            read: { node, walk in
                guard let scalar = walk.text(node, "a route's name") else { return nil }
                walk.refer(to: scalar, at: node.place)
                return scalar.text
            },
            show: { .text($0) })
    }

    /// A directory, file or socket that need not be there yet.
    static var path: Kind<String> { path { walk, text in walk.resolved(text) } }

    /// A path that stays relative until the data directory is known.
    static var databasePath: Kind<String> {
        path { walk, text in text.hasPrefix("~") ? walk.resolved(text) : text }
    }

    private static func path(_ resolve: @escaping @Sendable (Walk, String) -> String) -> Kind<String> {
        Kind<String>(
            schema: .string(("minLength", .number(1))),
            read: { node, walk in
                guard let scalar = walk.text(node, "a path") else { return nil }
                guard !scalar.text.isEmpty, !scalar.text.contains("\0") else {
                    walk.fault("The path is empty.", at: node.place)
                    return nil
                }
                return resolve(walk, scalar.text)
            },
            show: { .text($0) })
    }

    /// A file that must be there.
    static var file: Kind<String> {
        Kind<String>(
            schema: .string(("minLength", .number(1))),
            read: { node, walk in
                guard let scalar = walk.text(node, "the path of a PEM file") else { return nil }
                guard !scalar.text.isEmpty, !scalar.text.contains("\0") else {
                    walk.fault("The path is empty.", at: node.place)
                    return nil
                }
                return walk.readableFile(scalar.text, at: node.place)
            },
            show: { .text($0) })
    }

    /// The path of a URL, with a slash at its start (RFC 3986 §3.3); kept as it is written.
    static func urlPath(_ expected: String) -> Kind<String> {
        .text(expected, pattern: #"^/|\$\{.+\}"#) { text in
            text.hasPrefix("/") && (try? UpstreamURL("http://host\(text)")) != nil ? text : nil
        }
    }
}

extension Kind {
    /// A text that `parse` takes; nil: it is none.
    static func parsed(
        _ expected: String, pattern: String? = nil, _ parse: @escaping (String) -> Value?,
        show: @escaping (Value) -> String
    ) -> Kind<Value> {
        Kind<Value>(
            schema: pattern.map { .string(("pattern", .text($0))) } ?? .string(),
            read: { node, walk in
                guard let scalar = walk.text(node, expected) else { return nil }
                guard let value = parse(scalar.text) else {
                    walk.fault("\(Walk.quoted(scalar)) is not accepted; give \(expected).", at: node.place)
                    return nil
                }
                return value
            },
            show: { .text(show($0)) })
    }

    /// One of a few words.
    static func choice(_ choices: [(String, Value)]) -> Kind<Value> where Value: Equatable {
        let words = choices.map(\.0)
        let expected = words.joined(separator: ", ")
        return Kind<Value>(
            schema: .map([
                (
                    "anyOf",
                    .list([.map([("enum", .list(words.map { .text($0) }))]), .string(("pattern", .text(#"\$\{.+\}"#)))])
                )
            ]),
            read: { node, walk in
                guard let scalar = walk.text(node, "one of: \(expected)") else { return nil }
                guard let choice = choices.first(where: { $0.0 == scalar.text }) else {
                    let near = NearMiss.of(scalar.text, among: words).map { "did you mean \($0)? " } ?? ""
                    walk.fault(
                        "\(Walk.quoted(scalar)) is not accepted; \(near)Give one of: \(expected).", at: node.place)
                    return nil
                }
                return choice.1
            },
            show: { value in .text(choices.first { $0.1 == value }?.0 ?? "") })
    }

    static func choice() -> Kind<Value>
    where Value: CaseIterable & RawRepresentable & Equatable, Value.RawValue == String {
        .choice(Value.allCases.map { ($0.rawValue, $0) })
    }
}

extension Kind where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> Kind<Duration> {
        let form = "a duration from \(Quantity.text(of: range.lowerBound)) to \(Quantity.text(of: range.upperBound))"
        let expected = form + ", as in 250ms, 10s, 5m, 2h, 7d, or plain seconds"
        return Kind<Duration>(
            schema: .map([
                (
                    "anyOf",
                    .list([
                        .map([("type", .text("number")), ("minimum", .number(0))]),
                        .string(("pattern", .text(#"^[0-9]+(\.[0-9]{1,9})?(ms|s|m|h|d)?$|\$\{.+\}"#))),
                    ])
                )
            ]),
            read: { node, walk in
                guard let scalar = walk.quantity(node, expected) else { return nil }
                guard let duration = Quantity.duration(scalar.text), range.contains(duration) else {
                    walk.fault("\(Walk.quoted(scalar)) is not accepted; give \(expected).", at: node.place)
                    return nil
                }
                return duration
            },
            show: { .text(Quantity.text(of: $0)) })
    }

    /// How long something may take: from a millisecond to a week.
    static var deadline: Kind<Duration> { .duration(.milliseconds(1) ... .seconds(7 * 86_400)) }
}

extension Kind where Value == UInt64 {
    static func size(_ range: ClosedRange<UInt64>) -> Kind<UInt64> {
        let form =
            "a size from \(Quantity.text(ofSize: range.lowerBound)) to \(Quantity.text(ofSize: range.upperBound))"
        let expected = form + ", as in 64KiB, 16MiB, 1GiB, or plain octets"
        return Kind<UInt64>(
            schema: .map([
                (
                    "anyOf",
                    .list([
                        .map([("type", .text("integer")), ("minimum", .number(range.lowerBound))]),
                        .string(("pattern", .text(#"^[0-9]+(KiB|MiB|GiB)?$|\$\{.+\}"#))),
                    ])
                )
            ]),
            read: { node, walk in
                guard let scalar = walk.quantity(node, expected) else { return nil }
                guard let size = Quantity.size(scalar.text), range.contains(size) else {
                    walk.fault("\(Walk.quoted(scalar)) is not accepted; give \(expected).", at: node.place)
                    return nil
                }
                return size
            },
            show: { .text(Quantity.text(ofSize: $0)) })
    }

    /// The same kept in another type.
    func map<Other: BinaryInteger>(_ type: Other.Type = Other.self) -> Kind<Other> {
        Kind<Other>(
            schema: schema, read: { node, walk in read(node, &walk).map { Other(clamping: $0) } },
            show: { show(UInt64(clamping: $0)) })
    }
}

extension Kind where Value == Secret {
    /// A credential; not empty.
    static var secret: Kind<Secret> {
        Kind<Secret>(
            schema: .string(),
            read: { node, walk in
                guard let text = walk.secret(node) else { return nil }
                guard !text.isEmpty else {
                    walk.fault("The secret is empty.", at: node.place)
                    return nil
                }
                guard FieldText.isValue(text) else {
                    walk.fault(FieldText.remedy, at: node.place)
                    return nil
                }
                return Secret(text)
            },
            show: { .text($0.description) })
    }
}

extension Kind where Value == Secret? {
    /// A credential, where null and an empty text both mean none.
    static var secretOrNone: Kind<Secret?> {
        Kind<Secret?>(
            schema: .map([("type", .list([.text("string"), .text("null")]))]),
            read: { node, walk in
                if node.isNull(walk.surroundings.environment) { return .some(nil) }
                guard let text = walk.secret(node) else { return nil }
                guard FieldText.isValue(text) else {
                    walk.fault(FieldText.remedy, at: node.place)
                    return nil
                }
                return .some(text.isEmpty ? nil : Secret(text))
            },
            show: { $0.map { .text($0.description) } ?? .null })
    }
}

extension Walk {
    /// A number or a text.
    mutating func quantity(_ node: DocumentNode, _ expected: String) -> Scalar? {
        guard let scalar = scalar(node, expected) else { return nil }
        guard scalar.form == .number || scalar.form == .text else {
            mismatch(node, expected)
            return nil
        }
        return scalar
    }
}

/// Header fields as text (RFC 9110 §5).
enum FieldText {
    static let remedy = "The value holds a line break or another control character, which no header field can carry."

    /// `token` of RFC 9110 §5.6.2.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { octet in
                (0x30...0x39).contains(octet) || (0x61...0x7A).contains(octet | 0x20) && octet < 0x80
                    || "!#$%&'*+-.^_`|~".utf8.contains(octet)
            }
    }

    /// `field-value` of RFC 9110 §5.5, and an inner tab.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7F }
    }
}

extension ModelRequest {
    /// The longest setting that is kept, in octets of its JSON text: schemas are longer.
    static let longestParameter = 1024

    /// What no dialect has as a setting, whatever operation a body was sent to.
    private static let neverParameters: Set<String> = ["messages", "model", "stream", "tools"]

    /// Notes that all members of an object are settings but those that are named, that are null or too long.
    mutating func takeParameters(_ document: JSONDocument, _ node: JSONDocument.Node?, except names: Set<String>) {
        if let node { settings.append(.all(node, except: names)) }
    }

    /// Notes that those of an object's members are settings, each by its name there.
    mutating func takeSettings(_ document: JSONDocument, _ node: JSONDocument.Node?, _ names: [StaticString]) {
        if let node { settings.append(.named(node, names)) }
    }

    /// Takes names out of what has been noted as settings.
    mutating func leaveOut(_ more: Set<String>) {
        settings = settings.map { place in
            guard case .all(let node, let names) = place else { return place }
            return .all(node, except: names.union(more))
        }
    }

    /// Reads the settings whose places have been noted.
    mutating func readSettings(_ document: JSONDocument) {
        let places = settings
        settings = []
        for place in places {
            switch place {
            case .all(let node, let names):
                for (name, value) in document.members(node)
                where !names.contains(name) {
                    setParameter(name, document, value)
                }
            case .named(let node, let names):
                for name in names {
                    if let value = document[node, name] { setParameter(name.description, document, value) }
                }
            }
        }
    }

    /// Members that are no settings and may hold credentials or tell where to take them, as LiteLLM lets clients say.
    private static let secretParameters: Set<String> = [
        "api_base", "base_url", "headers", "extra_headers", "extra_body", "extra_query", "fallbacks", "user_config",
    ]
    private static let secretWords = ["key", "secret", "credential", "password", "authorization"]

    /// Whether what is called so may be kept as a setting: what no dialect has as one, and what may be a secret by its
    /// name, never is.
    static func mayKeep(_ name: String) -> Bool {
        if neverParameters.contains(name) { return false }
        let name = name.lowercased()
        if name == "prompt_cache_key" { return true }
        return !secretParameters.contains(name) && !name.hasSuffix("token")
            && !secretWords.contains { name.contains($0) }
    }

    /// Takes a setting, unless it is null, too long or perhaps a secret.
    mutating func setParameter(_ name: String, _ document: JSONDocument, _ value: JSONDocument.Node) {
        guard Self.mayKeep(name) else { return }
        let range = document.range(value)
        guard document.isPresent(value), range.count <= 4 * Self.longestParameter else { return }
        // A value of a document that has been read is JSON of allowed depth.
        var writer = JSONLineWriter()
        // Octets have no padding that could be read as data.
        let text = unsafe document.text.span.bytes.extracting(range)
        guard (try? writer.appendJSON(text, maximumDepth: JSONText.depthLimit)) != nil else { return }
        let octets = writer.octets
        guard octets.count <= Self.longestParameter else { return }
        parameters[name] = String(decoding: octets, as: UTF8.self)
    }
}

/// Where in a request settings stand: they are many and seldom asked for, so that they are read apart.
enum SettingPlace: Sendable, Equatable {
    /// All members of an object but some.
    case all(JSONDocument.Node, except: Set<String>)
    /// Some members of an object.
    case named(JSONDocument.Node, [StaticString])

    static func == (left: SettingPlace, right: SettingPlace) -> Bool {
        switch (left, right) {
        case (.all(let node, let names), .all(let other, let otherNames)): node == other && names == otherNames
        case (.named(let node, let names), .named(let other, let otherNames)):
            node == other && names.map(\.description) == otherNames.map(\.description)
        default: false
        }
    }
}

extension ModelRequest {
    /// A setting of more octets is left out: it is a schema, and the body has it.
    private static let longestSetting = 1024

    /// Takes those of an object's members that are settings, each by its name there.
    mutating func takeSettings(_ document: JSONDocument, _ node: JSONDocument.Node?, _ names: [StaticString]) {
        for name in names {
            guard let value = document[node, name], document.isPresent(value),
                document.range(value).count <= Self.longestSetting
            else { continue }
            parameters[name.description] = document.raw(value)
        }
    }
}

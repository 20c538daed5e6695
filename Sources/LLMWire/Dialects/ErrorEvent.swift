extension ProviderError {
    /// Reads an event that says of itself that it is an error: with an error in it in any of the providers' forms, or
    /// with the error's members beside its type.
    init(event document: JSONDocument) {
        let root = document.root
        if let error = ProviderError(document, root) {
            self = error
            return
        }
        let whole = document.text[document.range(root)].prefix(Self.longestRaw)
        self.init(
            message: document.string(document[root, "message"]) ?? String(decoding: whole, as: UTF8.self),
            code: document.word(document[root, "code"]))
    }

    /// The most of a text that is taken for an error's message because nothing in it is one, in octets.
    static let longestRaw = 4096
}

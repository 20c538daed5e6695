extension ProviderError {
    /// Reads an event that says of itself that it is an error: with an error in it in any of the providers' forms, or
    /// with the error's members beside its type.
    init(event document: JSONDocument) {
        let root = document.root
        if let error = ProviderError(document, root) {
            self = error
            return
        }
        let code = document[root, "code"]
        self.init(
            message: document.string(document[root, "message"]) ?? document.raw(root),
            code: document.string(code) ?? (document.kind(code) == .number ? code.map(document.raw) : nil))
    }
}

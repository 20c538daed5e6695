extension Prompt.ToolChoice {
    /// Reads a choice that is a word; nil where it is an object.
    ///
    /// - Throws: `DecodingError` for a word that is no choice.
    init?(word container: any SingleValueDecodingContainer) throws {
        guard let word = try? container.decode(String.self) else { return nil }
        switch word {
        case "none": self = .none
        case "auto": self = .auto
        case "required": self = .required
        default:
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(word)\" is none of none, auto, required")
        }
    }
}

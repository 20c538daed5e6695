/// What a tool gave back as a list of parts, told as text with the media behind it.
struct ToolOutput {
    /// The texts, a line end between them; the JSON of the whole where no part is text or media.
    let text: String
    /// Images, sounds and documents.
    let media: [Part]

    init(_ parts: [Part], json: @autoclosure () -> String) {
        var lines: [String] = []
        var media: [Part] = []
        var isReadable = parts.isEmpty
        for part in parts {
            switch part {
            case .text(let text):
                isReadable = true
                lines.append(text)
            case .media:
                isReadable = true
                media.append(part)
            case .other(_, let json): lines.append(json)
            case .reasoning, .refusal, .toolCall, .toolResult: break
            }
        }
        text = isReadable ? lines.joined(separator: "\n") : json()
        self.media = media
    }
}

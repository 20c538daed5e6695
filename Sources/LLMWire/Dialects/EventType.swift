/// What an event says it is: in its data, or where that is silent by its name. Compared in place, for use in `switch`.
struct EventType {
    private let document: JSONDocument
    private let type: JSONDocument.Node?
    private let name: [UInt8]

    init(_ document: JSONDocument, _ type: JSONDocument.Node?, name: [UInt8]) {
        self.document = document
        self.type = document.kind(type) == .string ? type : nil
        self.name = name
    }

    /// Whether it says nothing.
    var isEmpty: Bool { type == nil && name.isEmpty }

    static func ~= (expected: StaticString, event: EventType) -> Bool {
        if let type = event.type { return event.document.equals(type, expected) }
        // Every octet of the text is there for the span's time.
        return expected.withUTF8Buffer { unsafe $0.elementsEqual(event.name) }
    }
}

/// A digest of messages by what they say, with what clients change between turns left out.
///
/// It serves to find equal messages within one process, not to withstand anybody who wants two to be equal.
package struct JSONDigest: Sendable {
    /// The digest of all that was added.
    package private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Of nothing.
    package init() {}

    /// Adds a message: who speaks and what is said.
    package mutating func add(_ message: MessageSource, _ document: JSONDocument) {
        let role = Array(message.role.text.utf8)
        // Octets have no padding that could be read as data.
        add(unsafe role.span.bytes)
        add(document, message.node)
    }

    private mutating func add(_ document: JSONDocument, _ node: JSONDocument.Node) {
        // Octets have no padding that could be read as data.
        let text = unsafe document.text.span.bytes
        switch document.kind(node) {
        case .object:
            mix(0x7B)
            for member in document.memberPlaces(node) where !Self.isFleeting(document, member) {
                add(text.extracting(document.nameRange(member)))
                add(document, member.value)
            }
            mix(0x7D)
        case .array:
            // Text on its own and a list of one text say the same; clients turn one into the other to mark it.
            if let only = Self.onlyText(document, node) { return add(text.extracting(document.range(only))) }
            mix(0x5B)
            for element in document.elements(node) where !Self.isReasoning(document, element) { add(document, element) }
            mix(0x5D)
        default: add(text.extracting(document.range(node)))
        }
    }

    /// Whether a member is one that clients move about (marks for caches) or drop (reasoning) between turns.
    private static func isFleeting(_ document: JSONDocument, _ member: JSONDocument.Member) -> Bool {
        document.isName(member, "cache_control") || document.isName(member, "prompt_cache_breakpoint")
            || document.isName(member, "reasoning_content") || document.isName(member, "reasoning")
            || document.isName(member, "reasoning_details")
    }

    /// Whether an element is reasoning, which clients may drop.
    private static func isReasoning(_ document: JSONDocument, _ element: JSONDocument.Node) -> Bool {
        let type = document[element, "type"]
        return document.equals(type, "thinking") || document.equals(type, "redacted_thinking")
    }

    private static func onlyText(_ document: JSONDocument, _ node: JSONDocument.Node) -> JSONDocument.Node? {
        var elements = document.elements(node)
        guard let first = elements.next(), elements.next() == nil, let text = document[first, "text"],
            document.kind(text) == .string
        else { return nil }
        for member in document.memberPlaces(first)
        where !isFleeting(document, member) && !document.isName(member, "text") && !document.isName(member, "type") {
            return nil
        }
        return text
    }

    private mutating func add(_ octets: RawSpan) {
        var index = 0
        while index <= octets.byteCount &- 8 {
            mix(octets.word(at: index))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < octets.byteCount {
            rest = rest << 8 | UInt64(octets.octet(at: index))
            index &+= 1
        }
        // The length keeps apart what ends in zeros.
        mix(rest ^ UInt64(octets.byteCount) << 56)
    }

    @inline(__always)
    private mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0xFF51_AFD7_ED55_8CCD
        value ^= value >> 32
    }
}

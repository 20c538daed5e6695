import LLMWire

/// JSON read the slow and simple way, to compare with.
indirect enum SlowJSON {
    case object([(name: String, value: SlowJSON)])
    case array([SlowJSON])
    case string(String)
    /// A number or literal, as it stands in the text.
    case scalar(String)

    /// Reads a text that is known to be JSON.
    init?(_ text: [UInt8]) {
        var reader = Reader(text: text)
        guard let value = reader.value() else { return nil }
        self = value
    }

    private struct Reader {
        let text: [UInt8]
        var index = 0

        mutating func skip(_ octets: String) {
            while index < text.count, octets.utf8.contains(text[index]) { index += 1 }
        }

        mutating func value() -> SlowJSON? {
            skip(" \n\r\t,:")
            guard index < text.count else { return nil }
            switch text[index] {
            case 0x7B:
                index += 1
                var members: [(name: String, value: SlowJSON)] = []
                while !ends(0x7D) {
                    guard case .string(let name)? = value(), let value = value() else { return nil }
                    members.append((name, value))
                }
                return .object(members)
            case 0x5B:
                index += 1
                var elements: [SlowJSON] = []
                while !ends(0x5D) {
                    guard let element = value() else { return nil }
                    elements.append(element)
                }
                return .array(elements)
            case 0x22: return .string(string())
            default:
                let start = index
                while index < text.count, !" \n\r\t,:]}".utf8.contains(text[index]) { index += 1 }
                return .scalar(String(decoding: text[start..<index], as: UTF8.self))
            }
        }

        mutating func ends(_ octet: UInt8) -> Bool {
            skip(" \n\r\t,")
            guard index < text.count else { return true }
            guard text[index] == octet else { return false }
            index += 1
            return true
        }

        /// Through UTF-16, in which a lone surrogate becomes U+FFFD.
        mutating func string() -> String {
            let start = index + 1
            index = start
            while index < text.count, text[index] != 0x22 { index += text[index] == 0x5C ? 2 : 1 }
            let units = SlowString.units(text[start..<index])
            index += 1
            return String(decoding: units, as: UTF16.self)
        }
    }

    /// What a document has otherwise at `node`; nil where both agree.
    func difference(_ document: JSONDocument, _ node: JSONDocument.Node) -> String? {
        switch self {
        case .object(let members):
            guard document.kind(node) == .object else { return "an object is none" }
            let found = Array(document.members(node))
            if found.count != members.count { return "members are missing, or too many" }
            for (member, expected) in zip(found, members) {
                if !member.name.unicodeScalars.elementsEqual(expected.name.unicodeScalars) { return "another name" }
                if let difference = expected.value.difference(document, member.value) { return difference }
            }
            return differenceOfLookUp(document, node)
        case .array(let elements):
            guard document.kind(node) == .array else { return "an array is none" }
            let nodes = Array(document.elements(node))
            if nodes.count != elements.count { return "elements are missing, or too many" }
            for (element, node) in zip(elements, nodes) {
                if let difference = element.difference(document, node) { return difference }
            }
            return nil
        case .string(let text): return Self.difference(text, document, node)
        case .scalar(let text): return Self.difference(scalar: text, document, node)
        }
    }

    /// Of members with one name the last counts.
    private func differenceOfLookUp(_ document: JSONDocument, _ node: JSONDocument.Node) -> String? {
        for name: StaticString in ["", "a", "model", "content", "é"] {
            let found = Array(document.members(node)).last { $0.name.utf8.elementsEqual(name.description.utf8) }
            if document[node, name] != found?.value { return "another \(name)" }
        }
        return nil
    }

    private static func difference(_ text: String, _ document: JSONDocument, _ node: JSONDocument.Node) -> String? {
        guard let found = document.string(node), found.unicodeScalars.elementsEqual(text.unicodeScalars) else {
            return "another string"
        }
        var octets: [UInt8] = [1]
        guard document.append(node, to: &octets) == text.utf8.count, octets.dropFirst().elementsEqual(text.utf8) else {
            return "other octets of a string"
        }
        if document.isEmptyString(node) != text.isEmpty { return "an empty string" }
        if document.equals(node, "model") != text.unicodeScalars.elementsEqual("model".unicodeScalars) {
            return "a string equals another"
        }
        return document.integer(node) == nil && document.boolean(node) == nil ? nil : "a string is something else too"
    }

    private static func difference(
        scalar text: String, _ document: JSONDocument, _ node: JSONDocument.Node
    ) -> String? {
        if document.raw(node) != text { return "another scalar" }
        switch text {
        case "null": return document.kind(node) == .null && !document.isPresent(node) ? nil : "null is something"
        case "true", "false": return document.boolean(node) == (text == "true") ? nil : "another truth"
        default:
            guard let number = Double(text) else { return "a number that is none" }
            let isPlain = !text.contains { ".eE".contains($0) }
            if document.double(node) != number { return "another number" }
            // One with a fraction may be none where its digits are too many.
            let isFar = !isPlain && abs(number) > 9e18 && document.integer(node) == nil
            if !isFar, document.integer(node) != (isPlain ? Int(text) : Int(exactly: number)) {
                return "another whole number"
            }
            return document.count(node) == document.integer(node).flatMap { $0 < 0 ? nil : $0 } ? nil : "another count"
        }
    }
}

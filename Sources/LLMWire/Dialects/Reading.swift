extension JSONDocument {
    /// How many octets the base 64 of a string stands for (RFC 4648); 0 for what is no string.
    func base64Size(_ node: Node?) -> Int {
        guard let node, kind(node) == .string else { return 0 }
        let place = range(node)
        var digits = text[(place.lowerBound + 1)..<(place.upperBound - 1)]
        if digits.contains(0x5C) {
            // Writers of JSON may escape the slash, and what breaks lines.
            var plain: [UInt8] = []
            append(node, to: &plain)
            plain.removeAll { $0 <= 0x20 }
            digits = plain[...]
        }
        while digits.last == 0x3D { digits.removeLast() }
        return digits.count / 4 * 3 + digits.count % 4 * 3 / 4
    }
}

extension Media {
    /// Media of the media type `type`, told from its first half; what is neither image, sound nor film is a document.
    init(type: String?, location: String? = nil, size: Int = 0) {
        let kind = Kind(rawValue: type?.prefix { $0 != "/" }.lowercased() ?? "") ?? .document
        self.init(kind: kind, type: type, location: location, size: size)
    }
}

extension ModelRequest {
    /// Notes a setting's JSON text. `null` says nothing; what is longer than 1 KiB, as schemas are, is left out.
    mutating func setParameter(_ name: String, _ document: JSONDocument, _ node: JSONDocument.Node) {
        guard document.isPresent(node), document.range(node).count <= 1024 else { return }
        parameters[name] = document.raw(node)
    }
}

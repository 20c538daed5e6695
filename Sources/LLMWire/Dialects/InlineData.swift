/// Media whose octets stand in a message in base 64: they are measured, never decoded.
extension JSONDocument {
    /// How many digits of base 64 a string has, padding not counted.
    func base64Digits(_ node: Node?) -> Int {
        guard let node, kind(node) == .string else { return 0 }
        return withText(node) { Self.digits($0) }
    }

    /// How many octets a string of base 64 stands for.
    func base64Size(_ node: Node?) -> Int { Self.size(digits: base64Digits(node)) }

    /// Reads a string that is a `data:` URL (RFC 2397); nil for anything else.
    ///
    /// - Returns: the media type, where there is one, and how many octets the data is.
    func dataURL(_ node: Node?) -> (type: String?, size: Int)? {
        guard let node, kind(node) == .string else { return nil }
        return withText(node) { text in
            guard text.count >= 5, String(decoding: text.prefix(5), as: UTF8.self).lowercased() == "data:",
                // Before the comma stand a media type and its parameters, which are short.
                let comma = text.prefix(512).firstIndex(of: 0x2C)
            else { return nil }
            let head = String(decoding: text[(text.startIndex + 5)..<comma], as: UTF8.self)
            let data = text[(comma + 1)...]
            let type = head.split(separator: ";", omittingEmptySubsequences: false).first.map(String.init) ?? ""
            let isBase64 = head.lowercased().hasSuffix(";base64")
            // Each percent sign begins an octet written in three.
            let size = isBase64 ? Self.size(digits: Self.digits(data)) : data.count - 2 * data.count { $0 == 0x25 }
            return (type.isEmpty ? nil : type, max(0, size))
        }
    }

    private func withText<Result>(_ node: Node, _ body: (ArraySlice<UInt8>) -> Result) -> Result {
        let range = range(node)
        let inner = text[(range.lowerBound + 1)..<(range.upperBound - 1)]
        guard inner.contains(0x5C) else { return body(inner) }
        var plain: [UInt8] = []
        append(node, to: &plain)
        return body(plain[...])
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> Int {
        var count = 0
        for octet in text where octet > 0x20 && octet != 0x3D { count += 1 }
        return count
    }

    private static func size(digits: Int) -> Int { digits / 4 * 3 + digits % 4 * 3 / 4 }
}

/// Data that stands in a JSON string as base 64 or as a `data:` URL (RFC 2397): told of, not decoded.
struct InlineData {
    /// The media type that a `data:` URL names; nil where it names none, and for bare base 64.
    var type: String?
    /// Octets that the data has, its coding undone.
    var size: Int

    /// Measures a string of base 64; 0 octets for what is no string.
    init(base64 node: JSONDocument.Node?, _ document: JSONDocument) {
        size = Self.decodedSize(Self.characters(node, document))
    }

    /// Measures what a `data:` URL holds; nil for any other value.
    init?(url node: JSONDocument.Node?, _ document: JSONDocument) {
        let url = Self.characters(node, document)
        guard url.prefix(5).elementsEqual("data:".utf8, by: { $0 | 0x20 == $1 | 0x20 }),
            let comma = url.firstIndex(of: 0x2C)
        else { return nil }
        let words = url[url.index(url.startIndex, offsetBy: 5)..<comma].split(
            separator: 0x3B, omittingEmptySubsequences: false)
        if let first = words.first, !first.isEmpty, first.count < 256 {
            type = String(decoding: first, as: UTF8.self)
        }
        let data = url[url.index(after: comma)...]
        let isBase64 = words.last?.elementsEqual("base64".utf8, by: { $0 | 0x20 == $1 | 0x20 }) ?? false
        size = isBase64 ? Self.decodedSize(data) : data.count
    }

    private static func characters(_ node: JSONDocument.Node?, _ document: JSONDocument) -> ArraySlice<UInt8> {
        guard let node, document.kind(node) == .string else { return [] }
        let range = document.range(node)
        let characters = document.text[(range.lowerBound + 1)..<(range.upperBound - 1)]
        guard characters.contains(0x5C) else { return characters }
        var octets: [UInt8] = []
        document.append(node, to: &octets)
        return octets[...]
    }

    /// Four letters, of either alphabet of RFC 4648, hold three octets; line ends and padding hold none.
    private static func decodedSize(_ letters: ArraySlice<UInt8>) -> Int {
        letters.reduce(0) { $1 > 0x20 && $1 != 0x3D ? $0 + 1 : $0 } * 3 / 4
    }
}

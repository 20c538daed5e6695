/// A request target taken apart as far as the mock needs it (RFC 9112 section 3.2: origin or absolute form).
struct Target {
    /// The path without its version.
    var path: String
    /// `v1`, `v1beta` and so on, when the path begins with it.
    var version: String?
    /// What follows the question mark.
    var query: Substring

    private static let versions = ["v1", "v1beta", "v1alpha", "v1beta1"]

    init(_ target: String) {
        var rest = target[...]
        if !rest.hasPrefix("/"), let scheme = rest.firstRange(of: "://") {
            let authority = rest[scheme.upperBound...]
            rest = authority.firstIndex(of: "/").map { authority[$0...] } ?? "/"
        }
        let path = rest.prefix { $0 != "?" }
        self.query = rest[path.endIndex...].dropFirst()
        let first = path.dropFirst().prefix { $0 != "/" }
        if let version = Self.versions.first(where: { $0 == first }), first.endIndex < path.endIndex {
            self.version = version
            self.path = String(path[first.endIndex...])
        } else {
            self.path = String(path)
        }
    }

    /// A member of the query, as it is written there.
    func member(_ name: String) -> Substring? {
        for member in self.query.split(separator: "&") {
            let key = member.prefix { $0 != "=" }
            if key == name { return member[key.endIndex...].dropFirst() }
        }
        return nil
    }

    /// What follows a prefix of the path, percent-decoded; nil when nothing does.
    func rest(after prefix: String) -> String? {
        guard self.path.hasPrefix(prefix), self.path.utf8.count > prefix.utf8.count else { return nil }
        return Self.percentDecoded(self.path.dropFirst(prefix.count))
    }

    /// Undoes percent-encoding (RFC 3986 section 2.1); what is none stays as it is.
    static func percentDecoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                bytes.append(UInt8(digits[0] * 16 + digits[1]))
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// A field's value and the parameters behind it, as `Content-Type` and `Content-Disposition` have them
/// (RFC 9110 §5.6.6).
struct HeaderParameters {
    /// What stands in front of the first semicolon.
    let value: String
    private var rest: Substring

    init(_ field: some StringProtocol) {
        let text = String(field)
        let end = text.firstIndex(of: ";") ?? text.endIndex
        value = Self.trimmed(text[..<end])
        rest = text[end...]
    }

    /// The next parameter, its name in lower case, its value without quotation marks.
    mutating func next() -> (name: String, value: String)? {
        while rest.first == ";" {
            rest.removeFirst()
            let nameEnd = rest.firstIndex { $0 == "=" || $0 == ";" } ?? rest.endIndex
            let name = Self.trimmed(rest[..<nameEnd]).lowercased()
            rest = rest[nameEnd...]
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            rest = rest.drop { $0 == " " || $0 == "\t" }
            return (name, rest.first == "\"" ? quoted() : token())
        }
        return nil
    }

    /// Decodes a value in the form of RFC 8187 (`UTF-8''%e2%82%ac`); nil for what is none in UTF-8.
    static func extended(_ value: String) -> String? {
        let pieces = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3, pieces[0].lowercased() == "utf-8" else { return nil }
        var octets: [UInt8] = []
        var text = Array(pieces[2].utf8)[...]
        while let octet = text.popFirst() {
            guard octet == 0x25 else {
                octets.append(octet)
                continue
            }
            guard text.count >= 2, let code = UInt8(String(decoding: text.prefix(2), as: UTF8.self), radix: 16) else {
                return nil
            }
            octets.append(code)
            text = text.dropFirst(2)
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private mutating func token() -> String {
        let end = rest.firstIndex(of: ";") ?? rest.endIndex
        defer { rest = rest[end...] }
        return Self.trimmed(rest[..<end])
    }

    /// Browsers put a backslash in front of nothing; other clients put one in front of quotation marks and backslashes.
    private mutating func quoted() -> String {
        rest.removeFirst()
        var text = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                text.append(next)
                rest.removeFirst()
            } else {
                text.append(character)
            }
        }
        rest = rest[(rest.firstIndex(of: ";") ?? rest.endIndex)...]
        return text
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last == " " || last == "\t" || last == "\r" { text.removeLast() }
        return String(text.drop { $0 == " " || $0 == "\t" })
    }
}

/// The same rewriting done the slow and simple way, over a list of tokens, to compare with.
package enum SlowRewrite {
    /// The body that should come out; nil if `body` is not JSON.
    package static func rewritten(_ body: [UInt8], _ rules: RewriteRules) -> [UInt8]? {
        guard String(validating: body, as: UTF8.self) != nil, let tokens = tokens(of: body) else { return nil }
        var reader = Reader(tokens: tokens, rules: rules)
        guard reader.document() else { return nil }
        return reader.output.flatMap { $0 }
    }

    private struct Token {
        /// A structural octet, `s` for a string, `v` for another scalar, a space for white space.
        var kind: Character
        var octets: [UInt8]

        /// The UTF-16 code units that a string means.
        var units: [UInt16] {
            SlowString.units(octets.dropFirst().dropLast())
        }
    }

    private static func tokens(of body: [UInt8]) -> [Token]? {
        var tokens: [Token] = []
        var index = 0
        while index < body.count {
            let start = index
            let kind: Character
            switch Character(Unicode.Scalar(body[index])) {
            case let structural where "{}[],:".contains(structural):
                kind = structural
                index += 1
            case "\"":
                kind = "s"
                index += 1
                while index < body.count, body[index] != 0x22 { index += body[index] == 0x5C ? 2 : 1 }
                index += 1
                guard index <= body.count, isString(Array(body[start..<index])) else { return nil }
            case " ", "\n", "\r", "\t":
                kind = " "
                index += 1
            default:
                kind = "v"
                while index < body.count, !"{}[],:\" \n\r\t".utf8.contains(body[index]) { index += 1 }
                guard isScalar(Array(body[start..<index])) else { return nil }
            }
            tokens.append(Token(kind: kind, octets: Array(body[start..<index])))
        }
        return tokens
    }

    private static func isString(_ octets: [UInt8]) -> Bool {
        var rest = octets.dropFirst().dropLast()
        while let octet = rest.popFirst() {
            if octet < 0x20 { return false }
            guard octet == 0x5C else { continue }
            guard let letter = rest.popFirst() else { return false }
            if letter == 0x75 {
                let digits = rest.prefix(4)
                let isHexadecimal = digits.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
                guard digits.count == 4, isHexadecimal else { return false }
                rest = rest.dropFirst(4)
            } else if !"\"\\/bfnrt".utf8.contains(letter) {
                return false
            }
        }
        return true
    }

    /// Whether all of `octets` is a literal or a number by the grammar of RFC 8259 §6.
    private static func isScalar(_ octets: [UInt8]) -> Bool {
        let text = String(decoding: octets, as: UTF8.self)
        if ["true", "false", "null"].contains(text) { return true }
        var rest = text.utf8[...]
        func digits() -> Int {
            let run = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[run.endIndex...]
            return run.count
        }
        if rest.first == 0x2D { rest.removeFirst() }
        if rest.first == 0x30 { rest.removeFirst() } else if digits() == 0 { return false }
        if rest.first == 0x2E {
            rest.removeFirst()
            if digits() == 0 { return false }
        }
        if rest.first == 0x45 || rest.first == 0x65 {
            rest.removeFirst()
            if rest.first == 0x2B || rest.first == 0x2D { rest.removeFirst() }
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }

    /// Reads by recursive descent and writes as it reads.
    private struct Reader {
        let tokens: [Token]
        let rules: RewriteRules
        var output: [[UInt8]] = []
        var index = 0

        mutating func document() -> Bool {
            guard value(depth: 0) else { return false }
            space()
            return index == tokens.count
        }

        /// What comes next behind white space, which goes out.
        mutating func next() -> Token? {
            space()
            return index < tokens.count ? tokens[index] : nil
        }

        mutating func space() {
            while index < tokens.count, tokens[index].kind == " " { pass() }
        }

        mutating func pass() {
            output.append(tokens[index].octets)
            index += 1
        }

        mutating func value(depth: Int) -> Bool {
            switch next()?.kind {
            case "s", "v":
                pass()
                return true
            case "[": return depth < 512 && list(until: "]", depth: depth) { $0.value(depth: depth + 1) }
            case "{":
                var present: [Member] = []
                var last = output.count + 1
                guard
                    depth < 512,
                    list(
                        until: "}", depth: depth,
                        element: { reader in
                            guard let member = reader.member(depth: depth + 1) else { return false }
                            present.append(member)
                            last = reader.output.count
                            return true
                        })
                else { return false }
                guard depth == 0 else { return true }
                var added: [[UInt8]] = []
                for (name, json) in rules.setBody where !present.contains(.set(name)) {
                    if !present.isEmpty || !added.isEmpty { added.append([0x2C]) }
                    added += [quoted(name), [0x3A], Array(json.utf8)]
                }
                output.insert(contentsOf: added, at: last)
                return true
            default: return false
            }
        }

        mutating func list(until end: Character, depth: Int, element: (inout Reader) -> Bool) -> Bool {
            pass()
            if next()?.kind == end {
                pass()
                return true
            }
            while element(&self) {
                guard let token = next(), token.kind == "," || token.kind == end else { return false }
                pass()
                if token.kind == end { return true }
            }
            return false
        }

        enum Member: Equatable {
            /// One that `set_body` names.
            case set(String)
            case other
        }

        mutating func member(depth: Int) -> Member? {
            guard let key = next(), key.kind == "s" else { return nil }
            let units = key.units
            let alias = rules.fieldAliases.first { Array($0.from.utf16) == units }
            pass()
            if let alias, alias.from != alias.to { output[output.count - 1] = quoted(alias.to) }
            guard next()?.kind == ":" else { return nil }
            pass()
            guard let first = next() else { return nil }
            let start = output.count
            guard value(depth: depth) else { return nil }
            guard depth == 1 else { return .other }
            let effective = alias.map { Array($0.to.utf16) } ?? units
            if let set = rules.setBody.first(where: { Array($0.name.utf16) == effective }) {
                output.replaceSubrange(start..., with: [Array(set.json.utf8)])
                return .set(set.name)
            }
            if units == Array("model".utf16), first.kind == "s",
                let model = rules.modelAliases.first(where: { Array($0.from.utf16) == first.units })
            {
                output[start] = quoted(model.to)
            }
            return .other
        }

        func quoted(_ text: String) -> [UInt8] {
            var octets: [UInt8] = [0x22]
            for octet in text.utf8 {
                switch octet {
                case 0x22, 0x5C: octets += [0x5C, octet]
                case 0x0A: octets += Array("\\n".utf8)
                case 0..<0x20:
                    let digits = String(octet, radix: 16)
                    octets += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
                default: octets.append(octet)
                }
            }
            return octets + [0x22]
        }
    }
}

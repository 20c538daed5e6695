/// Puts together a call's arguments that come in pieces, each with its place in them: `$.city`, `$.stops[0]['name']`
/// (RFC 9535 §2, singular queries). A text's pieces are joined.
///
/// What names no place is passed over; values, depth and elements of one value are bounded.
struct PartialArguments: Sendable {
    private enum Kind: Sendable {
        case nothing
        case object
        case array
        case text
        case json
    }

    private struct Value: Sendable {
        var kind = Kind.nothing
        /// Its text without escapes, or its JSON.
        var octets: [UInt8] = []
        /// Names of an object's members.
        var names: [[UInt8]] = []
        /// The places of members or elements among the values.
        var members: [Int] = []
    }

    private enum Step {
        case member([UInt8])
        case element(Int)
    }

    private static let mostValues = 4096
    private static let mostMembers = 512
    private static let mostSteps = 64

    private var values = [Value(kind: .object)]

    /// Takes one element of `partialArgs`.
    mutating func take(_ piece: JSONDocument.Node, _ document: JSONDocument) {
        var path: [UInt8] = []
        document.append(document[piece, "jsonPath"], to: &path)
        guard let steps = Self.steps(path), let place = place(of: steps) else { return }
        if let text = document[piece, "stringValue"], document.kind(text) == .string {
            if values[place].kind == .nothing { values[place].kind = .text }
            if values[place].kind == .text { document.append(text, to: &values[place].octets) }
        } else if let value = document.first(piece, "numberValue", "boolValue") {
            set(place, document.raw(value))
        } else if document[piece, "nullValue"] != nil {
            set(place, "null")
        }
    }

    /// The arguments so far, as JSON text.
    var json: [UInt8] {
        var writer = JSONLineWriter()
        write(0, to: &writer)
        return writer.octets
    }

    private mutating func set(_ place: Int, _ json: String) {
        guard values[place].members.isEmpty else { return }
        values[place] = Value(kind: .json, octets: Array(json.utf8))
    }

    /// The value that `steps` lead to, made where there is none; nil where another kind of value is in the way.
    private mutating func place(of steps: [Step]) -> Int? {
        var place = 0
        for step in steps {
            switch step {
            case .member(let name):
                if values[place].kind == .nothing { values[place].kind = .object }
                guard values[place].kind == .object else { return nil }
                if let index = values[place].names.lastIndex(of: name) {
                    place = values[place].members[index]
                } else {
                    guard let member = add(to: place) else { return nil }
                    values[place].names.append(name)
                    place = member
                }
            case .element(let index):
                if values[place].kind == .nothing { values[place].kind = .array }
                guard values[place].kind == .array, index <= values[place].members.count else { return nil }
                if index < values[place].members.count {
                    place = values[place].members[index]
                } else {
                    guard let member = add(to: place) else { return nil }
                    place = member
                }
            }
        }
        return place
    }

    private mutating func add(to place: Int) -> Int? {
        guard values.count < Self.mostValues, values[place].members.count < Self.mostMembers else { return nil }
        values.append(Value())
        values[place].members.append(values.count - 1)
        return values.count - 1
    }

    /// A path's steps; nil for what is none.
    private static func steps(_ path: [UInt8]) -> [Step]? {
        var steps: [Step] = []
        var rest = path[...]
        if rest.first == UInt8(ascii: "$") { rest.removeFirst() }
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "."):
                let name = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                guard !name.isEmpty else { return nil }
                steps.append(.member(Array(name)))
                rest = rest[name.endIndex...]
            case UInt8(ascii: "["):
                guard let step = bracketed(&rest) else { return nil }
                steps.append(step)
            default: return nil
            }
            guard steps.count <= mostSteps else { return nil }
        }
        return steps.isEmpty ? nil : steps
    }

    /// What stands in brackets, the first of which has been read.
    private static func bracketed(_ rest: inout ArraySlice<UInt8>) -> Step? {
        guard let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
            let digits = rest.prefix { $0 != UInt8(ascii: "]") }
            rest = rest[digits.endIndex...]
            guard rest.popFirst() != nil, let index = Int(String(decoding: digits, as: UTF8.self)), index >= 0 else {
                return nil
            }
            return .element(index)
        }
        rest.removeFirst()
        var name: [UInt8] = []
        while let octet = rest.popFirst() {
            if octet == quote { return rest.popFirst() == UInt8(ascii: "]") ? .member(name) : nil }
            if octet == UInt8(ascii: "\\"), let next = rest.popFirst() {
                name.append(next)
            } else {
                name.append(octet)
            }
        }
        return nil
    }

    private func write(_ place: Int, to writer: inout JSONLineWriter) {
        let value = values[place]
        switch value.kind {
        case .nothing: writer.null()
        case .json: for octet in value.octets { writer.append(octet) }
        // Octets have no padding that could be read as data.
        case .text: unsafe writer.string(value.octets.span.bytes, 0..<value.octets.count)
        case .array:
            writer.beginArray()
            for member in value.members {
                writer.nextElement()
                write(member, to: &writer)
            }
            writer.endArray()
        case .object:
            writer.beginObject()
            for (name, member) in zip(value.names, value.members) {
                // Octets have no padding that could be read as data.
                unsafe writer.key(name.span.bytes, 0..<name.count)
                write(member, to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Which names and values a route changes in the JSON bodies of requests: `field_aliases`, `model_aliases`, `set_body`.
///
/// Made once a route. What is not changed keeps every octet: order, spelling of numbers, white space, escapes and
/// duplicate names. Names are compared by what they mean, so `"mod\u0065l"` is `model`.
///
/// ```swift
/// let rewrite = try BodyRewrite(
///     fieldAliases: [("model", "model_id")], modelAliases: [("gpt-4", "anthropic/claude")],
///     setBody: [("stream", "true")])
/// if let edits = rewrite.edits(of: buffer.readableBytesUInt8Span.bytes) {
///     var changed = allocator.buffer(capacity: edits.resultLength)
///     edits.apply(to: buffer.readableBytesUInt8Span.bytes) { changed.writeBytes($0) }
/// }
/// ```
package struct BodyRewrite: Sendable {
    /// An entry of `set_body` that is no JSON value.
    package struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
        /// The entry's name.
        package var name: String
        /// What is wrong with its value.
        package var fault: JSONFault

        package var description: String {
            "set_body: the value of \"\(name)\" is not JSON (\(fault.kind) at octet \(fault.offset)); write one JSON value"
        }
    }

    /// All that can be put in, and where each entry of it stands.
    private var text: [UInt8] = []
    private var entries: [Range<Int>] = []

    private let aliases: JSONNames
    /// For each alias the entry of `sets` that its new name is.
    private let setOfAlias: [Int?]
    private let models: JSONNames
    private let modelField = JSONNames(["model"])
    /// The entry of `text` from which on replacements of models stand.
    private let firstModel: Int
    private let sets: JSONNames
    private let setCount: Int
    /// The entry of `text` from which on three for each of `sets` stand: the value, the member, the member with a comma.
    private let firstSet: Int

    /// Prepares the rules. Of two with the same name the first counts; what is renamed to itself is left out.
    ///
    /// - Parameters:
    ///   - fieldAliases: Names of members at every depth and their new names; no name is renamed twice.
    ///   - modelAliases: Values of the top-level `model` and what replaces them.
    ///   - setBody: Top-level members, named as the upstream sees them, and their values as JSON text.
    /// - Throws: ``Fault`` for a value of `setBody` that is not JSON, or nested 512 deep.
    package init(
        fieldAliases: [(from: String, to: String)], modelAliases: [(from: String, to: String)],
        setBody: [(name: String, json: String)]
    ) throws(Fault) {
        var writer = JSONLineWriter()
        var entries: [Range<Int>] = []
        func endEntry(from start: Int) { entries.append(start..<writer.count) }

        let sets = Self.distinct(setBody) { $0.name }
        let aliases = Self.distinct(fieldAliases) { $0.from }.filter { !Self.areEqual($0.from, $0.to) }
        let models = Self.distinct(modelAliases) { $0.from }.filter { !Self.areEqual($0.from, $0.to) }
        for alias in aliases {
            let start = writer.count
            writer.string(alias.to)
            endEntry(from: start)
        }
        firstModel = entries.count
        for model in models {
            let start = writer.count
            writer.string(model.to)
            endEntry(from: start)
        }
        firstSet = entries.count
        for set in sets {
            let json = Array(set.json.utf8)
            do {
                // One level less than may be read, because it goes into an object.
                // Octets have no padding that could be read as data.
                try unsafe JSONText.validate(json.span.bytes, maximumDepth: JSONText.depthLimit - 1)
            } catch {
                throw Fault(name: set.name, fault: error)
            }
            let comma = writer.count
            writer.append(0x2C)
            let member = writer.count
            writer.string(set.name)
            writer.append(0x3A)
            let value = writer.count
            // Octets have no padding that could be read as data.
            unsafe writer.appendRun(json.span.bytes, 0..<json.count)
            endEntry(from: value)
            endEntry(from: member)
            endEntry(from: comma)
        }
        self.aliases = JSONNames(aliases.map(\.from))
        setOfAlias = aliases.map { alias in sets.firstIndex { Self.areEqual($0.name, alias.to) } }
        self.models = JSONNames(models.map(\.from))
        self.sets = JSONNames(sets.map(\.name))
        setCount = sets.count
        text = writer.octets
        self.entries = entries
    }

    /// Whether there is no rule, so that no body need be looked at.
    package var isEmpty: Bool { entries.isEmpty }

    /// What is to be changed in `body`, one JSON value with white space around it at most.
    ///
    /// Nil where nothing is: the body is then to go out as it is. So is one that is not JSON (RFC 8259, UTF-8 without a
    /// byte order mark), that is nested more than 512 deep, or longer than `UInt32.max` octets.
    package func edits(of body: RawSpan) -> BodyEdits? {
        guard !isEmpty, body.byteCount <= UInt32.max else { return nil }
        var gathering = Gathering(rewrite: self, bodyLength: body.byteCount)
        do throws(JSONFault) {
            try JSONText.scan(body, maximumDepth: JSONText.depthLimit, into: &gathering)
        } catch {
            return nil
        }
        gathering.addMissing()
        return gathering.edits.isEmpty ? nil : gathering.edits
    }

    /// Whether two names are the same in JSON; `String` would take different spellings of one character for equal.
    private static func areEqual(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

    /// The first of `rules` by each name.
    private static func distinct<Rule>(_ rules: [Rule], _ name: (Rule) -> String) -> [Rule] {
        var seen: Set<[UInt8]> = []
        return rules.filter { seen.insert(Array(name($0).utf8)).inserted }
    }
}

extension BodyRewrite {
    /// Gathers the edits while a body is read.
    private struct Gathering: JSONSink {
        /// What happens to the value of the top-level member that is being read.
        enum Pending {
            case nothing
            case model
            case set(Int)
        }

        let rewrite: BodyRewrite
        var edits: BodyEdits
        var pending = Pending.nothing
        /// Inside a value that is replaced whole, nothing else is changed.
        var isReplaced = false
        var valueStart = 0
        /// Where members are added: behind the top-level object's last value, or its brace.
        var insertion: Int?
        var hasMembers = false
        var isPresent: [Bool]

        init(rewrite: BodyRewrite, bodyLength: Int) {
            self.rewrite = rewrite
            edits = BodyEdits(bodyLength: bodyLength, text: rewrite.text, entries: rewrite.entries)
            isPresent = Array(repeating: false, count: rewrite.setCount)
        }

        @inline(__always)
        mutating func key(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {
            if isReplaced { return }
            let alias = rewrite.aliases.index(of: text, range)
            if let alias { edits.append((range.lowerBound - 1)..<(range.upperBound + 1), alias) }
            if depth == 1 { topLevelKey(text, range, alias) }
        }

        @inline(never)
        mutating func topLevelKey(_ text: RawSpan, _ range: Range<Int>, _ alias: Int?) {
            let set: Int?
            if let alias { set = rewrite.setOfAlias[alias] } else { set = rewrite.sets.index(of: text, range) }
            if let set {
                pending = .set(set)
                isPresent[set] = true
            } else if !rewrite.models.isEmpty, rewrite.modelField.index(of: text, range) != nil {
                pending = .model
            }
        }

        @inline(__always)
        mutating func value(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {
            if depth == 1 { endTopLevelValue(text, range) }
        }

        @inline(__always)
        mutating func opens(_ text: RawSpan, _ offset: Int, _ depth: Int) {
            if depth == 0, text.octet(at: offset) == 0x7B { insertion = offset + 1 }
            guard depth == 1 else { return }
            valueStart = offset
            if case .set = pending { isReplaced = true }
        }

        @inline(__always)
        mutating func closed(_ text: RawSpan, _ offset: Int, _ depth: Int) {
            if depth == 1 { endTopLevelValue(text, valueStart..<offset) }
        }

        /// A value in the outermost container has ended, be it an object or an array.
        @inline(never)
        mutating func endTopLevelValue(_ text: RawSpan, _ range: Range<Int>) {
            if insertion != nil {
                insertion = range.upperBound
                hasMembers = true
            }
            switch pending {
            case .nothing: return
            case .model:
                if text.octet(at: range.lowerBound) == 0x22,
                    let model = rewrite.models.index(of: text, (range.lowerBound + 1)..<(range.upperBound - 1))
                {
                    edits.append(range, rewrite.firstModel + model)
                }
            case .set(let set):
                let entry = rewrite.firstSet + 3 * set
                if !holds(text, range, rewrite.entries[entry]) { edits.append(range, entry) }
            }
            pending = .nothing
            isReplaced = false
        }

        /// Whether `range` of the body already is what is to be put there.
        func holds(_ text: RawSpan, _ range: Range<Int>, _ replacement: Range<Int>) -> Bool {
            guard range.count == replacement.count else { return false }
            for offset in 0..<range.count
            where text.octet(at: range.lowerBound + offset) != rewrite.text[replacement.lowerBound + offset] {
                return false
            }
            return true
        }

        /// Adds what `set_body` names and the top-level object lacks.
        mutating func addMissing() {
            guard let insertion else { return }
            for set in isPresent.indices where !isPresent[set] {
                edits.append(insertion..<insertion, rewrite.firstSet + 3 * set + (hasMembers ? 2 : 1))
                hasMembers = true
            }
        }
    }
}

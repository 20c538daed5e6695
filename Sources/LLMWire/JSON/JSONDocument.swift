/// One JSON text with the places of its values in a table, whose memory serves the next text again.
///
/// Values are asked for by place and turned into Swift's only then. What is absent answers like what is null or of
/// another kind: nil, no element, false; so a reader of foreign formats needs no case for each way to be wrong. Of
/// members with one name the last counts, as it does for most readers of JSON.
package struct JSONDocument: Sendable {
    /// A value's place in the document that gave it.
    package struct Node: Sendable, Hashable {
        fileprivate let index: Int32
    }

    /// What a value is.
    package enum Kind: UInt8, Sendable {
        case object
        case array
        case string
        case number
        case boolean
        case null
    }

    fileprivate struct Entry {
        /// The value's first octet; for a member the name's, behind its quotation mark.
        var start: Int32
        /// The octet behind the value, or behind the name.
        var end: Int32
        /// The entry behind the value with all that is in it.
        var next: Int32
        var kind: Kind
        var isName: Bool
        /// Whether an escape stands in the string or name.
        var hasEscape: Bool
    }

    /// The most memory that is kept for the next text: one document may be far larger than all others.
    private static let mostKeptEntries = 1 << 18
    private static let mostKeptText = 4 << 20

    private(set) var text: [UInt8] = []
    fileprivate var entries: [Entry] = []
    fileprivate var open: [Int32] = []

    /// A document that holds `null`.
    package init() {
        readNull()
    }

    /// Reads `text`, which must be one JSON value, in place of what was read before.
    ///
    /// - Throws: ``JSONFault``; the document holds `null` then.
    package mutating func read(_ text: RawSpan, maximumDepth: Int = JSONText.depthLimit) throws(JSONFault) {
        entries.removeAll(keepingCapacity: entries.capacity <= Self.mostKeptEntries)
        open.removeAll(keepingCapacity: true)
        do throws(JSONFault) {
            guard text.byteCount < Int(Int32.max) else { throw JSONFault(kind: .unexpectedEnd, offset: text.byteCount) }
            var table = TableSink(document: self)
            // The table is the only one that holds the memory while it grows.
            entries = []
            open = []
            defer { (entries, open) = (table.entries, table.open) }
            try JSONText.scan(text, maximumDepth: maximumDepth, into: &table)
        } catch {
            readNull()
            throw error
        }
        self.text.removeAll(keepingCapacity: self.text.capacity <= Self.mostKeptText)
        self.text.append(text)
    }

    private mutating func readNull() {
        text.removeAll(keepingCapacity: text.capacity <= Self.mostKeptText)
        text += [0x6E, 0x75, 0x6C, 0x6C]
        entries.removeAll(keepingCapacity: entries.capacity <= Self.mostKeptEntries)
        entries.append(Entry(start: 0, end: 4, next: 1, kind: .null, isName: false, hasEscape: false))
    }

    /// Octets of the text.
    package var size: Int { text.count }

    // MARK: Ways through it

    /// The outermost value.
    package var root: Node { Node(index: 0) }

    /// What `node` is; nil for none.
    package func kind(_ node: Node?) -> Kind? { node.map { entry($0).kind } }

    /// Whether there is a value and it is no `null`.
    package func isPresent(_ node: Node?) -> Bool { node.map { entry($0).kind != .null } ?? false }

    /// The member `name` of an object.
    package subscript(_ node: Node?, _ name: StaticString) -> Node? {
        guard let node, entry(node).kind == .object else { return nil }
        var found: Node?
        var index = node.index + 1
        let end = entry(node).next
        let length = Int32(truncatingIfNeeded: name.utf8CodeUnitCount)
        while index < end {
            let member = entries[Int(index)]
            // Most members differ in length already.
            if member.end &- member.start == length || member.hasEscape, isName(member, name) {
                found = Node(index: index + 1)
            }
            index = entries[Int(index) + 1].next
        }
        return found
    }

    /// The first of `names` that is a member of the object and not `null`.
    package func first(_ node: Node?, _ names: StaticString...) -> Node? {
        for name in names {
            let found = self[node, name]
            if isPresent(found) { return found }
        }
        return nil
    }

    /// An array's elements, in order; none for anything else.
    package func elements(_ node: Node?) -> Elements { Elements(self, node) }

    /// An object's members by name, in order; none for anything else.
    package func members(_ node: Node?) -> some Sequence<(name: String, value: Node)> {
        memberPlaces(node).lazy.map { (name($0), $0.value) }
    }

    /// The places of an object's members, in order; none for anything else.
    package func memberPlaces(_ node: Node?) -> Members { Members(self, node) }

    /// Whether a member is called `name`.
    package func isName(_ member: Member, _ name: StaticString) -> Bool { isName(entries[Int(member.index)], name) }

    /// Where a member's name stands in the text, between its quotation marks.
    func nameRange(_ member: Member) -> Range<Int> {
        Int(entries[Int(member.index)].start)..<Int(entries[Int(member.index)].end)
    }

    /// What a member is called, without escapes.
    package func name(_ member: Member) -> String { text(entries[Int(member.index)], trimming: 0) }

    // MARK: Values

    /// A string without its escapes; nil for anything else. A surrogate without its other half is U+FFFD.
    package func string(_ node: Node?) -> String? {
        guard let node, entry(node).kind == .string else { return nil }
        return text(entry(node), trimming: 1)
    }

    /// Appends a string's UTF-8 without its escapes.
    ///
    /// - Returns: how many octets; 0 for what is no string.
    @discardableResult
    package func append(_ node: Node?, to octets: inout [UInt8]) -> Int {
        guard let node, entry(node).kind == .string else { return 0 }
        let before = octets.count
        append(entry(node), trimming: 1, to: &octets)
        return octets.count - before
    }

    /// Whether the value is the string `expected`.
    package func equals(_ node: Node?, _ expected: StaticString) -> Bool {
        guard let node, entry(node).kind == .string else { return false }
        return isText(entry(node), trimming: 1, expected)
    }

    /// Whether the value is a string without a character.
    package func isEmptyString(_ node: Node?) -> Bool { equals(node, "") }

    /// Whether the value is a string with a character at least.
    package func hasText(_ node: Node?) -> Bool { kind(node) == .string && !isEmptyString(node) }

    /// A string with a character at least, without its escapes; nil for anything else.
    package func nonEmptyString(_ node: Node?) -> String? { hasText(node) ? string(node) : nil }

    /// `true` or `false`; nil for anything else.
    package func boolean(_ node: Node?) -> Bool? {
        guard let node, entry(node).kind == .boolean else { return nil }
        return text[Int(entry(node).start)] == 0x74
    }

    /// A number without fraction and exponent that an `Int` can hold; nil for anything else.
    package func integer(_ node: Node?) -> Int? {
        guard let node, entry(node).kind == .number else { return nil }
        var value = 0
        let entry = entry(node)
        let isNegative = text[Int(entry.start)] == 0x2D
        for index in (Int(entry.start) + (isNegative ? 1 : 0))..<Int(entry.end) {
            let digit = Int(text[index]) - 0x30
            // `12.0` is a whole number to most writers of JSON.
            guard digit >= 0, digit < 10 else { return double(node).flatMap { Int(exactly: $0) } }
            let (product, isProductTooLarge) = value.multipliedReportingOverflow(by: 10)
            // Below zero there is room for one more.
            let (sum, isSumTooLarge) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !isProductTooLarge, !isSumTooLarge else {
                // What follows may make it small again: a fraction, or an exponent.
                let isPlain = text[index..<Int(entry.end)].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
                return isPlain ? nil : double(node).flatMap { Int(exactly: $0) }
            }
            value = sum
        }
        return value
    }

    /// A count: an ``integer(_:)`` that is not negative.
    package func count(_ node: Node?) -> Int? { integer(node).flatMap { $0 < 0 ? nil : $0 } }

    /// A number; nil for anything else.
    package func double(_ node: Node?) -> Double? {
        guard let node, entry(node).kind == .number else { return nil }
        return Double(raw(node))
    }

    /// The value's JSON as it stands in the text.
    package func raw(_ node: Node) -> String {
        let entry = entry(node)
        return String(decoding: text[Int(entry.start)..<Int(entry.end)], as: UTF8.self)
    }

    /// Appends the value's JSON as it stands in the text.
    package func appendRaw(_ node: Node, to octets: inout [UInt8]) {
        let entry = entry(node)
        octets += text[Int(entry.start)..<Int(entry.end)]
    }

    /// Where the value stands in the text.
    package func range(_ node: Node) -> Range<Int> { Int(entry(node).start)..<Int(entry(node).end) }

    /// Hands `body` the octets of each string that is a value, without its escapes.
    package func forEachString(_ body: (ArraySlice<UInt8>) -> Void) {
        var plain: [UInt8] = []
        for entry in entries where entry.kind == .string && !entry.isName {
            guard entry.hasEscape else {
                body(text[Int(entry.start + 1)..<Int(entry.end - 1)])
                continue
            }
            plain.removeAll(keepingCapacity: true)
            append(entry, trimming: 1, to: &plain)
            body(plain[...])
        }
    }

    // MARK: Octets

    fileprivate func entry(_ node: Node) -> Entry { entries[Int(node.index)] }

    fileprivate func isName(_ member: Entry, _ name: StaticString) -> Bool { isText(member, trimming: 0, name) }

    private func isText(_ entry: Entry, trimming: Int32, _ expected: StaticString) -> Bool {
        let (start, end) = (Int(entry.start + trimming), Int(entry.end - trimming))
        if entry.hasEscape { return text(entry, trimming: trimming) == expected.description }
        guard end - start == expected.utf8CodeUnitCount else { return false }
        // Octets have no padding that could be read as data.
        return unsafe text.span.extracting(start..<end).bytes.equals(expected)
    }

    fileprivate func text(_ entry: Entry, trimming: Int32) -> String {
        guard entry.hasEscape else {
            return String(decoding: text[Int(entry.start + trimming)..<Int(entry.end - trimming)], as: UTF8.self)
        }
        var octets: [UInt8] = []
        append(entry, trimming: trimming, to: &octets)
        return String(decoding: octets, as: UTF8.self)
    }

    private func append(_ entry: Entry, trimming: Int32, to octets: inout [UInt8]) {
        let (start, end) = (Int(entry.start + trimming), Int(entry.end - trimming))
        guard entry.hasEscape else {
            octets += text[start..<end]
            return
        }
        // Octets have no padding that could be read as data.
        let span = unsafe text.span.bytes
        var index = start
        while index < end {
            let stop = span.firstBackslash(from: index, to: end)
            octets.append(span.extracting(index..<stop))
            index = stop
            guard index < end else { return }
            let letter = span.octet(at: index &+ 1)
            if letter == 0x75 {
                let escape = JSONEscape(span, index)
                octets.append(contentsOf: (escape.scalar ?? "\u{FFFD}").utf8)
                index = escape.end
            } else {
                octets.append(JSONEscape.meaning(letter))
                index &+= 2
            }
        }
    }
}

extension JSONDocument {
    /// An array's elements.
    package struct Elements: Sequence, IteratorProtocol {
        private var places: Places

        fileprivate init(_ document: JSONDocument, _ node: Node?) {
            places = Places(document, node, .array)
        }

        package mutating func next() -> Node? {
            guard let index = places.next(valueAt: 0) else { return nil }
            return Node(index: index)
        }
    }

    /// One member's place in the document that gave it.
    package struct Member: Sendable {
        fileprivate let index: Int32

        /// The member's value.
        package var value: Node { Node(index: index + 1) }
    }

    /// An object's members.
    package struct Members: Sequence, IteratorProtocol {
        private var places: Places

        fileprivate init(_ document: JSONDocument, _ node: Node?) {
            places = Places(document, node, .object)
        }

        package mutating func next() -> Member? {
            guard let index = places.next(valueAt: 1) else { return nil }
            return Member(index: index)
        }
    }

    /// What stands in a container, entry by entry. It holds the table only where there is something to walk through:
    /// most containers that are asked for are absent.
    private struct Places {
        private let entries: [Entry]
        private var index: Int32 = 0
        private var end: Int32 = 0

        init(_ document: JSONDocument, _ node: Node?, _ kind: Kind) {
            guard let node, document.entry(node).kind == kind else {
                entries = []
                return
            }
            entries = document.entries
            (index, end) = (node.index + 1, document.entry(node).next)
        }

        /// - Parameter offset: where the value's entry stands behind the place's own.
        mutating func next(valueAt offset: Int) -> Int32? {
            guard index < end else { return nil }
            defer { index = entries[Int(index) + offset].next }
            return index
        }
    }
}

/// Fills a document's table.
private struct TableSink: JSONSink {
    var entries: [JSONDocument.Entry]
    var open: [Int32]

    init(document: JSONDocument) {
        entries = document.entries
        open = document.open
    }

    @inline(__always)
    mutating func key(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {
        add(range, .string, isName: true, hasEscape: Self.hasEscape(text, range))
    }

    @inline(__always)
    mutating func value(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {
        switch text.octet(at: range.lowerBound) {
        case 0x22: add(range, .string, hasEscape: Self.hasEscape(text, range))
        case 0x74, 0x66: add(range, .boolean)
        case 0x6E: add(range, .null)
        default: add(range, .number)
        }
    }

    @inline(__always)
    mutating func opens(_ text: RawSpan, _ offset: Int, _ depth: Int) {
        open.append(Int32(truncatingIfNeeded: entries.count))
        add(offset..<offset, text.octet(at: offset) == 0x7B ? .object : .array)
    }

    @inline(__always)
    mutating func closed(_ text: RawSpan, _ offset: Int, _ depth: Int) {
        guard let index = open.popLast() else { return }
        entries[Int(index)].end = Int32(truncatingIfNeeded: offset)
        entries[Int(index)].next = Int32(truncatingIfNeeded: entries.count)
    }

    @inline(__always)
    private mutating func add(
        _ range: Range<Int>, _ kind: JSONDocument.Kind, isName: Bool = false, hasEscape: Bool = false
    ) {
        entries.append(
            JSONDocument.Entry(
                start: Int32(truncatingIfNeeded: range.lowerBound), end: Int32(truncatingIfNeeded: range.upperBound),
                next: Int32(truncatingIfNeeded: entries.count + 1), kind: kind, isName: isName, hasEscape: hasEscape))
    }

    @inline(__always)
    private static func hasEscape(_ text: RawSpan, _ range: Range<Int>) -> Bool {
        text.firstBackslash(from: range.lowerBound, to: range.upperBound) < range.upperBound
    }
}

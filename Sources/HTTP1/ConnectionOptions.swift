/// What the `Connection` fields of a head ask for (RFC 9110 §7.6.1).
package struct ConnectionOptions: Sendable, Equatable {
    /// `close` stands there.
    package fileprivate(set) var close = false
    /// `keep-alive` stands there.
    package fileprivate(set) var keepAlive = false
    /// `upgrade` stands there.
    package fileprivate(set) var upgrade = false
    /// A name of a field stands there, other than those that are hop-by-hop anyway.
    fileprivate(set) var namesFields = false

    /// Takes the members of the list in `range` in.
    mutating func add(_ head: RawSpan, _ range: Range<Int>) {
        head.forEachListMember(range) { head, member in
            if head.matches(member, "close") {
                close = true
            } else if head.matches(member, "keep-alive") {
                keepAlive = true
            } else if head.matches(member, "upgrade") {
                upgrade = true
            } else if !head.matches(member, "te") {
                namesFields = true
            }
        }
    }
}

extension RawSpan {
    /// Calls `body` with each non-empty member of the comma-separated list in `range` (RFC 9110 §5.6.1).
    func forEachListMember(_ range: Range<Int>, _ body: (RawSpan, Range<Int>) -> Void) {
        var start = range.lowerBound
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, octet(at: end) != 0x2C { end &+= 1 }
            let member = trimmingWhitespace(start..<end)
            if !member.isEmpty { body(self, member) }
            start = end &+ 1
        }
    }

    /// Whether the list in `list` has a member that spells the octets in `name`, ASCII case set aside.
    func list(_ list: Range<Int>, names name: Range<Int>) -> Bool {
        var found = false
        forEachListMember(list) { head, member in
            guard !found, member.count == name.count else { return }
            found = zip(member, name).allSatisfy { pair in
                Octet.lowercased(head.octet(at: pair.0)) == Octet.lowercased(head.octet(at: pair.1))
            }
        }
        return found
    }

    /// Marks in `marked` the fields that a `Connection` field of the head names.
    ///
    /// `Upgrade` is not among them: whoever names it has decided about it already.
    func markNominated(_ fields: [Field], into marked: inout FieldSet) {
        for connection in fields where connection.name == .connection {
            for index in fields.indices where fields[index].name.mayBeNominated {
                if list(connection.valueRange, names: fields[index].nameRange) { marked.insert(index) }
            }
        }
    }
}

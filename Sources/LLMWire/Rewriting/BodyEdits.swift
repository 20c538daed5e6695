/// What is to be changed in a body: ranges of it and the octets that take their place, in order, none overlapping.
///
/// Twelve octets a change, so at most a few times the body's own length; the octets put in are kept once for the route's ``BodyRewrite``, however often they go in.
package struct BodyEdits: RandomAccessCollection, Sendable {
    /// One change.
    package struct Edit: Equatable, Sendable {
        /// The octets of the body that go; empty where something is only put in.
        package var range: Range<Int>
        /// The octets of ``BodyEdits/text`` that come in their place.
        package var replacement: Range<Int>
    }

    /// A part of the changed body.
    package enum Segment: Equatable, Sendable {
        /// These octets of the body, as they are.
        case body(Range<Int>)
        /// These octets of ``BodyEdits/text``.
        case text(Range<Int>)
    }

    private struct Packed {
        var offset: UInt32
        var removed: UInt32
        var entry: UInt32
    }

    /// What replacements are taken from.
    package let text: [UInt8]
    private let entries: [Range<Int>]
    private var edits: [Packed] = []
    /// The length of the body that the edits belong to.
    package let bodyLength: Int
    /// The length of the body once changed.
    package private(set) var resultLength: Int

    /// No edits yet, of a body of `bodyLength` octets, at most `UInt32.max`; `entries` are the texts that can come in.
    init(bodyLength: Int, text: [UInt8], entries: [Range<Int>]) {
        precondition(bodyLength <= UInt32.max)
        self.bodyLength = bodyLength
        self.text = text
        self.entries = entries
        resultLength = bodyLength
    }

    /// Puts entry `entry` in the place of `range`, which lies behind all that was appended before.
    mutating func append(_ range: Range<Int>, _ entry: Int) {
        resultLength += entries[entry].count - range.count
        if edits.isEmpty { edits.reserveCapacity(8) }
        edits.append(
            Packed(offset: UInt32(range.lowerBound), removed: UInt32(range.count), entry: UInt32(entry)))
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { edits.count }

    package subscript(position: Int) -> Edit {
        let edit = edits[position]
        let start = Int(edit.offset)
        return Edit(range: start..<(start + Int(edit.removed)), replacement: entries[Int(edit.entry)])
    }

    /// The octets that `edit` puts in.
    package func replacement(of edit: Edit) -> ArraySlice<UInt8> { text[edit.replacement] }

    /// Hands out the changed body as parts of the body and of ``text``, in order, none empty.
    package func forEachSegment<Failure: Error>(
        _ take: (Segment) throws(Failure) -> Void
    ) throws(Failure) {
        var kept = 0
        for edit in self {
            if kept < edit.range.lowerBound { try take(.body(kept..<edit.range.lowerBound)) }
            if !edit.replacement.isEmpty { try take(.text(edit.replacement)) }
            kept = edit.range.upperBound
        }
        if kept < bodyLength { try take(.body(kept..<bodyLength)) }
    }

    /// Hands `write` the changed body piece by piece; together they are ``resultLength`` octets.
    ///
    /// - Parameter body: The body that the edits were made for; one of another length traps.
    package func apply<Failure: Error>(
        to body: RawSpan, write: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(body.byteCount == bodyLength)
        // Octets have no padding that could be read as data.
        let text = unsafe text.span.bytes
        try forEachSegment { (segment) throws(Failure) in
            switch segment {
            case .body(let range): try write(body.extracting(range))
            case .text(let range): try write(text.extracting(range))
            }
        }
    }
}

/// One field line of a head, as offsets from the head's first octet.
///
/// The line runs from ``nameStart`` to ``lineEnd``, its CRLF included; the value has no white space around it.
package struct Field: Sendable, Equatable {
    @usableFromInline let nameStart: UInt32
    @usableFromInline let nameEnd: UInt32
    @usableFromInline let valueStart: UInt32
    @usableFromInline let valueEnd: UInt32
    @usableFromInline let lineEndOffset: UInt32
    /// Which of the known names it is.
    package let name: FieldName

    @inline(__always)
    init(nameStart: Int, nameEnd: Int, valueStart: Int, valueEnd: Int, lineEnd: Int, name: FieldName) {
        self.nameStart = UInt32(truncatingIfNeeded: nameStart)
        self.nameEnd = UInt32(truncatingIfNeeded: nameEnd)
        self.valueStart = UInt32(truncatingIfNeeded: valueStart)
        self.valueEnd = UInt32(truncatingIfNeeded: valueEnd)
        self.lineEndOffset = UInt32(truncatingIfNeeded: lineEnd)
        self.name = name
    }

    /// Where the name stands, without the colon.
    @inlinable
    @inline(__always)
    package var nameRange: Range<Int> { Int(nameStart)..<Int(nameEnd) }

    /// Where the value stands, without the white space around it.
    @inlinable
    @inline(__always)
    package var valueRange: Range<Int> { Int(valueStart)..<Int(valueEnd) }

    /// The whole line with its CRLF.
    @inlinable
    @inline(__always)
    package var lineRange: Range<Int> { Int(nameStart)..<Int(lineEndOffset) }
}

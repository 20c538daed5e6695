/// What makes a run of octets something other than one JSON value, and where.
package struct JSONFault: Error, Equatable, Sendable {
    /// The kinds of fault.
    package enum Kind: Sendable, CaseIterable {
        /// The text ends inside a value, or there is none.
        case unexpectedEnd
        /// An octet that cannot stand where it stands.
        case unexpectedOctet
        /// A control character inside a string.
        case controlInString
        /// A backslash that begins no escape.
        case badEscape
        /// A number that RFC 8259 §6 does not know, as `01` or `1.`.
        case badNumber
        /// Arrays and objects nested deeper than allowed.
        case tooDeep
        /// Octets that are not UTF-8.
        case notUTF8
    }

    /// What is wrong.
    package var kind: Kind
    /// The octet at which it shows; for ``Kind/notUTF8`` the text's length.
    package var offset: Int
}

/// One JSON value as octets (RFC 8259): checked and written out on one line, never turned into values.
///
/// Duplicate keys, numbers of any size and lone surrogate escapes are let through: what reads the text may judge them.
/// No recursion: nesting costs one bit a level.
package enum JSONText {
    /// The deepest nesting that can be asked for.
    package static let depthLimit = 512

    /// Checks that `text` is one JSON value with white space around it at most.
    ///
    /// - Throws: ``JSONFault``.
    package static func validate(_ text: RawSpan, maximumDepth: Int = depthLimit) throws(JSONFault) {
        var nowhere = Nowhere()
        try scan(text, maximumDepth: maximumDepth, into: &nowhere)
    }

    /// Checks `text` and appends it without the white space outside strings; every other octet stays as it is.
    ///
    /// What was appended before a fault showed stays in `writer`; see ``JSONLineWriter/appendJSON(_:maximumDepth:)``.
    static func compact(_ text: RawSpan, maximumDepth: Int, into writer: inout JSONLineWriter) throws(JSONFault) {
        try scan(text, maximumDepth: maximumDepth, into: &writer)
    }

    private enum Expectation {
        case value
        case valueOrEnd
        case key
        case keyOrEnd
        case commaOrEnd
        case nothing
    }

    /// Checks `text` and tells `sink` what stands where, as it goes: a fault may show after much has been told.
    @inline(__always)
    static func scan<Sink: JSONSink>(
        _ text: RawSpan, maximumDepth: Int, into sink: inout Sink
    ) throws(JSONFault) {
        let count = text.byteCount
        let maximumDepth = min(maximumDepth, depthLimit)
        var containers = InlineArray<8, UInt64>(repeating: 0)
        var depth = 0
        var inObject = false
        var expectation = Expectation.value
        var high: UInt64 = 0
        var runStart = 0
        var index = 0
        while index < count {
            let octet = text.octet(at: index)
            if octet <= 0x20 {
                if runStart < index { sink.appendRun(text, runStart..<index) }
                index = try skipWhiteSpace(text, index)
                runStart = index
                continue
            }
            if expectation == .commaOrEnd {
                if octet == 0x2C {
                    index &+= 1
                    expectation = inObject ? .key : .value
                    continue
                }
            } else if octet == 0x22 {
                if expectation == .nothing { throw JSONFault(kind: .unexpectedOctet, offset: index) }
                let start = index
                index = try endOfString(text, index &+ 1, &high)
                if expectation == .value || expectation == .valueOrEnd {
                    sink.value(text, start..<index, depth)
                    expectation = depth == 0 ? .nothing : .commaOrEnd
                    continue
                }
                sink.key(text, (start &+ 1)..<(index &- 1), depth)
                // Its colon may stand behind white space.
                if index < count, text.octet(at: index) <= 0x20 {
                    sink.appendRun(text, runStart..<index)
                    index = try skipWhiteSpace(text, index)
                    runStart = index
                }
                guard index < count else { break }
                guard text.octet(at: index) == 0x3A else { throw JSONFault(kind: .unexpectedOctet, offset: index) }
                index &+= 1
                expectation = .value
                continue
            } else if expectation == .value || expectation == .valueOrEnd, octet != 0x5D {
                if octet == 0x7B || octet == 0x5B {
                    guard depth < maximumDepth else { throw JSONFault(kind: .tooDeep, offset: index) }
                    sink.opens(text, index, depth)
                    inObject = octet == 0x7B
                    let bit = UInt64(1) &<< UInt64(depth & 63)
                    if inObject { containers[depth &>> 6] |= bit } else { containers[depth &>> 6] &= ~bit }
                    depth &+= 1
                    index &+= 1
                    expectation = inObject ? .keyOrEnd : .valueOrEnd
                    continue
                }
                let start = index
                index = try endOfScalar(text, index, octet)
                sink.value(text, start..<index, depth)
                expectation = depth == 0 ? .nothing : .commaOrEnd
                continue
            }
            // Only the end of a container can be right here.
            let closes =
                octet == 0x7D
                ? (inObject && (expectation == .commaOrEnd || expectation == .keyOrEnd))
                : octet == 0x5D && !inObject && (expectation == .commaOrEnd || expectation == .valueOrEnd)
            guard closes, depth > 0 else { throw JSONFault(kind: .unexpectedOctet, offset: index) }
            depth &-= 1
            index &+= 1
            sink.closed(text, index, depth)
            if depth == 0 {
                expectation = .nothing
            } else {
                let outer = depth &- 1
                inObject = (containers[outer &>> 6] &>> UInt64(outer & 63)) & 1 == 1
                expectation = .commaOrEnd
            }
        }
        guard expectation == .nothing else { throw JSONFault(kind: .unexpectedEnd, offset: count) }
        if runStart < count { sink.appendRun(text, runStart..<count) }
        if high & Word.highs != 0, !UTF8Text.isValid(text) { throw JSONFault(kind: .notUTF8, offset: count) }
    }

    @inline(__always)
    private static func skipWhiteSpace(_ text: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        var index = start
        while index < text.byteCount {
            let octet = text.octet(at: index)
            if octet > 0x20 { break }
            guard octet == 0x20 || octet == 0x0A || octet == 0x0D || octet == 0x09 else {
                throw JSONFault(kind: .unexpectedOctet, offset: index)
            }
            index &+= 1
        }
        return index
    }

    /// Reads from behind the opening quotation mark to behind the closing one, and gathers the high bits on the way.
    @inline(__always)
    private static func endOfString(_ text: RawSpan, _ start: Int, _ high: inout UInt64) throws(JSONFault) -> Int {
        let count = text.byteCount
        var index = start
        while index < count {
            if index <= count &- 8 {
                let word = text.word(at: index)
                high |= word
                let special = Word.needsEscape(word)
                if special == 0 {
                    index &+= 8
                    continue
                }
                index &+= special.trailingZeroBitCount &>> 3
            }
            let octet = text.octet(at: index)
            if octet == 0x22 { return index &+ 1 }
            if octet == 0x5C {
                index = try endOfEscape(text, index)
            } else if octet < 0x20 {
                throw JSONFault(kind: .controlInString, offset: index)
            } else {
                high |= UInt64(octet)
                index &+= 1
            }
        }
        throw JSONFault(kind: .unexpectedEnd, offset: count)
    }

    @inline(__always)
    private static func endOfEscape(_ text: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        guard start &+ 1 < text.byteCount else { throw JSONFault(kind: .unexpectedEnd, offset: text.byteCount) }
        switch text.octet(at: start &+ 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return start &+ 2
        case 0x75:
            for index in (start &+ 2)..<(start &+ 6) {
                guard index < text.byteCount else { throw JSONFault(kind: .unexpectedEnd, offset: index) }
                let octet = text.octet(at: index)
                guard octet &- 0x30 < 10 || (octet | 0x20) &- 0x61 < 6 else {
                    throw JSONFault(kind: .badEscape, offset: index)
                }
            }
            return start &+ 6
        default: throw JSONFault(kind: .badEscape, offset: start &+ 1)
        }
    }

    /// Reads a number or one of the three literals.
    @inline(__always)
    private static func endOfScalar(_ text: RawSpan, _ start: Int, _ first: UInt8) throws(JSONFault) -> Int {
        switch first {
        case 0x30...0x39, 0x2D: return try endOfNumber(text, start)
        case 0x74: return try endOfLiteral(text, start, 0x6575_7274)
        case 0x6E: return try endOfLiteral(text, start, 0x6C6C_756E)
        case 0x66: return try endOfLiteral(text, start &+ 1, 0x6573_6C61)
        default: throw JSONFault(kind: .unexpectedOctet, offset: start)
        }
    }

    /// Compares four octets with `literal`, its first in the lowest bits; `false` is read from its second on.
    @inline(__always)
    private static func endOfLiteral(
        _ text: RawSpan, _ start: Int, _ literal: UInt32
    ) throws(JSONFault) -> Int {
        if start <= text.byteCount &- 4, text.halfWord(at: start) == literal { return start &+ 4 }
        for index in 0..<4 {
            guard start &+ index < text.byteCount else { break }
            guard text.octet(at: start &+ index) == UInt8(truncatingIfNeeded: literal &>> UInt32(8 &* index)) else {
                throw JSONFault(kind: .unexpectedOctet, offset: start &+ index)
            }
        }
        throw JSONFault(kind: .unexpectedEnd, offset: text.byteCount)
    }

    private static func endOfNumber(_ text: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        let count = text.byteCount
        var index = start
        if text.octet(at: index) == 0x2D { index &+= 1 }
        guard index < count else { throw JSONFault(kind: .unexpectedEnd, offset: count) }
        if text.octet(at: index) == 0x30 {
            index &+= 1
            if index < count, text.octet(at: index) &- 0x30 < 10 { throw JSONFault(kind: .badNumber, offset: index) }
        } else {
            index = try endOfDigits(text, index)
        }
        if index < count, text.octet(at: index) == 0x2E { index = try endOfDigits(text, index &+ 1) }
        if index < count, text.octet(at: index) | 0x20 == 0x65 {
            index &+= 1
            if index < count, text.octet(at: index) == 0x2B || text.octet(at: index) == 0x2D { index &+= 1 }
            index = try endOfDigits(text, index)
        }
        return index
    }

    /// Reads one digit or more.
    @inline(__always)
    private static func endOfDigits(_ text: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        var index = start
        while index < text.byteCount, text.octet(at: index) &- 0x30 < 10 { index &+= 1 }
        if index == start {
            let atEnd = index == text.byteCount
            throw JSONFault(kind: atEnd ? .unexpectedEnd : .badNumber, offset: index)
        }
        return index
    }
}

/// Is told what a JSON text holds and where. `depth` is the number of containers around what is told of.
protocol JSONSink {
    /// A run between which and the next only white space stands.
    mutating func appendRun(_ text: RawSpan, _ range: Range<Int>)
    /// A member's name, in `range` without its quotation marks: escapes are well-formed, UTF-8 is not checked yet.
    mutating func key(_ text: RawSpan, _ range: Range<Int>, _ depth: Int)
    /// A string with its quotation marks, a number or a literal.
    mutating func value(_ text: RawSpan, _ range: Range<Int>, _ depth: Int)
    /// An array or object begins at `offset`.
    mutating func opens(_ text: RawSpan, _ offset: Int, _ depth: Int)
    /// An array or object has ended in front of `offset`.
    mutating func closed(_ text: RawSpan, _ offset: Int, _ depth: Int)
}

extension JSONSink {
    @inline(__always)
    mutating func appendRun(_ text: RawSpan, _ range: Range<Int>) {}
    @inline(__always)
    mutating func key(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {}
    @inline(__always)
    mutating func value(_ text: RawSpan, _ range: Range<Int>, _ depth: Int) {}
    @inline(__always)
    mutating func opens(_ text: RawSpan, _ offset: Int, _ depth: Int) {}
    @inline(__always)
    mutating func closed(_ text: RawSpan, _ offset: Int, _ depth: Int) {}
}

/// Keeps nothing.
private struct Nowhere: JSONSink {}

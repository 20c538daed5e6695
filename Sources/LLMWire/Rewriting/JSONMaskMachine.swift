/// Follows JSON text through strings, names and nesting, and tells which values stand under a name that is to be masked.
struct JSONMaskMachine: Sendable {
    /// The names in UTF-8, ASCII letters in lower case.
    let names: [[UInt8]]
    private let longestName: Int

    private enum Container {
        case array
        case object
        /// Deeper than is remembered, or none.
        case unknown
    }

    private enum State {
        case between
        case string
        case scalar
    }

    private var state = State.between
    private var depth = 0
    private var container = Container.unknown
    /// A bit for each level: whether it is an object.
    private var objects = InlineArray<8, UInt64>(repeating: 0)
    /// The level below which every value is masked; 0 for none.
    private var maskedFrom = 0
    /// In an object, or what may be one: whether a name comes next.
    private var expectsName = false
    /// A name has ended that is to be masked, and its colon has not come.
    private var isBehindMaskedName = false
    /// The next value is to be masked.
    private var isPending = false
    /// The value that is being read is masked.
    private var isMasked = false

    // Of the string that is being read.
    private var isName = false
    private var name: [UInt8] = []
    /// How many octets of an escape are still to come, its backslash apart; 5 before its letter.
    private var escapeLeft = 0
    private var unit: UInt32 = 0
    private var highSurrogate: UInt32 = 0

    init(names: [String]) {
        self.names = names.map { $0.utf8.map(Self.lowercased) }
        longestName = self.names.map(\.count).max() ?? 0
    }

    private init(_ names: [[UInt8]], longest: Int) {
        self.names = names
        longestName = longest
    }

    /// One for the same names, which has read nothing.
    var renewed: JSONMaskMachine { JSONMaskMachine(names, longest: longestName) }

    /// Forgets the document; a new one begins.
    mutating func reset() {
        state = .between
        depth = 0
        container = .unknown
        maskedFrom = 0
        expectsName = false
        isBehindMaskedName = false
        isPending = false
        escapeLeft = 0
        highSurrogate = 0
        name.removeAll(keepingCapacity: true)
    }

    /// A line of the document has ended, which is white space.
    mutating func endLine() {
        if state == .scalar { endValue() }
    }

    /// Reads what follows, `range` of `text`, and calls `mask` with each range of `text` that is to be masked.
    mutating func read(_ text: RawSpan, _ range: Range<Int>, _ mask: (Range<Int>, JSONKeyMask.Value) -> Void) {
        var index = range.lowerBound
        while index < range.upperBound {
            let start = index
            switch state {
            case .between:
                step(text.octet(at: index))
                // A number or literal is read from its first octet, a string from behind its quotation mark.
                if state != .scalar { index &+= 1 }
            case .scalar:
                while index < range.upperBound, !Self.endsScalar(text.octet(at: index)) { index &+= 1 }
                if isMasked, start < index { mask(start..<index, .scalar) }
                if index < range.upperBound { endValue() }
            case .string:
                let isEnded =
                    isName ? readName(text, &index, range.upperBound) : skipString(text, &index, range.upperBound)
                if isMasked, start < index { mask(start..<index, .string) }
                if isEnded {
                    index &+= 1
                    endString()
                }
            }
        }
    }

    /// Reads one octet outside strings, numbers and literals.
    private mutating func step(_ octet: UInt8) {
        switch octet {
        case 0x20, 0x0A, 0x0D, 0x09: return
        case 0x7B: open(.object)
        case 0x5B: open(.array)
        case 0x7D, 0x5D: close()
        case 0x3A:
            isPending = isBehindMaskedName
            isBehindMaskedName = false
            expectsName = false
        case 0x2C:
            isPending = false
            isBehindMaskedName = false
            expectsName = container != .array
        default:
            // Outside of arrays and objects no member can be.
            guard depth > 0 else { return }
            isMasked = maskedFrom > 0 || isPending
            if octet == 0x22 {
                state = .string
                isName = expectsName
                isBehindMaskedName = false
                if isName, container == .object { isMasked = false }
            } else {
                state = .scalar
            }
        }
    }

    private mutating func open(_ kind: Container) {
        depth += 1
        if isPending, maskedFrom == 0 { maskedFrom = depth }
        isPending = false
        isBehindMaskedName = false
        container = kind
        expectsName = kind == .object
        guard depth <= JSONText.depthLimit else { return }
        let bit = UInt64(1) &<< UInt64((depth - 1) & 63)
        if kind == .object { objects[(depth - 1) >> 6] |= bit } else { objects[(depth - 1) >> 6] &= ~bit }
    }

    private mutating func close() {
        if depth == maskedFrom { maskedFrom = 0 }
        isPending = false
        isBehindMaskedName = false
        expectsName = false
        if depth > 0 { depth -= 1 }
        if depth == 0 || depth > JSONText.depthLimit {
            container = .unknown
        } else {
            let isObject = (objects[(depth - 1) >> 6] >> UInt64((depth - 1) & 63)) & 1 == 1
            container = isObject ? .object : .array
        }
    }

    private mutating func endValue() {
        state = .between
        isPending = false
    }

    private mutating func endString() {
        state = .between
        guard isName else {
            isPending = false
            return
        }
        flushSurrogate()
        isBehindMaskedName = name.count <= longestName && names.contains(name)
        name.removeAll(keepingCapacity: true)
    }

    /// Goes on to the closing quotation mark or to `end`; says whether it is the former.
    private mutating func skipString(_ text: RawSpan, _ index: inout Int, _ end: Int) -> Bool {
        while index < end {
            if escapeLeft > 0 {
                // Only the octet behind the backslash could be mistaken for something else.
                escapeLeft = 0
                index &+= 1
                continue
            }
            if index <= end &- 8 {
                let special = Word.needsEscape(text.word(at: index))
                if special == 0 {
                    index &+= 8
                    continue
                }
                index &+= special.trailingZeroBitCount &>> 3
            }
            let octet = text.octet(at: index)
            if octet == 0x22 { return true }
            if octet == 0x5C { escapeLeft = 1 }
            index &+= 1
        }
        return false
    }

    /// The same for a name, which is gathered as far as it can still be one of ``names``.
    private mutating func readName(_ text: RawSpan, _ index: inout Int, _ end: Int) -> Bool {
        while index < end {
            let octet = text.octet(at: index)
            if escapeLeft > 0 {
                readEscape(octet)
            } else if octet == 0x22 {
                return true
            } else if octet == 0x5C {
                escapeLeft = 5
            } else {
                flushSurrogate()
                gather(octet)
            }
            index &+= 1
        }
        return false
    }

    /// Reads an octet of an escape behind its backslash.
    private mutating func readEscape(_ octet: UInt8) {
        if escapeLeft == 5 {
            if octet == 0x75 {
                escapeLeft = 4
                unit = 0
                return
            }
            escapeLeft = 0
            flushSurrogate()
            gather(JSONEscape.meaning(octet))
            return
        }
        let digit = octet < 0x3A ? octet &- 0x30 : (octet | 0x20) &- 0x57
        unit = unit << 4 | UInt32(digit & 15)
        escapeLeft -= 1
        if escapeLeft == 0 { endUnit() }
    }

    /// A `\u` escape has been read whole.
    private mutating func endUnit() {
        if unit & 0xFC00 == 0xDC00, highSurrogate != 0 {
            let scalar = Unicode.Scalar(0x1_0000 + (highSurrogate & 0x3FF) << 10 + (unit & 0x3FF))
            highSurrogate = 0
            for octet in (scalar ?? "\u{FFFD}").utf8 { gather(octet) }
            return
        }
        flushSurrogate()
        if unit & 0xFC00 == 0xD800 {
            highSurrogate = unit
        } else if let scalar = Unicode.Scalar(unit) {
            for octet in scalar.utf8 { gather(octet) }
        } else {
            gatherNoCharacter()
        }
    }

    private mutating func flushSurrogate() {
        if highSurrogate != 0 {
            highSurrogate = 0
            gatherNoCharacter()
        }
    }

    /// Gathers what no name holds.
    private mutating func gatherNoCharacter() { gather(0xFF) }

    private mutating func gather(_ octet: UInt8) {
        if name.count <= longestName { name.append(Self.lowercased(octet)) }
    }

    private static func lowercased(_ octet: UInt8) -> UInt8 { octet &- 0x41 < 26 ? octet | 0x20 : octet }

    @inline(__always)
    private static func endsScalar(_ octet: UInt8) -> Bool {
        switch octet {
        case 0x20, 0x0A, 0x0D, 0x09, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D, 0x22: return true
        default: return false
        }
    }
}

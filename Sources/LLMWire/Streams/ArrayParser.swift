/// Takes the elements of a JSON array out of octets, however those are cut into pieces: Gemini's streams without
/// `alt=sse`.
///
/// What is no array is one element, given at its end, so that a lone error object is read too. Elements are parted, not
/// checked: that is for whoever reads them.
package struct ArrayParser: Sendable {
    /// The element's octets.
    package private(set) var element: [UInt8] = []

    private enum State: Sendable {
        case start
        case betweenElements
        case element
        case ended
    }

    private var state = State.start
    private var depth = 0
    private var isArray = false
    private var isInString = false
    private var isBehindBackslash = false
    private var isDone = false

    /// A parser at the start of a stream.
    package init() {}

    /// Reads on in `octets` from `index` to the end of the next element.
    ///
    /// - Returns: whether ``element`` holds an element; then the caller goes on at `index`.
    package mutating func advance(_ octets: RawSpan, _ index: inout Int) -> Bool {
        beginIfDone()
        while index < octets.byteCount {
            switch state {
            case .start:
                let octet = octets.octet(at: index)
                if octet > 0x20 {
                    isArray = octet == 0x5B
                    state = isArray ? .betweenElements : .element
                    if !isArray { continue }
                }
                index &+= 1
            case .betweenElements:
                let octet = octets.octet(at: index)
                if octet == 0x5D {
                    state = .ended
                } else if octet > 0x20, octet != 0x2C {
                    state = .element
                    continue
                }
                index &+= 1
            case .element:
                let start = index
                let isWhole = skipElement(octets, &index)
                element.append(octets.extracting(start..<index))
                guard isWhole else { return false }
                // The separator is read once more, between elements.
                state = .betweenElements
                endElement()
                return true
            case .ended:
                index = octets.byteCount
            }
        }
        return false
    }

    /// Says that the stream has ended: an element that has begun counts, whole or not.
    ///
    /// - Returns: whether ``element`` holds an element.
    package mutating func finish() -> Bool {
        beginIfDone()
        if state == .element, !element.isEmpty { endElement() }
        state = .ended
        return isDone
    }

    private mutating func beginIfDone() {
        guard isDone else { return }
        isDone = false
        element.removeAll(keepingCapacity: true)
    }

    private mutating func endElement() {
        while let last = element.last, last <= 0x20 { element.removeLast() }
        isDone = true
    }

    /// Goes on to the separator behind the element, or to the end of the octets.
    ///
    /// - Returns: whether the separator is there.
    private mutating func skipElement(_ octets: RawSpan, _ index: inout Int) -> Bool {
        let count = octets.byteCount
        var depth = depth
        var isInString = isInString
        defer { (self.depth, self.isInString) = (depth, isInString) }
        while index < count {
            if isInString {
                if isBehindBackslash {
                    isBehindBackslash = false
                    index &+= 1
                    continue
                }
                while index <= count &- 8 {
                    let special = Word.needsEscape(octets.word(at: index))
                    guard special == 0 else {
                        index &+= special.trailingZeroBitCount &>> 3
                        break
                    }
                    index &+= 8
                }
                guard index < count else { break }
                let octet = octets.octet(at: index)
                if octet == 0x5C { isBehindBackslash = true } else if octet == 0x22 { isInString = false }
                index &+= 1
                continue
            }
            switch octets.octet(at: index) {
            case 0x22: isInString = true
            case 0x7B, 0x5B: depth &+= 1
            // What closes more than was opened is malformed, and must not take what follows with it.
            case 0x5D where isArray && depth == 0: return true
            case 0x2C where isArray && depth == 0: return true
            case 0x7D, 0x5D: depth = max(0, depth &- 1)
            default: break
            }
            index &+= 1
        }
        return false
    }
}

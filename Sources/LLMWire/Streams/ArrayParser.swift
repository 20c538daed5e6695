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
            let octet = octets.octet(at: index)
            switch state {
            case .start:
                index &+= 1
                guard octet > 0x20 else { continue }
                isArray = octet == 0x5B
                state = isArray ? .betweenElements : .element
                if !isArray { read(octet) }
            case .betweenElements:
                if octet == 0x5D {
                    state = .ended
                } else if octet > 0x20, octet != 0x2C {
                    state = .element
                    continue
                }
                index &+= 1
            case .element:
                if isArray, depth == 0, !isInString, octet == 0x2C || octet == 0x5D {
                    // The separator is read once more, between elements.
                    state = .betweenElements
                    isDone = true
                    return true
                }
                index &+= 1
                read(octet)
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
        isDone = state == .element && !element.isEmpty
        state = .ended
        return isDone
    }

    private mutating func beginIfDone() {
        guard isDone else { return }
        isDone = false
        element.removeAll(keepingCapacity: true)
    }

    private mutating func read(_ octet: UInt8) {
        element.append(octet)
        if isInString {
            if isBehindBackslash {
                isBehindBackslash = false
            } else if octet == 0x5C {
                isBehindBackslash = true
            } else if octet == 0x22 {
                isInString = false
            }
            return
        }
        switch octet {
        case 0x22: isInString = true
        case 0x7B, 0x5B: depth += 1
        case 0x7D, 0x5D: depth -= 1
        default: break
        }
    }
}

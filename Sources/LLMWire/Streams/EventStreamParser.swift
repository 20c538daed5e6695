/// Takes server-sent events out of octets, however those are cut into pieces (WHATWG HTML §9.2.6).
///
/// Lines end in LF, CR or CRLF; a byte-order mark in front is passed over. `id` and `retry` say nothing about an
/// exchange and are passed over, as are comments. An event without data is given where it has a name, because clients
/// differ in what they make of it.
package struct EventStreamParser: Sendable {
    /// The event's name; empty where it has none.
    package private(set) var name: [UInt8] = []
    /// The event's data: its lines with LF between them.
    package private(set) var data: [UInt8] = []

    private var line: [UInt8] = []
    private var hasData = false
    private var isDone = false
    private var isBehindCarriageReturn = false
    private var isAtStart = true

    /// A parser at the start of a stream.
    package init() {}

    /// Reads on in `octets` from `index` to the end of the next event.
    ///
    /// - Returns: whether ``name`` and ``data`` hold an event; then the caller goes on at `index`.
    package mutating func advance(_ octets: RawSpan, _ index: inout Int) -> Bool {
        beginIfDone()
        let count = octets.byteCount
        while index < count {
            if isBehindCarriageReturn {
                isBehindCarriageReturn = false
                if octets.octet(at: index) == 0x0A {
                    index &+= 1
                    continue
                }
            }
            let start = index
            index = octets.endOfLine(from: start)
            guard index < count else {
                line.append(octets.extracting(start..<count))
                return false
            }
            isBehindCarriageReturn = octets.octet(at: index) == 0x0D
            let end = index
            index &+= 1
            let isEventsEnd: Bool
            if line.isEmpty {
                isEventsEnd = take(octets.extracting(start..<end))
            } else {
                line.append(octets.extracting(start..<end))
                let whole = line
                line.removeAll(keepingCapacity: true)
                // Octets have no padding that could be read as data.
                isEventsEnd = unsafe take(whole.span.bytes)
            }
            if isEventsEnd { return true }
        }
        return false
    }

    /// Says that the stream has ended: an event that only its empty line is missing from counts as one, as SDKs have it.
    ///
    /// - Returns: whether ``name`` and ``data`` hold an event.
    package mutating func finish() -> Bool {
        beginIfDone()
        if !line.isEmpty {
            let rest = line
            line.removeAll()
            // Octets have no padding that could be read as data.
            _ = unsafe take(rest.span.bytes)
        }
        isDone = hasData || !name.isEmpty
        return isDone
    }

    private mutating func beginIfDone() {
        guard isDone else { return }
        isDone = false
        hasData = false
        name.removeAll(keepingCapacity: true)
        data.removeAll(keepingCapacity: true)
    }

    /// Takes a line without its end.
    ///
    /// - Returns: whether it ends an event.
    private mutating func take(_ whole: RawSpan) -> Bool {
        var line = whole
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.extracting(3..<line.byteCount) }
        }
        guard line.byteCount > 0 else {
            isDone = hasData || !name.isEmpty
            return isDone
        }
        if line.isField("data") {
            if hasData { data.append(0x0A) }
            data.append(line.extracting(line.fieldValue(behind: 4)))
            hasData = true
        } else if line.isField("event") {
            name.removeAll(keepingCapacity: true)
            name.append(line.extracting(line.fieldValue(behind: 5)))
        }
        return false
    }
}

extension RawSpan {
    /// Where the first CR or LF from `start` on stands; the span's end without one.
    fileprivate func endOfLine(from start: Int) -> Int {
        var index = start
        while index < byteCount {
            if index <= byteCount &- 8 {
                let word = word(at: index)
                let feed = word ^ (0x0A &* Word.ones)
                let carriage = word ^ (0x0D &* Word.ones)
                let found = (((feed &- Word.ones) & ~feed) | ((carriage &- Word.ones) & ~carriage)) & Word.highs
                if found == 0 {
                    index &+= 8
                    continue
                }
                // The lowest mark is never wrong.
                return index &+ found.trailingZeroBitCount &>> 3
            }
            let octet = octet(at: index)
            if octet == 0x0A || octet == 0x0D { return index }
            index &+= 1
        }
        return index
    }

    fileprivate func starts(with octets: [UInt8]) -> Bool {
        guard byteCount >= octets.count else { return false }
        for (index, expected) in octets.enumerated() where octet(at: index) != expected { return false }
        return true
    }

    /// Whether the line is the field `name`, with or without a colon behind it.
    fileprivate func isField(_ name: StaticString) -> Bool {
        let length = name.utf8CodeUnitCount
        guard byteCount >= length, byteCount == length || octet(at: length) == 0x3A else { return false }
        return name.withUTF8Buffer { name in
            for index in 0..<length where unsafe name[index] != octet(at: index) { return false }
            return true
        }
    }

    /// Where what stands behind the field's name, its colon and one space is.
    fileprivate func fieldValue(behind length: Int) -> Range<Int> {
        guard byteCount > length else { return byteCount..<byteCount }
        let start = length &+ 1
        let hasSpace = start < byteCount && octet(at: start) == 0x20
        return (hasSpace ? start &+ 1 : start)..<byteCount
    }
}

extension [UInt8] {
    /// Appends the octets of `span`.
    mutating func append(_ span: RawSpan) {
        unsafe span.withUnsafeBytes { raw in
            // Octets may be bound to octets. What is typed is copied as a block.
            unsafe raw.withMemoryRebound(to: UInt8.self) { unsafe append(contentsOf: $0) }
        }
    }
}

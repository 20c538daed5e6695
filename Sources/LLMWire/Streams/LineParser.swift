/// Takes lines out of octets, however those are cut into pieces: newline-delimited JSON, as Ollama streams it.
///
/// Lines end in LF, a CR in front of which is passed over; empty lines are passed over.
package struct LineParser: Sendable {
    /// The line without its end.
    package private(set) var line: [UInt8] = []
    private var isDone = false

    /// A parser at the start of a stream.
    package init() {}

    /// Reads on in `octets` from `index` to the end of the next line that is not empty.
    ///
    /// - Returns: whether ``line`` holds a line; then the caller goes on at `index`.
    package mutating func advance(_ octets: RawSpan, _ index: inout Int) -> Bool {
        beginIfDone()
        while index < octets.byteCount {
            let start = index
            while index < octets.byteCount, octets.octet(at: index) != 0x0A { index &+= 1 }
            line.append(octets.extracting(start..<index))
            guard index < octets.byteCount else { return false }
            index &+= 1
            if endLine() { return true }
        }
        return false
    }

    /// Says that the stream has ended: a line without an end counts as one.
    ///
    /// - Returns: whether ``line`` holds a line.
    package mutating func finish() -> Bool {
        beginIfDone()
        return endLine()
    }

    private mutating func beginIfDone() {
        guard isDone else { return }
        isDone = false
        line.removeAll(keepingCapacity: true)
    }

    private mutating func endLine() -> Bool {
        if line.last == 0x0D { line.removeLast() }
        isDone = !line.isEmpty
        return isDone
    }
}

/// Runs that are nothing but whole chunks, spelled as they would be written: what event streams are made of.
///
/// ``ChunkedDecoder`` would pass such a run on as it is and be afterwards where it was before; this tells so at the cost
/// of a look at each size line.
enum WholeChunks {
    /// How many octets of data the chunks of `run` hold; nil where the run is anything else, an end of the body included.
    @inline(__always)
    static func payloadOctets(_ run: RawSpan) -> UInt64? {
        var index = 0
        var total: UInt64 = 0
        let end = run.byteCount
        while index < end {
            guard let data = data(of: run, at: index) else { return nil }
            total &+= UInt64(data.count)
            index = data.upperBound &+ 2
        }
        return total
    }

    /// Hands out the data of each chunk of a run that ``payloadOctets(_:)`` has found to be whole.
    @inline(__always)
    static func forEach(_ run: RawSpan, _ take: (Range<Int>) -> Void) {
        var index = 0
        while index < run.byteCount, let data = data(of: run, at: index) {
            take(data)
            index = data.upperBound &+ 2
        }
    }

    /// Where the data of the chunk at `start` stands; nil where the run does not hold it whole.
    @inline(__always)
    private static func data(of run: RawSpan, at start: Int) -> Range<Int>? {
        let end = run.byteCount
        var index = start
        var size = 0
        // Seven digits are more than a run can hold.
        while index < end, index &- start < 7, let digit = Octet.hexadecimalValue(run.octet(at: index)) {
            size = size << 4 | Int(digit)
            index &+= 1
        }
        // No digit, the last chunk, or a leading zero, which would be another spelling.
        guard index > start, run.octet(at: start) != 0x30 else { return nil }
        let first = index &+ 2
        guard first &+ size &+ 2 <= end, isLineEnd(run, index), isLineEnd(run, first &+ size) else { return nil }
        return first..<(first &+ size)
    }

    @inline(__always)
    private static func isLineEnd(_ run: RawSpan, _ index: Int) -> Bool {
        run.octet(at: index) == Octet.carriageReturn && run.octet(at: index &+ 1) == Octet.lineFeed
    }
}

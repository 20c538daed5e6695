/// Entries of one loop on their way to the writer, in one piece of memory: numbers, then texts, one entry behind another.
///
/// Texts are copied in as octets, so that nothing is counted, formatted or allocated on the loop.
struct EntryBatch: Sendable {
    /// The texts of an entry, in their order.
    enum Text: Int, CaseIterable {
        case method
        case target
        case client
        case key
        case route
        case upstream
        case proxy
        case errorCode
        case dialect
        case model
        case sentTarget
    }

    /// The numbers of an entry.
    struct Facts: BitwiseCopyable {
        var wallTime: Int64
        var idHigh: UInt64
        var idLow: UInt64
        var requestOctets: UInt64
        var responseOctets: UInt64
        var firstByte: UInt64
        var total: UInt64
        var inputTokens: UInt64
        var outputTokens: UInt64
        var status: UInt16
        var attempts: UInt16
        var outcome: UInt8
        var known: UInt8
        var changes: UInt16
        var lengths: InlineArray<11, UInt16>

        static let hasFirstByte: UInt8 = 1
        static let hasInputTokens: UInt8 = 2
        static let hasOutputTokens: UInt8 = 4
        static let isTargetCut: UInt8 = 8

        /// One of the numbers that may be unknown.
        func value(_ number: UInt64, _ flag: UInt8) -> UInt64? { known & flag == 0 ? nil : number }
    }

    /// Octets of a target that are kept.
    static let longestTarget = 2048
    /// Octets of any other text that are kept.
    static let longestText = 256
    /// Changes of headers that are kept.
    static let mostChanges = 64

    private(set) var octets: [UInt8]
    private(set) var count = 0

    init(capacity: Int) {
        octets = []
        octets.reserveCapacity(capacity)
    }

    /// An empty batch in the memory of an earlier one.
    init(reusing octets: [UInt8]) {
        self.octets = octets
        self.octets.removeAll(keepingCapacity: true)
    }

    /// Adds an entry; `head` holds its request line.
    mutating func append(
        _ entry: borrowing RequestLogEntry, head: RawSpan, method: Range<Int>, target: Range<Int>, isDetailed: Bool
    ) {
        var known: UInt8 = 0
        if entry.firstByte != nil { known |= Facts.hasFirstByte }
        if entry.inputTokens != nil { known |= Facts.hasInputTokens }
        if entry.outputTokens != nil { known |= Facts.hasOutputTokens }
        if target.count > Self.longestTarget { known |= Facts.isTargetCut }
        let place = octets.count
        var facts = Facts(
            wallTime: entry.wallTime, idHigh: entry.id.high, idLow: entry.id.low, requestOctets: entry.requestOctets,
            responseOctets: entry.responseOctets, firstByte: entry.firstByte ?? 0, total: entry.total,
            inputTokens: entry.inputTokens ?? 0, outputTokens: entry.outputTokens ?? 0,
            status: UInt16(clamping: entry.status), attempts: UInt16(clamping: entry.attempts),
            outcome: entry.outcome.rawValue, known: known,
            changes: isDetailed ? UInt16(min(entry.changes.count, Self.mostChanges)) : 0,
            lengths: InlineArray(repeating: 0))
        withUnsafeBytes(of: &facts) { octets.append(contentsOf: $0) }
        facts.lengths[0] = append(head, method, at: Self.longestText)
        facts.lengths[1] = append(head, target, at: Self.longestTarget)
        facts.lengths[2] = append(entry.client)
        facts.lengths[3] = append(entry.key)
        facts.lengths[4] = append(entry.route)
        facts.lengths[5] = append(entry.upstream)
        facts.lengths[6] = append(entry.proxy)
        facts.lengths[7] = append(entry.errorCode)
        facts.lengths[8] = append(entry.dialect)
        facts.lengths[9] = append(entry.model)
        if isDetailed {
            facts.lengths[10] = append(entry.sentTarget, at: Self.longestTarget)
            for change in entry.changes.prefix(Self.mostChanges) {
                let lengthAt = octets.count + 1
                octets.append(change.kind.rawValue)
                octets.append(0)
                octets[lengthAt] = UInt8(append(change.name, at: Int(UInt8.max)))
            }
        }
        withUnsafeBytes(of: &facts) { source in
            octets.withUnsafeMutableBytes { all in
                UnsafeMutableRawBufferPointer(rebasing: all[place..<(place + source.count)]).copyMemory(from: source)
            }
        }
        count += 1
    }

    @inline(__always)
    private mutating func append(_ span: RawSpan, _ range: Range<Int>, at most: Int) -> UInt16 {
        let kept = range.clamped(to: range.lowerBound..<(range.lowerBound + most)).clamped(to: 0..<span.byteCount)
        guard !kept.isEmpty else { return 0 }
        span.extracting(kept).withUnsafeBytes { octets.append(contentsOf: $0) }
        return UInt16(kept.count)
    }

    @inline(__always)
    private mutating func append(_ text: String, at most: Int = EntryBatch.longestText) -> UInt16 {
        guard !text.isEmpty else { return 0 }
        let before = octets.count
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { octets.append(contentsOf: $0.prefix(most)) }
        if isDone == nil { octets.append(contentsOf: text.utf8.prefix(most)) }
        return UInt16(octets.count - before)
    }
}

/// One entry of a batch, as the writer reads it.
struct BatchedEntry {
    let facts: EntryBatch.Facts
    private let octets: [UInt8]
    private let texts: [Range<Int>]
    private let changesAt: Int

    /// Calls `body` with each entry of `batch`.
    static func forEach(in batch: EntryBatch, _ body: (BatchedEntry) -> Void) {
        var place = 0
        while let (entry, end) = BatchedEntry.read(batch.octets, at: place) {
            body(entry)
            place = end
        }
    }

    private static func read(_ octets: [UInt8], at start: Int) -> (BatchedEntry, end: Int)? {
        var place = start + MemoryLayout<EntryBatch.Facts>.size
        guard place <= octets.count else { return nil }
        let facts = octets.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: EntryBatch.Facts.self) }
        var texts: [Range<Int>] = []
        texts.reserveCapacity(facts.lengths.count)
        for index in facts.lengths.indices {
            let end = place + Int(facts.lengths[index])
            texts.append(place..<end)
            place = end
        }
        let changesAt = place
        for _ in 0..<facts.changes {
            guard place + 1 < octets.count else { return nil }
            place += 2 + Int(octets[place + 1])
        }
        guard place <= octets.count else { return nil }
        return (BatchedEntry(facts: facts, octets: octets, texts: texts, changesAt: changesAt), place)
    }

    /// The octets of one text; empty where it is not known.
    subscript(_ text: EntryBatch.Text) -> ArraySlice<UInt8> { octets[texts[text.rawValue]] }

    /// How the exchange ended.
    var outcome: RequestLogEntry.Outcome { RequestLogEntry.Outcome(rawValue: facts.outcome) ?? .completed }

    /// Names of the fields that the header policy did this to, in order.
    func changed(_ kind: RequestLogEntry.HeaderChange.Kind) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var place = changesAt
        for _ in 0..<facts.changes {
            let end = place + 2 + Int(octets[place + 1])
            if octets[place] == kind.rawValue { found.append(octets[(place + 2)..<end]) }
            place = end
        }
        return found
    }
}

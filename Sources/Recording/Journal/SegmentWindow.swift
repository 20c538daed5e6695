import Glibc

/// Reads a segment through a window of memory that moves with the reader.
struct SegmentWindow: ~Copyable {
    private let store: SegmentStore
    private let span: Int
    private let memory: BatchMemory
    private var file: JournalFile?
    private var segment: UInt64?
    private var start: UInt64 = 0
    private var filled = 0

    /// A window of at least `span` octets.
    init(_ store: SegmentStore, span: Int) {
        self.store = store
        self.span = span
        memory = BatchMemory(span)
    }

    /// Forgets what was read.
    mutating func reset() {
        file = nil
        segment = nil
        filled = 0
    }

    /// Octets in the segment now; nil where it does not exist.
    mutating func size(of segment: UInt64) -> UInt64? {
        open(segment)
        return file?.size
    }

    /// The octets at `position`, valid until the next call; nil where the segment has fewer than so many before `limit`.
    ///
    /// - Parameter ahead: how many octets from there on will be asked for; asked where the window has to move, nil for
    ///   its span.
    mutating func octets(
        at position: JournalPosition, count: Int, ahead: @autoclosure () -> Int? = nil, limit: UInt64
    ) -> UnsafeRawBufferPointer? {
        open(position.segment)
        guard position.offset <= limit, UInt64(count) <= limit - position.offset else { return nil }
        let isInside =
            position.offset >= start && position.offset + UInt64(count) <= start + UInt64(filled) && filled > 0
        if !isInside {
            memory.require(max(span, count))
            let most = ahead().map { max(count, min($0, memory.capacity)) } ?? memory.capacity
            let wanted = Int(min(UInt64(most), limit - position.offset))
            start = position.offset
            filled = file?.read(at: start, into: UnsafeMutableRawBufferPointer(start: memory.base, count: wanted)) ?? 0
            guard filled >= count else { return nil }
        }
        return UnsafeRawBufferPointer(start: memory.base + Int(position.offset - start), count: count)
    }

    private mutating func open(_ wanted: UInt64) {
        guard segment != wanted else { return }
        filled = 0
        segment = wanted
        file = try? JournalFile(store.path(wanted), O_RDONLY)
    }
}

/// Memory that grows on demand and forgets what it held when it does.
final class BatchMemory {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int

    init(_ capacity: Int) {
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    func require(_ wanted: Int) {
        guard wanted > capacity else { return }
        base.deallocate()
        base = .allocate(byteCount: wanted, alignment: 16)
        capacity = wanted
    }
}

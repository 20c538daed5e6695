import Glibc

/// Reads a journal's frames in order, over the ends of segments and over what is torn or damaged.
struct JournalReader: ~Copyable {
    /// What comes next.
    enum Step {
        /// A segment begins.
        case segment(run: UInt64)
        /// A frame: its events, valid until the next step, and where they stand.
        case frame(events: UnsafeRawBufferPointer, at: JournalPosition, loop: Int)
        /// Octets that are no frame were passed over.
        case damage(octets: UInt64, at: JournalPosition)
        /// Nothing more for now.
        case end
    }

    private let store: SegmentStore
    /// The run that writes now: its frames are not checked again.
    private let ownRun: UInt64
    private var window: SegmentWindow
    private var header: SegmentHeader?
    /// Where the next frame starts.
    private(set) var position: JournalPosition

    /// A reader from `position` on.
    init(store: SegmentStore, ownRun: UInt64, position: JournalPosition) {
        self.store = store
        self.ownRun = ownRun
        self.position = position
        window = SegmentWindow(store, span: 1 << 20)
    }

    /// Goes to another place.
    mutating func seek(_ position: JournalPosition) {
        window.reset()
        header = nil
        self.position = position
    }

    /// Reads on, no further than `written`.
    mutating func next(written: JournalPosition) -> Step {
        while true {
            guard position < written else { return .end }
            let isLast = position.segment == written.segment
            guard let size = window.size(of: position.segment) else {
                if !advance(written) { return .end }
                continue
            }
            let limit = isLast ? min(written.offset, size) : size
            guard let header else {
                if let run = readHeader(limit: limit) { return .segment(run: run) }
                let damaged = position
                if !advance(written) { return .end }
                return .damage(octets: limit, at: damaged)
            }
            if position.offset >= limit {
                if !advance(written) { return .end }
                continue
            }
            if let events = frame(at: position, run: header.run, limit: limit) {
                let start = JournalPosition(
                    segment: position.segment, offset: position.offset + UInt64(FrameHeader.size))
                position.offset += UInt64(FrameHeader.size + events.octets.count)
                return .frame(events: events.octets, at: start, loop: events.loop)
            }
            let damaged = position
            let isDamage = isBroken(at: position, run: header.run, limit: limit)
            let isFollowed = resynchronize(run: header.run, limit: limit)
            if isDamage || isFollowed {
                return .damage(octets: position.offset - damaged.offset, at: damaged)
            }
        }
    }

    /// Reads the segment's header; nil where it has none.
    private mutating func readHeader(limit: UInt64) -> UInt64? {
        let start = JournalPosition(segment: position.segment, offset: 0)
        guard let octets = window.octets(at: start, count: SegmentHeader.size, limit: limit),
            let header = SegmentHeader(octets), header.number == position.segment
        else { return nil }
        self.header = header
        position.offset = max(position.offset, UInt64(SegmentHeader.size))
        return header.run
    }

    /// Goes to the next segment that exists; false where there is none before the writer's.
    private mutating func advance(_ written: JournalPosition) -> Bool {
        guard position.segment < written.segment else { return false }
        let current = position.segment
        let next = store.numbers().first { $0 > current } ?? written.segment
        position = JournalPosition(segment: min(next, written.segment), offset: 0)
        header = nil
        return true
    }

    private mutating func frame(
        at position: JournalPosition, run: UInt64, limit: UInt64
    ) -> (octets: UnsafeRawBufferPointer, loop: Int)? {
        guard let head = window.octets(at: position, count: FrameHeader.size, limit: limit),
            let header = FrameHeader(head), header.run == run, header.segment == position.segment,
            let whole = window.octets(at: position, count: FrameHeader.size + header.length, limit: limit),
            run == ownRun || header.isIntact(whole)
        else { return nil }
        return (UnsafeRawBufferPointer(rebasing: whole[FrameHeader.size...]), header.loop)
    }

    /// Whether a frame of this segment begins at `position` and is not whole; false for the rest of an earlier life.
    private mutating func isBroken(at position: JournalPosition, run: UInt64, limit: UInt64) -> Bool {
        guard let head = window.octets(at: position, count: FrameHeader.size, limit: limit) else { return true }
        guard let header = FrameHeader(head) else { return false }
        return header.run == run && header.segment == position.segment
    }

    /// Moves to the next whole frame of the segment, or to its end; true where there is a frame.
    private mutating func resynchronize(run: UInt64, limit: UInt64) -> Bool {
        position.offset += 1
        while position.offset + UInt64(FrameHeader.size) <= limit {
            let count = Int(min(limit - position.offset, 1 << 20))
            guard let octets = window.octets(at: position, count: count, limit: limit) else { break }
            guard let place = Self.header(in: octets, run: run, segment: position.segment) else {
                position.offset += UInt64(count - FrameHeader.size + 1)
                continue
            }
            position.offset += UInt64(place)
            if frame(at: position, run: run, limit: limit) != nil { return true }
            position.offset += 1
        }
        position.offset = limit
        return false
    }

    /// Where the first whole header of a frame of this segment stands; looked for in memory alone, since what a file
    /// held in an earlier life may be full of its first octet.
    private static func header(in octets: UnsafeRawBufferPointer, run: UInt64, segment: UInt64) -> Int? {
        guard let base = octets.baseAddress else { return nil }
        let behindLast = octets.count - FrameHeader.size + 1
        var next = 0
        while next < behindLast, let found = memchr(base + next, Int32(FrameHeader.magic & 0xFF), behindLast - next) {
            next = UnsafeRawPointer(found) - base
            let header = FrameHeader(UnsafeRawBufferPointer(start: found, count: FrameHeader.size))
            if let header, header.run == run, header.segment == segment { return next }
            next += 1
        }
        return nil
    }
}

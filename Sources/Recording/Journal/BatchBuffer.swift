/// The octets of one batch, in one piece of memory that is used again and again.
///
/// Room is made once an event by ``reserve(_:)``; every write checks that it stays inside. A plain value, because counting
/// references was most of what an event cost: it has one owner at a time, who hands it on or ends it with
/// ``deallocate()``.
struct BatchBuffer {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        base = .allocate(byteCount: capacity, alignment: 16)
        self.capacity = capacity
    }

    /// Ends the buffer's life; no copy of it may be used afterwards.
    func deallocate() { base.deallocate() }

    /// Forgets everything behind the first `count` octets.
    mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }

    /// Makes room for `room` more octets.
    @inline(__always)
    mutating func reserve(_ room: Int) {
        if capacity &- count < room { grow(room) }
    }

    @inline(never)
    private mutating func grow(_ room: Int) {
        let wanted = max(count + room, capacity * 2)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = larger
        capacity = wanted
    }

    /// Appends a number, little-endian.
    @inline(__always)
    mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number) {
        let size = MemoryLayout<Number>.size
        precondition(capacity &- count >= size)
        base.storeBytes(of: number.littleEndian, toByteOffset: count, as: Number.self)
        count &+= size
    }

    /// Appends the octets of `span` in `range`.
    @inline(__always)
    mutating func append(_ span: RawSpan, _ range: Range<Int>) {
        let size = range.upperBound &- range.lowerBound
        guard size > 0 else { return }
        precondition(range.lowerBound >= 0 && range.upperBound <= span.byteCount && capacity &- count >= size)
        let destination = base + count
        span.withUnsafeBytes { source in
            // The range is not empty, so the span has a base address.
            guard let from = source.baseAddress else { return }
            destination.copyMemory(from: from + range.lowerBound, byteCount: size)
        }
        count &+= size
    }

    /// Appends `octet` so many times.
    mutating func append(repeating octet: UInt8, count size: Int) {
        precondition(size >= 0 && capacity &- count >= size)
        (base + count).initializeMemory(as: UInt8.self, repeating: octet, count: size)
        count &+= size
    }

    /// Appends `octets`.
    @inline(__always)
    mutating func append(_ octets: [UInt8]) {
        precondition(capacity &- count >= octets.count)
        let destination = base + count
        octets.withUnsafeBytes { source in
            guard let from = source.baseAddress else { return }
            destination.copyMemory(from: from, byteCount: source.count)
        }
        count &+= octets.count
    }

    /// Appends the octets of `source`.
    @inline(__always)
    mutating func append(_ source: UnsafeRawBufferPointer) {
        guard let from = source.baseAddress else { return }
        precondition(capacity &- count >= source.count)
        (base + count).copyMemory(from: from, byteCount: source.count)
        count &+= source.count
    }

    /// Puts a number in the place of one written before.
    @inline(__always)
    mutating func patch<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
        precondition(offset >= 0 && offset &+ MemoryLayout<Number>.size <= count)
        base.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }

    /// What has been written so far.
    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

extension RawSpan {
    /// The octet at `offset`; an offset outside the span traps.
    @inline(__always)
    subscript(offset: Int) -> UInt8 {
        precondition(offset >= 0 && offset < byteCount)
        return unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
    }
}

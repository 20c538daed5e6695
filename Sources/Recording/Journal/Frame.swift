import CCRC32C

/// One batch as it stands in a segment: a header of 32 octets, all numbers little-endian, and the events behind it.
///
///     u32 magic   u32 CRC-32C of all that follows   u32 octets of events   u16 loop   u16 zero
///     u64 run   u64 segment
///
/// Run and segment are those of the file: neither octets of a body nor what a file held in an earlier life can pass for
/// a frame.
struct FrameHeader: Equatable {
    static let magic: UInt32 = 0x314A_5257
    static let size = 32
    /// The most a frame may hold: a batch, and the largest event on top of it, with room to spare.
    static let largest = 256 << 20

    var crc: UInt32
    var length: Int
    var loop: Int
    var run: UInt64
    var segment: UInt64

    /// Fills the header in at the start of a buffer whose first ``size`` octets were left for it.
    static func seal(_ buffer: inout BatchBuffer, loop: Int, run: UInt64, segment: UInt64) {
        buffer.patch(magic, at: 0)
        buffer.patch(UInt32(buffer.count - size), at: 8)
        buffer.patch(UInt16(truncatingIfNeeded: loop), at: 12)
        buffer.patch(0 as UInt16, at: 14)
        buffer.patch(run, at: 16)
        buffer.patch(segment, at: 24)
        buffer.patch(weir_crc32c(0, buffer.base + 8, buffer.count - 8), at: 4)
    }

    /// Reads a header; nil where the octets are none.
    init?(_ octets: UnsafeRawBufferPointer) {
        guard octets.count >= Self.size, octets.number(at: 0, UInt32.self) == Self.magic else { return nil }
        crc = octets.number(at: 4, UInt32.self)
        length = Int(octets.number(at: 8, UInt32.self))
        loop = Int(octets.number(at: 12, UInt16.self))
        run = octets.number(at: 16, UInt64.self)
        segment = octets.number(at: 24, UInt64.self)
        guard length <= Self.largest else { return nil }
    }

    /// Whether a whole frame's octets, header included, are as they were written.
    func isIntact(_ frame: UnsafeRawBufferPointer) -> Bool {
        guard frame.count == Self.size + length, let base = frame.baseAddress else { return false }
        return weir_crc32c(0, base + 8, frame.count - 8) == crc
    }
}

extension UnsafeRawBufferPointer {
    /// The little-endian number at `offset`; one outside the buffer traps.
    @inline(__always)
    func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, _ type: Number.Type) -> Number {
        precondition(offset >= 0 && offset &+ MemoryLayout<Number>.size <= count)
        return Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}

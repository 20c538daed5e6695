import CZlib

/// gzip (RFC 1952), and deflate with zlib's wrapping (RFC 1950) or bare (RFC 1951).
/// Its pointers are private and given back once, so that its callers need not care.
@safe
final class Inflater: DecodingStage {
    let coding: ContentCoding
    private(set) var isAtEnd = false

    /// zlib keeps a pointer to it, so it stays where it is.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isOpen = false
    /// Whether a gzip member has ended and another may follow.
    private var isBetweenMembers = false
    private var memberStart = true
    /// A first octet of deflate, held until the second tells which wrapping it is.
    private var held: UInt8?

    init(_ coding: ContentCoding) {
        self.coding = coding
        // Given back in `deinit`; a zeroed z_stream asks for zlib's own allocator.
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
    }

    deinit {
        // Only a stream that inflateInit2_ accepted is ended, and only here.
        if isOpen { unsafe inflateEnd(stream) }
        unsafe stream.deallocate()
    }

    func step(_ input: RawSpan, into output: inout [UInt8], room: Int) -> DecodingProgress {
        if !isOpen {
            guard input.byteCount > 0 else { return DecodingProgress(consumed: 0) }
            // The pointer lives for the call; the count was checked.
            let first = unsafe input.withUnsafeBytes { unsafe $0[0] }
            if coding == .gzip {
                guard open(windowBits: 15 + 16) else { return DecodingProgress(consumed: 0, isCorrupt: true) }
            } else if let lead = held {
                let isWrapped = lead & 0x0F == 8 && (UInt16(lead) << 8 | UInt16(first)) % 31 == 0
                guard open(windowBits: isWrapped ? 15 : -15) else {
                    return DecodingProgress(consumed: 0, isCorrupt: true)
                }
                held = nil
                // One octet cannot fill the room.
                // Octets have no padding that could be read as data.
                let progress = unsafe inflate([lead].span.bytes, into: &output, room: room)
                if progress.isCorrupt { return DecodingProgress(consumed: 0, isCorrupt: true) }
            } else {
                held = first
                var progress = step(input.extracting(1..<input.byteCount), into: &output, room: room)
                progress.consumed &+= 1
                return progress
            }
        }
        return inflate(input, into: &output, room: room)
    }

    private func open(windowBits: Int32) -> Bool {
        // The version and size are those of the header that this was compiled with, as zlib's own macro passes them.
        let result = unsafe inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        isOpen = result == Z_OK
        return isOpen
    }

    private func inflate(_ input: RawSpan, into output: inout [UInt8], room: Int) -> DecodingProgress {
        var progress = DecodingProgress(consumed: 0)
        // Both pointers live for the call, and zlib is told how far each reaches.
        unsafe input.withUnsafeBytes { source in
            unsafe output.appendUnsafely(room: room) { target in
                let available = min(source.count, Int(UInt32.max))
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: source.bindMemory(to: UInt8.self).baseAddress)
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = target
                unsafe stream.pointee.avail_out = UInt32(room)
                progress.isCorrupt = !run()
                progress.consumed = available - Int(unsafe stream.pointee.avail_in)
                let written = room - Int(unsafe stream.pointee.avail_out)
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
                return written
            }
        }
        return progress
    }

    /// Inflates until the input is used up or the room is full; false if the input is corrupt.
    private func run() -> Bool {
        while true {
            if isAtEnd {
                // gzip members may follow one another (RFC 1952 §2.2); what is none is ignored, as gzip does.
                guard coding == .gzip, isBetweenMembers, unsafe stream.pointee.avail_in > 0 else {
                    unsafe stream.pointee.avail_in = 0
                    return true
                }
                unsafe inflateReset(stream)
                isAtEnd = false
                memberStart = false
            }
            switch unsafe CZlib.inflate(stream, Z_NO_FLUSH) {
            case Z_STREAM_END:
                isAtEnd = true
                isBetweenMembers = true
            case Z_OK:
                if unsafe stream.pointee.avail_out == 0 || stream.pointee.avail_in == 0 { return true }
            case Z_BUF_ERROR:
                return true
            default:
                if !memberStart, unsafe stream.pointee.total_out == 0 {
                    isAtEnd = true
                    isBetweenMembers = false
                    unsafe stream.pointee.avail_in = 0
                    return true
                }
                return false
            }
        }
    }
}

import CZstd

/// Zstandard (RFC 8878), frame after frame, windows up to the 8 MiB that RFC 9659 allows on the web.
/// Its pointers are private and given back once, so that its callers need not care.
@safe
final class ZstdDecoder: DecodingStage {
    let coding = ContentCoding.zstd
    private(set) var isAtEnd = false

    /// Octets of the frame's magic number that have been read, four once it is known.
    private var magicRead = 0
    private var isSkippable = false

    /// nil if memory ran out.
    private let context: OpaquePointer?

    init() {
        // Given back in `deinit`.
        unsafe context = ZSTD_createDCtx()
        unsafe ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23)
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    func step(_ input: RawSpan, into output: inout [UInt8], room: Int) -> DecodingProgress {
        guard let context = unsafe context else { return DecodingProgress(consumed: 0, isCorrupt: true) }
        var progress = DecodingProgress(consumed: 0)
        // Both pointers live for the call, and the library is told how far each reaches.
        unsafe input.withUnsafeBytes { source in
            unsafe output.appendUnsafely(room: room) { target in
                var from = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
                var to = unsafe ZSTD_outBuffer(dst: target, size: room, pos: 0)
                while true {
                    // Between two frames there is nothing to flush, and no next frame is begun without input.
                    if isAtEnd, unsafe from.pos == source.count { break }
                    if isAtEnd { magicRead = 0 }
                    // The magic number goes in octet by octet, each checked; `pos` is below the source's count.
                    let readsMagic = unsafe magicRead < 4 && from.pos < source.count
                    if readsMagic {
                        guard unsafe isMagic(source[from.pos]) else {
                            progress.isCorrupt = true
                            break
                        }
                        unsafe from.size = from.pos + 1
                    } else {
                        unsafe from.size = source.count
                    }
                    let before = unsafe (from.pos, to.pos)
                    let result = unsafe ZSTD_decompressStream(context, &to, &from)
                    if ZSTD_isError(result) != 0 {
                        progress.isCorrupt = true
                        break
                    }
                    if readsMagic { magicRead += 1 }
                    isAtEnd = result == 0
                    if unsafe to.pos == to.size || before == (from.pos, to.pos) { break }
                }
                unsafe progress.consumed = from.pos
                return unsafe to.pos
            }
        }
        return progress
    }

    /// Whether `octet` goes on as a frame's magic number (RFC 8878 §3.1).
    ///
    /// The library also reads the formats from before 1.0, which are no content coding and were never hardened.
    private func isMagic(_ octet: UInt8) -> Bool {
        if magicRead == 0 { isSkippable = octet & 0xF0 == 0x50 }
        let plain: [4 of UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
        let skippable: [4 of UInt8] = [octet, 0x2A, 0x4D, 0x18]
        return octet == (isSkippable ? skippable : plain)[magicRead]
    }
}

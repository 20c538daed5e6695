import CBrotli

/// Brotli (RFC 7932), windows up to 16 MiB.
/// Its pointers are private and given back once, so that its callers need not care.
@safe
final class BrotliDecoder: DecodingStage {
    let coding = ContentCoding.brotli
    private(set) var isAtEnd = false

    /// nil if memory ran out.
    private let state: OpaquePointer?

    init() {
        // Given back in `deinit`.
        unsafe state = BrotliDecoderCreateInstance(nil, nil, nil)
    }

    deinit {
        unsafe BrotliDecoderDestroyInstance(state)
    }

    func step(_ input: RawSpan, into output: inout [UInt8], room: Int) -> DecodingProgress {
        guard let state = unsafe state else { return DecodingProgress(consumed: 0, isCorrupt: true) }
        if isAtEnd { return DecodingProgress(consumed: input.byteCount) }
        var progress = DecodingProgress(consumed: 0)
        // Both pointers live for the call, and the library is told how far each reaches.
        unsafe input.withUnsafeBytes { source in
            unsafe output.appendUnsafely(room: room) { target in
                var nextIn = unsafe source.bindMemory(to: UInt8.self).baseAddress
                var availableIn = source.count
                var nextOut: UnsafeMutablePointer<UInt8>? = unsafe target
                var availableOut = room
                let result = unsafe BrotliDecoderDecompressStream(
                    state, &availableIn, &nextIn, &availableOut, &nextOut, nil)
                if result == BROTLI_DECODER_RESULT_SUCCESS { isAtEnd = true }
                progress.isCorrupt = result == BROTLI_DECODER_RESULT_ERROR
                progress.consumed = isAtEnd ? source.count : source.count - availableIn
                return room - availableOut
            }
        }
        return progress
    }
}

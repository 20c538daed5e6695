package import NIOCore

/// Reads a message body of any framing and tells what of it goes out.
package struct BodyReader: Sendable {
    private enum Kind: Sendable {
        case none
        case length(UInt64)
        /// ``decoder`` reads it.
        case chunked
        case untilClose
    }

    /// What came of one run of octets.
    package struct Piece: Sendable {
        /// What goes out, in the framing that it came in; nil where everything has to wait for more.
        package var forward: ByteBuffer?
        /// Whether the body has ended.
        package var isEnd: Bool
    }

    private var kind: Kind
    /// Apart from ``kind``, so that it is changed in its place.
    private var decoder: ChunkedDecoder?
    /// Octets of body data read so far.
    package private(set) var total: UInt64 = 0
    private var soundOctets = 0

    /// A reader at the start of a body.
    package init(_ framing: BodyFraming) {
        switch framing {
        case .none: kind = .none
        case .length(let length): kind = .length(length)
        case .chunked:
            kind = .chunked
            decoder = ChunkedDecoder()
        case .untilClose: kind = .untilClose
        }
    }

    /// Whether the body has ended.
    package var isComplete: Bool {
        if case .none = kind { return true }
        return false
    }

    /// Where the octets end that have gone out, for a chunked body.
    package var chunkPosition: ChunkedDecoder.Position? {
        if case .chunked = kind { return decoder?.position }
        return nil
    }

    /// Whether a closed connection ends the body well.
    package var endsAtClose: Bool {
        switch kind {
        case .none, .untilClose: return true
        case .length, .chunked: return false
        }
    }

    /// Takes this body's octets off the front of `run`.
    ///
    /// - Parameter payload: is called with each range of body data, as offsets from the reader index that `run` had.
    /// - Throws: ``ChunkedFault``; then nothing more of this body may go out.
    @inline(__always)
    package mutating func read(
        _ run: inout ByteBuffer, payload: (Range<Int>) -> Void
    ) throws(ChunkedFault) -> Piece {
        let available = run.readableBytes
        switch kind {
        case .none:
            return Piece(forward: nil, isEnd: true)
        case .untilClose:
            total &+= UInt64(available)
            payload(0..<available)
            return Piece(forward: Self.take(available, of: &run), isEnd: false)
        case .length(let remaining):
            let taken = Int(min(remaining, UInt64(available)))
            total &+= UInt64(taken)
            payload(0..<taken)
            let isEnd = remaining == UInt64(taken)
            kind = isEnd ? .none : .length(remaining &- UInt64(taken))
            return Piece(forward: Self.take(taken, of: &run), isEnd: isEnd)
        case .chunked:
            if decoder?.isBetweenChunks == true, let octets = WholeChunks.payloadOctets(run.readableBytesSpan) {
                total &+= octets
                WholeChunks.forEach(run.readableBytesSpan, payload)
                return Piece(forward: Self.take(available, of: &run), isEnd: false)
            }
            return try readChunked(&run, payload: payload)
        }
    }

    @inline(never)
    private mutating func readChunked(
        _ run: inout ByteBuffer, payload: (Range<Int>) -> Void
    ) throws(ChunkedFault) -> Piece {
        guard var decoder else { return Piece(forward: nil, isEnd: true) }
        var read: UInt64 = 0
        let piece: ChunkedDecoder.Piece
        do throws(ChunkedFault) {
            piece = try decoder.decode(run) { range in
                read &+= UInt64(range.count)
                payload(range)
            }
        } catch {
            // The reader stays as it was before this run, for what of it may still go out.
            soundOctets = decoder.soundOctets
            throw error
        }
        total &+= read
        self.decoder = decoder
        if piece.isEnd { kind = .none }
        let consumed = Self.take(piece.consumed, of: &run)
        if let rebuilt = piece.rebuilt { return Piece(forward: rebuilt, isEnd: piece.isEnd) }
        guard piece.verbatim < piece.consumed else { return Piece(forward: consumed, isEnd: piece.isEnd) }
        guard var kept = consumed, piece.verbatim > 0 else { return Piece(forward: nil, isEnd: piece.isEnd) }
        kept.moveWriterIndex(to: kept.readerIndex + piece.verbatim)
        return Piece(forward: kept, isEnd: piece.isEnd)
    }

    /// What may go out of the run that ``read(_:payload:)`` threw at: its octets before the fault, or nil for none.
    ///
    /// Called once; ``chunkPosition`` tells afterwards where they end.
    package mutating func soundPart(of run: ByteBuffer) -> ByteBuffer? {
        guard case .chunked = kind, var sound = run.getSlice(at: run.readerIndex, length: soundOctets),
            let piece = try? readChunked(&sound, payload: { _ in })
        else { return nil }
        return piece.forward
    }

    /// The first `count` octets of `run`; all of it costs no slice.
    @inline(__always)
    private static func take(_ count: Int, of run: inout ByteBuffer) -> ByteBuffer? {
        guard count > 0 else { return nil }
        if count == run.readableBytes {
            let whole = run
            run.moveReaderIndex(forwardBy: count)
            return whole
        }
        return run.readSlice(length: count)
    }
}

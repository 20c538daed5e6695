package import NIOCore

/// Why a chunked body's framing must not be passed on (RFC 9112 §7.1).
package enum ChunkedFault: Error, Sendable, Equatable {
    case badSize
    case badExtension
    case extensionsTooLarge
    case badLineEnd
    case badDataEnd
    /// The trailer section is malformed or larger than a head may be.
    case badTrailers
}

/// Reads the chunked transfer coding and tells which octets may be passed on as they are.
///
/// Framing is checked before any of it goes out: a chunk's size line is passed on once it is whole, the last chunk once
/// its trailer section has ended, so that a broken body never gets a clean end. Chunks with a plain size line are passed
/// on verbatim; extensions and leading zeros are left out, and trailers that would change framing, routing or
/// authority are dropped.
package struct ChunkedDecoder: Sendable {
    /// What came of one run of octets.
    package struct Piece: Sendable {
        /// How many octets of the run belong to this body.
        package var consumed = 0
        /// How many of them, from the first on, go out verbatim; meaningless when `rebuilt` is set.
        package var verbatim = 0
        /// What goes out instead, where the run's framing could not stay.
        package var rebuilt: ByteBuffer?
        /// Whether the body has ended.
        package var isEnd = false
    }

    private enum State: Sendable {
        case sizeStart
        case size(UInt64, digits: Int)
        case extensions(UInt64, ChunkExtensions)
        case sizeLineFeed(UInt64)
        case data(UInt64)
        case dataCarriageReturn
        case dataLineFeed
        case trailers
        case ended
    }

    private var state = State.sizeStart
    /// Whether a part of the current framing was in an earlier run, so that it has to be written anew.
    private var isHeld = false
    /// Whether the current size line cannot go out as it came.
    private var needsRewrite = false
    /// Which digits of the current size line are capitals, the last digit in the lowest bit.
    private var capitals: UInt16 = 0
    private var extensionOctets = 0
    /// Once reading has thrown: how many octets of that run came before the faulty framing.
    private(set) var soundOctets = 0
    private var trailers = TrailerSection()

    /// Octets of extensions that a whole body may have.
    private static let extensionLimit = 16_384

    /// A decoder at the start of a body.
    package init() {}

    /// The trailer section as it is passed on, once the body has ended: field lines with their CRLF; empty without any.
    package var trailerLines: [UInt8] { trailers.kept }

    /// Where, between chunks or within one, the octets end that have gone out.
    package enum Position: Sendable, Equatable {
        /// A chunk may follow.
        case betweenChunks
        /// A chunk may follow once the present one's data is ended by CRLF.
        case behindData
        /// The present chunk lacks data.
        case withinData
    }

    /// Whether the next octet begins a chunk, with nothing held over.
    var isBetweenChunks: Bool {
        if case .sizeStart = state { return !isHeld }
        return false
    }

    /// Where the octets end that have gone out, so that a chunk of one's own can be put there.
    package var position: Position {
        switch state {
        case .data: return .withinData
        case .dataCarriageReturn, .dataLineFeed: return .behindData
        case .sizeStart, .size, .extensions, .sizeLineFeed, .trailers, .ended: return .betweenChunks
        }
    }

    /// Reads on in `run`.
    ///
    /// - Parameters:
    ///   - payload: is called with each range of `run` that is body data.
    /// - Throws: ``ChunkedFault``; nothing of the faulty framing may go out then, and no clean end either.
    package mutating func decode(
        _ run: ByteBuffer, payload: (Range<Int>) -> Void
    ) throws(ChunkedFault) -> Piece {
        var output = ChunkedOutput()
        var index = 0
        do throws(ChunkedFault) {
            try walk(run, &output, &index, payload: payload)
        } catch {
            soundOctets = output.openStart ?? index
            throw error
        }
        return finish(run, output: &output, consumed: index)
    }

    @inline(__always)
    private mutating func walk(
        _ run: ByteBuffer, _ output: inout ChunkedOutput, _ index: inout Int, payload: (Range<Int>) -> Void
    ) throws(ChunkedFault) {
        // Framing held over is open from the first octet on, so that no part of it goes out before the rest is checked.
        if isHeld { output.open(at: 0) }
        let end = run.readableBytes
        let octets = run.readableBytesSpan
        loop: while index < end {
            switch state {
            case .sizeStart:
                output.open(at: index)
                needsRewrite = isHeld
                guard let digit = Octet.hexadecimalValue(octets.octet(at: index)) else { throw .badSize }
                capitals = Self.isCapital(octets.octet(at: index))
                state = .size(digit, digits: 1)
                index &+= 1
            case .size(let size, let digits):
                let octet = octets.octet(at: index)
                if let digit = Octet.hexadecimalValue(octet) {
                    guard digits < 16, size < 1 << 59 else { throw .badSize }
                    // A leading zero would be another spelling of the size.
                    if digits == 1, size == 0 { needsRewrite = true }
                    capitals = capitals << 1 | Self.isCapital(octet)
                    state = .size(size << 4 | digit, digits: digits + 1)
                } else if octet == Octet.carriageReturn {
                    state = .sizeLineFeed(size)
                } else if octet == 0x3B {
                    needsRewrite = true
                    state = .extensions(size, ChunkExtensions())
                } else {
                    throw .badSize
                }
                index &+= 1
            case .extensions(let size, var extensions):
                extensionOctets += 1
                guard extensionOctets <= Self.extensionLimit else { throw .extensionsTooLarge }
                switch extensions.read(octets.octet(at: index)) {
                case .more: state = .extensions(size, extensions)
                case .lineEnd: state = .sizeLineFeed(size)
                case .fault: throw .badExtension
                }
                index &+= 1
            case .sizeLineFeed(let size):
                guard octets.octet(at: index) == Octet.lineFeed else { throw .badLineEnd }
                index &+= 1
                if size == 0 {
                    // The last chunk's line waits for the end of the trailer section.
                    state = .trailers
                    continue loop
                }
                if needsRewrite || isHeld {
                    output.replaceOpen(in: run, upTo: index, bySizeLine: size, capitals: capitals)
                } else {
                    output.close()
                }
                isHeld = false
                state = .data(size)
            case .data(let remaining):
                let available = UInt64(end &- index)
                let taken = Int(min(remaining, available))
                payload(index..<(index &+ taken))
                index &+= taken
                state = remaining > available ? .data(remaining &- available) : .dataCarriageReturn
            case .dataCarriageReturn:
                output.open(at: index)
                guard octets.octet(at: index) == Octet.carriageReturn else { throw .badDataEnd }
                index &+= 1
                state = .dataLineFeed
            case .dataLineFeed:
                guard octets.octet(at: index) == Octet.lineFeed else { throw .badDataEnd }
                index &+= 1
                if isHeld { output.replaceOpen(in: run, upTo: index, byText: "\r\n") } else { output.close() }
                isHeld = false
                state = .sizeStart
            case .trailers:
                guard let isLast = trailers.read(octets.octet(at: index)) else { throw .badTrailers }
                index &+= 1
                guard isLast else { continue loop }
                if needsRewrite || isHeld || !trailers.isEmpty {
                    output.replaceOpen(in: run, upTo: index, byText: "0\r\n", trailers.kept, "\r\n")
                } else {
                    output.close()
                }
                state = .ended
                break loop
            case .ended:
                break loop
            }
        }
    }

    /// 1 for a hexadecimal digit that is a capital letter, 0 for any other.
    @inline(__always)
    private static func isCapital(_ digit: UInt8) -> UInt16 { digit >> 5 == 0x02 ? 1 : 0 }

    private mutating func finish(_ run: ByteBuffer, output: inout ChunkedOutput, consumed: Int) -> Piece {
        var piece = Piece()
        piece.consumed = consumed
        if case .ended = state { piece.isEnd = true }
        // Framing that is open at the run's end stays here until the rest of it has come and been checked.
        switch state {
        case .size, .extensions, .sizeLineFeed, .dataLineFeed, .trailers:
            isHeld = true
            output.open(at: consumed)
        case .sizeStart, .data, .dataCarriageReturn, .ended:
            break
        }
        piece.verbatim = output.openStart ?? consumed
        piece.rebuilt = output.finish(run, upTo: piece.verbatim)
        return piece
    }
}

/// Gathers what goes out of one run: verbatim as long as nothing had to be replaced.
private struct ChunkedOutput {
    /// Where framing began that is not checked through yet.
    private(set) var openStart: Int?
    private var rebuilt: ByteBuffer?
    private var copied = 0

    mutating func open(at index: Int) {
        if openStart == nil { openStart = index }
    }

    mutating func close() {
        openStart = nil
    }

    mutating func replaceOpen(in run: ByteBuffer, upTo index: Int, bySizeLine size: UInt64, capitals: UInt16) {
        var out = takeVerbatim(run)
        out.writeHexadecimal(size, capitals: capitals)
        out.writeStaticString("\r\n")
        rebuilt = out
        copied = index
        openStart = nil
    }

    mutating func replaceOpen(
        in run: ByteBuffer, upTo index: Int, byText first: StaticString, _ middle: [UInt8] = [],
        _ last: StaticString = ""
    ) {
        var out = takeVerbatim(run)
        out.writeStaticString(first)
        out.writeBytes(middle)
        out.writeStaticString(last)
        rebuilt = out
        copied = index
        openStart = nil
    }

    private mutating func takeVerbatim(_ run: ByteBuffer) -> ByteBuffer {
        var out = rebuilt ?? ByteBufferAllocator().buffer(capacity: run.readableBytes + 32)
        rebuilt = nil
        // Framing held over from an earlier run has no octets in this one.
        out.writeBytes(run.readableBytesSpan, copied..<max(copied, openStart ?? copied))
        return out
    }

    mutating func finish(_ run: ByteBuffer, upTo end: Int) -> ByteBuffer? {
        guard var out = rebuilt else { return nil }
        out.writeBytes(run.readableBytesSpan, copied..<max(copied, end))
        return out
    }
}

extension ByteBuffer {
    /// Appends `value` in hexadecimal digits without leading zeros.
    ///
    /// - Parameter capitals: which of its letters are capitals, the last digit's in the lowest bit.
    package mutating func writeHexadecimal(_ value: UInt64, capitals: UInt16 = 0) {
        var shift = value == 0 ? 0 : (63 &- value.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: (value >> UInt64(shift)) & 0xF)
            let isCapital = capitals >> UInt16(shift / 4) & 1 == 1
            writeInteger(digit < 10 ? 0x30 &+ digit : (isCapital ? 0x37 : 0x57) &+ digit)
            shift &-= 4
        }
    }
}

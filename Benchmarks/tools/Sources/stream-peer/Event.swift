import NIOCore

/// The events of a benchmark stream: chat completion chunks of one length, whose content names the stream, the place
/// in it and the time of sending, each in decimal digits at a fixed offset.
enum Event: Equatable {
    /// `sent` in nanoseconds of the monotonic clock, modulo `clockModulus`.
    case chunk(stream: Int, sequence: Int, sent: UInt64)
    case done

    static let clockModulus: UInt64 = 10_000_000_000_000_000

    static let prefix =
        Array(
            #"data: {"id":"bench","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"#
                .utf8) + Array(#""delta":{"content":""#.utf8)
    static let suffix = Array("\"}}]}\n\n".utf8)
    private static let doneBytes = Array("data: [DONE]\n\n".utf8)
    static let length = prefix.count + digits + suffix.count

    /// Stream and sequence of eight digits and the time of sixteen, with a space between.
    private static let digits = 8 + 1 + 8 + 1 + 16

    /// An event within a chunk of its own, its digits still to be set.
    static let framedTemplate: ByteBuffer = {
        var buffer = ByteBuffer(string: String(length, radix: 16) + "\r\n")
        buffer.writeBytes(prefix)
        buffer.writeRepeatingByte(UInt8(ascii: " "), count: digits)
        buffer.writeBytes(suffix)
        buffer.writeString("\r\n")
        return buffer
    }()

    /// The `[DONE]` event in its chunk, and the chunk that ends the answer.
    static let framedDone: ByteBuffer = {
        var buffer = ByteBuffer(string: String(doneBytes.count, radix: 16) + "\r\n")
        buffer.writeBytes(doneBytes)
        buffer.writeString("\r\n0\r\n\r\n")
        return buffer
    }()

    static func framed(template: ByteBuffer, stream: Int, sequence: Int, sent: UInt64) -> ByteBuffer {
        var buffer = template
        let start = buffer.writerIndex - 2 - suffix.count - digits
        let time = sent % clockModulus
        buffer.setInteger(DecimalDigits.encode(UInt64(stream)), at: start)
        buffer.setInteger(DecimalDigits.encode(UInt64(sequence)), at: start + 9)
        buffer.setInteger(DecimalDigits.encode(time / 100_000_000), at: start + 18)
        buffer.setInteger(DecimalDigits.encode(time % 100_000_000), at: start + 26)
        return buffer
    }

    /// Takes one whole event off the front, nil when there is less than one. Every byte has to be as it was sent.
    static func read(from buffer: inout ByteBuffer) throws -> Event? {
        guard let kind: UInt8 = buffer.getInteger(at: buffer.readerIndex + 6) else { return nil }
        guard kind == UInt8(ascii: "{") else { return try readDone(from: &buffer) }
        guard buffer.readableBytes >= length else { return nil }
        let start = buffer.readerIndex + prefix.count
        guard starts(buffer, with: prefix, at: 0), starts(buffer, with: suffix, at: prefix.count + digits),
            let stream = DecimalDigits.decode(buffer.getInteger(at: start)),
            let sequence = DecimalDigits.decode(buffer.getInteger(at: start + 9)),
            let timeHigh = DecimalDigits.decode(buffer.getInteger(at: start + 18)),
            let timeLow = DecimalDigits.decode(buffer.getInteger(at: start + 26))
        else { throw PeerError("an event differs from what was sent: \(excerpt(of: buffer))") }
        buffer.moveReaderIndex(forwardBy: length)
        return .chunk(stream: Int(stream), sequence: Int(sequence), sent: timeHigh * 100_000_000 + timeLow)
    }

    private static func readDone(from buffer: inout ByteBuffer) throws -> Event? {
        guard buffer.readableBytes >= doneBytes.count else { return nil }
        guard starts(buffer, with: doneBytes, at: 0) else {
            throw PeerError("neither an event nor [DONE]: \(excerpt(of: buffer))")
        }
        buffer.moveReaderIndex(forwardBy: doneBytes.count)
        return .done
    }

    private static func starts(_ buffer: ByteBuffer, with bytes: [UInt8], at offset: Int) -> Bool {
        let span = buffer.readableBytesUInt8Span
        let expected = bytes.span
        guard span.count >= offset + expected.count else { return false }
        for index in expected.indices where span[offset + index] != expected[index] { return false }
        return true
    }

    private static func excerpt(of buffer: ByteBuffer) -> String {
        String(buffer: buffer.getSlice(at: buffer.readerIndex, length: min(200, buffer.readableBytes)) ?? buffer)
    }
}

/// Eight decimal digits as the big-endian integer of their ASCII bytes.
enum DecimalDigits {
    static func encode(_ value: UInt64) -> UInt64 {
        var rest = value
        var packed: UInt64 = 0
        for place in 0..<8 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            packed |= (digit + UInt64(UInt8(ascii: "0"))) << UInt64(place * 8)
            rest = quotient
        }
        return packed
    }

    static func decode(_ packed: UInt64?) -> UInt64? {
        guard let packed else { return nil }
        var value: UInt64 = 0
        for place in (0..<8).reversed() {
            let byte = (packed >> UInt64(place * 8)) & 0xff
            guard byte >= 0x30 && byte <= 0x39 else { return nil }
            value = value * 10 + (byte - 0x30)
        }
        return value
    }
}

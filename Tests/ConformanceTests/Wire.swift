import CBrotliEncoder
import CZlib
import CZstd
import ContentCoding
import HTTP1
import LLMWire
import NIOCore

/// How lines of an answer end.
enum LineEnd: String, CaseIterable {
    case lf = "\n"
    case crlf = "\r\n"
    case cr = "\r"
}

/// How an answer's body lies on the wire: coded, then framed.
struct Wire {
    enum Coding: CaseIterable {
        case identity
        case gzip
        case deflate
        case zstd
        case brotli

        var codings: [ContentCoding] {
            switch self {
            case .identity: []
            case .gzip: [.gzip]
            case .deflate: [.deflate]
            case .zstd: [.zstd]
            case .brotli: [.brotli]
            }
        }
    }

    enum Framing: CaseIterable {
        case length
        case chunked
        case untilClose
    }

    let octets: [UInt8]
    private let coding: Coding
    private let framing: BodyFraming

    init(_ text: [UInt8], _ coding: Coding, _ framing: Framing) {
        let coded = Self.encode(text, coding)
        self.coding = coding
        switch framing {
        case .length:
            self.framing = .length(UInt64(coded.count))
            octets = coded
        case .untilClose:
            self.framing = .untilClose
            octets = coded
        case .chunked:
            self.framing = .chunked
            // Chunks of a size that falls together with nothing in the text.
            var out: [UInt8] = []
            var start = 0
            while start < coded.count {
                let end = min(start + 61, coded.count)
                out += Array(String(end - start, radix: 16).utf8) + [13, 10] + coded[start..<end] + [13, 10]
                start = end
            }
            octets = out + Array("0\r\n\r\n".utf8)
        }
    }

    /// Reads the answer, the octets cut into two at `cut`: frame, coding, dialect.
    func read(_ operation: LLMWire.Operation, _ answerFraming: AnswerReader.Framing, cut: Int) throws -> Answer {
        var body = BodyReader(framing)
        var decoder = ContentDecoder(coding.codings)
        var reader = AnswerReader(operation, answerFraming)
        var decoded: [UInt8] = []
        for piece in [octets[..<cut], octets[cut...]] where !piece.isEmpty {
            var run = ByteBuffer(bytes: piece)
            let start = run.readerIndex
            let whole = run
            var ranges: [Range<Int>] = []
            _ = try body.read(&run) { ranges.append($0) }
            for range in ranges where !range.isEmpty {
                let data = whole.getBytes(at: start + range.lowerBound, length: range.count) ?? []
                if coding == .identity {
                    reader.read(data.span.bytes, at: 0)
                } else {
                    decoded.removeAll(keepingCapacity: true)
                    try decoder.decode(data.span.bytes, into: &decoded)
                    reader.read(decoded.span.bytes, at: 0)
                }
            }
        }
        return reader.finish().answer
    }

    // MARK: Codings

    static func encode(_ text: [UInt8], _ coding: Coding) -> [UInt8] {
        switch coding {
        case .identity: return text
        case .gzip: return zlib(text, windowBits: 31)
        case .deflate: return zlib(text, windowBits: 15)
        case .zstd:
            var out = [UInt8](repeating: 0, count: ZSTD_compressBound(text.count))
            let count = ZSTD_compress(&out, out.count, text, text.count, 3)
            precondition(ZSTD_isError(count) == 0)
            return Array(out[..<count])
        case .brotli:
            var count = BrotliEncoderMaxCompressedSize(text.count) + 64
            var out = [UInt8](repeating: 0, count: count)
            let isDone = BrotliEncoderCompress(5, 18, BROTLI_MODE_TEXT, text.count, text, &count, &out)
            precondition(isDone == BROTLI_TRUE)
            return Array(out[..<count])
        }
    }

    private static func zlib(_ text: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        var status = deflateInit2_(
            &stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK)
        defer { deflateEnd(&stream) }
        var out = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(text.count))))
        var input = text
        let count = input.withUnsafeMutableBufferPointer { input in
            out.withUnsafeMutableBufferPointer { out in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = out.baseAddress
                stream.avail_out = UInt32(out.count)
                status = deflate(&stream, Z_FINISH)
                return out.count - Int(stream.avail_out)
            }
        }
        precondition(status == Z_STREAM_END)
        return Array(out[..<count])
    }
}

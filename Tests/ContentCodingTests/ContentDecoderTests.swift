import CZlib
import CZstd
import Testing

@testable import ContentCoding

/// The text that other tools encoded, see ``Fixture``.
let fixtureText = Array(String(repeating: "The quick brown fox jumps over the lazy dog, 你好。", count: 3).utf8)

enum Encoded {
    static func zlib(_ text: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        let version = ZLIB_VERSION
        let size = Int32(MemoryLayout<z_stream>.size)
        #expect(deflateInit2_(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, version, size) == Z_OK)
        defer { deflateEnd(&stream) }
        var input = text
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(text.count))) + 64)
        let count = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
                return target.count - Int(stream.avail_out)
            }
        }
        return Array(output[0..<count])
    }

    static func gzip(_ text: [UInt8]) -> [UInt8] { zlib(text, windowBits: 31) }

    static func zstd(_ text: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(text.count))
        let count = ZSTD_compress(&output, output.count, text, text.count, 3)
        #expect(ZSTD_isError(count) == 0)
        return Array(output[0..<count])
    }

    static func coded(_ text: [UInt8], _ coding: ContentCoding) -> [UInt8] {
        switch coding {
        case .gzip: return gzip(text)
        case .deflate: return zlib(text, windowBits: 15)
        case .zstd: return zstd(text)
        case .brotli: return brotliStored(text)
        }
    }

    /// Brotli with uncompressed meta-blocks only (RFC 7932 §9.2): window of 16 bits, blocks of up to 64 KiB.
    static func brotliStored(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var bits: UInt64 = 0
        var count: UInt64 = 0
        func put(_ value: UInt64, _ width: UInt64) {
            bits |= value << count
            count += width
            while count >= 8 {
                output.append(UInt8(truncatingIfNeeded: bits))
                bits >>= 8
                count -= 8
            }
        }
        func align() { if count > 0 { put(0, 8 - count) } }
        put(0, 1)
        var start = 0
        while start < text.count {
            let end = min(start + 65_536, text.count)
            put(0, 1)
            put(0, 2)
            put(UInt64(end - start - 1), 16)
            put(1, 1)
            align()
            output.append(contentsOf: text[start..<end])
            start = end
        }
        put(3, 2)
        align()
        return output
    }
}

private func decode(
    _ body: [UInt8], _ codings: [ContentCoding], limits: DecodingLimits = DecodingLimits()
) -> (text: [UInt8], fault: ContentCodingFault?) {
    let decoded = DecodedContent(body.span.bytes, codings: codings, limits: limits)
    return (decoded.bytes, decoded.fault)
}

/// Text that compresses about as prose does, longer than one step of a decoder.
let prose: [UInt8] = (0..<20_000).flatMap { Array("line \($0 * 7919 % 10_007) 你好; ".utf8) }

@Suite struct ContentDecoderTests {
    @Test(arguments: ContentCoding.allCases)
    func wholeBodies(_ coding: ContentCoding) {
        for text in [[], [0x61], Array("hello".utf8), prose] {
            let result = decode(Encoded.coded(text, coding), [coding])
            #expect(result.text == text)
            #expect(result.fault == nil)
        }
    }

    @Test(arguments: ContentCoding.allCases)
    func anySplit(_ coding: ContentCoding) throws {
        let text = Array(prose[0..<5000])
        let body = Encoded.coded(text, coding)
        for size in [1, 2, 3, 7, 100, 4096] {
            var decoder = ContentDecoder([coding])
            var output: [UInt8] = []
            for start in stride(from: 0, to: body.count, by: size) {
                try decoder.decode(body[start..<min(start + size, body.count)].span.bytes, into: &output)
            }
            try decoder.finish()
            #expect(output == text, "in pieces of \(size)")
        }
    }

    /// Made by the tools of Debian 12 from the same text.
    @Test func whatOtherToolsWrite() {
        #expect(decode(Fixture.gzip, [.gzip]).text == fixtureText)
        #expect(decode(Fixture.brotli, [.brotli]).text == fixtureText)
        #expect(decode(Fixture.zstd, [.zstd]).text == fixtureText)
        #expect(decode(Fixture.zlib, [.deflate]).text == fixtureText)
        for (body, coding) in [(Fixture.gzip, ContentCoding.gzip), (Fixture.brotli, .brotli), (Fixture.zstd, .zstd)] {
            #expect(decode(body, [coding]).fault == nil)
        }
    }

    @Test func bareDeflate() throws {
        let body = Encoded.zlib(prose, windowBits: -15)
        #expect(decode(body, [.deflate]).text == prose)
        var decoder = ContentDecoder([.deflate])
        var output: [UInt8] = []
        for octet in body { try decoder.decode([octet].span.bytes, into: &output) }
        try decoder.finish()
        #expect(output == prose)
    }

    @Test func membersAndFramesFollowOneAnother() {
        let halves = (Array(prose[0..<1000]), Array(prose[1000..<3000]))
        #expect(decode(Encoded.gzip(halves.0) + Encoded.gzip(halves.1), [.gzip]).text == Array(prose[0..<3000]))
        #expect(decode(Encoded.zstd(halves.0) + Encoded.zstd(halves.1), [.zstd]).text == Array(prose[0..<3000]))
        let padded = decode(Encoded.gzip(halves.0) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [.gzip])
        #expect(padded.text == halves.0)
        #expect(padded.fault == nil)
    }

    @Test func zstdFramesAreThoseOfTheStandard() {
        let text = Array("hello".utf8)
        let skippable: [UInt8] = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let skipped = decode(skippable + Encoded.zstd(text) + skippable, [.zstd])
        #expect(skipped.text == text)
        #expect(skipped.fault == nil)
        // The magic numbers of the formats before 1.0.
        for version in UInt8(0x22)...0x27 {
            #expect(decode([version, 0xB5, 0x2F, 0xFD, 4, 0xCA, 0x63, 0xFD], [.zstd]).fault == .corrupt(.zstd))
        }
    }

    @Test func stackedCodings() {
        for first in ContentCoding.allCases {
            for second in ContentCoding.allCases {
                let body = Encoded.coded(Encoded.coded(prose, first), second)
                let result = decode(body, [first, second])
                #expect(result.text == prose)
                #expect(result.fault == nil)
            }
        }
        #expect(decode(prose, []).text == prose)
    }

    @Test(arguments: ContentCoding.allCases)
    func whatIsCutOffGivesWhatThereIs(_ coding: ContentCoding) {
        let body = Encoded.coded(prose, coding)
        for kept in [1, 2, body.count / 2, body.count - 1] {
            let result = decode(Array(body[0..<kept]), [coding])
            #expect(result.fault == .truncated)
            #expect(prose.starts(with: result.text))
            if kept == body.count / 2, coding != .zstd { #expect(result.text.count > prose.count / 4) }
        }
        #expect(decode([], [coding]).fault == nil)
    }

    @Test(arguments: ContentCoding.allCases)
    func whatIsCorruptSaysSo(_ coding: ContentCoding) {
        #expect(decode(Array("{\"error\":\"not coded at all\"}".utf8), [coding]).fault == .corrupt(coding))
        var body = Encoded.coded(prose, coding)
        if coding != .brotli {
            for index in (body.count / 2)..<(body.count / 2 + 64) { body[index] = 0xFF }
            let result = decode(body, [coding])
            #expect(result.fault == .corrupt(coding))
        }
    }

    @Test(arguments: ContentCoding.allCases.filter { $0 != .brotli })
    func bombsStopAtTheLimit(_ coding: ContentCoding) {
        let zeros = [UInt8](repeating: 0, count: 30 << 20)
        let limits = DecodingLimits(floor: 1 << 20, ratio: 2, ceiling: 8 << 20)
        let result = decode(Encoded.coded(zeros, coding), [coding], limits: limits)
        #expect(result.fault == .limit)
        #expect(result.text.count == 1 << 20)
        // Twice over: what lies between the two is bounded as well.
        let twice = decode(Encoded.gzip(Encoded.coded(zeros, coding)), [coding, .gzip], limits: limits)
        #expect(twice.fault == .limit)
        #expect(twice.text.count <= 1 << 20)
    }

    @Test func limitsCountExactly() {
        let text = [UInt8](repeating: 0x61, count: 100_000)
        for coding in ContentCoding.allCases {
            let body = Encoded.coded(text, coding)
            let exact = decode(body, [coding], limits: DecodingLimits(floor: 100_000, ratio: 0, ceiling: 1 << 30))
            #expect(exact.fault == nil)
            #expect(exact.text.count == 100_000)
            let short = decode(body, [coding], limits: DecodingLimits(floor: 99_999, ratio: 0, ceiling: 1 << 30))
            #expect(short.fault == .limit)
            #expect(short.text.count == 99_999)
            let ceiling = decode(body, [coding], limits: DecodingLimits(floor: 1 << 20, ratio: 1000, ceiling: 5))
            #expect(ceiling.fault == .limit)
            #expect(ceiling.text.count == 5)
        }
        #expect(decode(text, [], limits: DecodingLimits(floor: 7, ratio: 0, ceiling: 7)).text.count == 7)
        #expect(DecodingLimits().output(afterInput: .max) == 64 << 20)
        #expect(DecodingLimits().output(afterInput: 10_000) == 10_000_000)
        #expect(DecodingLimits().output(afterInput: 0) == 1 << 20)
    }

    @Test func afterAFaultNothingMoreIsTaken() {
        var decoder = ContentDecoder([.gzip])
        var output: [UInt8] = []
        let rubbish = Array("rubbish".utf8)
        for _ in 0..<2 {
            #expect(throws: ContentCodingFault.corrupt(.gzip)) {
                try decoder.decode(rubbish.span.bytes, into: &output)
            }
        }
        #expect(output.isEmpty)
    }

    @Test(
        arguments: [
            ("gzip", [.gzip]), ("GZip", [.gzip]), ("x-gzip", [.gzip]), ("br", [.brotli]), ("zstd", [.zstd]),
            ("deflate", [.deflate]),
            ("identity", []), ("", []), (" gzip , br\t", [.gzip, .brotli]), ("identity,gzip,", [.gzip]),
            ("compress", nil), ("gzip, nope", nil),
            ("gzip,gzip,gzip,gzip,gzip", nil), ("averyveryverylongname", nil), ("\u{E9}", nil),
        ] as [(String, [ContentCoding]?)])
    func fieldValues(_ value: String, _ codings: [ContentCoding]?) {
        #expect(ContentCoding.codings(Array(value.utf8).span.bytes) == codings)
    }
}

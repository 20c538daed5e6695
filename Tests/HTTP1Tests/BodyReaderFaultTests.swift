import HTTP1
import NIOCore
import Testing

/// What may still go out of a run whose chunked framing breaks.
@Suite struct BodyReaderFaultTests {
    @Test(
        arguments: [
            (
                "", "5\r\nhello\r\n2\r\nab\r\nxyz\r\n", "5\r\nhello\r\n2\r\nab\r\n",
                ChunkedDecoder.Position.betweenChunks
            ),
            ("", "5\r\nhelloXX", "5\r\nhello", .behindData),
            ("", "zz\r\n", "", .betweenChunks),
            ("5\r\nhel", "lo\r\n5;\u{1}", "lo\r\n", .betweenChunks),
            ("5\r\nhello\r", "X", "", .behindData),
            ("5", "x\r\n", "", .betweenChunks),
            ("005\r\nhel", "lo\r\n0\r\nbad trailer\r\n", "lo\r\n", .betweenChunks),
        ])
    func soundPart(earlier: String, faulty: String, sound: String, position: ChunkedDecoder.Position) throws {
        var reader = BodyReader(.chunked)
        var first = ByteBuffer(string: earlier)
        if !earlier.isEmpty { _ = try reader.read(&first) { _ in } }
        let whole = ByteBuffer(string: faulty)
        var run = whole
        #expect(throws: ChunkedFault.self) { _ = try reader.read(&run) { _ in } }
        #expect(reader.soundPart(of: whole).map { String(buffer: $0) } ?? "" == sound)
        #expect(reader.chunkPosition == position)
    }
}

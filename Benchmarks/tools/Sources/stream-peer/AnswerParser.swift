import NIOCore

/// Reads HTTP/1.1 answers framed by `Content-Length` or by chunks, which is all that the benchmark's peers send.
struct AnswerParser {
    enum Output: Equatable {
        case head(status: Int)
        case body(ByteBuffer)
        case end
    }

    private enum State {
        case head
        case counted(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
    }

    private static let headLimit = 64 * 1024
    private static let lineLimit = 4096
    private var state = State.head

    /// Takes the next part of an answer off the front, nil when more bytes are needed.
    mutating func next(from input: inout ByteBuffer) throws -> Output? {
        while true {
            switch state {
            case .head:
                guard let head = try readHead(from: &input) else { return nil }
                return .head(status: head)
            case .counted(0):
                state = .head
                return .end
            case .counted(let rest):
                guard let piece = readPiece(upTo: rest, from: &input) else { return nil }
                state = .counted(rest - piece.readableBytes)
                return .body(piece)
            case .chunkSize:
                guard let line = try readLine(from: &input) else { return nil }
                let digits = line.prefix { $0 != ";" }
                guard let size = Int(digits, radix: 16), size >= 0 else { throw PeerError("chunk size '\(line)'") }
                state = size == 0 ? .trailer : .chunk(size)
            case .chunk(let rest):
                guard let piece = readPiece(upTo: rest, from: &input) else { return nil }
                state = rest == piece.readableBytes ? .chunkEnd : .chunk(rest - piece.readableBytes)
                return .body(piece)
            case .chunkEnd:
                guard let line = try readLine(from: &input) else { return nil }
                guard line.isEmpty else { throw PeerError("a chunk is longer than its size says") }
                state = .chunkSize
            case .trailer:
                guard let line = try readLine(from: &input) else { return nil }
                guard line.isEmpty else { continue }
                state = .head
                return .end
            }
        }
    }

    private func readPiece(upTo count: Int, from input: inout ByteBuffer) -> ByteBuffer? {
        let available = min(count, input.readableBytes)
        return available > 0 ? input.readSlice(length: available) : nil
    }

    private func readLine(from input: inout ByteBuffer) throws -> String? {
        guard let end = LineSearch.lineFeed(in: input, limit: Self.lineLimit) else {
            guard input.readableBytes < Self.lineLimit else { throw PeerError("a chunk line is endless") }
            return nil
        }
        guard let line = input.readString(length: end + 1), line.hasSuffix("\r\n") else {
            throw PeerError("a chunk line ends without CR")
        }
        return String(line.utf8.dropLast(2))
    }

    private mutating func readHead(from input: inout ByteBuffer) throws -> Int? {
        guard let end = LineSearch.endOfHead(in: input, limit: Self.headLimit) else {
            guard input.readableBytes < Self.headLimit else { throw PeerError("the answer's head is endless") }
            return nil
        }
        let head = input.readString(length: end) ?? ""
        var lines = head.utf8.split(separator: UInt8(ascii: "\n")).makeIterator()
        let statusLine = (lines.next().map(String.init) ?? nil) ?? ""
        guard statusLine.hasPrefix("HTTP/1.1 "), let status = Int(statusLine.dropFirst(9).prefix(3)) else {
            throw PeerError("status line '\(statusLine)'")
        }
        var framing: State?
        while let line = lines.next() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = line[..<colon]
            let value = line[line.index(after: colon)...]
            if LineSearch.equals(name, "content-length") {
                guard let text = String(value), let length = Int(text.trimmingSpaces), framing == nil else {
                    throw PeerError("the answer's framing is unclear: \(head)")
                }
                framing = .counted(length)
            } else if LineSearch.equals(name, "transfer-encoding") {
                guard let text = String(value), text.trimmingSpaces == "chunked", framing == nil else {
                    throw PeerError("the answer's framing is unclear: \(head)")
                }
                framing = .chunkSize
            }
        }
        guard let framing else { throw PeerError("an answer with neither length nor chunks: \(head)") }
        state = framing
        return status
    }
}

import NIOCore

/// What the event-stream upstream needs of a request: how long its body is, and which stream it asks for with
/// `?stream=S&events=N`.
struct RequestHead: Equatable {
    var bodyLength = 0
    var stream: Int
    var events: Int

    static let limit = 16 * 1024

    /// Takes a head off the front, nil when it is not complete yet.
    static func read(from input: inout ByteBuffer) throws -> RequestHead? {
        guard let end = LineSearch.endOfHead(in: input, limit: limit) else {
            guard input.readableBytes < limit else { throw PeerError("a request's head is endless") }
            return nil
        }
        let text = input.readString(length: end) ?? ""
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
        let requestLine = lines.first.flatMap { String($0) } ?? ""
        guard let query = requestLine.split(separator: " ").dropFirst().first?.split(separator: "?").dropFirst().first
        else { throw PeerError("a request names no stream: \(requestLine)") }
        var numbers: [Substring: Int] = [:]
        for field in query.split(separator: "&") {
            let pair = field.split(separator: "=")
            if pair.count == 2 { numbers[pair[0]] = Int(pair[1]) }
        }
        guard let stream = numbers["stream"], let events = numbers["events"], events > 0 else {
            throw PeerError("a request names no stream: \(requestLine)")
        }
        var head = RequestHead(stream: stream, events: events)
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            if LineSearch.equals(line[..<colon], "content-length") {
                let value = String(line[line.index(after: colon)...])?.trimmingSpaces ?? ""
                guard let length = Int(value), length >= 0 else { throw PeerError("content-length '\(value)'") }
                head.bodyLength = length
            } else if LineSearch.equals(line[..<colon], "transfer-encoding") {
                throw PeerError("a request came in chunks; this upstream reads a Content-Length only")
            }
        }
        return head
    }
}

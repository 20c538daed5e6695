import NIOCore

/// One agent's session: requests that carry all that was said so far, growing by the same amount each turn.
struct Conversation {
    let stream: Int
    let turns: Int
    private let events: Int
    private let path: String
    private let host: String
    private let messages: ByteBuffer
    private let cuts: [Int]

    private static let opening = #"{"model":"m","stream":true,"messages":["#
    private static let closing = "]}"
    private static let words = [
        "file", "function", "returns", "the", "value", "of", "build", "failed", "with", "error", "in", "line", "test",
        "passes", "now", "read", "and", "write", "module", "import",
    ]

    init(stream: Int, turns: Int, firstBytes: Int, lastBytes: Int, events: Int, path: String, host: String) {
        self.stream = stream
        self.turns = turns
        self.events = events
        self.path = path
        self.host = host
        var messages = ByteBuffer()
        messages.reserveCapacity(lastBytes)
        var cuts: [Int] = []
        var seed = UInt64(stream) &* 0x9e37_79b9_7f4a_7c15 &+ 1
        for turn in 0..<turns {
            let wanted = turns == 1 ? firstBytes : firstBytes + (lastBytes - firstBytes) * turn / (turns - 1)
            let length = wanted - Self.opening.utf8.count - Self.closing.utf8.count
            messages.writeString(turn == 0 ? "" : ",")
            messages.writeString(turn % 2 == 0 ? #"{"role":"user","content":""# : #"{"role":"tool","content":""#)
            while messages.readableBytes < length - 16 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                messages.writeString(Self.words[Int(seed >> 33) % Self.words.count])
                messages.writeString(seed >> 60 == 0 ? #".\n"# : " ")
            }
            messages.writeString(#"."}"#)
            cuts.append(messages.readableBytes)
        }
        self.messages = messages
        self.cuts = cuts
    }

    func request(turn: Int) -> [ByteBuffer] {
        let length = Self.opening.utf8.count + cuts[turn] + Self.closing.utf8.count
        let head = ByteBuffer(
            string: "POST \(path)?stream=\(stream)&events=\(events) HTTP/1.1\r\nHost: \(host)\r\n"
                + "Content-Type: application/json\r\nAccept: text/event-stream\r\n"
                + "Authorization: Bearer sk-benchmark-0000000000000000\r\n"
                + "Content-Length: \(length)\r\n\r\n\(Self.opening)")
        let body = messages.getSlice(at: messages.readerIndex, length: cuts[turn]) ?? ByteBuffer()
        return [head, body, ByteBuffer(string: Self.closing)]
    }
}

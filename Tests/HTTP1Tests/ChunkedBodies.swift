import HTTP1Invariants

/// Makes chunked bodies of every shape the grammar allows.
struct ChunkedBodies {
    var octets: [UInt8] = []
    var payload: [UInt8] = []
    var keptTrailers: [UInt8] = []
    /// Neither extension nor leading zero stands in it.
    var isClean = true

    static func make(_ generator: inout SplitMix64) -> ChunkedBodies {
        var body = ChunkedBodies()
        for _ in 0..<generator.below(5) {
            let count = generator.oneIn(8) ? 1 + generator.below(300) : 1 + generator.below(20)
            let data = (0..<count).map { _ in
                generator.oneIn(4) ? generator.pick([13, 10, 48]) : UInt8(generator.below(256))
            }
            body.addSizeLine(count, &generator)
            body.octets += data + [13, 10]
            body.payload += data
        }
        body.addSizeLine(0, &generator)
        if generator.oneIn(3) { body.addTrailers(&generator) }
        body.octets += [13, 10]
        return body
    }

    private mutating func addSizeLine(_ count: Int, _ generator: inout SplitMix64) {
        if generator.oneIn(6) {
            octets += Array(repeating: 48, count: 1 + generator.below(3))
            isClean = false
        }
        octets += Array(String(count, radix: 16, uppercase: generator.oneIn(2)).utf8)
        if generator.oneIn(6) {
            octets += Array(generator.pick([";a", ";a=b", ";a=\"b;\\\" c\"", ";a=1;b=\"\";c"]).utf8)
            isClean = false
        }
        octets += [13, 10]
    }

    private mutating func addTrailers(_ generator: inout SplitMix64) {
        for _ in 0...generator.below(3) {
            let isKept = !generator.oneIn(3)
            let name = generator.pick(
                isKept ? ["X-Sum", "digest", "a"] : ["Content-Length", "HOST", "cookie", "te", "Connection"])
            let line = Array(
                "\(name):\(generator.pick(["", " ", "\t"]))\(generator.pick(["", "1", "a b", "\u{e9}", "close"]))\r\n"
                    .utf8)
            octets += line
            if isKept { keptTrailers += line } else { isClean = false }
        }
    }
}

import HTTP1Invariants

/// Small injuries to a well-formed message: what a broken or hostile peer would send.
enum Mutations {
    /// Octets that decide something somewhere in HTTP/1.1.
    static let telling: [UInt8] = Array("\r\n\0\t :;,\"\\0159aAfFgG+-_/#%*\u{b}\u{c}\u{7f}".utf8) + [0x80, 0xA0, 0xFF]

    static func apply(to octets: inout [UInt8], _ generator: inout SplitMix64) {
        guard !octets.isEmpty else { return }
        let index = generator.below(octets.count)
        switch generator.below(8) {
        case 0: octets[index] ^= 1 << UInt8(generator.below(8))
        case 1: octets[index] = generator.pick(telling)
        case 2, 3: octets.insert(generator.pick(telling), at: index)
        case 4: octets.remove(at: index)
        case 5: octets.removeSubrange(index..<min(octets.count, index + 1 + generator.below(6)))
        case 6:
            let end = min(octets.count, index + 1 + generator.below(16))
            octets.insert(contentsOf: Array(octets[index..<end]), at: index)
        default: octets.insert(contentsOf: generator.pick(snippets), at: index)
        }
    }

    private static let snippets: [[UInt8]] = [
        "\r\n", "\n", "\r", "\r\r\n", "\r\n ", " \r\n", "\r\n\r\n", "  ", "\t", "0\r\n\r\n", "5\r\n", "chunked", ", ",
        "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n",
        "Proxy-Connection: close\r\n", " HTTP/1.1",
    ].map { Array($0.utf8) }
}

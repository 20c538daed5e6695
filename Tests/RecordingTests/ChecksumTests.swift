import CCRC32C
import Testing

@Suite struct ChecksumTests {
    /// The vectors of RFC 3720 appendix B.4, and the usual check value.
    private static let vectors: [(octets: [UInt8], crc: UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        (Array(0..<32), 0x46DD_794E),
    ]

    @Test(arguments: vectors)
    func knownVectors(octets: [UInt8], crc: UInt32) {
        #expect(weir_crc32c(0, octets, octets.count) == crc)
        #expect(weir_crc32c_portable(0, octets, octets.count) == crc)
    }

    @Test func instructionAndTableAgreeAtEveryLengthAndSplit() {
        let octets = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        for length in 0...octets.count {
            let whole = weir_crc32c_portable(0, octets, length)
            #expect(weir_crc32c(0, octets, length) == whole)
            let half = length / 2
            let first = weir_crc32c(0, octets, half)
            #expect(weir_crc32c(first, Array(octets[half..<length]), length - half) == whole)
        }
    }
}

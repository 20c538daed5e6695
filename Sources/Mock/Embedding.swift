/// Vectors for texts: the same text has the same vector, and texts that share words lie near each other.
enum Embedding {
    /// How many dimensions a vector has where the request names none.
    static let dimensions = 64
    /// How many numbers one answer has at the most, over all its vectors.
    static let longestAnswer = 1_048_576
    /// How many words of a text count.
    private static let longestText = 64

    /// Refuses what would make an answer too long.
    static func check(_ dimensions: Int?, inputs: Int, param: String) throws(MockRefusal) -> Int {
        let dimensions = dimensions ?? self.dimensions
        guard (1...4_096).contains(dimensions), inputs * dimensions <= self.longestAnswer else {
            throw .body(
                "\(param) is \(dimensions) for \(inputs) inputs; the mock makes 1 to 4096 dimensions, and "
                    + "\(self.longestAnswer) numbers in all.", param: param)
        }
        return dimensions
    }

    /// The vector of a text, of length 1.
    static func vector(_ text: String, dimensions: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: dimensions)
        var words = text.utf8.split(maxSplits: self.longestText) { $0 <= 0x20 }.prefix(self.longestText)
        if words.isEmpty { words = [text.utf8[...]] }
        for word in words {
            var hash = Fingerprint()
            hash.mix(word.prefix(256))
            var state = hash.value
            for index in sums.indices {
                // A step of the SplitMix64 generator.
                state &+= 0x9e37_79b9_7f4a_7c15
                var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
                mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
                sums[index] += Double(Int32(truncatingIfNeeded: mixed >> 32)) / 2_147_483_648
            }
        }
        let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sums.map { length > 0 ? Float($0 / length) : 0 }
    }

    /// A vector as a JSON array.
    static func json(_ vector: [Float]) -> String {
        "[\(vector.map { "\($0)" }.joined(separator: ","))]"
    }
}

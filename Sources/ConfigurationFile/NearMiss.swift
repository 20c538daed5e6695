/// Which of the known words was probably meant.
enum NearMiss {
    /// The word nearest to `text`, if it is near enough for a slip.
    static func of(_ text: String, among words: [String]) -> String? {
        let plain = folded(text)
        guard text.count <= 64, !plain.isEmpty else { return nil }
        var best: (word: String, distance: Int)?
        for word in words where word != text {
            let other = folded(word)
            let distance = plain == other ? 0 : distance(Array(plain), Array(other))
            guard distance <= max(1, other.count / 3), distance < plain.count else { continue }
            if distance < best?.distance ?? .max { best = (word, distance) }
        }
        return best?.word
    }

    /// `targetUrl`, `target-url` and `target_url` differ in nothing but custom.
    private static func folded(_ text: String) -> String {
        text.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// Insertions, removals, replacements and swaps of neighbours (optimal string alignment).
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                var least = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}

package import LLMWire

/// What must hold of the masking of members, whatever the input; shared by fuzzing and tests.
package enum MaskInvariants {
    private static let framings: [JSONKeyMask.Framing] = [.document, .lines, .events]

    /// Reads an input of the fuzzer: an octet that chooses framing and cuts, then the body; nil where all holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard let choice = input.first else { return nil }
        let body = Array(input.dropFirst())
        let framing = framings[Int(choice) % 3]
        let whole = masked(body, ["api_key", "a", "\u{E9}", "😀", ""], framing)
        if let violation = violation(of: whole, in: body) { return violation }
        let step = Int(choice) % 7 + 1
        let cuts = body.count <= 64 ? Array(1...7) : [step]
        for step in cuts where masked(body, ["api_key", "a", "\u{E9}", "😀", ""], framing, step: step) != whole {
            return "another mask in pieces of \(step)"
        }
        return nil
    }

    /// Which octets of `body` are masked when it is read in pieces of `step` octets.
    package static func masked(
        _ body: [UInt8], _ names: [String], _ framing: JSONKeyMask.Framing, step: Int = .max
    ) -> [Bool] {
        var mask = JSONKeyMask(names: names, framing: framing)
        var flags = Array(repeating: false, count: body.count)
        var start = 0
        while start < body.count {
            let end = start + min(step, body.count - start)
            let piece = Array(body[start..<end])
            mask.read(piece.span.bytes) { range, _ in
                for index in range { flags[start + index] = true }
            }
            start = end
        }
        precondition(mask.offset == body.count)
        return flags
    }

    /// A document stays one when what is masked is overwritten.
    private static func violation(of flags: [Bool], in body: [UInt8]) -> String? {
        guard isJSON(body) else { return nil }
        var covered = body
        for index in body.indices where flags[index] {
            // A digit can stand in a string and, but for a leading zero, in a number of any length.
            covered[index] = 0x31
        }
        return isJSON(covered) ? nil : "the mask covers more than values"
    }

    private static func isJSON(_ octets: [UInt8]) -> Bool {
        do throws(JSONFault) {
            try JSONText.validate(octets.span.bytes)
            return true
        } catch {
            return false
        }
    }
}

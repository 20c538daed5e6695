package import LLMWire

/// What must hold of the rewriting of bodies, whatever the input; shared by fuzzing and tests.
package enum RewriteInvariants {
    private static let samples: [(RewriteRules, BodyRewrite)] = RewriteRules.samples.compactMap { rules in
        (try? rules.rewrite()).map { (rules, $0) }
    }

    /// Reads an input of the fuzzer: an octet that chooses the rules, then the body; nil where all holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard samples.count == RewriteRules.samples.count else { return "the rules are refused" }
        guard let choice = input.first else { return nil }
        let (rules, rewrite) = samples[Int(choice) % samples.count]
        let body = Array(input.dropFirst())
        return violation(in: body, rules, rewrite) ?? violationOfFields(in: body, cut: Int(choice))
    }

    /// What does not hold of `body` under `rules`; nil where all holds.
    package static func violation(in body: [UInt8], _ rules: RewriteRules, _ rewrite: BodyRewrite) -> String? {
        let expected = SlowRewrite.rewritten(body, rules)
        if (expected != nil) != isJSON(body) { return "the two readers disagree on whether it is JSON" }
        guard let edits = rewrite.edits(of: body.span.bytes) else {
            return expected == nil || expected == body ? nil : "nothing is changed"
        }
        guard let expected else { return "what is not JSON is changed" }
        if rewrite.isEmpty { return "no rule changes something" }

        var end = 0
        for edit in edits {
            if edit.range.lowerBound < end || edit.range.upperBound > body.count { return "an edit is out of order" }
            if edit.range.isEmpty, edit.replacement.isEmpty { return "an edit changes nothing" }
            if body[edit.range].elementsEqual(edits.replacement(of: edit)) { return "an edit puts in what was there" }
            end = edit.range.upperBound
        }
        var result: [UInt8] = []
        edits.apply(to: body.span.bytes) { piece in
            for index in 0..<piece.byteCount { result.append(piece.unsafeLoad(fromByteOffset: index, as: UInt8.self)) }
        }
        if result != expected { return "the result is another" }
        if result.count != edits.resultLength { return "the length is \(edits.resultLength), not \(result.count)" }
        if !isJSON(result) { return "the result is not JSON" }
        var segments: [UInt8] = []
        edits.forEachSegment { segment in
            switch segment {
            case .body(let range): segments += body[range]
            case .text(let range): segments += edits.text[range]
            }
        }
        return segments == result ? nil : "the segments are not the pieces"
    }

    /// What does not hold of the look-up of single members in `body` and in a beginning of it.
    package static func violationOfFields(in body: [UInt8], cut: Int) -> String? {
        for body in [body, Array(body.prefix(body.count * cut / 256))] {
            let found = TopLevelFields.modelAndStream(in: body.span.bytes)
            if found.model != TopLevelFields.string("model", in: body.span.bytes) { return "another model" }
            if found.stream != TopLevelFields.boolean("stream", in: body.span.bytes) { return "another stream" }
            if (found.model?.utf8.count ?? 0) > TopLevelFields.longestString { return "the model is too long" }
        }
        return nil
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

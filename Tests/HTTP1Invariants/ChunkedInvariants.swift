import HTTP1

/// What must hold of the chunked decoder, whatever the input; shared by fuzzing and tests.
package enum ChunkedInvariants {
    /// Reads an input of the fuzzer: two octets that seed the cuts, then the body; nil where all holds.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        let body = Array(input.dropFirst(2))
        var generator = SplitMix64(seed: UInt64(input[0]) << 8 | UInt64(input[1]))
        var cuts: [Int] = []
        for _ in 0..<generator.below(5) { cuts.append(generator.below(body.count + 1)) }
        let sorted = cuts.sorted()
        if let violation = violation(in: body, cuts: sorted) { return violation }
        return body.count <= 128 ? violation(in: body, cuts: Array(0..<body.count)) : nil
    }

    /// What does not hold of `body` whole and cut at `cuts`; nil where all holds.
    package static func violation(in body: [UInt8], cuts: [Int]) -> String? {
        let whole = ChunkedRun(body)
        if let violation = violation(ofOutput: whole) { return "whole: " + violation }
        var broken: String?
        var outputs = 0
        let split = ChunkedRun(body, cuts: cuts) { run in
            guard broken == nil, run.output.count > outputs || run.end != .incomplete else { return }
            outputs = run.output.count
            broken = violation(ofOutput: run)
        }
        if let broken { return "cut at \(cuts): " + broken }
        if split.end != whole.end { return "cut at \(cuts): \(split.end), whole: \(whole.end)" }
        if split.payload != whole.payload { return "cut at \(cuts): another payload" }
        if case .fault = whole.end { return nil }
        if split.consumed != whole.consumed {
            return "cut at \(cuts): \(split.consumed) octets, whole: \(whole.consumed)"
        }
        if split.trailers != whole.trailers { return "cut at \(cuts): other trailers" }
        return nil
    }

    /// Reads what has gone out as a peer would.
    private static func violation(ofOutput run: ChunkedRun) -> String? {
        let peer = ChunkedRun(run.output)
        switch run.end {
        case .ended:
            if peer.end != .ended || peer.consumed != run.output.count {
                return "the output is no whole body: \(peer.end)"
            }
            if peer.payload != run.payload { return "the output has another payload" }
            if peer.output != run.output { return "the output is not left alone when read again" }
            if peer.trailers != run.trailers { return "the output has other trailers" }
        case .incomplete:
            if peer.end != .incomplete { return "the output of an unfinished body is \(peer.end)" }
            if peer.payload != run.payload { return "data is held back or made up" }
        case .fault:
            if peer.end != .incomplete { return "the output of a broken body is \(peer.end)" }
            if !run.payload.starts(with: peer.payload) { return "data is made up" }
        }
        return nil
    }
}

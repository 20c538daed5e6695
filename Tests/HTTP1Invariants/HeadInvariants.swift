package import HTTP1

/// What must hold of the head parser, the summaries and the edits, whatever the input; shared by fuzzing and tests.
package enum HeadInvariants {
    /// Reads an input of the fuzzer: one octet of choices, two that seed the cuts, then the head; nil where all holds.
    ///
    /// Bit 0 of the choices: a response; bit 1: it answers HEAD; bit 2: small limits.
    package static func violation(inFuzzInput input: [UInt8]) -> String? {
        guard input.count >= 3 else { return nil }
        let head = Array(input.dropFirst(3))
        var generator = SplitMix64(seed: UInt64(input[1]) << 8 | UInt64(input[2]))
        let role: HeadParser.Role = input[0] & 1 == 0 ? .request : .response
        let answersHEAD = input[0] & 2 != 0
        let limits = input[0] & 4 == 0 ? HeadParser.Limits() : HeadParser.Limits(head: 64, fields: 3)
        let cuts = [generator.below(head.count + 1), generator.below(head.count + 1)].sorted()
        if let violation = violation(in: head, role: role, limits: limits, answersHEAD: answersHEAD, cuts: cuts) {
            return violation
        }
        guard head.count <= 256 else { return nil }
        let all = Array(0..<head.count)
        return violation(in: head, role: role, limits: limits, answersHEAD: answersHEAD, cuts: all)
    }

    /// What does not hold of `head` whole and cut at `cuts`; nil where all holds.
    package static func violation(
        in head: [UInt8], role: HeadParser.Role, limits: HeadParser.Limits = .init(), answersHEAD: Bool = false,
        cuts: [Int]
    ) -> String? {
        let whole = HeadRun(head, role: role, limits: limits, answersHEAD: answersHEAD)
        let split = HeadRun(head, role: role, limits: limits, answersHEAD: answersHEAD, cuts: cuts)
        if split.progress != whole.progress { return "cut at \(cuts): \(split.progress), whole: \(whole.progress)" }
        if split.fault != whole.fault { return "cut at \(cuts): another fault" }
        if split.request != whole.request || split.response != whole.response {
            return "cut at \(cuts): read otherwise"
        }
        guard let length = whole.length else { return nil }
        if split.parser.fields != whole.parser.fields { return "cut at \(cuts): other fields" }
        if length > limits.head || whole.parser.fields.count > limits.fields { return "the limits are passed" }
        if let violation = violation(ofOffsets: whole, in: head, length: length) { return violation }
        if whole.applying(HeadEdit(), to: head) != Array(head[whole.startLine.lowerBound..<length]) {
            return "an empty edit changes the head"
        }
        if whole.request != nil { return violation(ofForwardedRequest: whole, in: head) }
        if whole.response != nil { return violation(ofForwardedResponse: whole, in: head, answersHEAD: answersHEAD) }
        return nil
    }

    /// The lines must follow one another without a gap, each with its parts in their order.
    private static func violation(ofOffsets run: HeadRun, in head: [UInt8], length: Int) -> String? {
        guard length <= head.count, run.startLine.upperBound <= length else { return "offsets past the end" }
        var end = run.startLine.upperBound
        for field in run.parser.fields {
            let line = field.lineRange
            guard line.lowerBound == end, line.upperBound <= length - 2 else { return "a gap between lines" }
            guard field.nameRange.lowerBound == line.lowerBound, !field.nameRange.isEmpty,
                head[field.nameRange.upperBound] == 0x3A, field.valueRange.lowerBound > field.nameRange.upperBound,
                field.valueRange.upperBound <= line.upperBound - 2
            else { return "the parts of a line are out of order" }
            end = line.upperBound
        }
        return end == length - 2 ? nil : "octets that belong to no line"
    }

    private static func violation(ofForwardedRequest run: HeadRun, in head: [UInt8]) -> String? {
        guard let request = run.request, run.parser.fields.count < 250 else { return nil }
        let once = run.forwardedRequest(head, host: "upstream.test:8443")
        let again = HeadRun(once, role: .request, limits: .init(head: 1 << 20))
        guard let reread = again.request, again.length == once.count else { return "the forwarded head is refused" }
        if reread.framing != request.framing { return "forwarding changes the framing" }
        if reread.requestLine.version != .http11 || !reread.isPersistent {
            return "the upstream's connection would end"
        }
        if reread.asksForWebSocket != request.asksForWebSocket { return "forwarding changes the upgrade" }
        if reread.asksForUpgrade, !reread.asksForWebSocket { return "another upgrade is passed on" }
        if reread.expectsContinue, !request.expectsContinue { return "forwarding makes up an expectation" }
        if head[request.requestLine.method] != once[reread.requestLine.method] { return "another method" }
        if head[request.requestLine.target] != once[reread.requestLine.target] { return "another target" }
        if again.forwardedRequest(once, host: "upstream.test:8443") != once { return "forwarding twice differs" }
        return nil
    }

    private static func violation(ofForwardedResponse run: HeadRun, in head: [UInt8], answersHEAD: Bool) -> String? {
        guard let response = run.response, run.parser.fields.count < 250 else { return nil }
        let once = run.forwardedResponse(head, appended: "x-weir-request-id: 1\r\n")
        let again = HeadRun(once, role: .response, limits: .init(head: 1 << 20), answersHEAD: answersHEAD)
        guard let reread = again.response, again.length == once.count else { return "the forwarded head is refused" }
        if reread.framing != response.framing { return "forwarding changes the framing" }
        if reread.statusLine.version != .http11 || reread.status != response.status { return "another status line" }
        if head[response.statusLine.statusAndReason] != once[reread.statusLine.statusAndReason] {
            return "another reason"
        }
        if again.forwardedResponse(once, appended: "x-weir-request-id: 1\r\n") != once {
            return "forwarding twice differs"
        }
        return nil
    }
}

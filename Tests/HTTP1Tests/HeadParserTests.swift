import HTTP1
import HTTP1Invariants
import Testing

@Suite struct HeadParserTests {
    private func parse(
        _ text: String, _ role: HeadParser.Role = .request, _ limits: HeadParser.Limits = .init()
    ) -> HeadParser.Progress {
        parse(Array(text.utf8), role, limits)
    }

    /// Reads whole, in two pieces cut at every offset, and octet by octet; the verdict must be one.
    private func parse(
        _ octets: [UInt8], _ role: HeadParser.Role = .request, _ limits: HeadParser.Limits = .init()
    ) -> HeadParser.Progress {
        let whole = HeadRun(octets, role: role, limits: limits).progress
        for cut in 0...octets.count {
            let split = HeadRun(octets, role: role, limits: limits, cuts: [cut]).progress
            #expect(split == whole, "cut at \(cut) of \(String(decoding: octets, as: UTF8.self).debugDescription)")
        }
        #expect(HeadRun(octets, role: role, limits: limits, cuts: Array(0..<octets.count)).progress == whole)
        return whole
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", nil), ("\r\n\r\nGET / HTTP/1.0\r\nA: b\r\n\r\n", nil),
            ("M-SEARCH * HTTP/1.1\r\n\r\n", nil),
            ("!#$%&'*+-.^_`|~a1 /?a=\"<>\\^`{|} HTTP/1.1\r\n\r\n", nil), ("GET /\u{e9} HTTP/1.1\r\n\r\n", nil),
            ("GET / HTTP/1.1\nA: b\r\n\r\n", .bareLineFeed), ("GET / HTTP/1.1\r\nA: b\n\r\n", .bareLineFeed),
            ("GET / HTTP/1.1\r\nA: b\r\n\n", .bareLineFeed), ("\nGET / HTTP/1.1\r\n\r\n", .bareLineFeed),
            (String(repeating: "\r\n", count: 8) + "GET / HTTP/1.1\r\n\r\n", nil),
            (String(repeating: "\r\n", count: 9), .leadingEmptyLines), ("\rGET / HTTP/1.1\r\n\r\n", .badMethod),
            (" GET / HTTP/1.1\r\n\r\n", .badMethod), ("G(T / HTTP/1.1\r\n\r\n", .badMethod),
            ("GET\r\n\r\n", .badMethod),
            ("GET\t/ HTTP/1.1\r\n\r\n", .badMethod), ("\u{16}\u{3}\u{1}", .badMethod),
            ("\u{e9} / HTTP/1.1\r\n\r\n", .badMethod),
            ("GET /\r\n\r\n", .badRequestLine), ("GET HTTP/1.1\r\n\r\n", .badRequestLine),
            ("GET  / HTTP/1.1\r\n\r\n", .badRequestLine), ("GET / x HTTP/1.1\r\n\r\n", .badVersion),
            ("GET /  HTTP/1.1\r\n\r\n", .badVersion), ("GET / HTTP/1.1 \r\n\r\n", .badVersion),
            ("GET / http/1.1\r\n\r\n", .badVersion), ("GET / HTTP/1.10\r\n\r\n", .badVersion),
            ("GET / HTTP/1,1\r\n\r\n", .badVersion),
            ("GET / HTTP/1\r\n\r\n", .badVersion), ("GET / HTTP/a.1\r\n\r\n", .badVersion),
            ("GET / \r\n\r\n", .badVersion),
            ("GET / ICE/1.1\r\n\r\n", .badVersion), ("GET / HTTP/1.2\r\n\r\n", .versionNotSupported),
            ("GET / HTTP/0.9\r\n\r\n", .versionNotSupported), ("PRI * HTTP/2.0\r\n\r\n", .versionNotSupported),
            ("GET /\u{0} HTTP/1.1\r\n\r\n", .badTarget), ("GET /\u{7f} HTTP/1.1\r\n\r\n", .badTarget),
            ("GET /a#b HTTP/1.1\r\n\r\n", .badTarget), ("GET /a\tb HTTP/1.1\r\n\r\n", .badTarget),
            ("GET /a\rb HTTP/1.1\r\n\r\n", .badTarget),
        ] as [(String, HeadFault?)])
    func requestLines(text: String, fault: HeadFault?) {
        let expected = fault.map { .fault($0) } ?? HeadParser.Progress.complete(length: text.utf8.count)
        #expect(parse(text) == expected)
    }

    @Test(
        arguments: [
            ("A:b", nil), ("A: b", nil), ("A:\t b\t ", nil), ("A:", nil), ("A: ", nil), ("A: a b\tc", nil),
            ("A: \u{e9}", nil),
            ("A: :", nil), ("a1!#$%&'*+-.^_`|~: x", nil), (": b", .badFieldName), ("A", .badFieldName),
            ("A :b", .badFieldName),
            ("A\t: b", .badFieldName), ("A(: b", .badFieldName), ("\u{e9}: b", .badFieldName),
            ("A\u{0}: b", .badFieldName),
            (" A: b", .fieldLineFolded), ("\tA: b", .fieldLineFolded), ("A: b\u{0}", .badFieldValue),
            ("A: \u{b}b", .badFieldValue),
            ("A: b\rc", .badFieldValue), ("A: b\r", .badFieldValue), ("A: \u{7f}", .badFieldValue),
            ("A: \u{1f}", .badFieldValue),
            ("A: 12345678\u{7f}12345678", .badFieldValue), ("A: 1234567\u{c}12345678", .badFieldValue),
            ("A: 12345678\t12345678\u{80}\u{ff}12345678", nil),
        ] as [(String, HeadFault?)])
    func fieldLines(line: String, fault: HeadFault?) {
        for (start, role) in [("GET / HTTP/1.1\r\n", HeadParser.Role.request), ("HTTP/1.1 200 OK\r\n", .response)] {
            let text = start + line + "\r\nB: c\r\n\r\n"
            let expected = fault.map { .fault($0) } ?? HeadParser.Progress.complete(length: text.utf8.count)
            #expect(parse(text, role) == expected)
        }
    }

    @Test func everyOctetInAFieldValueIsJudgedAtEveryPlaceOfAWord() {
        for place in 0..<17 {
            for octet in UInt8.min...UInt8.max {
                var value = Array(repeating: UInt8(ascii: "v"), count: 17)
                value[place] = octet
                let head = Array("GET / HTTP/1.1\r\nA:".utf8) + value + Array("\r\n\r\n".utf8)
                let progress = HeadRun(head, role: .request).progress
                if octet == 10 {
                    #expect(progress == .fault(.bareLineFeed))
                } else if Octet.isFieldValueCharacter(octet) {
                    #expect(progress == .complete(length: head.count))
                } else {
                    #expect(progress == .fault(.badFieldValue), "\(octet) at \(place)")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\n\r\n", nil), ("HTTP/1.0 404\r\n\r\n", nil), ("HTTP/1.1 200 \r\n\r\n", nil),
            ("HTTP/1.1 999 \u{e9}\tx  \r\n\r\n", nil), ("HTTP/1.1 100 x\r\n\r\n", nil),
            ("HTTP/1.1 20 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1 2000 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1 099 x\r\n\r\n", .badStatusLine),
            ("HTTP/1.1  200 OK\r\n\r\n", .badStatusLine), ("HTTP/1.1 200OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .badStatusLine), ("HTTP/1.1 2x0 OK\r\n\r\n", .badStatusLine),
            ("HTTP/1.1\t200 OK\r\n\r\n", .badStatusLine), ("\r\nHTTP/1.1 200 OK\r\n\r\n", .badStatusLine),
            ("HTTP/2.0 200 OK\r\n\r\n", .versionNotSupported), ("http/1.1 200 OK\r\n\r\n", .badVersion),
            ("ICY 200 OK  \r\n\r\n", .badStatusLine), ("HTTP/1.1 200 OK\n\r\n", .bareLineFeed),
        ] as [(String, HeadFault?)])
    func statusLines(text: String, fault: HeadFault?) {
        let expected = fault.map { .fault($0) } ?? HeadParser.Progress.complete(length: text.utf8.count)
        #expect(parse(text, .response) == expected)
    }

    @Test func partsStandWhereTheyWereSent() throws {
        let head =
            Array("\r\nPOST /v1?x HTTP/1.1\r\nHost:  a \r\nX-\u{e9}".utf8).dropLast(2) + Array("A:b\r\n\r\nrest".utf8)
        let octets = Array(head)
        let run = HeadRun(octets, role: .request)
        let line = run.parser.requestLine
        #expect(run.length == octets.count - 4)
        #expect(String(decoding: octets[line.method], as: UTF8.self) == "POST")
        #expect(String(decoding: octets[line.target], as: UTF8.self) == "/v1?x")
        #expect(String(decoding: octets[line.line], as: UTF8.self) == "POST /v1?x HTTP/1.1\r\n")
        let fields = run.parser.fields
        try #require(fields.count == 2)
        #expect(String(decoding: octets[fields[0].nameRange], as: UTF8.self) == "Host")
        #expect(String(decoding: octets[fields[0].valueRange], as: UTF8.self) == "a")
        #expect(String(decoding: octets[fields[0].lineRange], as: UTF8.self) == "Host:  a \r\n")
        #expect(String(decoding: octets[fields[1].nameRange], as: UTF8.self) == "X-A")
        #expect(fields[0].name == .host)
        #expect(fields[1].name == .other)
    }

    @Test func theLimitOfAHeadCountsToTheOctet() {
        let head = "GET / HTTP/1.1\r\nA: b\r\n\r\n"
        let count = head.utf8.count
        #expect(parse(head, .request, .init(head: count)) == .complete(length: count))
        #expect(parse(head, .request, .init(head: count - 1)) == .fault(.headTooLarge))
        #expect(parse("\r\n" + head, .request, .init(head: count)) == .fault(.headTooLarge))
        #expect(parse(head, .request, .init(head: 15)) == .fault(.targetTooLong))
        #expect(parse(head, .request, .init(head: 16)) == .fault(.headTooLarge))
        let answer = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
        #expect(parse(answer, .response, .init(head: answer.utf8.count)) == .complete(length: answer.utf8.count))
        #expect(parse(answer, .response, .init(head: 16)) == .fault(.headTooLarge))
    }

    @Test func theLimitOfAHeadIsTheSameForSplitBadMethods() {
        #expect(parse("ABCDEFGHIJ(L / HTTP/1.1\r\n\r\n", .request, .init(head: 10)) == .fault(.targetTooLong))
        #expect(parse("ABCDEFGHI(JL / HTTP/1.1\r\n\r\n", .request, .init(head: 10)) == .fault(.badMethod))
    }

    @Test func theUsualLimitsCountToTheOctetAndTheLine() {
        let start = "GET / HTTP/1.1\r\nA: "
        let fill = String(repeating: "a", count: 65_536 - start.utf8.count - 4)
        #expect(HeadRun(Array((start + fill + "\r\n\r\n").utf8), role: .request).length == 65_536)
        #expect(HeadRun(Array((start + fill + "a\r\n\r\n").utf8), role: .request).fault == .headTooLarge)
        let target = Array(("GET /" + String(repeating: "a", count: 65_536)).utf8)
        #expect(HeadRun(target, role: .request).fault == .targetTooLong)
        let lines = (0..<256).map { "X-\($0): 1\r\n" }.joined()
        let head = "GET / HTTP/1.1\r\n" + lines
        #expect(HeadRun(Array((head + "\r\n").utf8), role: .request).length == head.utf8.count + 2)
        #expect(HeadRun(Array((head + "a: b\r\n\r\n").utf8), role: .request).fault == .tooManyFields)
        // Sets of fields have 256 places, whatever limit is asked for.
        let wide = HeadRun(Array((head + "a: b\r\n\r\n").utf8), role: .request, limits: .init(fields: 1_000))
        #expect(wide.fault == .tooManyFields)
    }

    @Test func aMethodHasABound() {
        let name = String(repeating: "A", count: 64)
        #expect(HeadRun(Array((name + " / HTTP/1.1\r\n\r\n").utf8), role: .request).fault == .hostMissing)
        #expect(parse(name + "A") == .fault(.badMethod))
    }

    @Test func aResetParserReadsTheNextHead() {
        var parser = HeadParser(role: .request)
        func parse(_ text: String) -> HeadParser.Progress { parser.parse(Array(text.utf8).span.bytes) }
        func isAtStart(_ text: String) -> Bool { parser.isAtStart(of: Array(text.utf8).span.bytes) }
        let first = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let second = "\r\nPOST /x HTTP/1.0\r\n\r\n"
        #expect(isAtStart(""))
        #expect(parse(first) == .complete(length: first.utf8.count))
        parser.reset()
        #expect(parse("\r\n") == .incomplete)
        #expect(isAtStart("\r\n"))
        #expect(!isAtStart("\r\nP"))
        #expect(parse(second) == .complete(length: second.utf8.count))
        #expect(parser.fields.isEmpty)
        #expect(parser.requestLine.version == .http10)
        parser.reset()
        #expect(parse(first) == .complete(length: first.utf8.count))
    }

    @Test func mutatedHeadsKeepTheInvariants() {
        var generator = SplitMix64(seed: 3)
        for round in 0..<4_000 {
            var head = Messages.makeHead(&generator)
            let role: HeadParser.Role = head.starts(with: Array("HTTP".utf8)) ? .response : .request
            for _ in 0..<generator.below(4) { Mutations.apply(to: &head, &generator) }
            let cuts = (0..<generator.below(6)).map { _ in generator.below(head.count + 1) }.sorted()
            if let violation = HeadInvariants.violation(
                in: head, role: role, answersHEAD: generator.oneIn(4), cuts: cuts)
            {
                Issue.record(
                    "round \(round): \(violation) in \(String(decoding: head, as: UTF8.self).debugDescription)")
            }
        }
    }
}

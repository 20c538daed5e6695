import Foundation
import HTTP1
import HTTP1Invariants
import Testing

/// Reads generated messages with our machines and with llhttp: what llhttp refuses, we refuse; what both accept, both read
/// alike. `WEIR_DIFFERENTIAL_INPUTS` sets the number of inputs, `WEIR_DIFFERENTIAL_SEED` where they begin.
@Suite struct DifferentialTests {
    /// A way in which we mean to read otherwise than llhttp.
    struct Difference: Sendable {
        let name: String
        let reason: String
        /// Whether it explains that `ours` is not `theirs`.
        let explains: @Sendable (_ ours: Reading, _ theirs: Reading) -> Bool
    }

    static let differences: [Difference] = [
        Difference(
            name: "any token is a method",
            reason: "llhttp knows a list of methods; a gateway passes on those of tomorrow (RFC 9110 §9.1).",
            explains: { ours, theirs in
                guard let message = refused(ours, theirs), !message.target.isEmpty else { return false }
                // The preface of HTTP/2 has an error of its own.
                guard theirs.refusal == "invalid HTTP method" || message.start == "PRI" else { return false }
                return !LLHTTPReader.methods.contains(message.start)
                    && message.start.utf8.allSatisfy(Octet.isTokenCharacter)
            }),
        Difference(
            name: "octets past ASCII in a target",
            reason: "They arrive as they came, and the upstream judges them, as the contract says of odd targets.",
            explains: { ours, theirs in
                guard let message = refused(ours, theirs), theirs.refusal == "invalid URL" else { return false }
                return message.target.utf8.contains { $0 >= 0x80 }
            }),
        Difference(
            name: "framing in a trailer section",
            reason:
                "Dropped, as it may not change how the message is read (RFC 9110 §6.5.1); llhttp refuses the message.",
            explains: { ours, theirs in
                guard refused(ours, theirs) != nil, theirs.refusal != nil else { return false }
                let names = ours.notes[theirs.messages.count].trailerNames
                return names.contains("content-length") || names.contains("transfer-encoding")
            }),
        Difference(
            name: "Connection in a trailer section",
            reason: "Dropped, and it says nothing about the connection (RFC 9110 §6.5.1); llhttp heeds it.",
            explains: { ours, theirs in
                guard theirs.refusal == endedConnection, ours.messages.starts(with: theirs.messages),
                    let note = ours.notes.prefix(theirs.messages.count).last
                else { return false }
                return !note.trailerNames.isDisjoint(with: ["connection", "proxy-connection"])
            }),
        Difference(
            name: "an interim response ends no connection",
            reason: "The final response follows, whatever Connection or the version say of the interim one.",
            explains: { ours, theirs in
                guard refused(ours, theirs) != nil, theirs.refusal == endedConnection else { return false }
                return theirs.messages.last?.start.hasPrefix("1") == true
                    && theirs.messages.last?.target.isEmpty == true
            }),
        Difference(
            name: "Proxy-Connection ends no connection",
            reason: "It was never a standard (RFC 9112 §C.2.2) and is not passed on; llhttp reads it as Connection.",
            explains: { ours, theirs in
                guard theirs.refusal == endedConnection, ours.messages.starts(with: theirs.messages) else {
                    return false
                }
                return theirs.messages.last?.fields.contains { $0.lowercased().hasPrefix("proxy-connection:") } == true
            }),
        Difference(
            name: "what follows the last message",
            reason: "Behind a message that ends the connection nothing is read; llhttp calls further octets an error.",
            explains: { ours, theirs in
                ours.ignoresRest && ours.messages == theirs.messages && theirs.refusal != nil
            }),
    ]

    private static let endedConnection = "data received after completed connection: close message"
    private static let dropped: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "proxy-connection", "cookie", "te",
    ]

    /// Takes the trailer fields away that we drop, as they would change framing, routing or authority (RFC 9110 §6.5.1):
    /// the one difference in what is read rather than in what is refused.
    private static func dropTrailers(of reading: inout Reading) -> Bool {
        var hasDropped = false
        for index in reading.messages.indices {
            let all = reading.messages[index].trailers
            reading.messages[index].trailers.removeAll { line in
                dropped.contains(String(line.prefix { $0 != ":" }).lowercased())
            }
            hasDropped = hasDropped || all != reading.messages[index].trailers
        }
        return hasDropped
    }

    /// The message that we accept where llhttp stops, if all before it are alike.
    private static func refused(_ ours: Reading, _ theirs: Reading) -> ReadMessage? {
        guard ours.messages.count > theirs.messages.count, ours.messages.starts(with: theirs.messages) else {
            return nil
        }
        return ours.messages[theirs.messages.count]
    }

    @Test func requestsAreReadAlikeOrRefused() {
        Self.compare("requests", seed: 0) { generator in
            var input: [UInt8] = []
            for _ in 0...(generator.oneIn(4) ? 1 : 0) {
                input += Messages.makeRequest(&generator, body: generator.pick([.none, .length, .chunked]))
            }
            return (input, nil)
        }
    }

    @Test func responsesAreReadAlikeOrRefused() {
        Self.compare("responses", seed: 1 << 32) { generator in
            var input: [UInt8] = []
            var methods: [String] = []
            for _ in 0...(generator.oneIn(4) ? 1 : 0) {
                let method = generator.oneIn(8) ? "HEAD" : "POST"
                let body: Messages.Body = method == "HEAD" ? .none : generator.pick(Messages.Body.allCases)
                input += Messages.makeResponse(&generator, body: body, status: Messages.pickStatus(&generator))
                methods.append(method)
            }
            return (input, methods)
        }
    }

    private static func compare(
        _ name: String, seed: UInt64, make: (inout SplitMix64) -> (input: [UInt8], methods: [String]?)
    ) {
        let environment = ProcessInfo.processInfo.environment
        let count = (environment["WEIR_DIFFERENTIAL_INPUTS"].flatMap { Int($0) } ?? 50_000) / 2
        let first = seed + (environment["WEIR_DIFFERENTIAL_SEED"].flatMap { UInt64($0) } ?? 1)
        var tally = Tally()
        for seed in first..<(first + UInt64(count)) {
            var generator = SplitMix64(seed: seed)
            var (input, methods) = make(&generator)
            for _ in 0..<generator.pick([0, 0, 0, 1, 1, 2, 3]) { Mutations.apply(to: &input, &generator) }
            let ours = OurReader.read(input, answering: methods, &generator)
            var theirs =
                methods.map { LLHTTPReader.readResponses(input, answering: $0) } ?? LLHTTPReader.readRequests(input)
            tally.count(ours, theirs)
            if dropTrailers(of: &theirs) { tally.listed["dropped trailer fields", default: 0] += 1 }
            guard let fault = disagreement(ours, theirs) else { continue }
            if let listed = differences.first(where: { $0.explains(ours, theirs) }) {
                tally.listed[listed.name, default: 0] += 1
                continue
            }
            let text = String(decoding: input, as: UTF8.self).debugDescription
            Issue.record(
                """
                \(name), seed \(seed): \(fault)
                input: \(text)
                ours: \(ours.refusal ?? "accepted"), \(ours.messages)
                theirs: \(theirs.refusal ?? "accepted"), \(theirs.messages)
                """)
            tally.unlisted += 1
            if tally.unlisted == 20 { break }
        }
        print("differential run over \(count) \(name): \(tally)")
        #expect(tally.bothAccept > count / 10, "the generator must make messages that both accept")
        #expect(tally.theyRefuse > count / 10, "the generator must make messages that llhttp refuses")
    }

    /// What breaks the rule; nil where it holds.
    private static func disagreement(_ ours: Reading, _ theirs: Reading) -> String? {
        for (index, pair) in zip(ours.messages, theirs.messages).enumerated() where pair.0 != pair.1 {
            return "message \(index) is read otherwise"
        }
        if ours.messages.count > theirs.messages.count { return "we accept a message that llhttp does not" }
        if theirs.refusal != nil, ours.refusal == nil, ours.messages.count == theirs.messages.count {
            return "llhttp refuses, we do not"
        }
        if ours.refusal == nil, !ours.ignoresRest, ours.messages.count < theirs.messages.count {
            return "we miss a message"
        }
        return nil
    }

    private struct Tally: CustomStringConvertible {
        var bothAccept = 0
        var theyRefuse = 0
        var stricter: [String: Int] = [:]
        var listed: [String: Int] = [:]
        var unlisted = 0

        mutating func count(_ ours: Reading, _ theirs: Reading) {
            if theirs.refusal != nil {
                theyRefuse += 1
            } else if let refusal = ours.refusal {
                stricter[refusal, default: 0] += 1
            } else {
                bothAccept += 1
            }
        }

        var description: String {
            func list(_ counts: [String: Int]) -> String {
                counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }.joined(
                    separator: ", ")
            }
            return "both accept \(bothAccept); llhttp refuses \(theyRefuse); only we refuse: \(list(stricter)); "
                + "intended differences: \(list(listed)); unlisted: \(unlisted)"
        }
    }
}

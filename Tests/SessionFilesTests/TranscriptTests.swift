import Foundation
import LLMWire
import Testing

@testable import Recording

/// What a session's transcript says of exchanges.
private func transcript(_ exchanges: RecordedExchange...) -> String {
    String(decoding: transcriptOctets(exchanges), as: UTF8.self)
}

private func transcriptOctets(_ exchanges: [RecordedExchange]) -> [UInt8] {
    var transcript = Transcript()
    var contents = ExchangeContents(maximumDecodedBody: 1 << 20)
    var clock = ExchangeLine(clock: LocalClock { _ in 0 })
    var out: [UInt8] = []
    for exchange in exchanges {
        contents.read(exchange)
        transcript.append(exchange, contents.heads, contents.reading, &clock, to: &out)
    }
    return out
}

@Suite struct TranscriptTests {
    @Test func anEntryOfAPlainExchange() {
        let text = transcript(chat(1, request([("system", "Be brief."), ("user", "Hi")]), answer: answer("Hello.")))
        #expect(
            text == """
                ## 0000000000000G000000000001
                - path: `/v1/chat/completions`
                - time: `2026-05-28T20:26:40.123456+00:00`
                - model: `m`

                ### System

                Be brief.

                ### User

                Hi

                ### Assistant

                Hello.


                """)
    }

    @Test func aPathThatIsNoUTF8HarmsNoReader() throws {
        var exchange = chat(
            1, #"{"contents":[{"parts":[{"text":"Hi"}]}]}"#, answer: "{}", target: "/v1beta/models/g~:generateContent")
        let place = try #require(exchange.requestHead.firstIndex(of: 0x7E))
        exchange.requestHead[place] = 0xFF
        let text = try #require(String(validating: transcriptOctets([exchange]), as: UTF8.self))
        #expect(text.contains("- path: `/v1beta/models/g\u{FFFD}:generateContent`"), "\(text)")
    }

    @Test func aRunningConversationIsToldOnce() {
        let first = [("system", "S"), ("user", "one")]
        let second = first + [("assistant", "two"), ("user", "three")]
        let third = second + [("assistant", "four"), ("user", "five")]
        let text = transcript(
            chat(1, request(first), answer: answer("two")), chat(2, request(second), answer: answer("four")),
            chat(3, request(third), answer: answer("six")))
        for said in ["S", "one", "two", "three", "four", "five", "six"] {
            #expect(text.ranges(of: "\n\n\(said)\n\n").count == 1, "\(said)")
        }
        #expect(text.contains("- earlier messages: `3`") && text.contains("- earlier messages: `5`"))
    }

    @Test func aTurnWhoseCacheMarksMovedIsTheSame() {
        let first = #"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"one"}]}]}"#
        let second = """
            {"model":"m","messages":[{"role":"user","content":"one"},{"role":"assistant","content":"two"},\
            {"role":"user","content":[{"type":"text","text":"three","cache_control":{"type":"ephemeral"}}]}]}
            """
        let text = transcript(chat(1, first, answer: answer("two")), chat(2, second, answer: answer("four")))
        #expect(text.ranges(of: "\none\n").count == 1 && text.ranges(of: "\ntwo\n").count == 1)
        #expect(text.ranges(of: "\nthree\n").count == 1)
    }

    @Test func theSameRequestAgainIsToldAgain() {
        let exchange = chat(1, request([("user", "again")]), answer: answer("yes"))
        #expect(transcript(exchange, exchange).ranges(of: "\nagain\n").count == 2)
    }

    @Test func anotherConversationStartsAnew() {
        let text = transcript(
            chat(1, request([("user", "one"), ("assistant", "two"), ("user", "x")]), answer: answer("y")),
            chat(
                2, request([("user", "other"), ("assistant", "two"), ("user", "x"), ("user", "z")]), answer: answer("w")
            ))
        #expect(text.ranges(of: "\ntwo\n").count == 2)
    }

    @Test(arguments: [
        ("{\"a\": 1}", "```json\n{\"a\": 1}\n```"),
        ("<a><b>c</b></a>", "```xml\n<a><b>c</b></a>\n```"),
        ("a:\n  b", "```text\na:\n  b\n```"),
        ("see\n```swift\nlet a = 1\n```", "````text\nsee\n```swift\nlet a = 1\n```\n````"),
        ("### Assistant\nI say", "```text\n### Assistant\nI say\n```"),
        ("## Plan\nSteps", "\n## Plan\nSteps\n"),
        ("plain *text*", "\nplain *text*\n"), ("[Note] see below", "\n[Note] see below\n"),
        ("{not JSON}", "\n{not JSON}\n"), ("a\n~~~\nb", "```text\na\n~~~\nb\n```"),
        ("a\n<!-- b", "```text\na\n<!-- b\n```"),
        ("## 01JW9Y0Z4V0004HJ3GZ8TPX2M7\r\nx", "```text\n## 01JW9Y0Z4V0004HJ3GZ8TPX2M7\r\nx\n```"),
        ("##\t01JW9Y0Z4V0004HJ3GZ8TPX2M7 ##", "```text\n##"), ("a\r### User\rb", "```text\na\r### User"),
        ("```\u{301}", "````text\n```\u{301}\n````"),
    ])
    func contentInFencesWhereMarkdownWouldChangeIt(content: String, expected: String) {
        #expect(transcript(chat(1, request([("user", content)]), answer: answer("ok"))).contains(expected))
    }

    @Test func toolsReasoningAndOtherRoles() {
        let call = """
            {"id":"c","choices":[{"message":{"role":"assistant","reasoning_content":"Look it up.","content":null,\
            "tool_calls":[{"id":"call_1","type":"function","function":{"name":"find`it","arguments":"{\\"q\\":1}"}}]},\
            "finish_reason":"tool_calls"}]}
            """
        let text = transcript(chat(1, request([("critic_agent", "Hm")]), answer: call))
        #expect(text.contains("### Critic Agent\n\nHm\n"))
        #expect(
            text.contains("### Reasoning\n\nLook it up.\n\n### Tool Call: `` find`it ``\n\n```json\n{\"q\":1}\n```\n"))
    }

    @Test func namesStayCode() {
        let call = """
            {"id":"c","choices":[{"message":{"role":"assistant","tool_calls":[{"id":"1","type":"function",\
            "function":{"name":"a```b","arguments":"{}"}}]}}]}
            """
        #expect(
            transcript(chat(1, request([("user", "Hm")]), answer: call)).contains("### Tool Call: ```` a```b ````\n"))
        let media = """
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"See"},\
            {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]}
            """
        #expect(transcript(chat(1, media, answer: answer("ok"))).contains("See\n\n`image, image/png, 3 octets`\n"))
    }

    @Test func anAnswerThatWasNeverToldIsToldWithTheNextTurn() {
        let first = [("user", "one")]
        let second = first + [("assistant", "elsewhere"), ("user", "two")]
        let text = transcript(
            chat(1, request(first), answer: #"{"error":{"message":"no"}}"#, status: 500),
            chat(2, request(second), answer: answer("three")))
        #expect(text.ranges(of: "\none\n").count == 1 && text.ranges(of: "\nelsewhere\n").count == 1)
    }

    @Test func instructionsThatChangeAreToldAndTheConversationGoesOn() {
        let turn = { (time: String, more: [(String, String)]) in [("system", "It is \(time)."), ("user", "one")] + more
        }
        let text = transcript(
            chat(1, request(turn("nine", [])), answer: answer("two")),
            chat(2, request(turn("ten", [("assistant", "two"), ("user", "three")])), answer: answer("four")))
        #expect(text.contains("It is nine.") && text.contains("It is ten."))
        #expect(text.ranges(of: "\none\n").count == 1 && text.ranges(of: "\ntwo\n").count == 1)
    }

    @Test func countingTokensIsNoTurn() {
        let messages = [("user", "one"), ("assistant", "{")]
        let count = chat(
            1, request([("user", "one")]), answer: #"{"input_tokens":3}"#, target: "/v1/messages/count_tokens")
        let text = transcript(count, chat(2, request(messages), answer: answer("}")))
        #expect(text.contains("\none\n"))
    }

    @Test func failuresSayWhatFailed() {
        let failed = transcript(
            chat(
                1, request([("user", "Hi")]), answer: #"{"error":{"message":"Slow down.","type":"t"}}"#, status: 429))
        #expect(failed.contains("- status: `429`\n") && failed.contains("### Error\n\nSlow down.\n"))
        let cut = transcript(
            chat(
                1, request([("user", "Hi")]),
                answer: events([#"{"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#]), type: "text/event-stream",
                outcome: .truncated))
        #expect(cut.contains("- outcome: `truncated`\n") && cut.contains("### Assistant\n\nHel\n"))
    }

    @Test func whatCarriesNoMessagesHasNoEntry() {
        #expect(transcript(chat(1, "", answer: #"{"data":[]}"#, target: "/v1/models")).isEmpty)
        #expect(transcript(chat(1, "no JSON", answer: "", type: "text/html")).isEmpty)
    }
}

@Suite struct TranscriptFileTests {
    private func files(_ directory: TemporaryDirectory, size: Int = 1 << 20, keep: Int = 8) throws -> SessionFiles {
        try SessionFiles(
            SessionSettings(directory: directory.path, maximumSize: size, keep: keep), clock: LocalClock { _ in 0 },
            calls: FileCalls(), now: { 1_780_000_000_000_000_000 })
    }

    private func said(_ low: UInt64, _ text: String) -> RecordedExchange {
        chat(low, request([("user", text)]), answer: answer("ok"))
    }

    @Test func theTranscriptLiesBesideTheLines() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(exchange(1))
        _ = try files.commit()
        #expect(directory.names.count == 1)
        try files.write(said(2, "alpha"))
        _ = try files.commit()
        #expect(directory.names.count == 2 && directory.names[1].hasSuffix(".md"))
        #expect(directory.names[0].dropLast(6) == directory.names[1].dropLast(3))
        #expect(directory.text(directory.names[1]).contains("\nalpha\n"))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path + "/" + directory.names[1])
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func afterACrashBothAreCutBack() throws {
        let directory = TemporaryDirectory()
        var mark: [UInt8] = []
        do {
            var files = try files(directory)
            try files.write(said(1, "alpha"))
            mark = try files.commit()
            try files.write(said(2, "beta"))
            _ = try files.commit()
        }
        var again = try SessionFiles(
            SessionSettings(directory: directory.path), clock: LocalClock { _ in 0 }, calls: FileCalls(),
            now: { 1_780_000_000_000_000_500 })
        try again.restore(to: mark)
        try again.write(said(2, "beta"))
        _ = try again.commit()
        let texts = directory.names.filter { $0.hasSuffix(".md") }.map { directory.text($0) }
        #expect(texts.count == 2)
        #expect(texts.joined().ranges(of: "\nalpha\n").count == 1 && texts.joined().ranges(of: "\nbeta\n").count == 1)
    }

    @Test func aMarkBehindARestoreKeepsTheTranscript() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(said(1, "alpha"))
        let mark = try files.commit()
        try files.write(said(2, "beta"))
        try files.restore(to: mark)
        // Nothing with messages follows; the mark still has to name the transcript's length.
        try files.write(exchange(3))
        let next = try files.commit()
        try files.restore(to: next)
        #expect(directory.text(directory.names[1]).contains("\nalpha\n"))
        #expect(!directory.text(directory.names[1]).contains("\nbeta\n"))
    }

    @Test func byAnotherProcesssMarkNothingOfThisOneIsThere() throws {
        let directory = TemporaryDirectory()
        var earlier = try files(directory)
        try earlier.write(said(1, "alpha"))
        let mark = try earlier.commit()
        var again = try SessionFiles(
            SessionSettings(directory: directory.path), clock: LocalClock { _ in 0 }, calls: FileCalls(),
            now: { 1_780_000_000_000_000_500 })
        for _ in 0..<3 {
            try again.restore(to: mark)
            try again.write(said(2, "beta"))
            _ = try again.commit()
        }
        #expect(try directory.values("request_id").filter { !$0.isEmpty }.count == 2)
        let texts = directory.names.filter { $0.hasSuffix(".md") }.map { directory.text($0) }.joined()
        #expect(texts.ranges(of: "\nbeta\n").count == 1 && texts.ranges(of: "\nalpha\n").count == 1)
    }

    @Test func bothAreRotatedAndRemoved() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory, size: 1, keep: 2)
        for low in UInt64(1)...5 {
            try files.write(said(low, "text \(low)"))
            _ = try files.commit()
        }
        #expect(directory.names.filter { $0.hasSuffix(".jsonl") }.count == 2)
        let texts = directory.names.filter { $0.hasSuffix(".md") }.map { directory.text($0) }
        #expect(texts.count == 1 && texts[0].contains("\ntext 5\n"))
    }

    @Test func oneThatIsRemovedIsBegunAgain() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(said(1, "alpha"))
        _ = try files.commit()
        try FileManager.default.removeItem(atPath: directory.path + "/" + directory.names[1])
        try files.write(said(2, "beta"))
        _ = try files.commit()
        #expect(directory.text(directory.names[1]).contains("\nbeta\n"))
    }
}

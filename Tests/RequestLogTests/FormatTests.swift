import Foundation
import Testing

@testable import RequestLog

@Suite("Lines of the request log")
struct FormatTests {
    private var full: Sample {
        var sample = Sample()
        sample.entry.key = "alice"
        sample.entry.proxy = "http://127.0.0.1:7890"
        sample.entry.model = "gpt-4"
        sample.entry.dialect = "openai-chat"
        sample.entry.inputTokens = 12
        sample.entry.outputTokens = 345
        return sample
    }

    @Test("logfmt")
    func logfmt() {
        #expect(
            full.lines(.of(.logfmt)) == """
                time=2023-11-14T22:13:20.123Z level=info msg=request id=01HF7YAT3V000G00000000001A \
                client=192.0.2.7 key=alice method=POST path=/openai/v1/chat/completions route=openai \
                upstream=https://api.openai.com proxy=http://127.0.0.1:7890 status=200 outcome=completed attempts=1 \
                request_bytes=1229 response_bytes=34816 first_byte_ms=120.400 duration_ms=3456.000 \
                dialect=openai-chat model=gpt-4 input_tokens=12 output_tokens=345

                """)
    }

    @Test("JSON is one object a line, with the same names")
    func json() throws {
        let line = full.lines(.of(.json))
        #expect(line.hasSuffix("}\n"))
        #expect(line.split(separator: "\n").count == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["time"] as? String == "2023-11-14T22:13:20.123Z")
        #expect(object["method"] as? String == "POST")
        #expect(object["status"] as? Int == 200)
        #expect(object["first_byte_ms"] as? Double == 120.4)
        #expect(object["duration_ms"] as? Double == 3456)
        #expect(object["output_tokens"] as? Int == 345)
        #expect(object["outcome"] as? String == "completed")
    }

    @Test("what is not known is left out")
    func unknown() {
        let entry = RequestLogEntry(wallTime: 0, id: (0, 0))
        var sample = Sample()
        sample.entry = entry
        sample.method = ""
        sample.target = ""
        let line = sample.lines(.of(.logfmt))
        for name in ["client", "key", "method", "path", "route", "status", "error", "first_byte_ms", "model", "tokens"]
        {
            #expect(!line.contains(" \(name)="), "\(line)")
        }
        #expect(line.hasPrefix("time=1970-01-01T00:00:00.000Z "))
        #expect(sample.lines(.of(.text)).contains(" --- "))
    }

    @Test("text: what a person needs, in columns")
    func text() {
        let line = full.lines(.of(.text))
        let parts = line.split(separator: " ").map(String.init)
        #expect(parts[0].wholeMatch(of: /\d\d:\d\d:20\.123/) != nil)
        #expect(Array(parts[1...3]) == ["POST", "/openai/v1/chat/completions", "200"])
        #expect(line.contains("openai → api.openai.com via http://127.0.0.1:7890"))
        #expect(line.contains(" 120ms/3.4s  1.2K↑   34K↓  gpt-4  12+345 tokens  192.0.2.7"))
        #expect(!line.contains("\u{1B}"))
    }

    @Test("text: columns stand below each other")
    func alignment() {
        let settings = RequestLogSettings.of(.text)
        var formatter = EntryFormatter(settings)
        var samples = [Sample(), Sample(), Sample()]
        samples[1].method = "GET"
        samples[1].target = "/v1/" + String(repeating: "models/", count: 30) + "last"
        samples[1].entry.status = 404
        samples[1].entry.errorCode = "route_not_found"
        samples[1].entry.total = 800_000
        samples[2].target = "/路由/v1/chat"
        samples[2].entry.route = "路由"
        let lines = samples.map { $0.lines(settings, formatter: &formatter) }
        let places = lines.map { line -> [Int] in
            ["↑", "↓", "→"].map { mark in
                guard let range = line.range(of: mark) else { return -1 }
                return LogText.width(Array(line[..<range.lowerBound].utf8))
            }
        }
        #expect(places[0][0...1] == places[1][0...1])
        #expect(places[0][0...1] == places[2][0...1])
        let statuses = zip(lines, [" 200 ", " 404 ", " 200 "]).map { line, status in
            line.range(of: status).map { LogText.width(Array(line[..<$0.lowerBound].utf8)) }
        }
        #expect(statuses[0] == statuses[1] && statuses[1] == statuses[2])
        #expect(lines[1].contains("…"))
        #expect(lines[1].contains("models/last "))
    }

    @Test("text: an exchange that failed says how, and its id")
    func failure() {
        var sample = Sample()
        #expect(!sample.lines(.of(.text)).contains("01HF7YAT3V"))
        sample.entry.status = 502
        sample.entry.errorCode = "connect_refused"
        sample.entry.outcome = .upstreamError
        #expect(sample.lines(.of(.text)).contains("  connect_refused  192.0.2.7  01HF7YAT3V"))
        sample.entry.errorCode = ""
        sample.entry.outcome = .clientAbort
        sample.entry.client = "127.0.0.1"
        #expect(sample.lines(.of(.text)).contains("  client_abort  01HF7YAT3V"))
    }

    @Test("text: colour only where it is wanted, and never in the other formats")
    func color() {
        for format in LogFormat.allCases {
            var settings = RequestLogSettings.of(format)
            settings.isColored = true
            #expect(Sample().lines(settings).contains("\u{1B}[32m200\u{1B}[0m") == (format == .text))
        }
    }

    @Test("debug level: what the header policy did and where the path went")
    func details() throws {
        var sample = Sample()
        sample.entry.sentTarget = "/v1/chat/completions?key=sk-0123456789"
        sample.entry.changes = [
            .init(.added, "Authorization"), .init(.dropped, "X-Forwarded-For"), .init(.dropped, "X-Real-IP"),
            .init(.replaced, "Host"),
        ]
        let lines = sample.lines(.of(.text, isDetailed: true)).split(separator: "\n")
        #expect(lines.count == 6)
        let details = lines.dropFirst().map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        #expect(details.map(\.first) == ["id", "path", "added", "replaced", "dropped"])
        #expect(details[1].last?.hasSuffix("/openai/v1/chat/completions → /v1/chat/completions?key=…6789") == true)
        #expect(details[4].last?.hasSuffix("X-Forwarded-For, X-Real-IP") == true)
        #expect(
            sample.lines(.of(.logfmt, isDetailed: true)).hasSuffix(
                "headers_added=Authorization headers_replaced=Host headers_dropped=X-Forwarded-For,X-Real-IP\n"))
        let json = sample.lines(.of(.json, isDetailed: true))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(object["headers_dropped"] as? [String] == ["X-Forwarded-For", "X-Real-IP"])
        for format in LogFormat.allCases {
            let line = sample.lines(.of(format))
            #expect(!line.contains("Authorization") && !line.contains("/v1/chat/completions?"), "not at info level")
        }
    }

    @Test(
        "amounts of time for people",
        arguments: [
            (0, "0.0ms"), (420_000, "0.4ms"), (999_999, "0.9ms"), (1_000_000, "1ms"), (999_999_999, "999ms"),
            (1_000_000_000, "1.0s"), (59_999_999_999, "59.9s"), (125_000_000_000, "2m05s"),
            (3_725_000_000_000, "1h02m"),
        ])
    func times(_ nanoseconds: UInt64, _ expected: String) {
        #expect(String(decoding: Amount.shortTime(nanoseconds), as: UTF8.self) == expected)
    }

    @Test(
        "amounts of octets for people",
        arguments: [
            (0, "0"), (1023, "1023"), (1024, "1.0K"), (1229, "1.2K"), (10_239, "9.9K"), (10_240, "10K"),
            (1_023_000, "999K"), (1_024_000, "0.9M"), (1 << 20, "1.0M"), (UInt64.max, "15E"),
        ])
    func sizes(_ octets: UInt64, _ expected: String) {
        #expect(String(decoding: Amount.shortSize(octets), as: UTF8.self) == expected)
    }

    @Test(
        "dates of the wall clock",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"), (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (4_102_444_800, "2100-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
        ])
    func dates(_ seconds: Int64, _ expected: String) {
        var clock = LogClock()
        #expect(String(decoding: clock.universal(seconds * 1_000_000_000), as: UTF8.self) == expected)
    }

    @Test("the exchange's name is the one of records and answers")
    func names() {
        #expect(String(decoding: ExchangeName.text(.max, .max), as: UTF8.self) == "7ZZZZZZZZZZZZZZZZZZZZZZZZZ")
        #expect(String(decoding: ExchangeName.text(0, 33), as: UTF8.self) == "00000000000000000000000011")
    }

    @Test(
        "lines of Weir's own",
        arguments: [
            (LogFormat.text, "weir: warning: disk \"a\" is full\\u{1b}[2J\n"),
            (.logfmt, "time=2023-11-14T22:13:20.000Z level=warning msg=\"disk \\\"a\\\" is full\\u001b[2J\"\n"),
            (
                .json,
                "{\"time\":\"2023-11-14T22:13:20.000Z\",\"level\":\"warning\","
                    + "\"msg\":\"disk \\\"a\\\" is full\\u001b[2J\"}\n"
            ),
        ])
    func messages(_ format: LogFormat, _ expected: String) {
        let line = format.line(
            level: "warning", message: "disk \"a\" is full\u{1B}[2J", wallTime: 1_700_000_000_000_000_000)
        #expect(String(decoding: line, as: UTF8.self) == expected)
    }

    @Test("for people on a terminal, for programs elsewhere")
    func standard() {
        #expect(LogFormat.standard(isTerminal: true) == .text)
        #expect(LogFormat.standard(isTerminal: false) == .logfmt)
    }
}

import Foundation
import Testing

@testable import RequestLog

@Suite("Text from outside in log lines")
struct HarmlessTextTests {
    static let hostileTexts: [[UInt8]] = [
        Array("a\r\nlevel=error msg=forged".utf8), Array("\u{1B}]0;title\u{07}".utf8), Array("\u{9B}31m".utf8),
        Array("x\u{202E}txt.exe".utf8), Array("a\u{2028}b\u{2029}c".utf8), [0x61, 0xFF, 0xC0, 0x80, 0x62],
        [0xED, 0xA0, 0x80], [0xE0, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x28, 0xA1], [0xF4, 0x90, 0x80, 0x80],
        [0xE2, 0x82], [0x00], [0x7F], Array("\"},{\"a\":\"".utf8),
        Array("\\\" status=200 \\".utf8), Array("\u{200B}\u{FEFF}\u{E000}".utf8), Array("タブ\t日本".utf8),
    ]

    @Test("nothing hostile gets out, in any format and any field", arguments: HarmlessTextTests.hostileTexts)
    func hostile(_ octets: [UInt8]) throws {
        let text = String(decoding: octets, as: UTF8.self)
        for format in LogFormat.allCases {
            var sample = Sample()
            sample.entry.status = 400
            sample.entry.client = text
            sample.entry.key = text
            sample.entry.route = text
            sample.entry.upstream = text
            sample.entry.proxy = text
            sample.entry.errorCode = text
            sample.entry.model = text
            sample.entry.dialect = text
            sample.entry.changes = [.init(.added, text)]
            var batch = EntryBatch(capacity: 64)
            let head = octets + octets
            batch.append(
                sample.entry, head: head.span.bytes, method: 0..<octets.count, target: octets.count..<head.count,
                isDetailed: true)
            var formatter = EntryFormatter(.of(format, isDetailed: true))
            var lines: [UInt8] = []
            BatchedEntry.forEach(in: batch) { lines += formatter.lines($0, TargetMask()) }
            let written = try #require(String(validating: lines, as: UTF8.self), "it is UTF-8")
            for line in written.unicodeScalars.split(separator: "\n") {
                #expect(line.allSatisfy { LogText.isHarmless($0) }, "\(written.debugDescription)")
            }
            switch format {
            case .text: #expect(written.split(separator: "\n").count == 3)
            case .logfmt:
                #expect(written.split(separator: "\n").count == 1)
                let pairs = written.replacing(/"(\\.|[^"\\])*"/, with: "")
                #expect(!pairs.contains("forged") && !pairs.contains("status=200") && !pairs.contains("\""))
            case .json:
                #expect(written.split(separator: "\n").count == 1)
                let object = try #require(
                    try JSONSerialization.jsonObject(with: Data(written.utf8)) as? [String: Any])
                #expect(object["route"] as? String == text)
                if String(validating: octets, as: UTF8.self) != nil { #expect(object["path"] as? String == text) }
                #expect(object["headers_added"] as? [String] == [text])
            }
        }
    }

    @Test(
        "logfmt values are quoted where they have to be",
        arguments: [
            ("plain", "plain"), ("", "\"\""), ("a b", "\"a b\""), ("a=b", "\"a=b\""), ("a\"b", "\"a\\\"b\""),
            ("日本", "\"日本\""), ("a\\b", "\"a\\\\b\""), ("😀", "\"😀\""), ("\u{E0041}", "\"\\udb40\\udc41\""),
        ])
    func quoting(_ text: String, _ expected: String) {
        var out: [UInt8] = []
        out.append(logfmt: text.utf8)
        #expect(String(decoding: out, as: UTF8.self) == expected)
    }

    @Test(
        "a long text keeps its front and more of its end",
        arguments: [
            ("/v1/models", 12, "/v1/models"), ("/openai/v1/chat/completions", 15, "/open…mpletions"),
            ("路由路由路由路由", 9, "路…由路由"), ("", 5, ""),
        ])
    func shortening(_ text: String, _ width: Int, _ expected: String) {
        let short = LogText.shortened(Array(text.utf8), to: width)
        #expect(String(decoding: short, as: UTF8.self) == expected)
        #expect(LogText.width(short) <= width)
    }

    @Test("an endless target is cut, and a secret at the cut shows nothing of itself")
    func endless() {
        var sample = Sample()
        sample.target = "/v1?key=" + String(repeating: "s3cret", count: 2000)
        let line = sample.lines(.of(.logfmt))
        #expect(line.contains("path=\"/v1?key=……\""))
        #expect(!line.contains("s3c") && !line.contains("cret"))
        sample.target = "/" + String(repeating: "a", count: 20_000)
        #expect(sample.lines(.of(.json)).utf8.count < 3000)
    }
}

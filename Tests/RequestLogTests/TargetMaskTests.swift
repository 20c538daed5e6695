import Testing

@testable import RequestLog

@Suite("Secrets in targets")
struct TargetMaskTests {
    @Test(
        "are masked by name, whatever the spelling",
        arguments: [
            ("/v1/models", "/v1/models"),
            ("/v1/models?key=AIzaSyA-0123456789", "/v1/models?key=…6789"),
            ("/m?KEY=short", "/m?KEY=…"),
            ("/m?key=", "/m?key="),
            ("/m?a=1&api_key=0123456789ab&b=2#c", "/m?a=1&api_key=…89ab&b=2#c"),
            ("/m?access_token=aaaaaaaaaaaa;token=bbbbbbbbbbbb", "/m?access_token=…bbbb"),
            ("/m?monkey=1&keys=2&key2=3&token_type=x", "/m?monkey=1&keys=2&key2=3&token_type=x"),
            ("/m?k%65y=0123456789abcdef", "/m?k%65y=…cdef"),
            ("/m?%2565%2566=1&api%255Fkey%253Dabcdefghijkl", "/m?%2565%2566=1&api%255Fkey%253D…ijkl"),
            ("/m?sig=a%20b", "/m?sig=…"),
            ("/m?session=0123456789ab&x=1", "/m?session=…89ab&x=1"),
            (
                "/m?url=https%3A%2F%2Fh%2F%3Fkey%3D0123456789ab%26b%3D1&c=2",
                "/m?url=https%3A%2F%2Fh%2F%3Fkey%3D…89ab%26b%3D1&c=2"
            ),
            ("/any/https://user:pass@host.test/a?b", "/any/https://…@host.test/a?b"),
            ("/any/https%3A%2F%2Fuser:p%40ss@host.test/a", "/any/https%3A%2F%2F…@host.test/a"),
            ("/any/https://host.test/a@b", "/any/https://host.test/a@b"),
            ("/any//@scope/pkg", "/any//@scope/pkg"),
            ("http://user:pass@proxy.test:8080", "http://…@proxy.test:8080"),
            ("/files/sk-configured-1/x", "/files/…ed-1/x"),
            ("/m?x=sk-configured-1", "/m?x=…ed-1"),
            ("/m?x=p%2Fq%2Br%2F&y", "/m?x=…&y"),
            ("/m?key=%", "/m?key=…"),
            ("/m?%", "/m?%"),
            ("%25%25%2", "%25%25%2"),
            ("", ""),
        ])
    func byName(_ target: String, _ expected: String) {
        let mask = TargetMask(names: ["Session"], secrets: ["sk-configured-1", "p/q+r/", "abc"])
        let masked = mask.masked(Array(target.utf8)[...])
        #expect(String(decoding: masked, as: UTF8.self) == expected)
    }

    @Test("a secret that begins another leaves nothing of the longer one")
    func prefixes() {
        let mask = TargetMask(secrets: ["sk-one", "sk-one-and-more"])
        #expect(String(decoding: mask.masked(Array("/sk-one-and-more".utf8)[...]), as: UTF8.self) == "/…more")
    }

    @Test("in every place of an entry")
    func everywhere() {
        let secret = "sk-0123456789abcdef"
        var sample = Sample()
        sample.target = "/any/https://me:\(secret)@h/?key=\(secret)&x=\(secret)"
        sample.entry.sentTarget = "/?token=\(secret)"
        sample.entry.upstream = "https://\(secret)@h"
        sample.entry.proxy = "socks5://u:\(secret)@h:1080"
        for format in LogFormat.allCases {
            let lines = sample.lines(.of(format, isDetailed: true), mask: TargetMask(secrets: [secret]))
            #expect(!lines.contains("0123456789"), "\(lines)")
            #expect(lines.contains("h:1080"))
        }
    }
}

import Testing
import WeirConfiguration

@Suite struct UpstreamURLTests {
    struct Good: Sendable, CustomTestStringConvertible {
        let text: String
        let scheme: UpstreamURL.Scheme
        let host: String
        let port: Int
        let path: String
        let authority: String
        var testDescription: String { text }
    }

    static let good = [
        Good(
            text: "https://api.openai.com/v1", scheme: .https, host: "api.openai.com", port: 443, path: "/v1",
            authority: "api.openai.com"),
        Good(text: "http://h", scheme: .http, host: "h", port: 80, path: "", authority: "h"),
        Good(text: "http://h/", scheme: .http, host: "h", port: 80, path: "", authority: "h"),
        Good(
            text: "HTTP://Host.Test/V1//", scheme: .http, host: "host.test", port: 80, path: "/V1",
            authority: "host.test"),
        Good(text: "http://h:80/x", scheme: .http, host: "h", port: 80, path: "/x", authority: "h"),
        Good(text: "http://h:443", scheme: .http, host: "h", port: 443, path: "", authority: "h:443"),
        Good(text: "https://h:80", scheme: .https, host: "h", port: 80, path: "", authority: "h:80"),
        Good(text: "http://h:08080", scheme: .http, host: "h", port: 8080, path: "", authority: "h:8080"),
        Good(
            text: "http://127.0.0.1:65535/a/b", scheme: .http, host: "127.0.0.1", port: 65535, path: "/a/b",
            authority: "127.0.0.1:65535"),
        Good(text: "http://[::1]", scheme: .http, host: "::1", port: 80, path: "", authority: "[::1]"),
        Good(
            text: "https://[FE80::1]:8443/v1/", scheme: .https, host: "fe80::1", port: 8443, path: "/v1",
            authority: "[fe80::1]:8443"),
        Good(
            text: "http://[::ffff:10.0.0.1]/", scheme: .http, host: "::ffff:10.0.0.1", port: 80, path: "",
            authority: "[::ffff:10.0.0.1]"),
        Good(text: "http://a_b-c.d", scheme: .http, host: "a_b-c.d", port: 80, path: "", authority: "a_b-c.d"),
        Good(text: "http://h/a%20b;c=d,e", scheme: .http, host: "h", port: 80, path: "/a%20b;c=d,e", authority: "h"),
        Good(text: "http://h/a@b", scheme: .http, host: "h", port: 80, path: "/a@b", authority: "h"),
        Good(text: "mock://", scheme: .mock, host: "mock", port: 0, path: "", authority: "mock"),
        Good(text: "mock://x/v1", scheme: .mock, host: "mock", port: 0, path: "/v1", authority: "mock"),
    ]

    @Test(arguments: good)
    func aGoodURLIsTakenApart(_ row: Good) throws {
        let url = try UpstreamURL(row.text)
        #expect(url.scheme == row.scheme && url.host == row.host && url.port == row.port && url.path == row.path)
        #expect(url.authority == row.authority)
        #expect(url.origin == "\(row.scheme.rawValue)://\(row.authority)")
    }

    @Test(arguments: [
        "", "api.openai.com", "localhost:8080", "//h", "ftp://h", "socks5://h:1", "http:/h", "http:h", "http://",
        "http:///v1", "http://:80", "http://h:", "http://h:0", "http://h:65536", "http://h:-1", "http://h:+80",
        "http://h:8o", "http://h:80:80", "http://h:99999999999999999999", "http://::1", "http://[::1", "http://[]",
        "http://[]:80", "http://[::1]x", "http://[::1]80", "http://[zz]", "http://[v1.a]", "http://[1.2.3.4]",
        "http://h?x=1", "http://h/v1?x", "http://h#f", "http://h/v1#f", "http://user@h", "http://u:secret@h/v1",
        "http://h /v1", "http://h/a b", "http://h\r\nX: y", "http://h\u{0}", "http://h\u{7f}", "http://h\u{e9}/",
        "http://h/\u{e9}", "http://ho\"st", "http://a,b", "http://a<b", "http://a\\b", "http://h%41", "http://*",
        "http://h/a\"b", "http://h/a\\b", "http://h/<a>", "http://h/a%2", "http://h/a%zz",
    ])
    func aBadURLIsRefusedWithAReason(_ text: String) {
        let fault = #expect(throws: UpstreamURL.Fault.self) { try UpstreamURL(text) }
        #expect(fault.map { !$0.message.isEmpty && !$0.message.contains("secret") } ?? false)
    }
}

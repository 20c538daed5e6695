import Policy
import Testing
import WeirConfiguration

/// The `/v1` rule of the outside contract: the version segment appears exactly once.
@Suite struct VersionRuleTests {
    /// A request's target, and what arrives by each of ``bases``.
    struct Row: Sendable, CustomTestStringConvertible {
        let target: String
        let arrivals: [String]
        var testDescription: String { target }

        init(_ target: String, _ arrivals: String...) {
            self.target = target
            self.arrivals = arrivals
        }
    }

    /// Paths of upstream base URLs, in the order of the rows' arrivals.
    static let bases = ["", "/v1", "/api/v1", "/api/paas/v4", "/v1beta", "/api"]

    static let rows = [
        Row(
            "/chat/completions", "/v1/chat/completions", "/v1/chat/completions", "/api/v1/chat/completions",
            "/api/paas/v4/chat/completions", "/v1beta/chat/completions", "/api/v1/chat/completions"),
        Row(
            "/v1/chat/completions", "/v1/chat/completions", "/v1/chat/completions", "/api/v1/chat/completions",
            "/api/paas/v4/chat/completions", "/v1beta/chat/completions", "/api/v1/chat/completions"),
        Row(
            "/v1/v1/chat/completions", "/v1/chat/completions", "/v1/chat/completions", "/api/v1/chat/completions",
            "/api/paas/v4/chat/completions", "/v1beta/chat/completions", "/api/v1/chat/completions"),
        Row("/v1", "/v1", "/v1", "/api/v1", "/api/paas/v4", "/v1beta", "/api/v1"),
        Row("/v1/", "/v1/", "/v1/", "/api/v1/", "/api/paas/v4/", "/v1beta/", "/api/v1/"),
        Row("/v1/v1", "/v1", "/v1", "/api/v1", "/api/paas/v4", "/v1beta", "/api/v1"),
        Row("/v1?x=1", "/v1?x=1", "/v1?x=1", "/api/v1?x=1", "/api/paas/v4?x=1", "/v1beta?x=1", "/api/v1?x=1"),
        Row(
            "/models?u=/v1/x", "/v1/models?u=/v1/x", "/v1/models?u=/v1/x", "/api/v1/models?u=/v1/x",
            "/api/paas/v4/models?u=/v1/x", "/v1beta/models?u=/v1/x", "/api/v1/models?u=/v1/x"),
        Row("/", "/v1/", "/v1/", "/api/v1/", "/api/paas/v4/", "/v1beta/", "/api/v1/"),
        Row("/?", "/v1/?", "/v1/?", "/api/v1/?", "/api/paas/v4/?", "/v1beta/?", "/api/v1/?"),
        // No version, only something that begins like one.
        Row(
            "/v1x/y", "/v1/v1x/y", "/v1/v1x/y", "/api/v1/v1x/y", "/api/paas/v4/v1x/y", "/v1beta/v1x/y", "/api/v1/v1x/y"),
        Row("/V1/y", "/v1/V1/y", "/v1/V1/y", "/api/v1/V1/y", "/api/paas/v4/V1/y", "/v1beta/V1/y", "/api/v1/V1/y"),
        Row("/v/y", "/v1/v/y", "/v1/v/y", "/api/v1/v/y", "/api/paas/v4/v/y", "/v1beta/v/y", "/api/v1/v/y"),
        Row(
            "/v1%2Fy", "/v1/v1%2Fy", "/v1/v1%2Fy", "/api/v1/v1%2Fy", "/api/paas/v4/v1%2Fy", "/v1beta/v1%2Fy",
            "/api/v1/v1%2Fy"),
        Row(
            "/v1betas/y", "/v1/v1betas/y", "/v1/v1betas/y", "/api/v1/v1betas/y", "/api/paas/v4/v1betas/y",
            "/v1beta/v1betas/y", "/api/v1/v1betas/y"),
        Row(
            "//v1/y", "/v1//v1/y", "/v1//v1/y", "/api/v1//v1/y", "/api/paas/v4//v1/y", "/v1beta//v1/y", "/api/v1//v1/y"),
        // A request that brings another version means it.
        Row("/v10/y", "/v10/y", "/v10/y", "/api/v10/y", "/api/paas/v4/v10/y", "/v1beta/v10/y", "/api/v10/y"),
        Row("/v2", "/v2", "/v2", "/api/v2", "/api/paas/v4/v2", "/v1beta/v2", "/api/v2"),
        Row(
            "/v1alpha2/y", "/v1alpha2/y", "/v1alpha2/y", "/api/v1alpha2/y", "/api/paas/v4/v1alpha2/y",
            "/v1beta/v1alpha2/y", "/api/v1alpha2/y"),
        Row(
            "/v1beta/models/x:generateContent", "/v1beta/models/x:generateContent", "/v1beta/models/x:generateContent",
            "/api/v1beta/models/x:generateContent", "/api/paas/v4/v1beta/models/x:generateContent",
            "/v1beta/models/x:generateContent", "/api/v1beta/models/x:generateContent"),
        Row(
            "/v1beta?k", "/v1beta?k", "/v1beta?k", "/api/v1beta?k", "/api/paas/v4/v1beta?k", "/v1beta?k",
            "/api/v1beta?k"),
        Row("/v4/y", "/v4/y", "/v4/y", "/api/v4/y", "/api/paas/v4/y", "/v1beta/v4/y", "/api/v4/y"),
        Row(
            "/v4/v1/v4/y", "/v4/v1/v4/y", "/v4/v1/v4/y", "/api/v4/v1/v4/y", "/api/paas/v4/y", "/v1beta/v4/v1/v4/y",
            "/api/v4/v1/v4/y"),
        Row(
            "/v1/v1beta/y", "/v1beta/y", "/v1beta/y", "/api/v1beta/y", "/api/paas/v4/v1beta/y", "/v1beta/y",
            "/api/v1beta/y"),
        Row(
            "/models/a%2Fb:free", "/v1/models/a%2Fb:free", "/v1/models/a%2Fb:free", "/api/v1/models/a%2Fb:free",
            "/api/paas/v4/models/a%2Fb:free", "/v1beta/models/a%2Fb:free", "/api/v1/models/a%2Fb:free"),
        Row("*", "*", "*", "*", "*", "*", "*"),
    ]

    @Test(arguments: rows)
    func theVersionAppearsOnce(_ row: Row) throws {
        try #require(row.arrivals.count == Self.bases.count)
        for (base, arrival) in zip(Self.bases, row.arrivals) {
            #expect(try arrivalOf(row.target, base: base, .always) == arrival, "base \(base)")
            // A slash at the base's end changes nothing.
            #expect(try arrivalOf(row.target, base: base + "/", .always) == arrival, "base \(base)/")
        }
    }

    @Test(arguments: ["/x", "/v1/x", "/v1/v1/x", "/v1", "/v2/x?y", "//"])
    func withoutTheRuleThePathIsAppended(_ target: String) throws {
        for base in Self.bases { #expect(try arrivalOf(target, base: base, .never) == base + target, "base \(base)") }
    }

    @Test func aTargetThatStaysIsNotWrittenAnew() throws {
        let target = Array("/v1/chat/completions?x".utf8)
        for base in ["", "/v1"] {
            let rule = VersionRule(basePath: base, versionedPath: .always)
            #expect(rule.join(target.span.bytes, target: 0..<target.count) == nil)
        }
    }

    private func arrivalOf(_ target: String, base: String, _ mode: VersionedPath) throws -> String {
        let rule = VersionRule(basePath: try UpstreamURL("http://upstream.test\(base)").path, versionedPath: mode)
        // The target stands somewhere inside a head.
        let octets = Array("POST \(target) HTTP/1.1\r\n".utf8)
        let range = 5..<(5 + target.utf8.count)
        guard let joined = rule.join(octets.span.bytes, target: range) else { return target }
        return String(decoding: joined.prefix + octets[joined.rest], as: UTF8.self)
    }
}

import HTTP1
import Policy
import Testing

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private static let now: Int64 = 784_111_777_000_000_000

    @Test(arguments: [
        ("Retry-After: 2", 2_000_000_000), ("retry-after: 0", 0), ("RETRY-AFTER-MS: 15", 15_000_000),
        ("Retry-After: Sun, 06 Nov 1994 08:49:40 GMT", 3_000_000_000),
        ("Retry-After: Sat, 05 Nov 1994 08:49:40 GMT", 0),
        ("Retry-After: Wed, 29 Feb 2096 00:00:00 GMT", 3_197_200_223_000_000_000),
        ("Retry-After: Fri, 31 Dec 9999 23:59:59 GMT", .max), ("Retry-After: soon", nil), ("Retry-After: -1", nil),
        ("Retry-After: 1.5", nil), ("X: 1", nil),
        ("Retry-After: Sun, 06 Nov 1994 08:49:40 CET", nil), ("Retry-After: Sun, 06 Foo 1994 08:49:40 GMT", nil),
    ])
    func forms(_ line: String, _ expected: UInt64?) throws {
        let head = try ParsedHead("GET", "/", fields: [line])
        #expect(RetryAfter.wait(head.octets.span.bytes, fields: head.parser.fields, now: Self.now) == expected)
    }

    @Test func millisecondsAreMoreExact() throws {
        let head = try ParsedHead("GET", "/", fields: ["Retry-After: 2", "Retry-After-Ms: 1500"])
        #expect(
            RetryAfter.wait(head.octets.span.bytes, fields: head.parser.fields, now: Self.now) == 1_500_000_000)
    }
}

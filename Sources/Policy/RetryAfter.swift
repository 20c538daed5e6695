package import HTTP1

/// How long an answer asks to wait before the next try: `retry-after-ms`, which several providers send, or `Retry-After`
/// (RFC 9110 §10.2.3).
package enum RetryAfter {
    /// Nanoseconds to wait; nil where the answer does not say.
    ///
    /// - Parameter now: the wall clock, nanoseconds since the epoch, for the form of it that is a date.
    package static func wait(_ head: RawSpan, fields: [Field], now: Int64) -> UInt64? {
        var seconds: UInt64?
        for field in fields {
            if head.matches(field.nameRange, "retry-after-ms"), let number = head.decimal(field.valueRange) {
                return number.multipliedReportingOverflow(by: 1_000_000).overflow ? .max : number * 1_000_000
            }
            if seconds == nil, head.matches(field.nameRange, "retry-after") {
                seconds = wait(head, field.valueRange, now: now)
            }
        }
        return seconds
    }

    private static func wait(_ head: RawSpan, _ value: Range<Int>, now: Int64) -> UInt64? {
        if let number = head.decimal(value) {
            return number.multipliedReportingOverflow(by: 1_000_000_000).overflow ? .max : number * 1_000_000_000
        }
        guard let date = date(head, value) else { return nil }
        let wait = date.multipliedReportingOverflow(by: 1_000_000_000)
        if wait.overflow { return date < 0 ? 0 : .max }
        return wait.partialValue <= now ? 0 : UInt64(wait.partialValue - now)
    }

    /// The IMF-fixdate (RFC 9110 §5.6.7) as seconds since the epoch, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ head: RawSpan, _ value: Range<Int>) -> Int64? {
        guard value.count == 29, head.equals((value.upperBound - 4)..<value.upperBound, " GMT") else { return nil }
        let start = value.lowerBound
        func number(_ offset: Int, _ count: Int) -> Int? {
            head.decimal((start + offset)..<(start + offset + count)).map { Int($0) }
        }
        let names: [StaticString] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let monthName = (start + 8)..<(start + 11)
        guard let month = names.firstIndex(where: { head.equals(monthName, $0) }), let day = number(5, 2),
            let year = number(12, 4), let hour = number(17, 2), let minute = number(20, 2), let second = number(23, 2)
        else { return nil }
        // Days since the epoch, years counted from March on so that the leap day is a year's last.
        let shifted = month < 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 10) % 12) + 2) / 5 + day - 1
        let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return Int64(days * 86_400 + hour * 3600 + minute * 60 + second)
    }
}

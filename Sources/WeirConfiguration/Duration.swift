extension Duration {
    /// The duration in nanoseconds, at least 0 and at most what fits.
    package var wholeNanoseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? UInt64(Int64.max) : whole + UInt64(attoseconds / 1_000_000_000)
    }
}

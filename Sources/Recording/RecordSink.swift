/// What reads the record behind the journal: session files now, the archive later.
///
/// Called from one thread, those of one event loop in the order in which they ended.
package protocol RecordSink {
    /// Takes an exchange that has ended.
    mutating func write(_ exchange: RecordedExchange) throws
    /// Takes a hole in the record.
    mutating func writeGap(_ gap: RecordedGap) throws
    /// Hands everything written to the kernel.
    ///
    /// - Returns: an opaque mark for ``restore(to:)``.
    mutating func commit() throws -> [UInt8]
    /// Drops what was written after the mark, so that the journal can write it again after a crash; nil: no mark yet.
    mutating func restore(to mark: [UInt8]?) throws
}

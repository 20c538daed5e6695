import Glibc

/// How the journal and what reads behind it go about their work; the defaults are the product's.
package struct JournalSettings: Sendable {
    /// Octets after which a new segment begins.
    package var segmentSize: UInt64 = 16 << 20
    /// Without a sink the journal is the record: its oldest segments go once all together exceed this.
    package var ringSize: UInt64 = 64 << 20
    /// With a sink that cannot keep up or fails, the journal stops growing here, as if the disk were full.
    package var largestJournal: UInt64 = 16 << 30
    /// How long a refused write or a failed sink rests before the next try.
    package var retryInterval = Duration.milliseconds(250)
    /// How often the journal's reader looks for more.
    package var readInterval = Duration.milliseconds(50)
    /// How often the sink commits while it is given exchanges.
    package var commitInterval = Duration.milliseconds(200)
    /// Exchanges after which it commits anyway.
    package var commitCount = 10_000
    /// Writes octets at an offset of a file: their number, or an error number below zero. Tests put faults here.
    package var write: @Sendable (Int32, UnsafeRawBufferPointer, UInt64) -> Int = { file, octets, offset in
        let count = pwrite(file, octets.baseAddress, octets.count, off_t(offset))
        return count < 0 ? -Int(errno) : count
    }

    /// The defaults.
    package init() {}
}

extension Duration {
    /// The same in nanoseconds.
    var nanoseconds: UInt64 {
        let parts = components
        return UInt64(max(0, parts.seconds)) * 1_000_000_000 + UInt64(max(0, parts.attoseconds / 1_000_000_000))
    }
}

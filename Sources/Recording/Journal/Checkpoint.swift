import CCRC32C
import Glibc

/// How far the sink has committed the journal, in a file that is replaced whole.
///
/// Everything that ended before ``committed`` is in the sink up to ``mark``. Reading begins at ``resume``, where the
/// oldest exchange that was open then began, and what ends before ``committed`` is not given to the sink again.
struct Checkpoint: Equatable {
    var committed: JournalPosition
    var resume: JournalPosition
    /// The exchanges that were open at ``committed``.
    var open: [ExchangeKey]
    /// The sink's own, see ``RecordSink/commit()``.
    var mark: [UInt8]?

    private static let magic: UInt64 = 0x3250_4B43_5249_4557
    private static let largest = 64 << 20
    /// Octets in front of the open exchanges, and for each of those.
    private static let (fixed, each) = (52, 12)

    /// The checkpoint in `directory`; nil where there is none, and where it is not what was written.
    static func load(from directory: String) -> Checkpoint? {
        guard let octets = JournalFile.contents(of: path(directory), limit: largest) else { return nil }
        return octets.withUnsafeBytes { octets in
            guard octets.count >= fixed + 4, octets.number(at: 0, UInt64.self) == magic else { return nil }
            let body = octets.count - 4
            guard weir_crc32c(0, octets.baseAddress, body) == octets.number(at: body, UInt32.self) else { return nil }
            let (length, count) = (Int(octets.number(at: 44, UInt32.self)), Int(octets.number(at: 48, UInt32.self)))
            let markAt = fixed + count * each
            guard length == body - markAt else { return nil }
            let open = (0..<count).map {
                ExchangeKey(
                    loop: Int(octets.number(at: fixed + $0 * each, UInt32.self)),
                    sequence: octets.number(at: fixed + $0 * each + 4, UInt64.self))
            }
            return Checkpoint(
                committed: JournalPosition(
                    segment: octets.number(at: 8, UInt64.self), offset: octets.number(at: 16, UInt64.self)),
                resume: JournalPosition(
                    segment: octets.number(at: 24, UInt64.self), offset: octets.number(at: 32, UInt64.self)),
                open: open, mark: octets.number(at: 40, UInt32.self) == 0 ? nil : Array(octets[markAt..<body]))
        }
    }

    /// Puts the checkpoint in the place of the one before.
    func save(in directory: String) throws(RecordingError) {
        let mark = mark ?? []
        var buffer = BatchBuffer(capacity: Self.fixed + open.count * Self.each + mark.count + 4)
        defer { buffer.deallocate() }
        buffer.append(Self.magic)
        buffer.append(committed.segment)
        buffer.append(committed.offset)
        buffer.append(resume.segment)
        buffer.append(resume.offset)
        buffer.append((self.mark == nil ? 0 : 1) as UInt32)
        buffer.append(UInt32(mark.count))
        buffer.append(UInt32(open.count))
        for key in open {
            buffer.append(UInt32(truncatingIfNeeded: key.loop))
            buffer.append(key.sequence)
        }
        buffer.append(mark)
        buffer.append(weir_crc32c(0, buffer.base, buffer.count))
        let path = Self.path(directory)
        let next = path + ".new"
        try Self.write(buffer.contents, to: next)
        guard rename(next, path) == 0 else { throw .system("replace", path) }
    }

    private static func write(_ octets: UnsafeRawBufferPointer, to path: String) throws(RecordingError) {
        let file = try JournalFile(path, O_WRONLY | O_CREAT | O_TRUNC)
        guard pwrite(file.descriptor, octets.baseAddress, octets.count, 0) == octets.count else {
            throw .system("write", path)
        }
    }

    private static func path(_ directory: String) -> String { directory + "/checkpoint" }
}

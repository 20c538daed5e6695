import CCRC32C
import Glibc

/// A place in the journal.
struct JournalPosition: Comparable, Hashable, Sendable {
    var segment: UInt64
    var offset: UInt64

    static func < (left: JournalPosition, right: JournalPosition) -> Bool {
        left.segment == right.segment ? left.offset < right.offset : left.segment < right.segment
    }
}

/// The segment files of a journal, numbered upwards without ever using a number again.
///
/// A segment that is done with becomes a spare, and a spare the next segment: writing over pages that the kernel holds
/// already costs a third of making new ones, and on a virtual machine a twentieth.
struct SegmentStore: Sendable {
    /// The directory that holds them.
    let directory: String

    private static let suffix = ".journal"

    /// The file of the segment `number`.
    func path(_ number: UInt64) -> String {
        let digits = String(number)
        return directory + "/" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits + Self.suffix
    }

    /// The numbers of all segments, in order.
    func numbers() -> [UInt64] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var numbers: [UInt64] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasSuffix(Self.suffix), let number = UInt64(name.dropLast(Self.suffix.count)) else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }

    /// Octets that all segments take.
    func totalSize() -> UInt64 {
        numbers().reduce(0) { $0 + size($1) }
    }

    /// Octets of one segment.
    func size(_ number: UInt64) -> UInt64 {
        var facts = stat()
        return lstat(path(number), &facts) == 0 ? UInt64(facts.st_size) : 0
    }

    private static let spares = 2

    private func sparePath(_ index: Int) -> String { directory + "/spare-\(index)" }

    /// Takes a segment out of the journal, and keeps its file as a spare where one is wanted.
    func retire(_ number: UInt64) {
        for index in 0..<Self.spares where access(sparePath(index), F_OK) != 0 {
            if rename(path(number), sparePath(index)) == 0 { return }
        }
        _ = unlink(path(number))
    }

    /// Makes a spare the segment `number`; false where there is none.
    func reuse(as number: UInt64) -> Bool {
        (0..<Self.spares).contains { rename(sparePath($0), path(number)) == 0 }
    }

    /// Removes the spares.
    func removeSpares() {
        for index in 0..<Self.spares { _ = unlink(sparePath(index)) }
    }
}

/// The first octets of a segment: u64 magic, u64 run, u64 number, i64 wall nanoseconds, u32 CRC-32C, u32 zero.
struct SegmentHeader: Equatable {
    static let size = 40
    private static let magic: UInt64 = 0x314C_4E4A_5249_4557

    /// Tells the processes that wrote journals apart.
    var run: UInt64
    var number: UInt64

    init(run: UInt64, number: UInt64) {
        self.run = run
        self.number = number
    }

    /// The header's octets; the caller deallocates them.
    func encoded(wall: Int64) -> BatchBuffer {
        var buffer = BatchBuffer(capacity: Self.size)
        buffer.append(Self.magic)
        buffer.append(run)
        buffer.append(number)
        buffer.append(wall)
        buffer.append(weir_crc32c(0, buffer.base, buffer.count))
        buffer.append(0 as UInt32)
        return buffer
    }

    /// Reads a header; nil where the octets are none.
    init?(_ octets: UnsafeRawBufferPointer) {
        guard octets.count >= Self.size, octets.number(at: 0, UInt64.self) == Self.magic,
            octets.number(at: 32, UInt32.self) == weir_crc32c(0, octets.baseAddress, 32)
        else { return nil }
        run = octets.number(at: 8, UInt64.self)
        number = octets.number(at: 16, UInt64.self)
    }
}

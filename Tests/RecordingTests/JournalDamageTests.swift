import Foundation
import Testing

@testable import Recording

@Suite struct JournalDamageTests {
    /// A journal of five frames with an exchange in each, and where the last frame starts.
    private func journal() throws -> (directory: TemporaryDirectory, path: String, octets: Data, last: Int) {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil)
        let recorder = service.makeLoopRecorder(loop: 0)
        for number in 0..<5 {
            try recorder.exchange(number)
            recorder.tick()
            #expect(drained(service, recorder))
        }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        let path = directory.store.path(try #require(directory.store.numbers().first))
        let octets = try #require(FileManager.default.contents(atPath: path))
        var starts: [Int] = []
        var next = SegmentHeader.size
        while next < octets.count {
            starts.append(next)
            next += octets.withUnsafeBytes {
                FrameHeader.size + Int($0.number(at: next + 8, UInt32.self))
            }
        }
        #expect(starts.count == 5 && next == octets.count)
        return (directory, path, octets, try #require(starts.last))
    }

    @Test func aTornTailAtEveryOctetCostsTheLastFrameOnly() throws {
        let (directory, path, octets, last) = try journal()
        for length in last...octets.count {
            try octets.prefix(length).write(to: URL(fileURLWithPath: path))
            let (exchanges, damage) = readJournal(directory.store)
            let isWhole = length == octets.count
            #expect(exchanges.compactMap(\.number) == Array(0..<(isWhole ? 5 : 4)))
            #expect(damage == (isWhole || length == last ? 0 : 1))
        }
    }

    @Test func aFlippedBitAnywhereInAFrameCostsThatFrameOnly() throws {
        let (directory, path, octets, last) = try journal()
        let frame = octets.count - last
        // The frame before the last: what follows it is still read.
        for offset in (last - frame)..<last {
            var damaged = octets
            damaged[offset] ^= 1 << UInt8(offset % 8)
            try damaged.write(to: URL(fileURLWithPath: path))
            let (exchanges, damage) = readJournal(directory.store)
            #expect(exchanges.compactMap(\.number) == [0, 1, 2, 4])
            #expect(damage == 1)
        }
    }

    @Test func whatAFileHeldInAnEarlierLifeIsNotRead() throws {
        let (directory, path, octets, last) = try journal()
        // The same run wrote the same file under another number before: its frames are whole, but not this segment's.
        var reused = octets
        let frame = octets.count - last
        reused.withUnsafeMutableBytes { memory in
            let base = UnsafeMutableRawPointer(memory.baseAddress!) + last
            base.storeBytes(of: UInt64(77).littleEndian, toByteOffset: 24, as: UInt64.self)
            let header = FrameHeader(UnsafeRawBufferPointer(start: base, count: frame))
            #expect(header?.segment == 77)
        }
        try reused.write(to: URL(fileURLWithPath: path))
        let (exchanges, damage) = readJournal(directory.store)
        #expect(exchanges.compactMap(\.number) == [0, 1, 2, 3])
        #expect(damage == 0)
    }

    @Test func aSegmentWithoutItsHeaderIsPassedOver() throws {
        let (directory, path, octets, _) = try journal()
        try Data(octets.prefix(10)).write(to: URL(fileURLWithPath: path))
        let later = directory.store.path(2)
        var second = octets
        let header = SegmentHeader(run: 9, number: 2).encoded(wall: 0)
        second.replaceSubrange(0..<SegmentHeader.size, with: header.contents)
        try second.write(to: URL(fileURLWithPath: later))
        let (exchanges, damage) = readJournal(directory.store)
        #expect(exchanges.isEmpty && damage > 0)
    }

    /// What a reused file held before may be full of a frame's first octet; a search that reads anew at each would take
    /// minutes.
    @Test(arguments: [Array("W".utf8), Array("WRJ1".utf8)])
    func whatAFileHeldBeforeIsPassedOverAtOnce(_ octets: [UInt8]) throws {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil)
        let recorder = service.makeLoopRecorder(loop: 0)
        for number in 0..<3 { try recorder.exchange(number) }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        let number = try #require(directory.store.numbers().first)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.store.path(number)))
        try file.seekToEnd()
        let fill = (0..<(16 << 20) / octets.count).flatMap { _ in octets }
        try file.write(contentsOf: fill)
        try file.close()
        let began = ContinuousClock.now
        let (exchanges, _) = readJournal(directory.store)
        #expect(exchanges.compactMap(\.number) == [0, 1, 2])
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    @Test func aCheckpointIsReadBackOrNotAtAll() throws {
        let directory = try TemporaryDirectory()
        let checkpoint = Checkpoint(
            committed: JournalPosition(segment: 3, offset: 99), resume: JournalPosition(segment: 2, offset: 40),
            open: [ExchangeKey(loop: 1, sequence: 7), ExchangeKey(loop: 0, sequence: 1 << 40)],
            mark: Array("mark".utf8))
        try checkpoint.save(in: directory.path)
        #expect(Checkpoint.load(from: directory.path) == checkpoint)
        let path = directory.path + "/checkpoint"
        let octets = try #require(FileManager.default.contents(atPath: path))
        for offset in octets.indices {
            var damaged = octets
            damaged[offset] ^= 4
            try damaged.write(to: URL(fileURLWithPath: path))
            #expect(Checkpoint.load(from: directory.path) == nil)
            try octets.prefix(offset).write(to: URL(fileURLWithPath: path))
            #expect(Checkpoint.load(from: directory.path) == nil)
        }
        let unmarked = Checkpoint(committed: checkpoint.committed, resume: checkpoint.resume, open: [], mark: nil)
        try unmarked.save(in: directory.path)
        #expect(Checkpoint.load(from: directory.path) == unmarked)
    }
}

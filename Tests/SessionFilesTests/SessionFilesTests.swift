import Foundation
import Synchronization
import Testing

@testable import Recording

private let day: Int64 = 1_780_000_000_000_000_000

/// Fails on demand: writes at most `room` octets in all.
private final class SmallDisk: Sendable {
    private let room: Mutex<Int>
    let truncateFails = Mutex(false)

    init(room: Int) { self.room = Mutex(room) }

    func give(_ octets: Int) { room.withLock { $0 += octets } }

    var calls: FileCalls {
        var calls = FileCalls()
        let write = calls.write
        let truncate = calls.truncate
        calls.write = { descriptor, octets in
            let allowed = self.room.withLock { room in
                // Seven octets at a time, so that every write is a partial one.
                let allowed = min(room, octets.count, 7)
                room -= allowed
                return allowed
            }
            if allowed == 0 {
                errno = ENOSPC
                return -1
            }
            return write(descriptor, UnsafeRawBufferPointer(rebasing: octets[..<allowed]))
        }
        calls.truncate = { descriptor, length in
            if self.truncateFails.withLock({ $0 }) {
                errno = EIO
                return -1
            }
            var status = stat()
            #expect(fstat(descriptor, &status) == 0)
            self.give(Int(status.st_size) - length)
            return truncate(descriptor, length)
        }
        return calls
    }
}

private func files(
    _ directory: TemporaryDirectory, size: Int = 1 << 20, keep: Int = 8, serial: Int64 = 0,
    calls: FileCalls = FileCalls(), log: @escaping @Sendable (String) -> Void = { _ in }
) throws -> SessionFiles {
    let settings = SessionSettings(directory: directory.path, maximumSize: size, keep: keep)
    return try SessionFiles(
        settings, clock: LocalClock { _ in 0 }, calls: calls, now: { day + serial }, fileChanged: log)
}

private func ids(_ range: ClosedRange<UInt64>) -> [String] {
    range.map { ExchangeID(high: 1, low: $0).text }
}

@Suite struct MemoryOfFilesTests {
    private func make(in directory: TemporaryDirectory) throws -> SessionFile {
        let directory = try SessionDirectory(directory.path)
        var clock = LocalClock { _ in 0 }
        let name = SessionFileName(clock.localTime(day), serial: 1)
        return try #require(try SessionFile.create(name, in: directory.path))
    }

    /// Appends octets of a length each; gives what was let go of.
    private func released(_ lengths: [Int]) throws -> [Range<Int>] {
        let directory = TemporaryDirectory()
        let ranges = Mutex<[Range<Int>]>([])
        var calls = FileCalls()
        calls.release = { _, range in ranges.withLock { $0.append(range) } }
        let file = try make(in: directory)
        for length in lengths {
            let octets = [UInt8](repeating: 0x20, count: length)
            try octets.withUnsafeBytes { try file.append($0, calls) }
        }
        #expect(file.status().length == lengths.reduce(0, +))
        return ranges.withLock { $0 }
    }

    @Test func theEndIsKept() throws {
        #expect(try released([SessionFile.readAlong + SessionFile.stride - 1]).isEmpty)
        #expect(try released([1 << 20, 1 << 20, 1 << 20]).isEmpty)
    }

    @Test func theBeginningIsLetGo() throws {
        let (stride, kept) = (SessionFile.stride, SessionFile.readAlong)
        #expect(try released([kept + stride - 1, 1]) == [0..<stride])
        #expect(try released([kept + stride + 7, 100, stride - 7]) == [0..<stride, 0..<2 * stride])
        #expect(try released([kept + 3 * stride]) == [0..<3 * stride])
    }

    @Test func whatIsReadBackIsWhatWasWritten() throws {
        let directory = TemporaryDirectory()
        let file = try make(in: directory)
        let half = SessionFile.stride / 2
        for number in 0..<7 {
            let octets = [UInt8](repeating: UInt8(number), count: half)
            try octets.withUnsafeBytes { try file.append($0, FileCalls()) }
        }
        let found = try Data(contentsOf: URL(fileURLWithPath: file.path))
        #expect(found.count == 7 * half)
        #expect((0..<7).allSatisfy { found[$0 * half] == $0 && found[($0 + 1) * half - 1] == $0 })
    }
}

@Suite struct SessionFilesTests {
    @Test func theFileIsNamedByItsTimeAndClosedToOthers() throws {
        let directory = TemporaryDirectory()
        let nested = SessionSettings(directory: directory.path + "/a/b//")
        let files = try SessionFiles(
            nested, clock: LocalClock { _ in 3600 }, calls: FileCalls(), now: { day + 42 })
        #expect(files.path == directory.path + "/a/b/proxy-20260528-212640-000000042.jsonl")
        let attributes = try FileManager.default.attributesOfItem(atPath: files.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        for made in ["", "/a", "/a/b"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.path + made)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test func namesOfTheSystemsClock() throws {
        let directory = TemporaryDirectory()
        let first = try SessionFiles(SessionSettings(directory: directory.path))
        let second = try SessionFiles(SessionSettings(directory: directory.path))
        #expect(first.path != second.path)
        #expect(directory.names.count == 2)
        #expect(directory.names.allSatisfy { SessionFileName($0)?.text == $0 })
    }

    @Test(arguments: [
        "proxy-20260528-212640-00000004.jsonl", "proxy-20260528-212640-000000042.md",
        "proxy-2026052x-212640-000000042.jsonl",
        "proxy-20260528-212640-000000042.jsonl.gz", "../xy-20260528-212640-000000042.jsonl", "",
    ])
    func otherNamesAreNone(_ name: String) {
        #expect(SessionFileName(name) == nil)
    }

    @Test func aDirectoryThatCannotBeMadeSaysWhy() throws {
        let directory = TemporaryDirectory()
        _ = try files(directory)
        try directory.write("file", "")
        for path in ["/file", "/file/below"] {
            let fault = #expect(throws: SessionFault.self) {
                _ = try SessionFiles(SessionSettings(directory: directory.path + path))
            }
            #expect(fault?.description.contains(directory.path) == true)
        }
    }

    @Test func linesReachTheFileAtCommit() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(exchange(1))
        try files.writeGap(RecordedGap(from: 0, to: 1, lostExchanges: 1, lostBodies: 0))
        #expect(directory.text(directory.names[0]).isEmpty)
        let mark = try files.commit()
        let text = directory.text(directory.names[0])
        #expect(try directory.values("request_id") == [ids(1...1)[0], ""])
        #expect(String(decoding: mark, as: UTF8.self) == "\(directory.names[0])\u{0}\(text.utf8.count)\u{0}0")
        #expect(try files.commit() == mark)
    }

    @Test func manyLinesAreWrittenBeforeCommit() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        for low in UInt64(1)...600 { try files.write(exchange(low)) }
        let early = try directory.values("request_id")
        #expect(early.count > 100 && early.count < 600)
        _ = try files.commit()
        #expect(try directory.values("request_id") == ids(1...600))
    }

    @Test func filesRotateAndOnlyTheSessionsOwnGo() throws {
        let directory = TemporaryDirectory()
        let log = Mutex<[String]>([])
        var other = try files(directory, serial: 500_000)
        try other.write(exchange(99))
        _ = try other.commit()
        try directory.write("proxy-20000101-000000-000000001.jsonl", "")
        try directory.write("notes.txt", "")
        var files = try files(
            directory, size: 1, keep: 3, serial: 7, log: { path in log.withLock { $0.append(path) } })
        for low in UInt64(1)...6 {
            try files.write(exchange(low))
            _ = try files.commit()
        }
        let expected = ["000000011", "000000012", "000000013"].map { "proxy-20260528-202640-\($0).jsonl" }
        #expect(
            directory.names == ["notes.txt", "proxy-20000101-000000-000000001.jsonl"] + expected
                + ["proxy-20260528-202640-000500000.jsonl"])
        #expect(log.withLock { $0.count } == 7)
        #expect(log.withLock { $0.last } == files.path)
        #expect(try directory.values("request_id").filter { !$0.isEmpty } == ids(5...6) + ids(99...99))
    }

    @Test func aFullDiskLosesAndRepeatsNothing() throws {
        let directory = TemporaryDirectory()
        let disk = SmallDisk(room: 0)
        var files = try files(directory, calls: disk.calls)
        var last: [UInt8]?
        for low in UInt64(1)...30 {
            try files.write(exchange(low))
            for attempt in 0..<50 {
                do {
                    last = try files.commit()
                    break
                } catch let fault as SessionFault {
                    #expect(fault.isOutOfSpace && attempt < 20)
                    // Nothing half-written is left, whatever part of the line had fitted.
                    let text = directory.text(directory.names[0])
                    #expect(text.isEmpty || text.hasSuffix("\n"))
                    disk.give(100)
                }
            }
        }
        #expect(try directory.values("request_id") == ids(1...30))
        let text = directory.text(directory.names[0])
        #expect(last == Array("\(directory.names[0])\u{0}\(text.utf8.count)\u{0}0".utf8))
    }

    @Test func aWriteThatThrowsHasNotTakenItsExchange() throws {
        let directory = TemporaryDirectory()
        let disk = SmallDisk(room: 0)
        var files = try files(directory, calls: disk.calls)
        var low: UInt64 = 1
        while (try? files.write(exchange(low))) != nil { low += 1 }
        #expect(low > 100, "lines are gathered first")
        #expect(throws: SessionFault.self) { try files.write(exchange(low)) }
        #expect(throws: SessionFault.self) {
            try files.writeGap(RecordedGap(from: 0, to: 0, lostExchanges: 0, lostBodies: 0))
        }
        disk.give(10 << 20)
        try files.write(exchange(low))
        _ = try files.commit()
        #expect(try directory.values("request_id") == ids(1...low))
    }

    @Test func restoreDropsWhatCameAfterTheMark() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(exchange(1))
        let mark = try files.commit()
        try files.write(exchange(2))
        _ = try files.commit()
        try files.write(exchange(3))
        try files.restore(to: mark)
        try files.write(exchange(4))
        _ = try files.commit()
        #expect(try directory.values("request_id") == ids(1...1) + ids(4...4))
        try files.restore(to: nil)
        #expect(try directory.values("request_id").isEmpty)
        try files.write(exchange(5))
        _ = try files.commit()
        #expect(try directory.values("request_id") == ids(5...5))
    }

    @Test func restoreReachesAcrossProcessesAndRotations() throws {
        let directory = TemporaryDirectory()
        var mark: [UInt8]?
        do {
            var crashed = try files(directory, size: 1, serial: 10)
            for low in UInt64(1)...2 {
                try crashed.write(exchange(low))
                mark = try crashed.commit()
            }
            // The marks of these are lost with the process.
            for low in UInt64(3)...5 {
                try crashed.write(exchange(low))
                _ = try crashed.commit()
            }
        }
        var bystander = try files(directory, serial: 900)
        try bystander.write(exchange(50))
        _ = try bystander.commit()
        var restarted = try files(directory, serial: 777)
        try restarted.restore(to: mark)
        for low in UInt64(3)...6 { try restarted.write(exchange(low)) }
        _ = try restarted.commit()
        #expect(try directory.values("request_id") == ids(1...6) + ids(50...50))
        #expect(restarted.path.hasSuffix("000000777.jsonl"))
    }

    @Test func restoreAcrossARotationOfItsOwn() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory, size: 1)
        let mark = try files.commit()
        for low in UInt64(1)...3 {
            try files.write(exchange(low))
            _ = try files.commit()
        }
        try files.restore(to: mark)
        #expect(directory.names.count == 1)
        for low in UInt64(1)...2 {
            try files.write(exchange(low))
            _ = try files.commit()
        }
        #expect(try directory.values("request_id") == ids(1...2))
    }

    @Test func aTornLineOfAnotherProcessIsCutOff() throws {
        let directory = TemporaryDirectory()
        let disk = SmallDisk(room: 10_000)
        disk.truncateFails.withLock { $0 = true }
        var mark: [UInt8]?
        do {
            var crashed = try files(directory, serial: 10, calls: disk.calls)
            try crashed.write(exchange(1))
            mark = try crashed.commit()
            for low in UInt64(2)...40 { try crashed.write(exchange(low)) }
            #expect(throws: SessionFault.self) { try crashed.commit() }
            #expect(!directory.text(directory.names[0]).hasSuffix("\n"))
        }
        var restarted = try files(directory, serial: 20)
        try restarted.restore(to: mark)
        try restarted.write(exchange(2))
        _ = try restarted.commit()
        #expect(try directory.values("request_id") == ids(1...2))
    }

    @Test func aRemovedFileIsFollowedByANewOne() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(exchange(1))
        _ = try files.commit()
        try FileManager.default.removeItem(atPath: files.path)
        try files.write(exchange(2))
        let mark = try files.commit()
        #expect(try directory.values("request_id") == ids(2...2))
        #expect(mark.starts(with: Array(directory.names[0].utf8)))
    }

    @Test func anEmptiedFileStaysWithoutHoles() throws {
        let directory = TemporaryDirectory()
        let disk = SmallDisk(room: 1 << 20)
        var files = try files(directory, calls: disk.calls)
        for low in UInt64(1)...3 { try files.write(exchange(low)) }
        _ = try files.commit()
        #expect(truncate(files.path, 0) == 0)
        try files.write(exchange(4))
        _ = try files.commit()
        #expect(try directory.values("request_id") == ids(4...4))
    }

    @Test(arguments: [
        "", "x", "\u{0}", "../etc/passwd\u{0}0", "proxy-20260528-212640-000000042.jsonl\u{0}-1",
        "proxy-20260528-212640-000000042.jsonl\u{0}",
    ])
    func aMarkThatIsNoneIsRefused(_ mark: String) throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        #expect(throws: SessionFault.self) { try files.restore(to: Array(mark.utf8)) }
    }

    @Test func aMarkOfAFileThatIsGoneOrALinkTouchesNothing() throws {
        let directory = TemporaryDirectory()
        var files = try files(directory)
        try files.write(exchange(1))
        _ = try files.commit()
        let target = directory.path + "/target"
        try directory.write("target", "precious")
        let link = "proxy-20000101-000000-000000005.jsonl"
        #expect(symlink(target, directory.path + "/" + link) == 0)
        try files.restore(to: Array("\(link)\u{0}0".utf8))
        try files.restore(to: Array("proxy-20000101-000000-000000009.jsonl\u{0}0".utf8))
        #expect(directory.text("target") == "precious")
        // By a mark of another process nothing of this one's is committed.
        #expect(directory.text(String(files.path.split(separator: "/").last ?? "")).isEmpty)
    }
}

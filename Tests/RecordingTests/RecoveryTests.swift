import Foundation
import HTTP1
import NIOCore
import Synchronization
import Testing

@testable import Recording

@Suite struct RecoveryTests {
    private struct SinkFault: Error {}

    @Test func deathBetweenTheSinksCommitAndTheCheckpointNeitherLosesNorRepeats() throws {
        let directory = try TemporaryDirectory()
        // What a killed process would have left, taken at every commit before its checkpoint is written.
        let copies = Mutex<[(TemporaryDirectory, [RecordedExchange])]>([])
        let sink = MemorySink()
        sink.state.withLock {
            $0.beforeCheckpoint = { state in
                if let copy = try? directory.copy() { copies.withLock { $0.append((copy, state.exchanges)) } }
            }
        }
        let service = try startService(directory, sink: sink) {
            $0.commitInterval = .milliseconds(1)
            $0.segmentSize = 4_000
        }
        let recorder = service.makeLoopRecorder(loop: 0)
        for number in 0..<60 {
            try recorder.exchange(number)
            recorder.tick()
            if number % 5 == 4 { #expect(drained(service, recorder)) }
        }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        #expect(sink.exchanges.compactMap(\.number) == Array(0..<60))

        let left = copies.withLock { $0 }
        #expect(left.count >= 10)
        for (copy, stored) in left {
            let second = MemorySink()
            second.state.withLock { $0.exchanges = stored }
            let again = try startService(copy, sink: second)
            #expect(again.shutdown(deadline: .seconds(10)))
            let numbers = second.exchanges.compactMap(\.number)
            #expect(numbers == Array(0..<numbers.count) && numbers.count >= stored.count)
        }
    }

    @Test(arguments: [1, 3, 7])
    func aSinkThatFailsIsGivenEverythingOnceInTheEnd(every: Int) throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let failures = Mutex(0)
        sink.state.withLock {
            $0.beforeWrite = { count in
                let fails = failures.withLock { failed -> Bool in
                    failed += 1
                    return failed % (every + 1) == every && failed < 40
                }
                if fails { throw SinkFault() }
            }
        }
        let said = Diagnostics()
        let service = try startService(directory, sink: sink, diagnostics: said)
        let recorder = service.makeLoopRecorder(loop: 0)
        for number in 0..<30 {
            try recorder.exchange(number)
            recorder.tick()
            usleep(2_000)
        }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(20)))
        #expect(sink.exchanges.compactMap(\.number) == Array(0..<30))
        #expect(sink.state.withLock { $0.restores } > 1)
        #expect(said.lines.contains { $0.contains("cannot be stored") })
        #expect(said.lines.contains { $0.contains("stored again") })
        #expect(service.status.queued == 0)
    }

    /// A sink whose marks tell which process wrote them, and which looks at the checkpoint when it is first given
    /// something.
    private final class NamedSink: RecordSink, Sendable {
        private let name: String
        private let journal: String
        private let seen = Mutex<String?>(nil)

        init(_ name: String, _ directory: TemporaryDirectory) {
            self.name = name
            journal = directory.store.directory
        }

        var markAtFirstWrite: String? { seen.withLock { $0 } }

        func write(_ exchange: RecordedExchange) throws {
            seen.withLock { seen in
                guard seen == nil else { return }
                seen = Checkpoint.load(from: journal)?.mark.map { String(decoding: $0, as: UTF8.self) } ?? "none"
            }
        }

        func writeGap(_ gap: RecordedGap) throws {}
        func commit() throws -> [UInt8] { Array(name.utf8) }
        func restore(to mark: [UInt8]?) throws {}
    }

    /// What a sink writes before its first own mark could not be taken back after a crash.
    @Test func theSinksOwnMarkIsKeptBeforeItIsGivenAnything() throws {
        let directory = try TemporaryDirectory()
        for name in ["first", "second"] {
            let sink = NamedSink(name, directory)
            let service = try RecordingService.start(
                directory: directory.path, limits: RecordingLimits(), mask: RecordMask(), sink: sink,
                settings: JournalSettings(), diagnostics: { _ in })
            let recorder = service.makeLoopRecorder(loop: 0)
            try recorder.exchange(1)
            recorder.close()
            #expect(service.shutdown(deadline: .seconds(10)))
            #expect(sink.markAtFirstWrite == name)
        }
    }

    /// A segment in which an exchange ended may be gone while the one in which it began is still needed for another.
    @Test(arguments: [false, true])
    func whatEndedInASegmentThatIsGoneDoesNotComeBack(_ sinkFails: Bool) throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let service = try startService(directory, sink: sink) { $0.segmentSize = 4_000 }
        let recorder = service.makeLoopRecorder(loop: 0)
        var (silent, silentID) = try recorder.begin("POST /1000 HTTP/1.1\r\nHost: a\r\n\r\n")
        var (late, lateID) = try recorder.begin("POST /1001 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(drained(service, recorder))
        func fill(_ numbers: Range<Int>) throws {
            for number in numbers {
                try recorder.exchange(number, bodySize: 500)
                #expect(drained(service, recorder))
            }
        }
        try fill(0..<5)
        recorder.end(
            &late, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 2_000)
        try fill(5..<40)
        #expect(!directory.store.numbers().contains(2), "the segment of its end is still there: nothing is shown")
        if sinkFails {
            let failed = Mutex(false)
            sink.state.withLock {
                $0.beforeWrite = { _ in
                    let fails = failed.withLock { failed in
                        defer { failed = true }
                        return !failed
                    }
                    if fails { throw SinkFault() }
                }
            }
            try fill(40..<42)
        }
        let (copy, stored) = (try directory.copy(), sink.exchanges)
        recorder.end(
            &silent, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 0, at: 3_000)
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        #expect(sink.exchanges.count { $0.id == lateID } == 1)
        #expect(sink.exchanges.filter { $0.id == silentID }.map(\.outcome) == [.completed])

        let second = MemorySink()
        second.state.withLock { $0.exchanges = stored }
        let again = try startService(copy, sink: second)
        #expect(again.shutdown(deadline: .seconds(10)))
        #expect(second.exchanges.filter { $0.id == lateID }.map(\.outcome) == [.completed])
        #expect(second.exchanges.filter { $0.id == silentID }.map(\.outcome) == [.interrupted])
    }

    @Test func anExchangeWithoutAnEndIsInterruptedAtTheNextStart() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let first = try startService(directory, sink: sink) { $0.segmentSize = 2_000 }
        let recorder = first.makeLoopRecorder(loop: 0)
        var (record, id) = try recorder.begin("POST /open HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
        for number in 0..<20 {
            recorder.responseBody(
                &record, ByteBuffer(string: "piece \(number) "), range: 0..<8, at: 1_000 + UInt64(number))
            try recorder.exchange(number)
            recorder.tick()
            #expect(drained(first, recorder))
        }
        recorder.close()
        #expect(first.shutdown(deadline: .seconds(10)))
        #expect(sink.exchanges.compactMap(\.number) == Array(0..<20))

        let second = try startService(directory, sink: sink)
        #expect(eventually { sink.exchanges.count == 21 })
        #expect(second.shutdown(deadline: .seconds(10)))
        let interrupted = try #require(sink.exchanges.last)
        #expect(interrupted.id == id && interrupted.outcome == .interrupted && interrupted.duration == 19)
        #expect(interrupted.responseBody.pieces.count == 20 && interrupted.responseBody.total == 160)
        #expect(interrupted.responseBody.bytes.starts(with: "piece 0 piece 1 ".utf8))

        let third = try startService(directory, sink: sink)
        #expect(third.shutdown(deadline: .seconds(10)))
        #expect(sink.exchanges.count == 21)
        #expect(directory.store.numbers().count == 1)
    }

    @Test func withoutASinkTheOldestSegmentsGoFirst() throws {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil) {
            $0.segmentSize = 10_000
            $0.ringSize = 40_000
        }
        let recorder = service.makeLoopRecorder(loop: 0)
        for number in 0..<300 {
            try recorder.exchange(number)
            recorder.tick()
            if number % 10 == 0 { #expect(drained(service, recorder)) }
        }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(10)))
        #expect(directory.store.totalSize() <= 50_000)
        let numbers = readJournal(directory.store).exchanges.compactMap(\.number)
        #expect(numbers.count > 20 && numbers == Array((300 - numbers.count)..<300))
    }

    @Test func aSecondProcessIsTurnedAway() throws {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil)
        // Locks belong to open files, so a second one in this process stands for another process.
        do {
            _ = try startService(directory, sink: nil)
            Issue.record("the lock let a second one in")
        } catch let error as RecordingError {
            #expect(error.code == .directoryInUse)
            #expect(error.message.contains("process \(getpid());") && error.message.contains("--data-dir"))
        }
        #expect(service.shutdown(deadline: .seconds(10)))
        let next = try startService(directory, sink: nil)
        #expect(next.shutdown(deadline: .seconds(10)))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path + "/weir.lock")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func aDirectoryThatCannotBeMadeIsAnError() throws {
        let directory = try TemporaryDirectory()
        try Data().write(to: URL(fileURLWithPath: directory.path + "/file"))
        #expect(throws: RecordingError.self) {
            try RecordingService.start(
                directory: directory.path + "/file/data", limits: RecordingLimits(), mask: RecordMask(), sink: nil,
                diagnostics: { _ in })
        }
    }
}

import Glibc
import HTTP1
import NIOCore
import Synchronization
import Testing

@testable import Recording

@Suite struct SheddingTests {
    /// A disk that is full while `isFull` is set, and takes half a write before it says so.
    private final class Disk: Sendable {
        let isFull = Atomic<Bool>(false)

        var write: @Sendable (Int32, UnsafeRawBufferPointer, UInt64) -> Int {
            { file, octets, offset in
                let isFull = self.isFull.load(ordering: .relaxed)
                if isFull, offset % 2 == 1 || octets.count < 100 { return -Int(ENOSPC) }
                let count = isFull ? octets.count / 2 | 1 : octets.count
                return pwrite(file, octets.baseAddress, count, off_t(offset))
            }
        }
    }

    @Test func aFullDiskIsWaitedOutAndNothingIsLostWithinTheBound() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let disk = Disk()
        let said = Diagnostics()
        let service = try startService(directory, sink: sink, diagnostics: said) { $0.write = disk.write }
        let recorder = service.makeLoopRecorder(loop: 0)
        try recorder.exchange(0)
        recorder.tick()
        #expect(drained(service, recorder))
        #expect(recorder.canKeep)
        disk.isFull.store(true, ordering: .relaxed)
        for number in 1..<50 {
            try recorder.exchange(number)
            recorder.tick()
        }
        #expect(eventually { service.status.state == .degraded })
        #expect(!recorder.canKeep)
        #expect(service.status.queued == 49)
        disk.isFull.store(false, ordering: .relaxed)
        #expect(eventually { service.status.state == .ok && service.status.queued < 49 })
        #expect(recorder.canKeep)
        recorder.close()
        #expect(!recorder.canKeep)
        #expect(service.shutdown(deadline: .seconds(10)))
        #expect(sink.exchanges.compactMap(\.number) == Array(0..<50))
        #expect(said.lines.filter { $0.contains("No space left") }.count == 1)
        #expect(said.lines.filter { $0.contains("written again") }.count == 1)
        #expect(service.status.lostExchanges == 0 && service.status.lostBodies == 0)
    }

    @Test func bodiesGoFirstThenExchangesAndTheGapSaysHowMany() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let disk = Disk()
        let service = try startService(directory, sink: sink, limits: RecordingLimits(queueBytes: 4 << 20)) {
            $0.write = disk.write
        }
        let recorder = service.makeLoopRecorder(loop: 0)
        disk.isFull.store(true, ordering: .relaxed)
        let count = 16_000
        var (early, _) = try recorder.begin("GET /early HTTP/1.1\r\nHost: a\r\n\r\n", framing: .chunked)
        for number in 0..<count {
            try recorder.exchange(number, bodySize: 1_000)
            if number % 100 == 0 { recorder.tick() }
        }
        let full = service.status
        #expect(full.state == .degraded && full.lostExchanges > 0 && full.lostBodies > 0)
        recorder.responseBody(&early, ByteBuffer(string: "late"), range: 0..<4, at: 2_000)
        recorder.end(&early, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: 4, at: 2_001)
        disk.isFull.store(false, ordering: .relaxed)
        #expect(
            eventually {
                recorder.tick()
                return service.status.state == .ok
            })
        try recorder.exchange(count, bodySize: 1_000)
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(20)))

        let lost = service.status
        let recorded = sink.exchanges
        // Every exchange is either in the record or counted; the one begun early has its end all the same.
        #expect(recorded.count + Int(lost.lostExchanges) == count + 2)
        let last = try #require(recorded.first { $0.number == nil })
        #expect(last.outcome == .completed && last.responseBody.isLost && last.responseBody.total == 4)
        let bodies = recorded.reduce(0) { $0 + ($1.requestBody.isLost ? 1 : 0) + ($1.responseBody.isLost ? 1 : 0) }
        #expect(bodies == Int(lost.lostBodies))
        for exchange in recorded where exchange.requestBody.isLost { #expect(exchange.requestBody.bytes.isEmpty) }
        #expect(sink.gaps.reduce(0) { $0 + $1.lostExchanges } == lost.lostExchanges)
        #expect(sink.gaps.reduce(0) { $0 + $1.lostBodies } == lost.lostBodies)
        #expect(sink.gaps.allSatisfy { $0.from <= $0.to && $0.from > 0 })
        #expect(recorded.last?.number == count)
    }

    /// Nobody ticks: the question itself finds that the shedding is over.
    @Test func whileItShedsNothingCanBeKept() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let disk = Disk()
        let service = try startService(directory, sink: sink, limits: RecordingLimits(queueBytes: 2 << 20)) {
            $0.write = disk.write
        }
        let recorder = service.makeLoopRecorder(loop: 0)
        disk.isFull.store(true, ordering: .relaxed)
        var number = 0
        while service.status.lostBodies == 0, number < 10_000 {
            try recorder.exchange(number, bodySize: 10_000)
            number += 1
        }
        #expect(!recorder.canKeep && service.status.lostExchanges == 0)
        disk.isFull.store(false, ordering: .relaxed)
        #expect(eventually { recorder.canKeep })
        try recorder.exchange(number)
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(20)))
        #expect(sink.exchanges.last?.number == number && sink.exchanges.last?.requestBody.isLost == false)
    }

    @Test func aSinkThatFailsIsNoReasonToKeepNothing() throws {
        struct Fault: Error {}
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        sink.state.withLock { $0.beforeWrite = { _ in throw Fault() } }
        let service = try startService(directory, sink: sink)
        let recorder = service.makeLoopRecorder(loop: 0)
        try recorder.exchange(0)
        recorder.tick()
        #expect(eventually { service.status.state == .degraded })
        #expect(recorder.canKeep)
        sink.state.withLock { $0.beforeWrite = nil }
        recorder.close()
        #expect(service.shutdown(deadline: .seconds(20)))
        #expect(!recorder.canKeep && sink.exchanges.count == 1)
    }

    @Test func shutdownGivesUpAtItsDeadlineAndTheNextStartGoesOn() throws {
        let directory = try TemporaryDirectory()
        let sink = MemorySink()
        let disk = Disk()
        let first = try startService(directory, sink: sink) { $0.write = disk.write }
        let recorder = first.makeLoopRecorder(loop: 0)
        try recorder.exchange(0)
        recorder.tick()
        #expect(drained(first, recorder))
        disk.isFull.store(true, ordering: .relaxed)
        try recorder.exchange(1)
        recorder.close()
        #expect(!first.shutdown(deadline: .milliseconds(100)))
        #expect(first.status.state == .stopped && first.status.queued == 1)
        let second = try startService(directory, sink: sink)
        let next = second.makeLoopRecorder(loop: 0)
        try next.exchange(2)
        next.close()
        #expect(second.shutdown(deadline: .seconds(10)))
        #expect(sink.exchanges.compactMap(\.number) == [0, 2])
    }

    @Test func whatIsRecordedAfterTheEndIsCounted() throws {
        let directory = try TemporaryDirectory()
        let service = try startService(directory, sink: nil)
        let recorder = service.makeLoopRecorder(loop: 0)
        #expect(service.shutdown(deadline: .seconds(10)))
        try recorder.exchange(0)
        recorder.close()
        #expect(service.status.lostExchanges == 1 && service.status.state == .stopped)
    }
}

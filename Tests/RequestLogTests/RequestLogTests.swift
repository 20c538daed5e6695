import Foundation
import Glibc
import Testing

@testable import RequestLog

@Suite("The request log's writer", .serialized)
struct RequestLogTests {
    private func log(_ pipe: TestPipe, queued: Int = 4 << 20) -> RequestLog {
        var settings = RequestLogSettings(format: .logfmt)
        settings.maximumQueued = queued
        return RequestLog(settings, descriptor: pipe.writer)
    }

    private func count(_ lines: String) -> Int { lines.ranges(of: "msg=request").count }

    @Test("lines come with a tick, before the log ends")
    func tick() {
        let pipe = TestPipe()
        let log = log(pipe)
        let loop = log.makeLoopLog()
        loop.tick()
        Sample().append(to: loop)
        loop.tick()
        #expect(count(pipe.read { $0.hasSuffix("\n") }) == 1)
        Sample().append(to: loop)
        Sample().append(to: loop)
        loop.tick()
        #expect(count(pipe.read { $0.ranges(of: "\n").count == 2 }) == 2)
        #expect(log.shutdown(deadline: .seconds(5)))
        #expect(log.dropped == 0)
    }

    @Test("shutdown writes what is left, and what comes behind it is dropped and counted")
    func shutdown() {
        let pipe = TestPipe()
        let log = log(pipe)
        let loop = log.makeLoopLog()
        for _ in 0..<100 { Sample().append(to: loop) }
        loop.tick()
        #expect(log.shutdown(deadline: .seconds(5)))
        #expect(count(pipe.read { $0.ranges(of: "\n").count == 100 }) == 100)
        Sample().append(to: loop)
        loop.tick()
        #expect(log.dropped == 1)
        #expect(log.shutdown(deadline: .seconds(5)))
    }

    @Test("a log that had nothing to say ends at once")
    func silent() {
        let pipe = TestPipe()
        let log = log(pipe)
        log.makeLoopLog().tick()
        #expect(log.shutdown(deadline: .seconds(5)))
    }

    @Test("a pipe that nobody reads costs entries and no waiting, and the loss is told once it drains")
    func fullPipe() throws {
        let pipe = TestPipe()
        let log = log(pipe, queued: 256 << 10)
        let loop = log.makeLoopLog()
        let appended = 20_000
        for _ in 0..<appended { Sample().append(to: loop) }
        loop.tick()
        // The pipe takes 64 KiB and the queue 256 KiB, so most of it has nowhere to go; the loop is not held up.
        #expect(log.dropped > UInt64(appended / 2))
        let all = pipe.read { $0.contains("were dropped") && self.count($0) + Int(log.dropped) >= appended }
        #expect(log.shutdown(deadline: .seconds(5)))
        #expect(count(all) + Int(log.dropped) == appended, "every entry is either written or counted")
        #expect(all.contains("level=warning msg=\""))
        #expect(all.split(separator: "\n").allSatisfy { $0.hasPrefix("time=") }, "no line is torn")
    }

    @Test("shutdown gives up in time when the pipe stays full")
    func stuck() {
        let pipe = TestPipe()
        let log = log(pipe)
        let loop = log.makeLoopLog()
        for _ in 0..<5000 { Sample().append(to: loop) }
        loop.tick()
        let start = ContinuousClock.now
        #expect(!withExtendedLifetime(pipe) { log.shutdown(deadline: .milliseconds(200)) })
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("a broken pipe costs entries and nothing else")
    func broken() {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let log = RequestLog(RequestLogSettings(format: .json), descriptor: ends[1])
        let loop = log.makeLoopLog()
        for _ in 0..<10 { Sample().append(to: loop) }
        loop.tick()
        #expect(!log.shutdown(deadline: .seconds(5)))
        #expect(log.dropped == 10)
    }

    @Test("lines never reach a descriptor that took the number of one that its owner closed")
    func ownerCloses() throws {
        let pipe = TestPipe()
        var ends: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&ends) == 0)
        let log = RequestLog(RequestLogSettings(format: .json), descriptor: ends[1])
        // The number stands for another file from now on.
        try #require(dup2(pipe.writer, ends[1]) == ends[1])
        let loop = log.makeLoopLog()
        Sample().append(to: loop)
        loop.tick()
        #expect(log.shutdown(deadline: .seconds(5)))
        close(ends[1])
        var wait = pollfd(fd: pipe.reader, events: Int16(POLLIN), revents: 0)
        #expect(poll(&wait, 1, 0) == 0)
        close(ends[0])
    }

    @Test("several loops at once: every line is there and whole")
    func severalLoops() {
        let pipe = TestPipe()
        let log = log(pipe)
        let threads = 4
        let each = 500
        for number in 0..<threads {
            Thread.detachNewThread {
                let loop = log.makeLoopLog()
                var sample = Sample()
                sample.entry.route = "route\(number)"
                for index in 0..<each {
                    sample.append(to: loop)
                    if index % 50 == 0 { loop.tick() }
                }
                loop.tick()
            }
        }
        let all = pipe.read { $0.ranges(of: "\n").count == threads * each }
        #expect(log.shutdown(deadline: .seconds(5)))
        for number in 0..<threads { #expect(all.ranges(of: " route=route\(number) ").count == each) }
        #expect(all.split(separator: "\n").allSatisfy { $0.hasPrefix("time=") })
    }

    @Test("a mask of a later configuration holds from then on")
    func laterMask() {
        let pipe = TestPipe()
        let log = log(pipe)
        let loop = log.makeLoopLog()
        log.setMask(TargetMask(names: ["session"]))
        var sample = Sample()
        sample.target = "/?session=0123456789ab"
        sample.append(to: loop)
        loop.tick()
        #expect(pipe.read { $0.hasSuffix("\n") }.contains("session=…89ab"))
        log.shutdown(deadline: .seconds(5))
    }
}

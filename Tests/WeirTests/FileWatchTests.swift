import Foundation
import Synchronization
import TestSupport
import Testing
import WeirConfiguration

@testable import weir

/// Files that a test makes up.
private final class MadeUpFiles: Sendable {
    private let states = Mutex<[String: FileState]>([:])

    func set(_ path: String, _ version: Int64?) {
        states.withLock {
            $0[path] = version.map {
                FileState(device: 1, inode: 1, size: 10, modifiedSeconds: $0, modifiedNanoseconds: 0)
            }
        }
    }

    var look: @Sendable (String) -> FileState? {
        { path in self.states.withLock { $0[path] } }
    }
}

@Suite("Watching files")
struct FileWatchTests {
    @Test("a change is told once, when two looks in a row have found the same")
    func settles() {
        let files = MadeUpFiles()
        files.set("a", 1)
        var watch = FileWatch(["a"], look: files.look)
        #expect(watch.check() == .unchanged)
        files.set("a", 2)
        #expect(watch.check() == .changing)
        files.set("a", 3)
        #expect(watch.check() == .changing)
        #expect(watch.check() == .changed)
        #expect(watch.check() == .unchanged)
    }

    @Test("a file that comes or goes has changed")
    func existence() {
        let files = MadeUpFiles()
        var watch = FileWatch(["a", "b"], look: files.look)
        files.set("b", 1)
        #expect(watch.check() == .changing)
        #expect(watch.check() == .changed)
        files.set("b", nil)
        #expect(watch.check() == .changing)
        #expect(watch.check() == .changed)
    }

    @Test("one that goes and is back as it was, as an editor leaves it, has not changed")
    func back() {
        let files = MadeUpFiles()
        files.set("a", 1)
        var watch = FileWatch(["a"], look: files.look)
        files.set("a", nil)
        #expect(watch.check() == .changing)
        files.set("a", 1)
        #expect(watch.check() == .unchanged)
    }

    @Test("one that never comes to rest is told of nevertheless")
    func restless() {
        let files = MadeUpFiles()
        var watch = FileWatch(["a"], look: files.look)
        let findings = (1...20).map { version in
            files.set("a", Int64(version))
            return watch.check()
        }
        #expect(findings.filter { $0 == .changed }.count == 2)
    }

    @Test("permissions, and a change that keeps size and time of modification, are seen")
    func keptTimes() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = directory.path + "/a"
        try Data("one".utf8).write(to: URL(fileURLWithPath: path))
        let first = try #require(FileState.look(path))
        var times = [
            timespec(tv_sec: Int(first.modifiedSeconds), tv_nsec: Int(first.modifiedNanoseconds)),
            timespec(tv_sec: Int(first.modifiedSeconds), tv_nsec: Int(first.modifiedNanoseconds)),
        ]
        usleep(20_000)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.write(contentsOf: Data("two".utf8))
        try handle.close()
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
        let second = try #require(FileState.look(path))
        #expect(second.size == first.size && second.modifiedNanoseconds == first.modifiedNanoseconds)
        #expect(second != first)
        usleep(20_000)
        #expect(chmod(path, 0o640) == 0)
        #expect(FileState.look(path) != second)
    }

    @Test("what is acknowledged is no change; what is watched anew begins as it is")
    func acknowledged() {
        let files = MadeUpFiles()
        files.set("a", 1)
        files.set("b", 1)
        var watch = FileWatch(["a"], look: files.look)
        files.set("a", 2)
        watch.acknowledge()
        #expect(watch.check() == .unchanged)
        files.set("a", 3)
        files.set("b", 2)
        watch.watch(["a", "b"])
        #expect(watch.check() == .changing, "of the one that was watched before, the change is still to be told")
        #expect(watch.check() == .changed)
    }

    @Test("real files: written, replaced by a rename, removed, reached by a link that moves")
    func realFiles() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/weir.yaml"
        func change(_ body: () throws -> Void) throws -> Bool {
            var watch = FileWatch([path])
            try body()
            return watch.check() == .changing && watch.check() == .changed && watch.check() == .unchanged
        }
        #expect(try change { try Data("a".utf8).write(to: URL(fileURLWithPath: path)) })
        #expect(try change { try Data("bc".utf8).write(to: URL(fileURLWithPath: path)) })
        let next = directory + "/next"
        try Data("de".utf8).write(to: URL(fileURLWithPath: next))
        #expect(try change { _ = rename(next, path) })
        #expect(try change { try FileManager.default.removeItem(atPath: path) })
        for name in ["one", "two"] { try Data("same".utf8).write(to: URL(fileURLWithPath: directory + "/" + name)) }
        #expect(
            try change {
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: directory + "/one")
            })
        #expect(
            try change {
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: directory + "/two")
            })
    }
}

@Suite("The reload loop")
struct ReloadLoopTests {
    /// What a test sees of a loop that it drives.
    private final class Course: Sendable {
        struct State {
            var pauses: [Duration] = []
            var reasons: [ReloadLoop.Reason] = []
            var running = 0
            var mostRunning = 0
        }

        let state = Mutex(State())

        var reasons: [ReloadLoop.Reason] { state.withLock { $0.reasons } }

        func wait(_ condition: @Sendable (State) -> Bool) async -> Bool {
            for _ in 0..<2000 {
                if condition(state.withLock { $0 }) { return true }
                try? await Task.sleep(for: .milliseconds(5))
            }
            return false
        }
    }

    /// Runs a loop over made-up files, with pauses cut to a moment, while `body` drives it.
    private func run(
        _ interval: ReloadInterval, next: ReloadLoop.Plan? = nil, reloadTakes: Duration = .zero,
        changesBefore: Bool = false,
        _ body: (MadeUpFiles, AsyncStream<Int32>.Continuation, Course) async -> Void
    ) async {
        let files = MadeUpFiles()
        files.set("a", 1)
        files.set("b", 1)
        let course = Course()
        let (hangups, hangup) = AsyncStream.makeStream(of: Int32.self)
        let loop = ReloadLoop(
            look: files.look,
            pause: { duration in
                course.state.withLock { $0.pauses.append(duration) }
                try await Task.sleep(for: .milliseconds(2))
            },
            reload: { reason in
                course.state.withLock {
                    $0.reasons.append(reason)
                    $0.running += 1
                    $0.mostRunning = max($0.mostRunning, $0.running)
                }
                try? await Task.sleep(for: reloadTakes)
                course.state.withLock { $0.running -= 1 }
                return next
            })
        let watch = FileWatch(["a"], look: files.look)
        if changesBefore { files.set("a", 2) }
        let task = Task {
            await loop.run(ReloadLoop.Plan(interval: interval, paths: ["a"]), since: watch, hangups: hangups)
        }
        await body(files, hangup, course)
        task.cancel()
        await task.value
    }

    @Test("a changed file leads to one reload, looked for often enough to be seen within a second")
    func changed() async {
        await run(.watch) { files, _, course in
            #expect(await course.wait { $0.pauses.count > 2 })
            files.set("a", 2)
            #expect(await course.wait { $0.reasons == [.changed] })
            let looks = course.state.withLock { $0.pauses.count }
            #expect(await course.wait { $0.pauses.count > looks + 10 })
            #expect(course.reasons == [.changed])
            #expect(course.state.withLock { $0.pauses.allSatisfy { $0 * 2 < .seconds(1) } })
        }
    }

    @Test("a file that changed between its reading and the loop's begin is not missed")
    func changedBefore() async {
        await run(.watch, changesBefore: true) { _, _, course in
            #expect(await course.wait { $0.reasons == [.changed] })
        }
    }

    @Test("every N seconds: looked at so often, and soon again while it changes")
    func every() async {
        await run(.every(.seconds(30))) { files, _, course in
            #expect(await course.wait { $0.pauses.count > 2 })
            #expect(course.state.withLock { $0.pauses.allSatisfy { $0 == .seconds(30) } })
            files.set("a", 2)
            #expect(await course.wait { $0.reasons == [.changed] })
            #expect(course.state.withLock { $0.pauses.contains { $0 < .seconds(1) } })
        }
    }

    @Test("never: nothing is looked at, and SIGHUP reloads all the same")
    func never() async {
        await run(.never) { files, hangup, course in
            files.set("a", 2)
            hangup.yield(1)
            #expect(await course.wait { $0.reasons == [.asked] })
            #expect(course.state.withLock { $0.pauses.isEmpty })
        }
    }

    @Test("SIGHUP that comes with a change reloads once")
    func both() async {
        await run(.watch) { files, hangup, course in
            files.set("a", 2)
            hangup.yield(1)
            #expect(await course.wait { !$0.reasons.isEmpty })
            let looks = course.state.withLock { $0.pauses.count }
            #expect(await course.wait { $0.pauses.count > looks + 10 })
            #expect(course.reasons.count <= 2)
        }
    }

    @Test("many at once: never two reloads at a time, and one more behind the one under way")
    func oneAtATime() async {
        await run(.watch, reloadTakes: .milliseconds(60)) { files, hangup, course in
            for index in 0..<50 {
                hangup.yield(1)
                files.set("a", Int64(index + 2))
                try? await Task.sleep(for: .milliseconds(2))
            }
            #expect(await course.wait { $0.reasons.count >= 2 && $0.running == 0 })
            #expect(course.state.withLock { $0.mostRunning } == 1)
            #expect(course.reasons.count < 25)
        }
    }

    @Test("a reload may say what is watched from then on, and how")
    func replanned() async {
        await run(.never, next: ReloadLoop.Plan(interval: .watch, paths: ["b"])) { files, hangup, course in
            hangup.yield(1)
            #expect(await course.wait { $0.reasons == [.asked] && !$0.pauses.isEmpty })
            files.set("a", 9)
            let looks = course.state.withLock { $0.pauses.count }
            #expect(await course.wait { $0.pauses.count > looks + 5 })
            #expect(course.reasons == [.asked])
            files.set("b", 9)
            #expect(await course.wait { $0.reasons == [.asked, .changed] })
        }
    }

    @Test("the state that health tells: a failed reload leaves what was loaded")
    func state() {
        let state = ReloadState(loadedAt: "2026-01-01T00:00:00Z")
        #expect(state.current == ("2026-01-01T00:00:00Z", nil))
        state.failed("weir.yaml: line 3: no such key")
        #expect(state.current == ("2026-01-01T00:00:00Z", "weir.yaml: line 3: no such key"))
        state.succeeded(at: "2026-01-02T00:00:00Z")
        #expect(state.current == ("2026-01-02T00:00:00Z", nil))
    }
}

import Synchronization
import WeirConfiguration

/// Reads the configuration again when it is asked for (SIGHUP) or when its files have changed; never twice at a time.
///
/// What asks while a reload is under way leads to one more behind it.
struct ReloadLoop: Sendable {
    /// Why it is read again.
    enum Reason: Equatable, Sendable {
        /// A signal came.
        case asked
        /// A file has changed.
        case changed
    }

    /// What is watched, and how often.
    struct Plan: Equatable, Sendable {
        /// When to look.
        var interval: ReloadInterval
        /// The configuration's file, and every file that it names and that is read with it.
        var paths: [String]
    }

    /// How often files are looked at where changes are to be seen within a second, and while a file is changing.
    private static let shortPause = Duration.milliseconds(300)

    private let look: @Sendable (String) -> FileState?
    private let pause: @Sendable (Duration) async throws -> Void
    private let reload: @Sendable (Reason) async -> Plan?

    /// A loop.
    ///
    /// - Parameters:
    ///   - look: finds a file's state.
    ///   - pause: waits; throws when the task is cancelled.
    ///   - reload: reads the configuration; gives what is to be watched from then on, nil: as before.
    init(
        look: @escaping @Sendable (String) -> FileState? = FileState.look,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        reload: @escaping @Sendable (Reason) async -> Plan?
    ) {
        self.look = look
        self.pause = pause
        self.reload = reload
    }

    /// Runs until its task is cancelled.
    ///
    /// - Parameters:
    ///   - plan: what is watched at first.
    ///   - watch: knows the files of `plan` as they were when they were read; nil: as they are now.
    ///   - hangups: an element for each signal.
    func run(
        _ plan: Plan, since watch: FileWatch? = nil, hangups: some AsyncSequence<Int32, Never> & Sendable
    ) async {
        var plan = plan
        // One that waits is enough, whatever its reason: a reload reads everything.
        let (reasons, asking) = AsyncStream.makeStream(of: Reason.self, bufferingPolicy: .bufferingNewest(1))
        let watch = SharedWatch(watch ?? FileWatch(plan.paths, look: look))
        let listener = Task { for await _ in hangups { asking.yield(.asked) } }
        var watcher = startWatching(plan.interval, watch, asking)
        for await reason in reasons {
            watch.state.withLock { $0.acknowledge() }
            guard let next = await reload(reason), next != plan else { continue }
            watch.state.withLock { $0.watch(next.paths) }
            if next.interval != plan.interval {
                watcher?.cancel()
                watcher = startWatching(next.interval, watch, asking)
            }
            plan = next
        }
        listener.cancel()
        watcher?.cancel()
    }

    private func startWatching(
        _ interval: ReloadInterval, _ watch: SharedWatch, _ asking: AsyncStream<Reason>.Continuation
    ) -> Task<Void, Never>? {
        let usual: Duration
        switch interval {
        case .never: return nil
        case .watch: usual = Self.shortPause
        case .every(let duration): usual = max(duration, Self.shortPause)
        }
        return Task {
            var next = usual
            while !Task.isCancelled {
                guard (try? await pause(next)) != nil else { return }
                switch watch.state.withLock({ $0.check() }) {
                case .unchanged: next = usual
                case .changing: next = Self.shortPause
                case .changed:
                    next = usual
                    asking.yield(.changed)
                }
            }
        }
    }
}

/// A watch that the looker and the reloading share.
private final class SharedWatch: Sendable {
    let state: Mutex<FileWatch>

    init(_ watch: FileWatch) {
        state = Mutex(watch)
    }
}

/// What came of the latest reload: what `GET /healthz` says under `config`.
final class ReloadState: Sendable {
    private let state: Mutex<(loadedAt: String, error: String?)>

    /// The configuration of the start, loaded at `time` (RFC 3339).
    init(loadedAt time: String = Timestamp.now()) {
        state = Mutex((time, nil))
    }

    /// When the configuration in force was loaded, and why the latest reload failed; nil: it did not.
    var current: (loadedAt: String, error: String?) { state.withLock { $0 } }

    /// A reload has succeeded.
    func succeeded(at time: String = Timestamp.now()) {
        state.withLock { $0 = (time, nil) }
    }

    /// A reload has failed: the configuration in force stays.
    ///
    /// - Parameter message: for people, without secrets.
    func failed(_ message: String) {
        state.withLock { $0.error = message }
    }
}

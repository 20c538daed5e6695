import Glibc

/// A thread of its own for work that blocks.
enum DedicatedThread {
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Starts `body` on a new thread, which nobody joins: it says itself when it is done.
    ///
    /// - Parameter name: at most 15 octets, for the system's list of threads.
    /// - Throws: ``RecordingError`` where the system has no thread to give.
    static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(RecordingError) {
        let work = Unmanaged.passRetained(Work(name, body)).toOpaque()
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, enter, work)
        guard result == 0 else {
            Unmanaged<Work>.fromOpaque(work).release()
            throw .system("start the thread", name, result)
        }
        pthread_detach(thread)
    }

    /// Where a thread begins; its argument is the retained work that ``start(_:_:)`` gave it.
    private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        setName(work.name)
        work.body()
        return nil
    }

    /// Names the calling thread; a system without this file goes without.
    private static func setName(_ name: String) {
        guard let file = try? JournalFile("/proc/thread-self/comm", O_WRONLY) else { return }
        _ = name.withCString { write(file.descriptor, $0, strlen($0)) }
    }
}

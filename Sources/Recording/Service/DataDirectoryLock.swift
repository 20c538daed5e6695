import Glibc

/// Keeps a data directory to one process: an advisory lock on `weir.lock`, which the system drops when the process ends.
package final class DataDirectoryLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock and leaves this process's id in the file.
    ///
    /// - Parameter directory: made, for its owner alone, where it is missing.
    /// - Throws: ``RecordingError``: ``RecordingError/Code-swift.enum/directoryInUse`` names the process that holds it.
    package init(directory: String) throws(RecordingError) {
        try JournalFile.makeDirectory(directory)
        let path = directory + "/weir.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system("open", path) }
        guard Self.lock(descriptor) else {
            let number = errno
            let holder = JournalFile.contents(of: path, limit: 32).map { String(decoding: $0, as: UTF8.self) } ?? ""
            _ = close(descriptor)
            guard number == EWOULDBLOCK else { throw .system("lock", path, number) }
            let pid = holder.prefix { $0.isNumber }
            throw RecordingError(
                .directoryInUse,
                "The data directory \(directory) is in use by process \(pid.isEmpty ? "(unknown)" : String(pid)); "
                    + "stop it, or choose another with --data-dir.")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            let number = errno
            _ = close(descriptor)
            throw .system("write", path, number)
        }
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// Tries for half a second: a process that is just ending, or a child of it on its way to another program, still
    /// holds the lock for a moment.
    private static func lock(_ descriptor: Int32) -> Bool {
        for attempt in 0..<10 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK else { return false }
            if attempt < 9 { usleep(50_000) }
        }
        errno = EWOULDBLOCK
        return false
    }
}

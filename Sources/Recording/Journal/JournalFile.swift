import Glibc

/// An open file, closed at the end of its life; never inherited by a child, never reached through a symbolic link.
struct JournalFile: ~Copyable {
    let descriptor: Int32

    /// Opens a file.
    ///
    /// - Throws: ``RecordingError`` with the path and the system's word.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(RecordingError) {
        let descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .system("open", path) }
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// Octets in the file.
    var size: UInt64 {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? UInt64(facts.st_size) : 0
    }

    /// Reads from `offset` on into `memory`: the number of octets, fewer only at the file's end.
    func read(at offset: UInt64, into memory: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < memory.count {
            let count = pread(
                descriptor, memory.baseAddress.map { $0 + filled }, memory.count - filled, off_t(offset) + filled)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            filled += count
        }
        return filled
    }

    /// Reads a whole file, or nil where there is none.
    static func contents(of path: String, limit: Int) -> [UInt8]? {
        guard let file = try? JournalFile(path, O_RDONLY) else { return nil }
        let size = Int(min(file.size, UInt64(limit)))
        return [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            count = file.read(at: 0, into: UnsafeMutableRawBufferPointer(memory))
        }
    }

    /// Makes a directory and those above it, for their owner alone.
    static func makeDirectory(_ path: String) throws(RecordingError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.dropLast().lastIndex(of: "/"), slash > path.startIndex {
            try makeDirectory(String(path[..<slash]))
            if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        }
        throw .system("make directory", path)
    }
}

extension RecordingError {
    /// What the system's last error says about `path`.
    static func system(_ action: String, _ path: String, _ number: Int32 = Glibc.errno) -> RecordingError {
        RecordingError(.fileSystem, "Cannot \(action) \(path): \(String(cString: strerror(number)))", errno: number)
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The calls by which octets reach a file; tests put failing ones in their place.
struct FileCalls: Sendable {
    /// As `write(2)`: octets written, or -1 with `errno`.
    var write: @Sendable (Int32, UnsafeRawBufferPointer) -> Int = { descriptor, octets in
        #if canImport(Glibc)
            Glibc.write(descriptor, octets.baseAddress, octets.count)
        #else
            Musl.write(descriptor, octets.baseAddress, octets.count)
        #endif
    }
    /// As `ftruncate(2)`.
    var truncate: @Sendable (Int32, Int) -> Int32 = { ftruncate($0, off_t($1)) }
    /// As `posix_fadvise(2)` with `POSIX_FADV_DONTNEED`: Linux begins to write what of the range is not on the disk yet,
    /// and gives back the memory of what is.
    var release: @Sendable (Int32, Range<Int>) -> Void = { descriptor, range in
        _ = posix_fadvise(descriptor, off_t(range.lowerBound), off_t(range.count), POSIX_FADV_DONTNEED)
    }
}

/// One open session file: appended to, or cut back, in whole lines.
final class SessionFile: Sendable {
    let name: SessionFileName
    let path: String
    private let descriptor: Int32

    private init(name: SessionFileName, path: String, descriptor: Int32) {
        self.name = name
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Makes a file that must not be there yet; nil if it is.
    static func create(_ name: SessionFileName, in directory: String) throws(SessionFault) -> SessionFile? {
        let path = directory + "/" + name.text
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 {
            if errno == EEXIST { return nil }
            throw SessionFault(action: "create", path: path, errno: errno)
        }
        return SessionFile(name: name, path: path, descriptor: descriptor)
    }

    /// Opens the transcript of a session file; makes it if it is missing.
    static func openTranscript(of name: SessionFileName, in directory: String) throws(SessionFault) -> SessionFile {
        let path = directory + "/" + name.transcript
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw SessionFault(action: "create", path: path, errno: errno) }
        let file = SessionFile(name: name, path: path, descriptor: descriptor)
        guard file.status().isRegular else { throw SessionFault(action: "write to", path: path, errno: EEXIST) }
        return file
    }

    /// Opens a file of an earlier commit, or its transcript; nil if there is none, or something else has its name.
    static func reopen(
        _ name: SessionFileName, in directory: String, isTranscript: Bool = false
    ) throws(SessionFault) -> SessionFile? {
        let path = directory + "/" + (isTranscript ? name.transcript : name.text)
        // Without O_NONBLOCK a pipe of that name would be waited for.
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if descriptor < 0 {
            if errno == ENOENT || errno == ELOOP || errno == ENXIO { return nil }
            throw SessionFault(action: "open", path: path, errno: errno)
        }
        let file = SessionFile(name: name, path: path, descriptor: descriptor)
        guard file.status().isRegular else { return nil }
        return file
    }

    /// How long the file is, and whether it still has a name.
    func status() -> (length: Int, isLinked: Bool, isRegular: Bool) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return (0, false, false) }
        return (Int(status.st_size), status.st_nlink > 0, status.st_mode & S_IFMT == S_IFREG)
    }

    /// Octets after which memory is given back again.
    static let stride = 4 << 20
    /// Octets at the end that stay in memory for who reads along.
    static let readAlong = 8 << 20

    /// Appends all of `octets`, or throws and leaves the file as long as it was.
    ///
    /// A record is written once and rarely read: it is sent to the disk as it grows, and what is there gives its memory
    /// back, for the next octets. Else a busy record takes all the memory there is for its pages, and each one that is
    /// new costs several times the copy into it.
    func append(_ octets: UnsafeRawBufferPointer, _ calls: FileCalls) throws(SessionFault) {
        let before = status().length
        var written = 0
        while written < octets.count {
            let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: octets[written...]))
            if count > 0 {
                written += count
                continue
            }
            let reason = count < 0 ? errno : EIO
            if count < 0, reason == EINTR { continue }
            if written > 0 { try truncate(to: before, calls) }
            throw SessionFault(action: "write to", path: path, errno: reason)
        }
        let end = (before + written) / Self.stride * Self.stride
        // What one call sends to the disk, the next one finds there.
        if end > max(before, Self.readAlong) { calls.release(descriptor, 0..<end - Self.readAlong) }
    }

    /// Cuts the file off behind `length`; a shorter one stays as it is.
    func truncate(to length: Int, _ calls: FileCalls) throws(SessionFault) {
        guard status().length > length else { return }
        guard calls.truncate(descriptor, length) == 0 else {
            throw SessionFault(action: "cut back", path: path, errno: errno)
        }
    }
}

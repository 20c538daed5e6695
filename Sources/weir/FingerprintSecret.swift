#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The secret that client keys are fingerprinted under: 32 octets in the data directory, for their owner alone, made on
/// first use, so that a key has one fingerprint for as long as the records live.
enum FingerprintSecret {
    private static let length = 32

    /// Reads the secret, or makes it.
    ///
    /// - Throws: ``ApplicationFault``.
    static func load(directory: String) throws(ApplicationFault) -> [UInt8] {
        let path = directory + "/fingerprint.key"
        if let known = try read(path) { return known }
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // A whole file or none, whoever else is starting; a draft that a crash left behind is nobody's.
        let draft = "\(path).\(getpid())"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault("make", path) }
        let written = secret.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isStored = written == length && fsync(descriptor) == 0
        close(descriptor)
        guard isStored, link(draft, path) == 0 || errno == EEXIST else {
            unlink(draft)
            throw fault("write", path)
        }
        unlink(draft)
        guard let stored = try read(path) else { throw fault("read", path) }
        return stored
    }

    /// The secret; nil: there is no such file yet.
    ///
    /// One that cannot be taken is never made anew by itself: the fingerprints of all records would change.
    private static func read(_ path: String) throws(ApplicationFault) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw fault("read", path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fault("read", path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == length else {
            throw ApplicationFault(
                message: "\(path) is no file of \(length) octets; put the original back, or remove it for a new one, "
                    + "under which keys without a name get other fingerprints.")
        }
        // Where it is another user's, as on a volume of a container, that user decides.
        if status.st_mode & 0o077 != 0 { fchmod(descriptor, 0o600) }
        var secret = [UInt8](repeating: 0, count: length)
        let count = secret.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count == length else { throw fault("read", path) }
        return secret
    }

    private static func fault(_ action: String, _ path: String) -> ApplicationFault {
        ApplicationFault(message: "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}

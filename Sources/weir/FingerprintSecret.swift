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
        if let known = read(path) { return known }
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        // A whole file or none, whoever else is starting.
        let draft = "\(path).\(getpid())"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault("make", path) }
        let written = secret.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        let isStored = written == length && fsync(descriptor) == 0
        close(descriptor)
        guard isStored, link(draft, path) == 0 || errno == EEXIST else {
            unlink(draft)
            throw fault("write", path)
        }
        unlink(draft)
        guard let stored = read(path) else { throw fault("read", path) }
        return stored
    }

    private static func read(_ path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var secret = [UInt8](repeating: 0, count: length)
        let count = secret.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count == length ? secret : nil
    }

    private static func fault(_ action: String, _ path: String) -> ApplicationFault {
        ApplicationFault(message: "cannot \(action) \(path): \(String(cString: strerror(errno)))")
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Where session files lie.
struct SessionDirectory: Sendable {
    let path: String

    /// Makes the directory, and those above it, where they are missing; only the owner may look into new ones.
    init(_ path: String) throws(SessionFault) {
        var trimmed = path.isEmpty ? "." : path
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.path = trimmed
        var made = ""
        for part in trimmed.split(separator: "/", omittingEmptySubsequences: false) {
            made += made.isEmpty && part.isEmpty ? "/" : (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            if mkdir(made, 0o700) == 0 || errno == EEXIST { continue }
            // Above the last part there may be directories that exist and cannot be written to.
            let reason = errno
            var status = stat()
            guard stat(made, &status) == 0 else { throw SessionFault(action: "create", path: made, errno: reason) }
        }
        var status = stat()
        guard stat(trimmed, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw SessionFault(action: "use as a directory", path: trimmed, errno: ENOTDIR)
        }
    }

    /// The names of the session files in it.
    func names() throws(SessionFault) -> [SessionFileName] {
        guard let directory = opendir(path) else { throw SessionFault(action: "list", path: path, errno: errno) }
        defer { closedir(directory) }
        var names: [SessionFileName] = []
        while let entry = readdir(directory) {
            // A directory entry's name ends with a zero inside the entry.
            let text = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
                    String(cString: $0)
                }
            }
            if let name = SessionFileName(text) { names.append(name) }
        }
        return names
    }

    /// Removes a session file and its transcript; what is gone already is no fault.
    func remove(_ name: SessionFileName) throws(SessionFault) {
        for file in [path + "/" + name.text, path + "/" + name.transcript] {
            guard unlink(file) == 0 || errno == ENOENT else {
                throw SessionFault(action: "remove", path: file, errno: errno)
            }
        }
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a session file cannot be written.
package struct SessionFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, as in "write to".
    package var action: String
    /// The file or directory.
    package var path: String
    /// The system's number for the reason.
    package var errno: Int32

    /// Whether there is no room, now: worth another try later.
    package var isOutOfSpace: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }

    package var description: String {
        var reason = "error \(errno)"
        // The C library's text lives until the next call on this thread, and is copied here.
        if let text = strerror(errno) { reason = String(cString: text) }
        return "Cannot \(action) \(path): \(reason)."
    }
}

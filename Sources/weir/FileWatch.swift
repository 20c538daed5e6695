#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What tells one state of a file from another without reading it.
struct FileState: Equatable, Sendable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modifiedSeconds: Int64
    var modifiedNanoseconds: Int64
    /// Also moves with permissions and owner, and cannot be set back: a file made readable has changed, and so has one
    /// whose time of modification was kept or is too coarse to tell.
    var changedSeconds: Int64 = 0
    var changedNanoseconds: Int64 = 0

    /// The state of what `path` leads to, symbolic links followed; nil: nothing is there.
    static func look(_ path: String) -> FileState? {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        return FileState(
            device: UInt64(found.st_dev), inode: UInt64(found.st_ino), size: Int64(found.st_size),
            modifiedSeconds: Int64(found.st_mtim.tv_sec), modifiedNanoseconds: Int64(found.st_mtim.tv_nsec),
            changedSeconds: Int64(found.st_ctim.tv_sec), changedNanoseconds: Int64(found.st_ctim.tv_nsec))
    }
}

/// Tells whether files have changed, by looking at them now and then.
///
/// A change counts once two looks in a row have found the same, so that a file is not read while it is being written.
struct FileWatch: Sendable {
    /// What a look has found.
    enum Finding: Equatable, Sendable {
        /// All is as it was.
        case unchanged
        /// Something is changing; look again soon.
        case changing
        /// Something has changed and has come to rest. Said once.
        case changed
    }

    /// A file that changes at each of so many looks in a row counts as changed: it may never come to rest.
    private static let mostUnsettledLooks = 10

    private let look: @Sendable (String) -> FileState?
    private var paths: [String]
    /// What was there when it was last said, or acknowledged.
    private var known: [FileState?]
    private var latest: [FileState?]?
    private var unsettledLooks = 0

    /// A watch that takes what there is now as known.
    ///
    /// - Parameter look: finds a file's state.
    init(_ paths: [String], look: @escaping @Sendable (String) -> FileState? = FileState.look) {
        self.paths = paths
        self.look = look
        known = paths.map(look)
    }

    /// Looks at all files.
    mutating func check() -> Finding {
        let now = paths.map(look)
        guard now != known else {
            latest = nil
            unsettledLooks = 0
            return .unchanged
        }
        unsettledLooks += 1
        guard now == latest || unsettledLooks >= Self.mostUnsettledLooks else {
            latest = now
            return .changing
        }
        acknowledge(now)
        return .changed
    }

    /// Takes what there is now as known: somebody is about to read it.
    mutating func acknowledge() {
        acknowledge(paths.map(look))
    }

    private mutating func acknowledge(_ states: [FileState?]) {
        known = states
        latest = nil
        unsettledLooks = 0
    }

    /// Watches other files from now on; of those that were watched before, what is known stays.
    mutating func watch(_ paths: [String]) {
        let earlier = Dictionary(zip(self.paths, known)) { first, _ in first }
        known = paths.map { path in earlier[path] ?? look(path) }
        self.paths = paths
        latest = nil
        unsettledLooks = 0
    }
}

/// What keeps the record from working.
package struct RecordingError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// Another process holds the data directory.
        case directoryInUse
        /// The data directory or a file in it cannot be used.
        case fileSystem
        /// A file of the journal is not what it should be.
        case corrupt
    }

    /// The kind of failure.
    package let code: Code
    /// What, where, and how to mend it.
    package let message: String
    /// The system's error number, where there is one.
    package let errno: Int32?

    /// An error of this target.
    package init(_ code: Code, _ message: String, errno: Int32? = nil) {
        self.code = code
        self.message = message
        self.errno = errno
    }

    package var description: String { message }
}

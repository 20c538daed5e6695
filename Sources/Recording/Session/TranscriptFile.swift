/// The Markdown file beside a session file; it is begun with its first entry.
struct TranscriptFile: Sendable {
    /// The open file; nil: none has been opened for the session file in use.
    private var file: SessionFile?
    /// Entries that are not in the file yet.
    var entries: [UInt8] = []

    /// How many octets wait to be written.
    var waiting: Int { entries.count }
    /// Octets in the file; one that somebody removed holds none.
    var length: Int {
        guard let status = file?.status(), status.isLinked else { return 0 }
        return status.length
    }

    /// Forgets the entries that are not in the file.
    mutating func forgetEntries() { entries = [] }

    /// Goes on to the file beside another session file; nil: there is none yet.
    mutating func goOn(in file: SessionFile?) { self.file = file }

    /// Puts the gathered entries into the file beside `name`, or throws and keeps them.
    ///
    /// A file that somebody removed is begun again.
    mutating func flush(
        beside name: SessionFileName, in directory: String, keepingCapacityUpTo capacity: Int, _ calls: FileCalls
    ) throws(SessionFault) {
        guard !entries.isEmpty else { return }
        if let open = file, !open.status().isLinked { file = nil }
        let open: SessionFile
        if let file { open = file } else { open = try SessionFile.openTranscript(of: name, in: directory) }
        file = open
        try Self.append(entries, to: open, calls)
        if entries.capacity > capacity { entries = [] } else { entries.removeAll(keepingCapacity: true) }
    }

    private static func append(
        _ entries: [UInt8], to file: SessionFile, _ calls: FileCalls
    ) throws(SessionFault) {
        try entries.span.bytes.withUnsafeBytes { (octets: UnsafeRawBufferPointer) throws(SessionFault) in
            try file.append(octets, calls)
        }
    }

    /// Cuts the file beside `name` back, and gives it; nil: there is none.
    static func cut(
        beside name: SessionFileName, in directory: String, to length: Int, _ calls: FileCalls
    ) throws(SessionFault) -> SessionFile? {
        let file = try SessionFile.reopen(name, in: directory, isTranscript: true)
        try file?.truncate(to: length, calls)
        return file
    }
}

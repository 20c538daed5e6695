import LLMWire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How session files are kept.
package struct SessionSettings: Sendable {
    /// The directory; made if missing.
    package var directory: String
    /// Octets after which a file is followed by a new one; a line is never split, so the last may go past it.
    package var maximumSize: Int
    /// How many files of one session stay, the one in use included.
    package var keep: Int
    /// Octets of a body that are shown at most when its content coding is undone.
    package var maximumDecodedBody: Int

    /// Settings with the contract's defaults.
    package init(
        directory: String, maximumSize: Int = 256 << 20, keep: Int = 8, maximumDecodedBody: Int = 16 << 20
    ) {
        self.directory = directory
        self.maximumSize = max(1, maximumSize)
        self.keep = max(1, keep)
        self.maximumDecodedBody = max(1, maximumDecodedBody)
    }
}

/// Writes each exchange as one line of JSON into the session's file, and what was said in it into the transcript beside
/// that (contract 8.2; the keys are in `docs/records.md`).
///
/// Lines are gathered and written at ``commit()``, or when there are many. What throws has changed nothing that a
/// second call would do again: a ``write(_:)`` that throws has not taken its exchange, a ``commit()`` that throws has
/// kept every line for the next one, and no file ends in part of a line while the process lives.
///
/// A mark is the file's name, its length and its transcript's in decimal, with zero octets between. ``restore(to:)`` cuts
/// both files back, whichever process wrote them, and removes those that the same session began after them.
package struct SessionFiles: RecordSink, Sendable {
    private let settings: SessionSettings
    private let directory: SessionDirectory
    private let calls: FileCalls
    private let now: @Sendable () -> Int64
    private let fileChanged: @Sendable (String) -> Void
    private var file: SessionFile
    /// Octets in the file.
    private var length = 0
    /// Lines that are not in the file yet.
    private var lines = JSONLineWriter()
    private var renderer: ExchangeLine
    private var contents: ExchangeContents
    private var transcript = Transcript()
    private var transcriptFile = TranscriptFile()
    private var clock: LocalClock
    /// This session's files, oldest first, the one in use last.
    private var chain: [SessionFileName]

    /// Gathered lines are written when they are this many octets.
    private static let writeThreshold = 256 << 10
    /// A buffer that a large exchange has made larger than this is given back.
    private static let keptCapacity = 4 << 20

    /// Makes the directory and the session's first file.
    ///
    /// - Parameters:
    ///   - prices: what exchanges are priced by.
    ///   - fileChanged: told the path of each file that is begun, on the thread that writes.
    /// - Throws: ``SessionFault``.
    package init(
        _ settings: SessionSettings, prices: CurrentPrices = CurrentPrices(),
        fileChanged: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(SessionFault) {
        try self.init(
            settings, clock: LocalClock(), calls: FileCalls(), now: SessionFiles.wallClock, prices: prices,
            fileChanged: fileChanged)
    }

    init(
        _ settings: SessionSettings, clock: LocalClock, calls: FileCalls, now: @escaping @Sendable () -> Int64,
        prices: CurrentPrices = CurrentPrices(), fileChanged: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(SessionFault) {
        self.settings = settings
        self.calls = calls
        self.now = now
        self.clock = clock
        self.fileChanged = fileChanged
        directory = try SessionDirectory(settings.directory)
        renderer = ExchangeLine(clock: clock)
        contents = ExchangeContents(maximumDecodedBody: settings.maximumDecodedBody, prices: prices)
        file = try Self.createFirst(&self.clock, now, in: directory)
        chain = [file.name]
        fileChanged(file.path)
    }

    /// The path of the file in use.
    package var path: String { file.path }

    package mutating func write(_ exchange: RecordedExchange) throws {
        if lines.count + transcriptFile.waiting >= Self.writeThreshold { try flush() }
        contents.read(exchange)
        renderer.append(exchange, contents, to: &lines)
        transcript.append(
            exchange, contents.heads, contents.reading, &renderer, to: &transcriptFile.entries)
        contents.forget()
    }

    package mutating func writeGap(_ gap: RecordedGap) throws {
        if lines.count >= Self.writeThreshold { try flush() }
        renderer.append(gap, to: &lines)
    }

    package mutating func commit() throws -> [UInt8] {
        try flush()
        // Only between two marks: what is written after a mark lies behind it in its own file, or in one that follows.
        if length >= settings.maximumSize { try rotate() }
        return Array("\(file.name.text)\0\(length)\0\(transcriptFile.length)".utf8)
    }

    package mutating func restore(to mark: [UInt8]?) throws {
        lines.removeAll(keepingCapacityUpTo: Self.keptCapacity)
        transcriptFile.forgetEntries()
        guard let mark else {
            // Nothing of this session has been committed.
            if let first = chain.first { try cutBack(to: first, length: 0, transcriptLength: 0) }
            return
        }
        let parts = mark.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count >= 2, let name = SessionFileName(parts[0]), let length = Int(parts[1]), length >= 0,
            // A mark of two parts is from before there were transcripts.
            let transcriptLength = parts.count == 2 ? 0 : Int(parts[2]), transcriptLength >= 0
        else { throw SessionFault(action: "read the mark of", path: directory.path, errno: EINVAL) }
        let isOwn = chain.contains(name)
        try cutBack(to: name, length: length, transcriptLength: transcriptLength)
        // A mark of an earlier process: nothing that this one wrote has been committed.
        if !isOwn, let first = chain.first { try cutBack(to: first, length: 0, transcriptLength: 0) }
    }

    // MARK: Files

    /// Puts every gathered line into the file, or throws and keeps them.
    private mutating func flush() throws(SessionFault) {
        let status = file.status()
        if !status.isLinked {
            // Somebody removed it: what is written into it would be seen by nobody.
            try rotate()
        } else {
            // Somebody may have emptied it.
            length = status.length
        }
        try flushLines()
        try transcriptFile.flush(
            beside: file.name, in: directory.path, keepingCapacityUpTo: Self.keptCapacity, calls)
    }

    private mutating func flushLines() throws(SessionFault) {
        guard lines.count > 0 else { return }
        let (file, calls) = (file, calls)
        try lines.withOctets { (octets: RawSpan) throws(SessionFault) in
            try octets.withUnsafeBytes { (octets: UnsafeRawBufferPointer) throws(SessionFault) in
                try file.append(octets, calls)
            }
        }
        length += lines.count
        lines.removeAll(keepingCapacityUpTo: Self.keptCapacity)
    }

    /// Begins the session's next file and removes those that are too many.
    private mutating func rotate() throws(SessionFault) {
        let name = SessionFileName(clock.localTime(now()), serial: file.name.nextSerial)
        guard let next = try SessionFile.create(name, in: directory.path) else {
            // Another session has the name in this second; to pass over a serial would break the chain.
            throw SessionFault(action: "create", path: directory.path + "/" + name.text, errno: EEXIST)
        }
        file = next
        length = 0
        transcriptFile.goOn(in: nil)
        chain.append(file.name)
        fileChanged(file.path)
        while chain.count > settings.keep {
            try directory.remove(chain[0])
            chain.removeFirst()
        }
    }

    /// A session's first file; a name that another session took at the same nanosecond is passed over.
    private static func createFirst(
        _ clock: inout LocalClock, _ now: () -> Int64, in directory: SessionDirectory
    ) throws(SessionFault) -> SessionFile {
        var path = ""
        for _ in 0..<16 {
            let time = clock.localTime(now())
            let name = SessionFileName(time, serial: time.nanosecond)
            if let file = try SessionFile.create(name, in: directory.path) { return file }
            path = directory.path + "/" + name.text
        }
        throw SessionFault(action: "create", path: path, errno: EEXIST)
    }

    /// Cuts `name` and its transcript back and removes the files that its session began after it.
    private mutating func cutBack(
        to name: SessionFileName, length: Int, transcriptLength: Int
    ) throws(SessionFault) {
        var transcript = try TranscriptFile.cut(beside: name, in: directory.path, to: transcriptLength, calls)
        let names = try directory.names()
        var followers: [SessionFileName] = []
        var serial = name.nextSerial
        while let next = names.first(where: { $0.serial == serial && $0.text > name.text }) {
            followers.append(next)
            serial = next.nextSerial
        }
        let ownFollows = followers.contains(file.name)
        let marked = file.name == name ? file : try SessionFile.reopen(name, in: directory.path)
        try marked?.truncate(to: length, calls)
        for follower in followers where follower != file.name || marked != nil { try directory.remove(follower) }
        if let marked, ownFollows {
            file = marked
            fileChanged(file.path)
        } else if ownFollows {
            // The marked file is gone; the session goes on in the one it has.
            try file.truncate(to: 0, calls)
            transcript = try TranscriptFile.cut(beside: file.name, in: directory.path, to: 0, calls)
        } else if file.name != name {
            transcript = nil
        }
        transcriptFile.goOn(in: transcript)
        self.length = file.status().length
        chain.removeAll { $0 != file.name && followers.contains($0) }
        if chain.last != file.name { chain.append(file.name) }
    }

    private static func wallClock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

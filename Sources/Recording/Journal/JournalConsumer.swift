import Synchronization

/// Reads behind the journal's writer, gives whole exchanges to the sink, and removes what the sink has committed.
///
/// A failing sink, a crash and a start are one path: the sink goes back to its last mark, reading goes back to the
/// checkpoint, and what was committed before is passed over.
final class JournalConsumer {
    private let store: SegmentStore
    private let ownRun: UInt64
    private let settings: JournalSettings
    private let progress: JournalProgress
    private let diagnostics: @Sendable (String) -> Void

    private var sink: any RecordSink
    private var reader: JournalReader
    private var assembler: ExchangeAssembler
    private var checkpoint: Checkpoint
    /// The run whose segments are being read.
    private var run: UInt64?
    private var uncommitted = 0
    private var uncommittedOfOwnRun: UInt64 = 0
    private var latestCommit: UInt64 = 0

    /// A consumer that goes on where `checkpoint` says, or at the journal's start.
    init(
        store: SegmentStore, run: UInt64, checkpoint: Checkpoint?, sink: sending any RecordSink,
        settings: JournalSettings, progress: JournalProgress, diagnostics: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.ownRun = run
        self.settings = settings
        self.progress = progress
        self.diagnostics = diagnostics
        self.sink = sink
        let start = JournalPosition(segment: store.numbers().first ?? 0, offset: 0)
        self.checkpoint = checkpoint ?? Checkpoint(committed: start, resume: start, open: [], mark: nil)
        reader = JournalReader(store: store, ownRun: run, position: start)
        assembler = ExchangeAssembler(store: store)
    }

    /// Works until the writer is done and everything is committed, or until it must give up.
    func work() {
        var isRestored = false
        while true {
            let state = progress.monitor.withLock { $0 }
            do {
                if !isRestored { try restore() }
                isRestored = true
                try consume(upTo: state.written)
                if state.isWriterDone {
                    if reader.position != checkpoint.committed || uncommitted > 0 { try commit() }
                    recovered()
                    return
                }
                if state.isAbandoned { return }
                recovered()
            } catch {
                isRestored = false
                failed(error)
                guard progress.rest(settings.retryInterval) else { return }
                continue
            }
            let deadline = ProcessClock.read().monotonic + settings.readInterval.nanoseconds
            _ = progress.monitor.wait(until: deadline) { $0.isWriterDone || $0.isAbandoned ? true : nil }
        }
    }

    /// Goes back to what is committed.
    private func restore() throws {
        try sink.restore(to: checkpoint.mark)
        // From here on the sink may write where the old mark does not lead: after a crash it must be cut back there.
        let mark = try sink.commit()
        if mark != checkpoint.mark {
            checkpoint.mark = mark
            try checkpoint.save(in: store.directory)
        }
        assembler.reset()
        assembler.replayed = Set(checkpoint.open)
        reader.seek(checkpoint.resume)
        run = nil
        uncommitted = 0
        uncommittedOfOwnRun = 0
        latestCommit = ProcessClock.read().monotonic
    }

    private func consume(upTo written: JournalPosition) throws {
        let committedBefore = checkpoint.committed
        while true {
            switch reader.next(written: written) {
            case .end:
                try commitIfDue()
                return
            case .segment(let run):
                if let earlier = self.run, earlier != run {
                    try assembler.interruptAll { exchange in
                        if reader.position > committedBefore { try write(exchange, ofRun: earlier) }
                    }
                }
                self.run = run
            case .frame(let events, let position, let loop):
                let run = run ?? ownRun
                let isCommitted = position < committedBefore
                if !isCommitted { assembler.replayed = nil }
                try assembler.take(events, at: position, loop: loop) { product in
                    if isCommitted { return }
                    switch product {
                    case .exchange(let exchange): try write(exchange, ofRun: run)
                    case .gap(let gap):
                        uncommitted += 1
                        try sink.writeGap(gap)
                    }
                }
                try commitIfDue()
            case .damage(let octets, let position):
                diagnostics(
                    "recording: passed over \(octets) octets that are not whole in \(store.path(position.segment)) "
                        + "at \(position.offset)")
            }
        }
    }

    private func write(_ exchange: RecordedExchange, ofRun run: UInt64) throws {
        uncommitted += 1
        if run == ownRun { uncommittedOfOwnRun += 1 }
        try sink.write(exchange)
    }

    private func commitIfDue() throws {
        if uncommitted == 0, reader.position.segment == checkpoint.committed.segment { return }
        if uncommitted < settings.commitCount {
            let now = ProcessClock.read().monotonic
            guard now - latestCommit >= settings.commitInterval.nanoseconds else { return }
        }
        try commit()
    }

    private func commit() throws {
        let mark = try sink.commit()
        let position = reader.position
        let next = Checkpoint(
            committed: position, resume: assembler.oldestOpen ?? position, open: assembler.openKeys, mark: mark)
        try next.save(in: store.directory)
        checkpoint = next
        progress.committed.wrappingAdd(uncommittedOfOwnRun, ordering: .relaxed)
        uncommitted = 0
        uncommittedOfOwnRun = 0
        latestCommit = ProcessClock.read().monotonic
        for number in store.numbers() where number < position.segment && !assembler.needs(number) {
            store.retire(number)
        }
    }

    private func failed(_ error: any Error) {
        guard !progress.isSinkFailing.exchange(true, ordering: .relaxed) else { return }
        diagnostics(
            "recording: the record cannot be stored (\(error)); it stays in the journal, trying again every "
                + "\(settings.retryInterval)")
    }

    private func recovered() {
        guard progress.isSinkFailing.exchange(false, ordering: .relaxed) else { return }
        diagnostics("recording: the record is stored again")
    }
}

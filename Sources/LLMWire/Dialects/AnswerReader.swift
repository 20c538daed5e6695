/// Reads an answer as its octets come, content coding undone: what was said, by whom, what it used and when it came.
///
/// Whatever the cuts between pieces, the result is the same. What cannot be read is counted and harms nothing else.
package struct AnswerReader: Sendable {
    /// How an answer's body is made of pieces.
    package enum Framing: Sendable, Equatable {
        /// Server-sent events.
        case eventStream
        /// A JSON value a line.
        case lines
        /// The elements of one JSON array, as they come.
        case array
        /// One JSON value.
        case document
        /// Sound or another thing that is no text: it is measured and not kept.
        case binary
    }

    private enum Splitter: Sendable {
        case events(EventStreamParser)
        case lines(LineParser)
        case array(ArrayParser)
        case document([UInt8])
        case binary(Int)
        /// All has been read.
        case nothing
    }

    private var splitter = Splitter.nothing
    private var dialect: (any AnswerDialect)?
    private var document = JSONDocument()
    private var draft = AnswerDraft()
    private let depth: Int

    /// A reader for no answer yet: see ``begin(_:_:)``.
    ///
    /// - Parameter maximumDepth: arrays and objects nested deeper are malformed.
    package init(maximumDepth: Int = 128) {
        depth = maximumDepth
    }

    /// A reader for an answer to `operation`.
    ///
    /// - Parameter maximumDepth: arrays and objects nested deeper are malformed.
    package init(_ operation: Operation, _ framing: Framing, maximumDepth: Int = 128) {
        self.init(maximumDepth: maximumDepth)
        begin(operation, framing)
    }

    /// Goes on to an answer to `operation`, in the memory that the one before it has left.
    package mutating func begin(_ operation: Operation, _ framing: Framing) {
        dialect = operation.answerDialect
        draft = AnswerDraft()
        switch framing {
        case .eventStream: splitter = .events(EventStreamParser())
        case .lines: splitter = .lines(LineParser())
        case .array: splitter = .array(ArrayParser())
        case .document: splitter = .document([])
        case .binary: splitter = .binary(0)
        }
    }

    /// Reads on in what came at `time`.
    package mutating func read(_ octets: RawSpan, at time: Int64) {
        draft.now = time
        var index = 0
        switch splitter {
        case .events(var parser):
            // The parser is held once while it works, so that its memory is not copied.
            splitter = .document([])
            while parser.advance(octets, &index) { takeEvent(parser.name, parser.data) }
            splitter = .events(parser)
        case .lines(var parser):
            splitter = .document([])
            while parser.advance(octets, &index) { takeEvent([], parser.line) }
            splitter = .lines(parser)
        case .array(var parser):
            splitter = .document([])
            while parser.advance(octets, &index) { takeEvent([], parser.element) }
            splitter = .array(parser)
        case .document(var body):
            splitter = .document([])
            body.append(octets)
            splitter = .document(body)
        case .binary(let count): splitter = .binary(count + octets.byteCount)
        case .nothing: break
        }
    }

    /// Reads an answer that is one JSON value and all at hand, the last of it since `time`, whatever the framing was said
    /// to be; nothing more is read then.
    package mutating func readWhole(_ octets: RawSpan, at time: Int64) {
        draft.now = time
        takeWhole(octets)
        splitter = .nothing
    }

    /// Says that nothing more comes, tells what has been read, and forgets it.
    package mutating func finish() -> (answer: Answer, timing: AnswerTiming) {
        switch splitter {
        case .events(var parser): if parser.finish() { takeEvent(parser.name, parser.data) }
        case .lines(var parser): if parser.finish() { takeEvent([], parser.line) }
        case .array(var parser): if parser.finish() { takeEvent([], parser.element) }
        case .document(let body):
            // Octets have no padding that could be read as data.
            takeWhole(unsafe body.span.bytes)
        case .binary(let count): dialect?.takeBinary(count, into: &draft)
        case .nothing: break
        }
        dialect?.finish(into: &draft)
        defer { (splitter, dialect, draft) = (.nothing, nil, AnswerDraft()) }
        return (draft.assembled(), draft.timing)
    }

    private mutating func takeEvent(_ name: [UInt8], _ data: [UInt8]) {
        do throws(JSONFault) {
            // Octets have no padding that could be read as data.
            try document.read(unsafe data.span.bytes, maximumDepth: depth)
        } catch {
            let isKnown = dialect?.takeText(name: name, data, into: &draft) ?? true
            if !isKnown { draft.answer.malformed.add(data) }
            return
        }
        dialect?.takeEvent(name: name, document, into: &draft)
    }

    private mutating func takeWhole(_ octets: RawSpan) {
        do throws(JSONFault) {
            try document.read(octets, maximumDepth: depth)
        } catch {
            let body = unsafe octets.withUnsafeBytes { unsafe Array($0) }
            guard body.contains(where: { $0 > 0x20 }) else { return }
            let isKnown = dialect?.takeText(name: [], body, into: &draft) ?? true
            if !isKnown { draft.answer.malformed.add(body) }
            return
        }
        dialect?.takeWhole(document, into: &draft)
    }
}

/// Undoes the content codings of one body as its octets come, whatever their splits.
///
/// The output so far is right even if a later call throws; after it has thrown it takes nothing more.
package struct ContentDecoder: ~Copyable {
    private let stages: [any DecodingStage]
    private let limits: DecodingLimits
    private var received = 0
    /// Octets that each stage has put out.
    private var produced: [Int]
    private var fault: ContentCodingFault?

    /// A decoder for `codings`, in the order in which they were put on.
    package init(_ codings: [ContentCoding], limits: DecodingLimits = DecodingLimits()) {
        stages = codings.reversed().map { coding in
            switch coding {
            case .gzip: return Inflater(.gzip)
            case .deflate: return Inflater(.deflate)
            case .brotli: return BrotliDecoder()
            case .zstd: return ZstdDecoder()
            }
        }
        produced = Array(repeating: 0, count: codings.count)
        self.limits = limits
    }

    /// Decodes the body's next octets and appends what comes out to `output`.
    ///
    /// - Throws: ``ContentCodingFault``; what could be decoded before the fault is in `output`.
    package mutating func decode(_ input: RawSpan, into output: inout [UInt8]) throws(ContentCodingFault) {
        if let fault { throw fault }
        received += input.byteCount
        do throws(ContentCodingFault) {
            try run(0, input, &output)
        } catch {
            fault = error
            throw error
        }
    }

    /// Says that the body has ended.
    ///
    /// - Throws: ``ContentCodingFault/truncated`` if a coding had not; the fault that `decode` threw, if it did.
    package mutating func finish() throws(ContentCodingFault) {
        if let fault { throw fault }
        // A body without a single octet is empty, not cut off: an answer to HEAD, a 304.
        guard received > 0 else { return }
        for stage in stages where !stage.isAtEnd { throw .truncated }
    }

    /// Runs `input` through stage `index` and those behind it; the stack's depth is ``ContentCoding/stackLimit``.
    private mutating func run(
        _ index: Int, _ input: RawSpan, _ output: inout [UInt8]
    ) throws(ContentCodingFault) {
        let isLast = index == stages.count &- 1
        if stages.isEmpty {
            let allowed = limits.output(afterInput: received) &- (received &- input.byteCount)
            output.append(input, upTo: allowed)
            if allowed < input.byteCount { throw .limit }
            return
        }
        var consumed = 0
        var between: [UInt8] = []
        while true {
            let allowed = limits.output(afterInput: received) &- produced[index]
            let start = isLast ? output.count : 0
            if !isLast { between.removeAll(keepingCapacity: true) }
            // One octet more than allowed is asked for, so that a body that ends exactly there passes.
            let room = min(allowed &+ 1, Self.step)
            let rest = input.extracting(consumed..<input.byteCount)
            let progress: DecodingProgress
            if isLast {
                progress = stages[index].step(rest, into: &output, room: room)
            } else {
                progress = stages[index].step(rest, into: &between, room: room)
            }
            consumed &+= progress.consumed
            let made = (isLast ? output.count : between.count) &- start
            produced[index] &+= made
            let isPastLimit = made > allowed
            if isPastLimit {
                if isLast { output.removeLast(made &- allowed) } else { between.removeLast(made &- allowed) }
            }
            if !isLast, !between.isEmpty {
                // Octets have no padding that could be read as data.
                try unsafe run(index &+ 1, between.span.bytes, &output)
            }
            if isPastLimit { throw .limit }
            if progress.isCorrupt { throw .corrupt(stages[index].coding) }
            // A stage that filled its room may hold more; one that did not has said all it can for this input.
            if made < room { return }
        }
    }

    /// How much a stage puts out at a time.
    private static let step = 65_536
}

/// What came of a body when it was decoded in one go.
package struct DecodedContent: Sendable {
    /// What could be decoded.
    package var bytes: [UInt8]
    /// Why that is not everything; nil if it is.
    package var fault: ContentCodingFault?

    /// Undoes `codings` on `body`, as far as it goes.
    package init(_ body: RawSpan, codings: [ContentCoding], limits: DecodingLimits = DecodingLimits()) {
        var decoder = ContentDecoder(codings, limits: limits)
        var bytes: [UInt8] = []
        do throws(ContentCodingFault) {
            try decoder.decode(body, into: &bytes)
            try decoder.finish()
        } catch {
            fault = error
        }
        self.bytes = bytes
    }
}

/// What one step of a stage came to.
struct DecodingProgress {
    /// Octets of input that are used up.
    var consumed: Int
    /// Whether the input is not what the coding writes.
    var isCorrupt = false
}

/// One coding's decoder; it holds memory of a C library and gives it back when it goes.
protocol DecodingStage: AnyObject {
    var coding: ContentCoding { get }
    /// Whether the coding's own end has been read.
    var isAtEnd: Bool { get }
    /// Reads from `input` and appends at most `room` octets; fewer only if all of `input` has been read or ignored.
    func step(_ input: RawSpan, into output: inout [UInt8], room: Int) -> DecodingProgress
}

extension [UInt8] {
    /// Appends the first `limit` octets of `span`.
    mutating func append(_ span: RawSpan, upTo limit: Int) {
        let count = Swift.min(limit, span.byteCount)
        // `extracting` checks the range; the pointer lives for the call.
        unsafe span.extracting(0..<count).withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// Lets a C library write up to `room` octets behind the end; `body` says how many it wrote.
    @unsafe
    mutating func appendUnsafely(room: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        append(addingCapacity: room) { (span: inout OutputSpan<UInt8>) in
            unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                guard let start = buffer.baseAddress else { return }
                let written = unsafe body(start + initialized)
                precondition(written >= 0 && written <= room)
                initialized += written
            }
        }
    }
}

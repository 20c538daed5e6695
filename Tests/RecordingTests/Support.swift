import Foundation
import HTTP1
import NIOCore
import Synchronization
import Testing

@testable import Recording

/// A directory that goes with the value that holds it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/weir-record-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A copy of everything but the lock.
    func copy() throws -> TemporaryDirectory {
        let other = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: path + "/journal", toPath: other.path + "/journal")
        return other
    }

    var store: SegmentStore { SegmentStore(directory: path + "/journal") }
}

/// A sink in memory that fails on demand; what is written past the last mark goes away on restore.
final class MemorySink: RecordSink, Sendable {
    struct State {
        var exchanges: [RecordedExchange] = []
        var gaps: [RecordedGap] = []
        var restores = 0
        /// Called before a write with the number of exchanges so far; throws what the write throws.
        var beforeWrite: (@Sendable (Int) throws -> Void)?
        /// Called by a commit once everything is written, before the checkpoint is.
        var beforeCheckpoint: (@Sendable (State) -> Void)?
    }

    let state: Mutex<State>

    init(_ state: sending State = State()) { self.state = Mutex(state) }

    func write(_ exchange: RecordedExchange) throws {
        try state.withLock {
            try $0.beforeWrite?($0.exchanges.count)
            $0.exchanges.append(exchange)
        }
    }

    func writeGap(_ gap: RecordedGap) throws {
        state.withLock { $0.gaps.append(gap) }
    }

    func commit() throws -> [UInt8] {
        let now = state.withLock { $0 }
        now.beforeCheckpoint?(now)
        return Array("\(now.exchanges.count) \(now.gaps.count)".utf8)
    }

    func restore(to mark: [UInt8]?) throws {
        let counts = mark.map { String(decoding: $0, as: UTF8.self).split(separator: " ").compactMap { Int($0) } }
        state.withLock {
            $0.restores += 1
            $0.exchanges.removeSubrange((counts?[0] ?? 0)...)
            $0.gaps.removeSubrange((counts?[1] ?? 0)...)
        }
    }

    var exchanges: [RecordedExchange] { state.withLock { $0.exchanges } }
    var gaps: [RecordedGap] { state.withLock { $0.gaps } }
}

/// Lines that the service said.
final class Diagnostics: Sendable {
    private let said = Mutex<[String]>([])
    var lines: [String] { said.withLock { $0 } }
    var take: @Sendable (String) -> Void { { line in self.said.withLock { $0.append(line) } } }
}

/// A head, parsed.
struct ParsedHead {
    let buffer: ByteBuffer
    let end: Int
    let parser: HeadParser

    init(_ text: String, _ role: HeadParser.Role = .request) throws {
        // Octets in front, so that offsets and reader index differ.
        var buffer = ByteBuffer(string: "xyz" + text)
        buffer.moveReaderIndex(forwardBy: 3)
        self.buffer = buffer
        var parser = HeadParser(role: role)
        let progress = parser.parse(buffer.readableBytesSpan)
        guard case .complete(let length) = progress else {
            Issue.record("not a head: \(progress): \(text)")
            throw CancellationError()
        }
        end = length
        self.parser = parser
    }
}

extension LoopRecorder {
    /// Begins an exchange with a head given as text.
    func begin(
        _ head: String, at: UInt64 = 1_000, route: String = "default", framing: BodyFraming = .none
    ) throws -> (record: ExchangeRecord, id: ExchangeID) {
        let head = try ParsedHead(head)
        let id = ExchangeID(high: at, low: UInt64.random(in: 0 ... .max))
        let record = begin(
            id: id, wallClock: 42, monotonic: at, client: try? SocketAddress(ipAddress: "127.0.0.1", port: 50_000),
            route: Array(route.utf8), head: head.buffer, end: head.end, parser: head.parser, framing: framing)
        return (record, id)
    }

    /// Records a whole small exchange.
    @discardableResult
    func exchange(_ number: Int, bodySize: Int = 20) throws -> ExchangeID {
        var (record, id) = try begin("POST /\(number) HTTP/1.1\r\nHost: a\r\n\r\n", framing: .length(UInt64(bodySize)))
        attempt(
            &record, number: 1, upstream: Array("http://b:80".utf8), reused: true, edit: HeadEdit(), at: 1_001)
        let body = ByteBuffer(repeating: UInt8(ascii: "a") + UInt8(number % 26), count: bodySize)
        requestBody(&record, body, range: 0..<bodySize, at: 1_002)
        let answer = try ParsedHead("HTTP/1.1 200 OK\r\nContent-Length: \(bodySize)\r\n\r\n", .response)
        responseHead(
            &record, head: answer.buffer, end: answer.end, parser: answer.parser, edit: HeadEdit(),
            framing: .length(UInt64(bodySize)), at: 1_003)
        responseBody(&record, body, range: 0..<bodySize, at: 1_004)
        end(
            &record, outcome: .completed, errorCode: nil, errorMessage: nil, delivered: UInt64(bodySize), at: 1_005)
        return id
    }
}

extension RecordedExchange {
    /// The request target of an exchange made by `exchange(_:bodySize:)`.
    var number: Int? {
        String(decoding: requestHead, as: UTF8.self).split(separator: " ").dropFirst().first
            .flatMap { Int($0.dropFirst()) }
    }
}

/// A service on a directory with quick settings.
func startService(
    _ directory: TemporaryDirectory, sink: MemorySink?, limits: RecordingLimits = RecordingLimits(),
    mask: RecordMask = RecordMask(), diagnostics: Diagnostics = Diagnostics(),
    _ change: (inout JournalSettings) -> Void = { _ in }
) throws -> RecordingService {
    var settings = JournalSettings()
    settings.retryInterval = .milliseconds(10)
    settings.readInterval = .milliseconds(5)
    settings.commitInterval = .milliseconds(10)
    change(&settings)
    return try RecordingService.start(
        directory: directory.path, limits: limits, mask: mask, sink: sink, settings: settings,
        diagnostics: diagnostics.take)
}

/// Waits until `condition` holds, ten seconds at most.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<1_000 {
        if condition() { return true }
        usleep(10_000)
    }
    return condition()
}

/// Ticks until everything is written, and committed where there is a sink: a tick alone may leave a small batch waiting.
func drained(_ service: RecordingService, _ recorder: LoopRecorder) -> Bool {
    eventually {
        recorder.tick()
        return service.status.queued == 0
    }
}

/// Everything that a journal on disk holds, read without a service.
func readJournal(_ store: SegmentStore) -> (exchanges: [RecordedExchange], damage: Int) {
    let numbers = store.numbers()
    guard let first = numbers.first, let last = numbers.last else { return ([], 0) }
    var reader = JournalReader(store: store, ownRun: 0, position: JournalPosition(segment: first, offset: 0))
    var assembler = ExchangeAssembler(store: store)
    let end = JournalPosition(segment: last, offset: store.size(last))
    var exchanges: [RecordedExchange] = []
    var damage = 0
    while true {
        switch reader.next(written: end) {
        case .end: return (exchanges, damage)
        case .segment: assembler.interruptAll { exchanges.append($0) }
        case .damage: damage += 1
        case .frame(let events, let at, let loop):
            assembler.take(events, at: at, loop: loop) {
                if case .exchange(let exchange) = $0 { exchanges.append(exchange) }
            }
        }
    }
}

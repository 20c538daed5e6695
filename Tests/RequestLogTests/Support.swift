import Glibc

@testable import RequestLog

/// An entry as the gateway makes one, with a head of its own.
struct Sample {
    var entry = RequestLogEntry(wallTime: 1_700_000_000_123_456_789, id: (0x018B_CFE5_687B_0001, 42))
    var method = "POST"
    var target = "/openai/v1/chat/completions"

    /// An everyday exchange.
    init() {
        entry.status = 200
        entry.attempts = 1
        entry.requestOctets = 1229
        entry.responseOctets = 34_816
        entry.firstByte = 120_400_000
        entry.total = 3_456_000_000
        entry.client = "192.0.2.7"
        entry.route = "openai"
        entry.upstream = "https://api.openai.com"
    }

    /// What the formatter makes of it.
    func lines(
        _ settings: RequestLogSettings, mask: TargetMask = TargetMask(), formatter: inout EntryFormatter
    ) -> String {
        var batch = EntryBatch(capacity: 64)
        append(to: &batch, isDetailed: settings.isDetailed)
        var lines: [UInt8] = []
        BatchedEntry.forEach(in: batch) { lines += formatter.lines($0, mask) }
        return String(decoding: lines, as: UTF8.self)
    }

    /// The same with a formatter of its own.
    func lines(_ settings: RequestLogSettings, mask: TargetMask = TargetMask()) -> String {
        var formatter = EntryFormatter(settings)
        return lines(settings, mask: mask, formatter: &formatter)
    }

    func append(to batch: inout EntryBatch, isDetailed: Bool = false) {
        withHead { batch.append(entry, head: $0, method: $1, target: $2, isDetailed: isDetailed) }
    }

    func append(to log: LoopLog) {
        withHead { log.append(entry, head: $0, method: $1, target: $2) }
    }

    private func withHead(_ body: (RawSpan, Range<Int>, Range<Int>) -> Void) {
        let head = Array("\(method) \(target) HTTP/1.1\r\n\r\n".utf8)
        let method = method.utf8.count
        body(head.span.bytes, 0..<method, (method + 1)..<(method + 1 + target.utf8.count))
    }
}

extension RequestLogSettings {
    static func of(_ format: LogFormat, isDetailed: Bool = false) -> RequestLogSettings {
        var settings = RequestLogSettings(format: format)
        settings.isDetailed = isDetailed
        return settings
    }
}

/// A pipe whose reader reads when a test says so.
final class TestPipe {
    let reader: Int32
    let writer: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Reads until `isEnough` says so or nothing has come for five seconds.
    func read(until isEnough: (String) -> Bool) -> String {
        var octets: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(String(decoding: octets, as: UTF8.self)) {
            var wait = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, 5000) > 0 else { break }
            let count = Glibc.read(reader, &piece, piece.count)
            guard count > 0 else { break }
            octets += piece[..<count]
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// Writes entries as lines; used by one thread.
struct EntryFormatter {
    private let format: LogFormat
    private var clock = LogClock()
    private var text: TextFormatter

    /// A formatter for `settings`.
    init(_ settings: RequestLogSettings) {
        format = settings.format
        text = TextFormatter(isColored: settings.isColored, columns: settings.columns)
    }

    /// The entry's lines with their newlines.
    mutating func lines(_ entry: BatchedEntry, _ mask: TargetMask) -> [UInt8] {
        let masked = MaskedTexts(entry, mask)
        guard format != .text else { return text.lines(entry, masked) }
        let facts = entry.facts
        var line = FieldLine(format)
        line.add("time", clock.universal(facts.wallTime), isText: true)
        line.add("level", [UInt8]("info"), isText: true)
        line.add("msg", [UInt8]("request"), isText: true)
        line.add("id", ExchangeName.text(facts.idHigh, facts.idLow), isText: true)
        line.add("client", known: entry[.client])
        line.add("key", known: entry[.key])
        line.add("method", known: entry[.method])
        line.add("path", known: masked.target)
        line.add("route", known: entry[.route])
        line.add("upstream", known: masked.upstream)
        line.add("upstream_path", known: masked.sentTarget)
        line.add("proxy", known: masked.proxy)
        if facts.status > 0 { line.add("status", UInt64(facts.status)) }
        line.add("outcome", [UInt8](entry.outcome.name), isText: true)
        line.add("error", known: entry[.errorCode])
        line.add("attempts", UInt64(facts.attempts))
        line.add("request_bytes", facts.requestOctets)
        line.add("response_bytes", facts.responseOctets)
        if let time = facts.value(facts.firstByte, EntryBatch.Facts.hasFirstByte) {
            line.add("first_byte_ms", Amount.milliseconds(time))
        }
        line.add("duration_ms", Amount.milliseconds(facts.total))
        line.add("dialect", known: entry[.dialect])
        line.add("model", known: entry[.model])
        if let tokens = facts.value(facts.inputTokens, EntryBatch.Facts.hasInputTokens) {
            line.add("input_tokens", tokens)
        }
        if let tokens = facts.value(facts.outputTokens, EntryBatch.Facts.hasOutputTokens) {
            line.add("output_tokens", tokens)
        }
        line.add("headers_added", list: entry.changed(.added))
        line.add("headers_replaced", list: entry.changed(.replaced))
        line.add("headers_dropped", list: entry.changed(.dropped))
        var out = line.finished()
        out.append(0x0A)
        return out
    }
}

/// The texts of an entry that may hold secrets, without them.
struct MaskedTexts {
    let target: [UInt8]
    let sentTarget: [UInt8]
    let upstream: [UInt8]
    let proxy: [UInt8]

    init(_ entry: BatchedEntry, _ mask: TargetMask) {
        let isCut = entry.facts.known & EntryBatch.Facts.isTargetCut != 0
        var target = mask.masked(entry[.target], isCut: isCut)
        if isCut { target += Array("…".utf8) }
        self.target = target
        let sent = entry[.sentTarget]
        sentTarget = mask.masked(sent, isCut: sent.count >= EntryBatch.longestTarget)
        upstream = mask.masked(entry[.upstream])
        proxy = mask.masked(entry[.proxy])
    }
}

/// The name of an exchange as records and answers show it: Crockford's base 32, most significant digit first.
enum ExchangeName {
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// The 26 characters.
    static func text(_ high: UInt64, _ low: UInt64) -> [UInt8] {
        var high = high
        var low = low
        var text: [UInt8] = []
        text.reserveCapacity(26)
        for _ in 0..<26 {
            text.append(digits[Int(low & 31)])
            low = low >> 5 | high << 59
            high >>= 5
        }
        return text.reversed()
    }
}

/// Amounts of time and of octets.
enum Amount {
    /// Nanoseconds as milliseconds with three decimals.
    static func milliseconds(_ nanoseconds: UInt64) -> [UInt8] {
        var out: [UInt8] = []
        out.append(decimal: nanoseconds / 1_000_000)
        out.append(".")
        out.append(decimal: nanoseconds / 1000 % 1000, width: 3)
        return out
    }

    /// Nanoseconds for people, as in `0.4ms`, `120ms`, `3.4s`, `2m05s`, `1h02m`.
    static func shortTime(_ nanoseconds: UInt64) -> [UInt8] {
        var out: [UInt8] = []
        let seconds = nanoseconds / 1_000_000_000
        switch seconds {
        case 0:
            let tenths = nanoseconds / 100_000
            out.append(decimal: tenths / 10)
            if tenths < 10 {
                out.append(".")
                out.append(decimal: tenths % 10)
            }
            out.append("ms")
        case 1..<60:
            out.append(decimal: seconds)
            out.append(".")
            out.append(decimal: nanoseconds / 100_000_000 % 10)
            out.append("s")
        case 60..<3600:
            out.append(decimal: seconds / 60)
            out.append("m")
            out.append(decimal: seconds % 60, width: 2)
            out.append("s")
        default:
            out.append(decimal: seconds / 3600)
            out.append("h")
            out.append(decimal: seconds / 60 % 60, width: 2)
            out.append("m")
        }
        return out
    }

    /// Octets for people, as in `582`, `1.2K`, `34K`, `5.0M`, in powers of 1024.
    static func shortSize(_ octets: UInt64) -> [UInt8] {
        var out: [UInt8] = []
        guard octets >= 1024 else {
            out.append(decimal: octets)
            return out
        }
        let units = Array("KMGTPE".utf8)
        var unit = 0
        var divisor: UInt64 = 1024
        while unit + 1 < units.count, octets / divisor >= 1000 {
            divisor <<= 10
            unit += 1
        }
        let whole = octets / divisor
        out.append(decimal: whole)
        if whole < 10 {
            out.append(".")
            out.append(decimal: octets % divisor / (divisor >> 10) * 10 / 1024)
        }
        out.append(units[unit])
        return out
    }
}

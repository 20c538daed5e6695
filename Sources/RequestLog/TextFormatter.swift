/// Writes entries for people: one line in columns, and indented lines below it for what is told at debug level.
struct TextFormatter {
    /// Emphasis, by the numbers of ECMA-48 §8.3.117.
    private enum Paint: UInt64 {
        case faint = 2
        case red = 31
        case green = 32
        case yellow = 33
        case cyan = 36
    }

    private let isColored: Bool
    private let columns: Int
    private var clock = LogClock()
    /// How wide the column of routes is by now: as the widest so far, within the bound.
    private var wayWidth = 20

    private static let widestWay = 48
    private static let indentation = 13
    /// Columns that the line takes besides path and way.
    private static let otherColumns = 54
    private static let idLength = 26

    /// A formatter.
    ///
    /// - Parameter columns: of the terminal; the path takes what the others leave.
    init(isColored: Bool, columns: Int) {
        self.isColored = isColored
        self.columns = columns
    }

    private var pathWidth: Int { min(64, max(24, columns - Self.otherColumns - 32)) }

    /// The entry's lines with their newlines.
    mutating func lines(_ entry: BatchedEntry, _ masked: MaskedTexts) -> [UInt8] {
        let facts = entry.facts
        var out: [UInt8] = []
        out.reserveCapacity(256)
        paint(.faint, clock.local(facts.wallTime), &out)
        out.append(" ")
        pad(Self.visible(entry[.method]), to: 6, &out)
        out.append(" ")
        pad(LogText.shortened(Self.visible(masked.target), to: pathWidth), to: pathWidth, &out)
        out.append(" ")
        appendStatus(facts.status, &out)
        out.append(" ")
        let way = way(entry, masked)
        wayWidth = min(Self.widestWay, max(wayWidth, LogText.width(way)))
        pad(way, to: wayWidth, &out)
        out.append(" ")
        appendTime(facts, &out)
        appendSizes(facts, &out)
        appendRemarks(entry, &out)
        while out.last == 0x20 { out.removeLast() }
        out.append(0x0A)
        appendDetails(entry, masked, &out)
        return out
    }

    private func appendStatus(_ status: UInt16, _ out: inout [UInt8]) {
        var text: [UInt8] = []
        if status == 0 { text.append("---") } else { text.append(decimal: UInt64(status), width: 3) }
        switch status {
        case 100..<300: paint(.green, text, &out)
        case 300..<400: paint(.cyan, text, &out)
        case 400..<500: paint(.yellow, text, &out)
        default: paint(.red, text, &out)
        }
    }

    /// `route → host`, and the proxy between where there is one.
    private func way(_ entry: BatchedEntry, _ masked: MaskedTexts) -> [UInt8] {
        var way = Self.visible(entry[.route])
        if !masked.upstream.isEmpty {
            way.append(way.isEmpty ? "→ " : " → ")
            way += Self.visible(Self.host(masked.upstream))
        }
        if !masked.proxy.isEmpty {
            way.append(" via ")
            way += Self.visible(masked.proxy)
        }
        return way
    }

    /// An origin without its scheme, where that is the usual one.
    private static func host(_ origin: [UInt8]) -> ArraySlice<UInt8> {
        let scheme = Array("https://".utf8)
        return origin.starts(with: scheme) ? origin.dropFirst(scheme.count) : origin[...]
    }

    private func appendTime(_ facts: EntryBatch.Facts, _ out: inout [UInt8]) {
        var text: [UInt8] = []
        if let time = facts.value(facts.firstByte, EntryBatch.Facts.hasFirstByte) {
            text = Amount.shortTime(time)
        } else {
            text.append("-")
        }
        text.append("/")
        text += Amount.shortTime(facts.total)
        padFront(text, to: 11, &out)
    }

    private func appendSizes(_ facts: EntryBatch.Facts, _ out: inout [UInt8]) {
        for (octets, arrow) in [(facts.requestOctets, "↑"), (facts.responseOctets, "↓")] {
            padFront(Amount.shortSize(octets) + Array(arrow.utf8), to: 7, &out)
        }
    }

    private func appendRemarks(_ entry: BatchedEntry, _ out: inout [UInt8]) {
        let facts = entry.facts
        let isFailure = !entry[.errorCode].isEmpty || entry.outcome != .completed
        if isFailure {
            out.append("  ")
            let name = [UInt8](entry.outcome.name)
            paint(.red, entry[.errorCode].isEmpty ? name : Self.visible(entry[.errorCode]), &out)
        }
        if !entry[.model].isEmpty {
            out.append("  ")
            out += Self.visible(entry[.model])
        }
        let input = facts.value(facts.inputTokens, EntryBatch.Facts.hasInputTokens)
        let output = facts.value(facts.outputTokens, EntryBatch.Facts.hasOutputTokens)
        if input != nil || output != nil {
            out.append("  ")
            if let input { out.append(decimal: input) } else { out.append("?") }
            out.append("+")
            if let output { out.append(decimal: output) } else { out.append("?") }
            out.append(" tokens")
        }
        if !entry[.client].isEmpty, !Self.isLoopback(entry[.client]) {
            out.append("  ")
            out += Self.visible(entry[.client])
        }
        // By its id an exchange is found in the record; where the line is short of room, only those that failed say it.
        if isFailure || facts.status >= 400 || columns >= Self.otherColumns + pathWidth + wayWidth + Self.idLength {
            out.append("  ")
            paint(.faint, ExchangeName.text(facts.idHigh, facts.idLow), &out)
        }
    }

    private func appendDetails(_ entry: BatchedEntry, _ masked: MaskedTexts, _ out: inout [UInt8]) {
        guard !masked.sentTarget.isEmpty || entry.facts.changes > 0 else { return }
        var id = ExchangeName.text(entry.facts.idHigh, entry.facts.idLow)
        if !entry[.key].isEmpty { id += Array("  key ".utf8) + Self.visible(entry[.key]) }
        appendDetail("id", id, &out)
        if !masked.sentTarget.isEmpty {
            let path = Self.visible(masked.target) + Array(" → ".utf8) + Self.visible(masked.sentTarget)
            appendDetail("path", path, &out)
        }
        for kind in RequestLogEntry.HeaderChange.Kind.allCases {
            let names = entry.changed(kind)
            guard !names.isEmpty else { continue }
            appendDetail(kind.name, Array(names.map { Self.visible($0) }.joined(separator: Array(", ".utf8))), &out)
        }
    }

    private func appendDetail(_ name: StaticString, _ value: [UInt8], _ out: inout [UInt8]) {
        out.append(spaces: Self.indentation)
        var label: [UInt8] = []
        label.append(name)
        label.append(spaces: 9 - label.count)
        paint(.faint, label, &out)
        out += value
        out.append(0x0A)
    }

    // MARK: Columns

    private static func visible(_ text: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.append(visible: text)
        return out
    }

    private static func isLoopback(_ address: ArraySlice<UInt8>) -> Bool {
        address.starts(with: "127.".utf8) || address.elementsEqual("::1".utf8)
    }

    private func pad(_ text: [UInt8], to width: Int, _ out: inout [UInt8]) {
        out += text
        out.append(spaces: width - LogText.width(text))
    }

    private func padFront(_ text: [UInt8], to width: Int, _ out: inout [UInt8]) {
        out.append(spaces: width - LogText.width(text))
        out += text
    }

    private func paint(_ paint: Paint, _ text: [UInt8], _ out: inout [UInt8]) {
        guard isColored else {
            out += text
            return
        }
        out.append("\u{1B}[")
        out.append(decimal: paint.rawValue)
        out.append("m")
        out += text
        out.append("\u{1B}[0m")
    }
}

import Glibc

/// Reads the parts of one event; every read that would pass its end gives nil.
struct EventCursor {
    private let octets: UnsafeRawBufferPointer
    private(set) var index: Int

    let kind: UInt8
    let flags: UInt8
    let number: UInt16
    let sequence: UInt64
    let at: UInt64

    /// The event at the start of `frame`; nil where it is malformed.
    init?(_ frame: UnsafeRawBufferPointer, at start: Int) {
        guard frame.count - start >= EventLayout.header else { return nil }
        let length = Int(frame.number(at: start, UInt32.self))
        guard length >= EventLayout.header, length <= frame.count - start else { return nil }
        octets = UnsafeRawBufferPointer(rebasing: frame[start..<(start + length)])
        index = EventLayout.header
        kind = octets.number(at: 4, UInt8.self)
        flags = octets.number(at: 5, UInt8.self)
        number = octets.number(at: 6, UInt16.self)
        sequence = octets.number(at: 8, UInt64.self)
        at = octets.number(at: 16, UInt64.self)
    }

    /// Octets of the whole event.
    var length: Int { octets.count }

    /// Octets not read yet.
    var left: Int { octets.count - index }

    /// The next number.
    mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> Number? {
        guard left >= MemoryLayout<Number>.size else { return nil }
        defer { index += MemoryLayout<Number>.size }
        return octets.number(at: index, type)
    }

    /// The next `count` octets.
    mutating func read(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, left >= count else { return nil }
        defer { index += count }
        return UnsafeRawBufferPointer(rebasing: octets[index..<(index + count)])
    }

    /// Everything up to the event's end.
    mutating func readRest() -> UnsafeRawBufferPointer {
        defer { index = octets.count }
        return UnsafeRawBufferPointer(rebasing: octets[index...])
    }

    /// A text with a length of two octets.
    mutating func readText16() -> UnsafeRawBufferPointer? {
        guard let count = read(UInt16.self) else { return nil }
        return read(Int(count))
    }

    /// A text with a length of four octets.
    mutating func readText32() -> UnsafeRawBufferPointer? {
        guard let count = read(UInt32.self) else { return nil }
        return read(Int(count))
    }

    /// A client's address as text, "" where it is not known.
    mutating func readClient() -> String? {
        guard let family = read(UInt8.self), let port = read(UInt16.self) else { return nil }
        let count = family == 4 ? 4 : family == 6 ? 16 : 0
        guard let address = read(count) else { return nil }
        guard let base = address.baseAddress, count > 0 else { return "" }
        // Whom a proxy names has no port.
        let behind = port > 0 ? ":\(port)" : ""
        if family == 4 { return "\(address[0]).\(address[1]).\(address[2]).\(address[3])\(behind)" }
        let text = [CChar](unsafeUninitializedCapacity: 64) { memory, written in
            let isText = inet_ntop(AF_INET6, base, memory.baseAddress, 64) != nil
            written = isText ? memory.firstIndex(of: 0) ?? 0 : 0
        }
        return "[\(String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self))]\(behind)"
    }

    /// A head's edit.
    mutating func readEdit() -> RecordedEdit? {
        guard let count = read(UInt16.self) else { return nil }
        var edit = RecordedEdit()
        for _ in 0..<count {
            guard let line = read(Int32.self), let length = read(UInt32.self) else { return nil }
            edit.changes.append((line: Int(line), text: Int(length)))
        }
        for change in edit.changes {
            guard let text = read(change.text) else { return nil }
            edit.text += text
        }
        return edit
    }
}

/// An edit as the journal keeps it: what makes one leg's head of the other's.
struct RecordedEdit {
    /// The lines and how many octets of ``text`` stand in the place of each.
    var changes: [(line: Int, text: Int)] = []
    var text: [UInt8] = []

    /// The edited head.
    func applied(to head: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(head.count + text.count)
        // The line that starts at `lineStart` is the field `line`; −1 is the start line.
        var line = -1
        var lineStart = 0
        var cursor = 0
        var textStart = 0
        for change in changes {
            while line < change.line, lineStart < head.count {
                // The empty line is the end, not a field: what is appended goes before it.
                if change.line == Int(EventLayout.appendedLine), head.count - lineStart <= 2 { break }
                lineStart = Self.lineEnd(head, from: lineStart)
                line += 1
            }
            let isAppended = change.line == Int(EventLayout.appendedLine)
            let lineEnd =
                isAppended ? lineStart : Self.lineEnd(head, from: lineStart)
            if cursor < lineStart { out += head[cursor..<lineStart] }
            out += text[textStart..<(textStart + change.text)]
            textStart += change.text
            cursor = max(cursor, lineEnd)
        }
        out += head[cursor...]
        return out
    }

    /// The octet behind the line that starts at `start`.
    private static func lineEnd(_ head: [UInt8], from start: Int) -> Int {
        head.withUnsafeBytes { octets in
            guard start < octets.count, let base = octets.baseAddress,
                let found = memchr(base + start, 0x0A, octets.count - start)
            else { return octets.count }
            return UnsafeRawPointer(found) - base + 1
        }
    }
}

import HTTP1
import NIOCore

/// Events as ``EventKind`` lays them out.
extension BatchBuffer {
    /// Makes room for an event and writes its header.
    ///
    /// - Parameter room: the most that follows the header.
    /// - Returns: what ``closeEvent(_:)`` takes.
    @inline(__always)
    mutating func openEvent(
        _ kind: EventKind, sequence: UInt64, at: UInt64, flags: UInt8, number: UInt16, room: Int
    ) -> Int {
        reserve(EventLayout.header &+ room)
        let start = count
        append(0 as UInt32)
        append(kind.rawValue)
        append(flags)
        append(number)
        append(sequence)
        append(at)
        return start
    }

    /// Writes the event's length.
    @inline(__always)
    mutating func closeEvent(_ start: Int) {
        patch(UInt32(truncatingIfNeeded: count &- start), at: start)
    }

    /// A text of at most ``EventLayout/longestText`` octets.
    @inline(__always)
    mutating func appendText(_ text: [UInt8]) {
        let text = text.count <= EventLayout.longestText ? text : Array(text.prefix(EventLayout.longestText))
        append(UInt16(truncatingIfNeeded: text.count))
        append(text)
    }

    /// A code and a message of Weir's own, masked; neither is on the path of an ordinary exchange.
    @inline(never)
    mutating func appendText(_ code: String, _ message: String, _ mask: RecordMask) {
        appendText(Array(code.utf8.prefix(EventLayout.longestText / 4)))
        let octets = Array(message.utf8.prefix(EventLayout.longestText))
        let lengthAt = count
        append(0 as UInt32)
        mask.writeURL(octets.span.bytes, 0..<octets.count, into: &self)
        patch(UInt32(truncatingIfNeeded: count &- lengthAt &- 4), at: lengthAt)
    }

    /// Family, port and address, read at their places in `sockaddr_in` and `sockaddr_in6` (both start alike).
    mutating func append(_ client: SocketAddress?) {
        switch client {
        case .v4(let address): withUnsafeBytes(of: address.address) { append(family: 4, $0, address: 4..<8) }
        case .v6(let address): withUnsafeBytes(of: address.address) { append(family: 6, $0, address: 8..<24) }
        default:
            append(0 as UInt8)
            append(0 as UInt16)
        }
    }

    @inline(__always)
    private mutating func append(family: UInt8, _ socketAddress: UnsafeRawBufferPointer, address: Range<Int>) {
        append(family)
        append(UInt16(bigEndian: socketAddress.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        append(UnsafeRawBufferPointer(rebasing: socketAddress[address]))
    }

    /// A head's edit, its new lines masked.
    mutating func append(_ edit: HeadEdit, _ mask: RecordMask) {
        let changes = edit.changes
        append(UInt16(truncatingIfNeeded: changes.count))
        guard !changes.isEmpty else { return }
        var lengthAt = count &+ 4
        for change in changes {
            let line = change.line == HeadEdit.appended ? EventLayout.appendedLine : Int32(clamping: change.line)
            append(line)
            append(0 as UInt32)
        }
        let text = edit.text.readableBytesSpan
        for change in changes {
            let start = count
            if !change.range.isEmpty {
                if change.line == HeadEdit.startLine {
                    mask.writeStartLine(text, change.range, into: &self)
                } else {
                    mask.writeLines(text, change.range, into: &self)
                }
                patch(UInt32(truncatingIfNeeded: count &- start), at: lengthAt)
            }
            lengthAt &+= 8
        }
    }
}

extension EventLayout {
    /// Room that an edit may need.
    @inline(__always)
    static func room(_ edit: HeadEdit) -> Int {
        2 &+ 8 &* edit.changes.count &+ RecordMask.room(edit.text.readableBytes)
    }
}
